"""A client that proves for each call that it has its key (DPoP, RFC 9449), as far as the service can tell."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from service.core.clock import Clock
from service.core.text import base64url
from tests.support import bound
from tests.support.people import PASSWORD, Person

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey

BASE = "http://localhost:8000"


def algorithm_of(key: Key) -> str:
    match key:
        case ed25519.Ed25519PrivateKey():
            return "EdDSA"
        case rsa.RSAPrivateKey():
            return "RS256"
        case _:
            return "ES256"


def jwk_of(key: Key) -> dict[str, str]:
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return {"kty": "OKP", "crv": "Ed25519", "x": base64url.encode(key.public_key().public_bytes_raw())}
    return bound.jwk_of(key)


def thumbprint_of(key: Key) -> str:
    """RFC 7638, written anew."""
    text = json.dumps(jwk_of(key), sort_keys=True, separators=(",", ":"))
    return base64url.encode(sha256(text.encode()).digest())


def signed(key: Key, header: dict[str, Any], payload: dict[str, Any]) -> str:
    """Return a JWT; members that are None are left out."""
    told = [{name: value for name, value in part.items() if value is not None} for part in (header, payload)]
    text = ".".join(base64url.encode(json.dumps(part).encode()) for part in told)
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return f"{text}.{base64url.encode(key.sign(text.encode()))}"
    return f"{text}.{base64url.encode(bound.signature_of(key, text.encode()))}"


@dataclass
class Holder:
    """A client with a key, and the tokens that it was given."""

    client: httpx.AsyncClient
    clock: Clock
    key: Key = field(default_factory=bound.new_key)
    nonce: str | None = None
    access_token: str = field(default="", repr=False)
    refresh_token: str = field(default="", repr=False)

    def proof(
        self,
        method: str,
        path: str,
        *,
        token: str | None = None,
        key: Key | None = None,
        header: dict[str, Any] | None = None,
        **payload: Any,
    ) -> str:
        """Return a proof for a call, by the key of now."""
        key = key or self.key
        head = {"typ": "dpop+jwt", "alg": algorithm_of(key), "jwk": jwk_of(key)} | (header or {})
        said = {
            "jti": token_urlsafe(12),
            "htm": method,
            "htu": f"{BASE}{path}",
            "iat": int(self.clock.timestamp()),
            "ath": base64url.encode(sha256(token.encode()).digest()) if token is not None else None,
            "nonce": self.nonce,
        }
        return signed(key, head, said | payload)

    async def send(
        self, method: str, path: str, *, proof: str | None = None, headers: dict[str, str] | None = None, **options: Any
    ) -> httpx.Response:
        """Make a call with a proof, and keep the nonce of the answer."""
        sent = {"DPoP": proof or self.proof(method, path)} | (headers or {})
        return self.take(await self.client.request(method, path, headers=sent, **options))

    def take(self, response: httpx.Response) -> httpx.Response:
        self.nonce = response.headers.get("DPoP-Nonce", self.nonce)
        if response.status_code == 200 and "refresh_token" in (told := response.json()):
            self.access_token, self.refresh_token = told["access_token"], told["refresh_token"]
        return response

    async def meet(self) -> None:
        """Ask for a nonce."""
        response = await self.send("POST", "/api/auth/refresh", json={})
        assert (response.status_code, response.json()["code"]) == (400, "use_dpop_nonce"), response.text

    async def log_in(self, person: Person) -> None:
        if self.nonce is None:
            await self.meet()
        response = await self.send("POST", "/api/auth/login", json={"email": person.email, "password": PASSWORD})
        assert response.status_code == 200, response.text
        assert response.json()["token_type"] == "DPoP"

    async def refresh(self, *, key: Key | None = None) -> httpx.Response:
        proof = self.proof("POST", "/api/auth/refresh", key=key)
        return await self.send("POST", "/api/auth/refresh", proof=proof, json={"refresh_token": self.refresh_token})

    async def call(
        self, method: str, path: str, *, key: Key | None = None, token: str | None = None, **options: Any
    ) -> httpx.Response:
        """Make a call with the access token."""
        token = self.access_token if token is None else token
        proof = self.proof(method, path, token=token, key=key)
        return await self.send(method, path, proof=proof, headers={"Authorization": f"DPoP {token}"}, **options)

    async def me(self, **options: Any) -> httpx.Response:
        return await self.call("GET", "/api/users/me", **options)
