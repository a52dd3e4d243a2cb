"""Passwords that others try first, and passwords from a breach: refused where one is chosen (R5)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from hashlib import sha1
from itertools import pairwise

import httpx
import pytest

from service.core.outward.client import Outward
from service.core.passwords.breached import BreachedPasswords
from service.core.passwords.common import DIGEST_BYTES, digest, is_common, load
from service.core.passwords.hashing import complaint
from service.runtime import Runtime
from tests.support.people import Person, assert_problem

BREACHED = "a phrase from a breach"


def test_the_list() -> None:
    """R5: at least 100,000 passwords, sorted, each once, in no more than a few megabytes."""
    listed = load()
    digests = [listed[at : at + DIGEST_BYTES] for at in range(0, len(listed), DIGEST_BYTES)]
    assert len(digests) >= 100_000
    assert len(listed) < 4_000_000
    assert all(before < after for before, after in pairwise(digests))
    assert load() is listed


@pytest.mark.parametrize(
    "password",
    ["password", "Password123", "12345678", "QWERTYUIOP", "iloveyou", "dragon2005", "24121985", "zzzzzzzz"],
)  # fmt: skip
def test_common(password: str) -> None:
    """R5: the commonest are found, in whatever case."""
    assert is_common(password)
    assert "common" in str(complaint(password, min_length=8))


@pytest.mark.parametrize("password", ["", "correct horse battery", "password of mine", " password", "пароль из слов"])
def test_not_common(password: str) -> None:
    """R5: the whole password is compared, not its parts."""
    assert not is_common(password)


def test_first_and_last() -> None:
    """The search finds both ends of the list, and nothing beyond."""
    listed = load()
    for end in (listed[:DIGEST_BYTES], listed[-DIGEST_BYTES:]):
        assert end in (listed[:DIGEST_BYTES], listed[-DIGEST_BYTES:])
    assert digest("password") in {listed[at : at + DIGEST_BYTES] for at in range(0, len(listed), DIGEST_BYTES)}


class Range:
    """A range service, as Have I Been Pwned's, on this machine."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answer = b"HTTP/1.1 200 OK\r\n"
        self.lines = ["0" * 35 + ":3"]
        self.prompt = asyncio.Event()
        self.prompt.set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):  # a client that has had enough
            self.asked.append((await reader.readuntil(b"\r\n\r\n")).decode())
            await self.prompt.wait()
            body = "\r\n".join(self.lines).encode()
            writer.write(self.answer + b"Content-Length: %d\r\nConnection: close\r\n\r\n" % len(body) + body)
            await writer.drain()
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()

    def knows(self, password: str, count: int = 42) -> None:
        self.lines.append(f"{sha1(password.encode(), usedforsecurity=False).hexdigest()[5:].upper()}:{count}")


@asynccontextmanager
async def serving(found: Range) -> AsyncIterator[str]:
    handlers: list[asyncio.Task[None]] = []

    def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        handlers.append(asyncio.create_task(found.serve(reader, writer)))

    async with await asyncio.start_server(begin, "127.0.0.1", 0) as server:
        try:
            yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/range"
        finally:
            found.prompt.set()
            await asyncio.gather(*handlers)


@pytest.fixture
async def range_service() -> Range:
    return Range()


@pytest.fixture
async def outward() -> AsyncIterator[Outward]:
    found = Outward({})
    yield found
    await found.close()


async def test_breached(outward: Outward, range_service: Range) -> None:
    """R5: five digits of the SHA-1 go out, with a request for padding; what comes back is compared here."""
    range_service.knows(BREACHED)
    range_service.knows("only padding", count=0)
    async with serving(range_service) as url:
        asked = BreachedPasswords(url, outward)
        assert await asked.contains(BREACHED)
        assert not await asked.contains("only padding")
        assert not await asked.contains("another phrase")
    digest_of = sha1(BREACHED.encode(), usedforsecurity=False).hexdigest().upper()
    assert f"GET /range/{digest_of[:5]} HTTP/1.1" in range_service.asked[0]
    assert "add-padding: true" in range_service.asked[0].lower()
    assert all(digest_of[5:] not in request for request in range_service.asked)
    assert asked.failures == 0


@pytest.mark.parametrize(
    "answer", [b"HTTP/1.1 500 Oops\r\n", b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\n", b"nonsense\r\n"]
)
async def test_open_on_failure(
    outward: Outward, range_service: Range, answer: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """R5, R73: a service that fails refuses nobody, and the failure is recorded, without the password."""
    range_service.answer = answer
    range_service.knows(BREACHED)
    async with serving(range_service) as url:
        asked = BreachedPasswords(url, outward)
        assert not await asked.contains(BREACHED)
    assert asked.failures == 1
    assert "breached_passwords.unavailable" in caplog.text
    assert BREACHED not in caplog.text


async def test_a_slow_service(outward: Outward, range_service: Range, monkeypatch: pytest.MonkeyPatch) -> None:
    """R5, R72: the question has a time limit; nobody there is a failure like any other."""
    monkeypatch.setattr("service.core.passwords.breached.SECONDS", 0.3)
    range_service.prompt.clear()
    range_service.knows(BREACHED)
    async with serving(range_service) as url:
        asked = BreachedPasswords(url, outward)
        assert not await asked.contains(BREACHED)
    nobody = BreachedPasswords("http://127.0.0.1:1/range", outward)
    assert not await nobody.contains(BREACHED)
    assert (asked.failures, nobody.failures) == (1, 1)


async def test_an_endless_answer(outward: Outward, range_service: Range) -> None:
    """R72: no more than a megabyte is read."""
    range_service.lines = ["F" * 35 + ":1"] * 40_000
    async with serving(range_service) as url:
        asked = BreachedPasswords(url, outward)
        assert not await asked.contains(BREACHED)
    assert asked.failures == 1


async def test_where_passwords_are_chosen(
    client: httpx.AsyncClient,
    runtime: Runtime,
    ada: Person,
    outward: Outward,
    range_service: Range,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """R5: asked at registration and at a change, never at log-in; refused with the reason."""
    range_service.knows(BREACHED)
    async with serving(range_service) as url:
        asked = BreachedPasswords(url, outward)
        monkeypatch.setattr(runtime.breached_passwords, "contains", asked.contains)
        body = {"email": "eve@example.com", "password": BREACHED}
        problem = assert_problem(await client.post("/api/auth/register", json=body), 422, "validation_error")
        assert problem["errors"][0]["pointer"] == "/password"
        assert "breach" in problem["detail"]
        session = await ada.log_in()
        assert len(range_service.asked) == 1
        changed = await session.call("PUT", "/users/me", json={"password": BREACHED})
        assert_problem(changed, 422, "validation_error")
        assert len(range_service.asked) == 2
