"""Apple, by developer.apple.com/documentation/signinwithapplerestapi: "Request an authorization to the Sign in with
Apple server", "Generate and validate tokens", "Creating a client secret".

The answer is a form (`form_post`, which it demands where a name or an address is asked for); `user` is in it the first
time only; the client secret is a JWT of ours; booleans may be strings.
"""

from __future__ import annotations

import json
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from .base import Account, Call, Granted, Said
from .google import rsa_key
from .openid import OpenId

_KEY = ec.generate_private_key(ec.SECP256R1())
PEM = _KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


class Apple(OpenId):
    """Apple. `first`: its user has never been sent to us before."""

    id = "apple"
    algorithm = "RS256"
    client_id = "com.example.latchkey"
    team, key_id = "A1B2C3D4E5", "F6G7H8I9J0"

    def reset(self) -> None:
        super().reset()
        self.account = Account("001473.fe6f86c19f7a45d9b5ea6dd8ff3e0ab5.1224", "ada@privaterelay.appleid.com", "true")
        self.says_iss = False
        self.first = True
        self.claims = {"is_private_email": "true", "nonce_supported": True}
        self.in_token = ("email", "email_verified")
        self.secrets: list[str] = []

    @property
    def settings(self) -> dict[str, str]:
        return {
            "PROVIDER_APPLE_ID": self.client_id,
            "PROVIDER_APPLE_TEAM": self.team,
            "PROVIDER_APPLE_KEY_ID": self.key_id,
            "PROVIDER_APPLE_KEY": PEM.replace("\n", "\\n"),
            "PROVIDER_APPLE_ISSUER": self.issuer,
        }

    def new_key(self) -> Any:
        return rsa_key()

    def about(self) -> dict[str, Any]:
        found = super().about()
        del found["userinfo_endpoint"]
        return {**found, "token_endpoint_auth_methods_supported": ["client_secret_post"]}

    def answer(self, call: Call) -> Said:
        if call.path == "/authorize":
            asked = call.query
            if asked.get("response_mode") != "form_post":
                return Said(400, b"invalid_request", {"Content-Type": "text/html"})
            words = {"name": {"firstName": "Ada", "lastName": "Lovelace"}, "email": self.account.email}
            return self.agree(call, {"user": json.dumps(words)} if self.first and not self.refuses else {})
        return super().answer(call)

    def knows(self, call: Call) -> bool:
        secret = call.form.get("client_secret", "")
        self.secrets.append(secret)
        try:
            header = jwt.get_unverified_header(secret)
            jwt.decode(
                secret, _KEY.public_key(), ["ES256"], audience="https://appleid.apple.com", issuer=self.team,
                subject=self.client_id, options={"verify_exp": False, "verify_iat": False, "require": ["exp", "iat"]},
            )  # fmt: skip
        except jwt.PyJWTError:
            return False
        return header.get("kid") == self.key_id and call.form.get("client_id") == self.client_id

    def of_user(self, granted: Granted) -> dict[str, Any]:
        return {name: value for name, value in super().of_user(granted).items() if name != "name"}
