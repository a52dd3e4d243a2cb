"""One spelling a token, over HTTP: whatever else verifies, or decodes to the same bytes, is refused (R26, R41)."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import jwt

from service.core.clock import Clock
from service.runtime import Runtime
from service.stores.access_tokens import AccessClaims
from tests.support.people import Person, Session, assert_problem

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def raw(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def spelt(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def other_signature(token: str) -> str:
    """The other value that makes the signature good: (r, n-s) verifies wherever (r, s) does."""
    signed, _, signature = token.rpartition(".")
    value = raw(signature)
    return f"{signed}.{spelt(value[:32] + (ORDER - int.from_bytes(value[32:], 'big')).to_bytes(32, 'big'))}"


def spellings(token: str) -> Iterator[str]:
    """Other texts of one token."""
    head, payload, signature = token.split(".")
    yield other_signature(token)
    for more in ("=", "==", "===", "====", "!", "%3D", ".", "\\n", "A", "'"):
        yield token + more
        yield f"{head}{more}.{payload}.{signature}"
        yield f"{head}.{payload}{more}.{signature}"
    for bits in range(1, 4):  # a signature is 64 bytes: its last letter has four bits that say nothing
        yield token[:-1] + LETTERS[LETTERS.index(token[-1]) ^ bits]
    yield token[:-1] + LETTERS[LETTERS.index(token[-1]) ^ 8]
    yield f"{head}.{payload}.{base64.b64encode(raw(signature)).decode()}"
    yield f"{head}.{payload}.{signature[:40]} {signature[40:]}"
    yield f"{head}.{payload}.{signature[:40]}!{signature[40:]}"
    yield f"{head}.{payload}.{signature[:40]}\t{signature[40:]}"
    yield f"{head}.{payload}.%{ord(signature[0]):02x}{signature[1:]}"
    yield f".{token}"
    yield f"{token}.{signature}"
    yield f"{head}..{payload}.{signature}"
    yield f'"{token}"'
    yield f"Bearer {token}"
    yield f"{token},{token}"
    yield json.dumps({"payload": payload, "protected": head, "signature": signature})


def heads(head: str) -> Iterator[str]:
    """Other spellings of the header: the signature is over the text, so none of them can be good."""
    said = json.loads(raw(head))
    yield spelt(json.dumps(said, indent=1).encode())
    yield spelt(json.dumps(dict(reversed(said.items()))).encode())
    yield spelt(raw(head) + b" ")
    yield spelt(raw(head)[:-1] + b',"alg":"ES256"}')
    yield spelt(json.dumps({**said, "crit": []}).encode())


async def test_access_tokens(ada: Person, runtime: Runtime) -> None:
    """R41: the text that was issued, and no other, whether the service has seen the token before or not."""
    for _ in range(8):  # half of what is signed has the higher value until we write the lower
        session = await ada.log_in()
        assert (await session.me()).status_code == 200
        for known in (True, False):
            for token in [*spellings(session.access_token), *forged_heads(session)]:
                if not known:
                    runtime.access_tokens._verified.clear()
                response = await Session(ada.client, token, "").me()
                assert response.status_code == 401, token
                assert response.json()["code"] == "invalid_token"
                assert token not in runtime.access_tokens._verified
        assert (await session.me()).status_code == 200


def forged_heads(session: Session) -> list[str]:
    head, rest = session.access_token.split(".", 1)
    return [f"{other}.{rest}" for other in heads(head)]


async def test_every_token_is_issued_in_its_one_spelling(ada: Person, runtime: Runtime) -> None:
    """R41: what we issue is what we take, and every library that knows ES256 verifies it."""
    keys = {pair["kid"]: jwt.PyJWK(dict(pair)) for pair in await runtime.keyring.published()}
    session = await ada.log_in()
    for _ in range(40):
        claims: dict[str, Any] = session.claims
        token, _ = await runtime.access_tokens.issue(
            ada.id, session.sid, claims["gen"], claims["auth_time"] * 1000, claims["exp"] * 2000
        )
        assert int.from_bytes(raw(token.rpartition(".")[2])[32:], "big") <= ORDER // 2
        key = keys[jwt.get_unverified_header(token)["kid"]]
        assert jwt.decode(token, key.key, algorithms=["ES256"], audience="latchkey")["sub"] == str(ada.id)
        assert isinstance(await runtime.access_tokens.examine(token), AccessClaims)
        assert await runtime.access_tokens.examine(other_signature(token)) == "spelling"


async def test_the_memory_of_verified_tokens(ada: Person, runtime: Runtime, clock: Clock) -> None:
    """What is remembered of a token is one entry, however it is sent; and no way round its end."""
    runtime.access_tokens._verified.clear()
    session = await ada.log_in()
    for token in [session.access_token, *spellings(session.access_token)] * 2:
        await Session(ada.client, token, "").me()
    assert list(runtime.access_tokens._verified) == [session.access_token]
    clock.advance(901)
    assert_problem(await session.me(), 401, "invalid_token")


async def test_refresh_tokens(ada: Person) -> None:
    """R26: a refresh token in any other spelling spends nothing and ends nothing."""
    session = await ada.log_in()
    token = session.refresh_token
    last = LETTERS.index(token[-1])
    others = [token + more for more in ("=", "==", " ", "\n", "\t", "\u00a0", "%3D", "!")]
    others += [" " + token, "\n" + token, token.upper(), token.removeprefix("lkr_"), "lkr_" + token, f'"{token}"']
    others += [token[:50] + more + token[50:] for more in (" ", "\n", "=", "!")]
    others += [token[:-1] + LETTERS[last ^ bits] for bits in (1, 2, 4)]
    others += [other for other in (token.replace("-", "+"), "lkr_" + token[4:].replace("_", "/")) if other != token]
    for other in others:
        response = await session.refresh(other)
        assert (response.status_code, "reason" in response.json()) == (400, False), other
        await ada.client.post("/api/auth/logout", json={"refresh_token": other})
    assert (await session.refresh()).status_code == 200
