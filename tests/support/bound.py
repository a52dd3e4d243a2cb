"""A browser that binds its session to a key of its own, as far as the service can tell (W3C DBSC)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from service.core.text import base64url
from tests.support.browsers import COOKIE, Browser

PROOF = "device-proof"
REGISTER, PROVE = "/device", "/device/proof"

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def jwk_of(key: Key) -> dict[str, str]:
    """Return the public half of a key, as a browser writes it."""
    if isinstance(key, ec.EllipticCurvePrivateKey):
        numbers = key.public_key().public_numbers()
        size = (key.curve.key_size + 7) // 8
        x, y = (base64url.encode(number.to_bytes(size)) for number in (numbers.x, numbers.y))
        return {"kty": "EC", "crv": {"secp256r1": "P-256"}.get(key.curve.name, "P-384"), "x": x, "y": y}
    public = key.public_key().public_numbers()
    n, e = (base64url.encode(number.to_bytes((number.bit_length() + 7) // 8)) for number in (public.n, public.e))
    return {"kty": "RSA", "n": n, "e": e}


def signature_of(key: Key, signed: bytes) -> bytes:
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(signed, padding.PKCS1v15(), SHA256())
    size = (key.curve.key_size + 7) // 8
    r, s = decode_dss_signature(key.sign(signed, ec.ECDSA(SHA256())))
    return r.to_bytes(size) + s.to_bytes(size)


def jwt(
    key: Key, challenge: str | None, *, brings: bool = False, header: dict[str, Any] | None = None, **payload: Any
) -> str:
    """Return what a browser sends; `brings` the key along, as for a registration."""
    algorithm = "RS256" if isinstance(key, rsa.RSAPrivateKey) else "ES256"
    head: dict[str, Any] = {"alg": algorithm, "typ": "dbsc+jwt"} | ({"jwk": jwk_of(key)} if brings else {})
    head = {name: value for name, value in (head | (header or {})).items() if value is not None}
    body = {name: value for name, value in ({"jti": challenge} | payload).items() if value is not None}
    signed = ".".join(base64url.encode(json.dumps(part).encode()) for part in (head, body))
    return f"{signed}.{base64url.encode(signature_of(key, signed.encode()))}"


@dataclass
class Bound(Browser):
    """A browser with a key for each session. `identifier` is what it was told to call the one of now."""

    key: Key = field(default_factory=new_key)
    offered: str | None = None
    proof: str | None = None
    identifier: str = ""
    challenge: str | None = None
    instructions: dict[str, Any] = field(default_factory=dict)

    @property
    def cookies(self) -> str:
        """What it sends along."""
        given = {COOKIE: self.cookie, PROOF: self.proof}
        return "; ".join(f"{name}={value}" for name, value in given.items() if value is not None)

    async def send(self, path: str, *, headers: dict[str, str] | None = None, **options: Any) -> httpx.Response:
        sent = self.headers if headers is None else headers
        self.client.cookies.clear()  # it has none but its own
        if self.cookies:
            sent = sent | {"Cookie": self.cookies}
        return await self.client.post(f"/api/auth{path}", headers=sent, **options)

    def take(self, response: httpx.Response) -> httpx.Response:
        for line in response.headers.get_list("set-cookie"):
            if found := re.match(rf"{PROOF}=([^;]*);.*Max-Age=(\d+)", line):
                self.proof = found[1] if int(found[2]) > 0 else None
        if found := re.search(r'challenge="([^"]*)"', response.headers.get("secure-session-registration", "")):
            self.offered = found[1]
        if found := re.match(r'"([^"]*)";id="([^"]*)"', response.headers.get("secure-session-challenge", "")):
            assert found[2] == self.identifier
            self.challenge = found[1]
        if response.status_code == 200 and "access_token" not in response.json():
            return response
        return super().take(response)

    @property
    def _agent(self) -> dict[str, str]:
        return {name: value for name, value in self.headers.items() if name == "User-Agent"}

    async def register(self, jwt_: str | None = None, key: Key | None = None) -> httpx.Response:
        """Send the key, as a browser does that was offered it, by itself: with nothing but the cookies."""
        text = jwt(key or self.key, self.offered or "", brings=True) if jwt_ is None else jwt_
        response = self.take(await self.send(REGISTER, headers=self._agent | {"Secure-Session-Response": text}))
        if response.status_code == 200:
            self.instructions = response.json()
            self.identifier = self.instructions["session_identifier"]
        return response

    async def bind(self) -> None:
        """Bind the session that was just opened."""
        response = await self.register()
        assert response.status_code == 200, response.text

    async def ask(self, text: str | None = None) -> httpx.Response:
        """Ask for a challenge; or show a proof."""
        headers = self._agent | {"Sec-Secure-Session-Id": self.identifier}
        headers |= {"Secure-Session-Response": text} if text is not None else {}
        return self.take(await self.send(PROVE, headers=headers))

    async def prove(self, key: Key | None = None) -> httpx.Response:
        """Prove that it has the key, asking for a challenge first where it has none, or an old one."""
        if self.challenge is None:
            await self.ask()
        assert self.challenge is not None
        response = await self.ask(jwt(key or self.key, self.challenge))
        if response.status_code == 403:
            response = await self.ask(jwt(key or self.key, self.challenge))
        return response

    async def used(self) -> httpx.Response:
        """Refresh as a browser does: with a proof before it, where the cookie of the last has run out."""
        if self.proof is None:
            assert (await self.prove()).status_code == 200
        return await self.refresh()

    def stolen(self) -> Bound:
        """What somebody has who has copied the cookies, and what else is in the profile, but the key."""
        copied = Bound(self.client, self.cookie, self.access_token, proof=self.proof, identifier=self.identifier)
        copied.headers = self.headers | {"User-Agent": "Thief/1.0"}
        return copied
