"""An OpenID provider, asked: what it says is kept, its keys may change, its failures are told."""

from __future__ import annotations

import asyncio
import json
from base64 import b64decode
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc.jwk import ECKey

from service.core.clock import Clock
from service.core.openid.id_tokens import Expected, IdTokenRefused
from service.core.openid.provider import GrantRefused, Provider, ProviderFailed, Registration, Tokens
from service.core.outward.client import Outward

US = Registration("us & them", "s3cret:/+")


@dataclass
class Theirs:
    """A provider of the test's own, whose answers it may change."""

    keys: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    changed: dict[str, Any] = field(default_factory=dict)
    issuer: str = ""
    status: int = 200
    form: dict[str, list[str]] = field(default_factory=dict)
    authorization: str = ""

    def new_key(self, name: str) -> None:
        self.keys[name] = ec.generate_private_key(ec.SECP256R1())

    def token(self, clock: Clock, name: str) -> str:
        now = int(clock.timestamp())
        claims = {"iss": self.issuer, "aud": "us", "sub": "1", "iat": now, "exp": now + 300, "nonce": "n"}
        return jwt.encode(claims, self.keys[name], "ES256", headers={"kid": name})

    def answer(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, Any]:
        if path == "/token":
            self.form, self.authorization = parse_qs(body.decode()), headers.get("authorization", "")
            if self.form["code"] == ["spent"]:
                return 400, {"error": "invalid_grant"}
            return self.status, self.changed.get("tokens", {"id_token": "a.b.c", "access_token": "theirs"})
        if path == "/jwks":
            self.asked.append("keys")
            listed = [{**ECKey.import_key(key).as_dict(private=False), "kid": name} for name, key in self.keys.items()]
            return self.status, {"keys": listed}
        assert path == "/.well-known/openid-configuration"
        self.asked.append("metadata")
        paths = {"authorization_endpoint": "/authorize", "token_endpoint": "/token", "jwks_uri": "/jwks"}
        said = {"issuer": self.issuer, **{name: self.issuer + path for name, path in paths.items()}}
        return self.status, {**said, **self.changed}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Not by Sanic: an application of another make beside ours changes how ours is served."""
        with suppress(OSError, asyncio.IncompleteReadError):
            while True:
                line, *rest = (await reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
                headers = {name.lower(): value for name, _, value in (each.partition(": ") for each in rest)}
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                status, document = self.answer(line.split(" ")[1], headers, body)
                said = json.dumps(document).encode()
                writer.write(b"HTTP/1.1 %d x\r\nContent-Length: %d\r\n\r\n%b" % (status, len(said), said))
                await writer.drain()
        writer.close()


@pytest.fixture
async def theirs() -> AsyncIterator[Theirs]:
    found = Theirs()
    found.new_key("first")
    async with await asyncio.start_server(found.serve, "127.0.0.1", 0) as server:
        found.issuer = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield found


@pytest.fixture
async def provider(theirs: Theirs) -> AsyncIterator[tuple[Provider, Clock]]:
    outward, clock = Outward({}), Clock()
    yield Provider(theirs.issuer, outward, clock, plain=True), clock
    await outward.close()


def expected(theirs: Theirs, clock: Clock) -> Expected:
    return Expected(theirs.issuer, "us", "n", clock.timestamp())


async def test_what_is_kept(theirs: Theirs, provider: tuple[Provider, Clock]) -> None:
    """Asked for once for all who want it at once, and again in an hour; the old one does while that fails."""
    found, clock = provider
    token = theirs.token(clock, "first")
    await asyncio.gather(*(found.verify(token, expected(theirs, clock)) for _ in range(20)))
    assert theirs.asked == ["metadata", "keys"]
    clock.advance(3601)
    theirs.status = 503
    assert (await found.metadata()).jwks_uri == f"{theirs.issuer}/jwks"
    await found.verify(theirs.token(clock, "first"), expected(theirs, clock))
    assert theirs.asked == ["metadata", "keys", "metadata", "keys"]
    await found.metadata()
    assert len(theirs.asked) == 4, "who fails isn't asked with every call"


async def test_a_new_key(theirs: Theirs, provider: tuple[Provider, Clock]) -> None:
    """One that isn't known may be new: it is looked for once a minute, whoever makes up names."""
    found, clock = provider
    await found.verify(theirs.token(clock, "first"), expected(theirs, clock))
    theirs.new_key("second")
    token = theirs.token(clock, "second")
    with pytest.raises(IdTokenRefused):
        await found.verify(token, expected(theirs, clock))
    clock.advance(61)
    await found.verify(token, expected(theirs, clock))
    theirs.keys["third"] = ec.generate_private_key(ec.SECP256R1())
    unknown = theirs.token(clock, "third")
    del theirs.keys["third"]
    asked = len(theirs.asked)
    for _ in range(20):
        with pytest.raises(IdTokenRefused):
            await found.verify(unknown, expected(theirs, clock))
    assert len(theirs.asked) == asked


