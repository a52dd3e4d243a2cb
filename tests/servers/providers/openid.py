"""A provider by OpenID Connect Core 1.0 and Discovery 1.0, whose every answer a test can change."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_plus

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from .base import Call, Fake, Granted, Said

WELL_KNOWN = "/.well-known/openid-configuration"
_JWK: dict[str, Any] = {"ES256": ECAlgorithm, "RS256": RSAAlgorithm, "EdDSA": OKPAlgorithm}
_ENDPOINTS = {
    "authorization_endpoint": "/authorize", "token_endpoint": "/token", "jwks_uri": "/jwks",
    "userinfo_endpoint": "/userinfo",
}  # fmt: skip


class OpenId(Fake):
    """One. What `claims`, `header` and `metadata` have is said instead; `...` for a member that is left out.

    `in_token`: which of the user's claims are in the ID token; the others are at `/userinfo`.
    """

    id = "corp"
    algorithm = "ES256"
    base = ""
    """Where it is, below its host."""
    every = ("email", "email_verified", "name")

    def reset(self) -> None:
        super().reset()
        self.claims: dict[str, Any] = {}
        self.header: dict[str, Any] = {}
        self.metadata: dict[str, Any] = {}
        self.beside: dict[str, Any] = {}
        """What comes with the tokens, instead."""
        self.in_token: tuple[str, ...] = self.every
        self.sign: Callable[[dict[str, Any], dict[str, Any]], str] = self.signed
        self.says_iss = True
        self.iss: str | None = None
        """What it calls itself in the answer that a browser brings; by itself what it is called."""
        self.keys: dict[str, Any] = {"one": self.new_key()}
        self.logged_in_ago = 0.0
        """How long ago its user has logged in there, where nobody asks for a new log-in."""

    @property
    def issuer(self) -> str:
        return f"{self.url}{self.base}"

    @property
    def settings(self) -> dict[str, str]:
        name = f"PROVIDER_{self.id.upper()}"
        return {
            f"{name}_ID": self.client_id,
            f"{name}_SECRET": self.client_secret,
            f"{name}_ISSUER": self.issuer,
        }

    def new_key(self) -> Any:
        return ec.generate_private_key(ec.SECP256R1())

    def published(self, name: str) -> dict[str, Any]:
        """A public key of its."""
        made: dict[str, Any] = _JWK[self.algorithm].to_jwk(self.keys[name].public_key(), as_dict=True)
        return {**made, "kid": name, "use": "sig", "alg": self.algorithm}

    def about(self) -> dict[str, Any]:
        """Its metadata."""
        return {
            "issuer": self.issuer,
            **{name: f"{self.url}{self.base}{path}" for name, path in _ENDPOINTS.items()},
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [self.algorithm],
            "authorization_response_iss_parameter_supported": self.says_iss,
        }

    def answer(self, call: Call) -> Said:
        path = call.path.removeprefix(self.base)
        match path:
            case "/.well-known/openid-configuration":
                return Said(200, _without({**self.about(), **self.metadata}))
            case "/jwks":
                return Said(200, {"keys": [self.published(name) for name in self.keys]})
            case "/authorize":
                return self.agree(call, {"iss": self.iss or self.issuer} if self.says_iss or self.iss else {})
            case "/token":
                return self.exchange(call)
            case "/userinfo":
                owner = self.owner_of(call)
                return Said(200, {"sub": owner.account.subject, **self.of_user(owner)}) if owner else Said(401, {})
        return Said(404, {"error": "not_found"})

    def exchange(self, call: Call) -> Said:
        if not self.knows(call):
            return Said(401, {"error": "invalid_client"}, {"WWW-Authenticate": "Basic"})
        granted = self.take(call)
        if granted is None:
            return Said(400, {"error": "invalid_grant"})
        token = self.token_for(granted)
        said = {"access_token": token, "token_type": "Bearer", "expires_in": 3600, "id_token": self.id_token(granted)}
        return Said(200, _without({**said, **self.beside}), {"Cache-Control": "no-store"})

    def knows(self, call: Call) -> bool:
        """Whether it is our service that calls: by Basic, each half encoded first (RFC 6749 section 2.3.1)."""
        raw = b64decode(call.headers.get("authorization", "").removeprefix("Basic ")).decode()
        name, _, secret = raw.partition(":")
        return (unquote_plus(name), unquote_plus(secret)) == (self.client_id, self.client_secret)

    def of_user(self, granted: Granted) -> dict[str, Any]:
        """What it says of a user, beside who it is."""
        account = granted.account
        said = {"email": account.email, "email_verified": account.email_verified, "name": account.name, **account.more}
        return {name: value for name, value in said.items() if value is not None}

    def id_token(self, granted: Granted) -> str:
        now = self.now()
        fresh = granted.asked.get("prompt") == "login" or "max_age" in granted.asked
        said = self.of_user(granted)
        told = {name: value for name, value in said.items() if name in self.in_token or name not in self.every}
        claims = {
            "iss": self.issuer,
            "aud": self.client_id,
            "sub": granted.account.subject,
            "iat": int(now),
            "exp": int(now) + 300,
            "auth_time": int(granted.at - (0 if fresh else self.logged_in_ago)),
            "nonce": granted.asked.get("nonce"),
            **told,
            **self.claims,
        }
        header = {"alg": self.algorithm, "typ": "JWT", "kid": next(iter(self.keys)), **self.header}
        return self.sign(_without(header), _without(claims))

    def signed(self, header: dict[str, Any], claims: dict[str, Any]) -> str:
        """As it should be."""
        key = self.keys.get(header.get("kid", ""), next(iter(self.keys.values())))
        rest = {name: value for name, value in header.items() if name != "alg"}
        return jwt.encode(claims, key, self.algorithm, headers={**rest, "alg": header.get("alg", self.algorithm)})


def _without(said: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in said.items() if value is not ...}
