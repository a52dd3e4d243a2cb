"""Google, by developers.google.com/identity/openid-connect/openid-connect ("An ID token's payload").

`email_verified` is a boolean; `hd` is there for accounts of an organization's domain, and no `auth_time` unless an
essential claim asks for it. Its metadata promise `iss` (RFC 9207), and its other hosts are other names.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa

from .base import Account, Granted
from .openid import OpenId


@cache
def rsa_key(number: int = 0) -> rsa.RSAPrivateKey:
    """Making one takes a while: the same for all."""
    return rsa.generate_private_key(65537, 2048)


class Google(OpenId):
    """Google."""

    id = "google"
    algorithm = "RS256"
    client_id = "123-abc.apps.googleusercontent.com"

    def reset(self) -> None:
        super().reset()
        self.account = Account("110169484474386276334", "ada@gmail.com", True, "Ada Lovelace")
        self.claims = {"auth_time": ..., "azp": self.client_id}

    def new_key(self) -> Any:
        return rsa_key()

    def of_user(self, granted: Granted) -> dict[str, Any]:
        found = super().of_user(granted)
        given, _, family = str(found.get("name", "")).partition(" ")
        return {**found, "given_name": given, "family_name": family}