async def test_a_code(theirs: Theirs, provider: tuple[Provider, Clock]) -> None:
    """By the form of RFC 6749, with the verifier; the secret as the provider wants it."""
    found, _ = provider
    tokens = await found.exchange(US, "code&1", "verifier", "https://app.example/login/callback/x")
    assert tokens == Tokens("a.b.c", "theirs")
    assert theirs.form == {
        "grant_type": ["authorization_code"], "code": ["code&1"], "code_verifier": ["verifier"],
        "redirect_uri": ["https://app.example/login/callback/x"],
    }  # fmt: skip
    assert b64decode(theirs.authorization.removeprefix("Basic ")) == b"us+%26+them:s3cret%3A%2F%2B"
    assert "s3cret" not in repr(US)
    assert "theirs" not in repr(tokens)
    with pytest.raises(GrantRefused):
        await found.exchange(US, "spent", "verifier", "https://app.example/")
    theirs.changed = {"tokens": {"access_token": "theirs"}}
    with pytest.raises(ProviderFailed, match="no tokens"):
        await found.exchange(US, "code", "verifier", "https://app.example/")
    theirs.status = 500
    with pytest.raises(ProviderFailed, match="500"):
        await found.exchange(US, "code", "verifier", "https://app.example/")


async def test_the_secret_in_the_form(theirs: Theirs, provider: tuple[Provider, Clock]) -> None:
    """Where a provider takes it there only."""
    theirs.changed = {"token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"]}
    await provider[0].exchange(US, "code", "verifier", "https://app.example/")
    assert (theirs.form["client_id"], theirs.form["client_secret"]) == ([US.client_id], [US.client_secret])
    assert theirs.authorization == ""


@pytest.mark.parametrize(
    "change", [{"issuer": "https://evil.example"}, {"jwks_uri": "http://10.0.0.1/jwks"}, {"token_endpoint": None}]
)
async def test_a_provider_that_lies(theirs: Theirs, provider: tuple[Provider, Clock], change: dict[str, Any]) -> None:
    """Its metadata aren't used, and nobody is asked where they lead."""
    theirs.changed = change
    with pytest.raises(ProviderFailed):
        await provider[0].metadata()
    assert theirs.asked == ["metadata"]


async def test_keys_somewhere_private(theirs: Theirs) -> None:
    """An address out of an answer isn't called on this machine, unless the settings name that very host."""
    outward, clock = Outward({}), Clock()
    found = Provider("https://id.invalid", outward, clock)
    document = {**dict.fromkeys(("authorization_endpoint", "token_endpoint", "jwks_uri"), "https://127.0.0.1:1/x")}

    async def say(*_: Any, **__: Any) -> Any:
        return type(
            "Said", (), {"status": 200, "body": json.dumps({"issuer": "https://id.invalid", **document}).encode()}
        )

    original, outward.call = outward.call, say  # type: ignore[method-assign]
    await found.metadata()
    outward.call = original  # type: ignore[method-assign]
    with pytest.raises(ProviderFailed, match="refused"):
        await found.verify("a.b.c", expected(theirs, clock))
    await outward.close()


async def test_nobody_there() -> None:
    """A provider that is away is told so."""
    outward = Outward({})
    with pytest.raises(ProviderFailed, match="unreachable"):
        await Provider("http://127.0.0.1:1", outward, Clock(), plain=True).metadata()
    await outward.close()
