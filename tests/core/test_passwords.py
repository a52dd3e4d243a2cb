"""Hashing: off the event loop, bounded (R11)."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from argon2 import PasswordHasher, Type

from service.core.passwords.argon2id import Argon2id
from service.core.passwords.hashing import Passwords, complaint, prepare
from service.errors import Unavailable
from tests.support.waiting import eventually

VECTOR = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQxMjM0NTY3OA$DEwLbbIZGUtgBuB4gYok6r6hNvevYZoxkwMQ5/LXSaU"


@pytest.fixture
def passwords() -> Iterator[Passwords]:
    found = Passwords(threads=2, queue_per_thread=3)
    yield found
    found.close()


async def test_hash_and_verify(passwords: Passwords) -> None:
    """The right password verifies, another doesn't, nobody's takes a verification and is wrong."""
    hashed = await passwords.hash("correct horse")
    assert await passwords.verify("correct horse", hashed)
    assert not await passwords.verify("correct horses", hashed)
    assert not await passwords.verify("correct horse", None)
    assert not await passwords.verify("correct horse", "not a hash")
    assert hashed != await passwords.hash("correct horse")


async def test_parameters(passwords: Passwords) -> None:
    """R8: Argon2id at OWASP's m=19456 t=2 p=1, and what was made with less is outdated (R9)."""
    assert (await passwords.hash("correct horse")).startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    weaker = Passwords(memory_kib=1024, passes=1)
    assert passwords.outdated(await weaker.hash("correct horse"))
    weaker.close()


async def test_hashes_are_everybodys(passwords: Passwords) -> None:
    """What libsodium makes the reference implementation verifies, and the other way round, whatever the text is."""
    reference = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1, type=Type.ID)
    for text in ("correct horse", "ő ñ 語 \U0001f600", "\x00 in it", "x" * 256):
        assert reference.verify(await passwords.hash(text), text)
        assert await passwords.verify(text, reference.hash(text))
        assert not await passwords.verify(f"{text}.", reference.hash(text))
    assert not passwords.outdated(reference.hash("x"))


def test_a_known_hash() -> None:
    """Vector: `argon2 somesalt12345678 -id -t 2 -k 19456 -p 1` of the reference implementation, of "password"."""
    assert Argon2id(memory_kib=19_456, passes=2).hash("password", b"somesalt12345678") == VECTOR


@pytest.mark.parametrize(
    "other",
    [
        "$argon2id$v=19$m=19456,t=2,p=2$c29tZXNhbHQxMjM0NTY3OA$" + 43 * "A",
        "$argon2id$v=19$m=19455,t=2,p=1$c29tZXNhbHQxMjM0NTY3OA$" + 43 * "A",
        "$argon2id$v=19$m=19456,t=3,p=1$c29tZXNhbHQxMjM0NTY3OA$" + 43 * "A",
        "$argon2id$v=16$m=19456,t=2,p=1$c29tZXNhbHQxMjM0NTY3OA$" + 43 * "A",
        "$argon2i$v=19$m=19456,t=2,p=1$c29tZXNhbHQxMjM0NTY3OA$" + 43 * "A",
        "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$" + 43 * "A",
        "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQxMjM0NTY3OA$" + 22 * "A",
        "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQxMjM0NTY3OA$" + 43 * "A" + "\n",
        "$2b$12$whatever",
        "",
    ],
)
def test_what_is_not_made_today_is_outdated(other: str, passwords: Passwords) -> None:
    assert passwords.outdated(other)


async def test_every_hash_has_a_salt_of_its_own(passwords: Passwords) -> None:
    """R10: of 128 random bits, so that one password of two users looks like two."""
    first, second = [(await passwords.hash("correct horse")).split("$")[-2] for _ in range(2)]
    assert first != second
    assert len(first) == len(second) == 22  # 16 bytes in base64 without padding


async def test_hashing_leaves_the_loop_alone(passwords: Passwords) -> None:
    """It runs on threads of its own: the loop turns many times meanwhile."""
    turns = 0
    hashing = asyncio.create_task(passwords.hash("x"))
    while not hashing.done():
        turns += 1
        await asyncio.sleep(0)
    assert turns > 10


async def test_queue_is_bounded(passwords: Passwords, monkeypatch: pytest.MonkeyPatch) -> None:
    """R11: past the limit the answer is 503 at once; it recovers by itself."""
    gate = threading.Event()
    monkeypatch.setattr(passwords, "_hasher", SimpleNamespace(hash=lambda _password: str(gate.wait(10))))
    waiting = [asyncio.create_task(passwords.hash("x")) for _ in range(6)]
    await asyncio.sleep(0)
    with pytest.raises(Unavailable):
        await passwords.hash("x")
    gate.set()
    assert await asyncio.gather(*waiting) == ["True"] * 6
    assert await passwords.hash("x") == "True"


async def test_cancelled_request_keeps_its_permit(passwords: Passwords, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the thread still hashes, the permit is taken, whoever waits for it; queued work that is dropped is free."""
    gate, started = threading.Event(), threading.Semaphore(0)

    def slow(_password: str) -> str:
        started.release()
        gate.wait(10)
        return "done"

    monkeypatch.setattr(passwords, "_hasher", SimpleNamespace(hash=slow))
    running = [asyncio.create_task(passwords.hash("x")) for _ in range(2)]
    queued = [asyncio.create_task(passwords.hash("x")) for _ in range(4)]
    await asyncio.sleep(0)
    for _ in range(2):
        await asyncio.to_thread(started.acquire)
    for task in running + queued:
        task.cancel()
    await asyncio.gather(*running, *queued, return_exceptions=True)
    await eventually(lambda: passwords._turns.pending == 2)
    gate.set()
    await eventually(lambda: passwords._turns.pending == 0)
    assert await passwords.hash("x") == "done"


async def test_closed(passwords: Passwords) -> None:
    """After closing, a refusal leaves no permit behind."""
    passwords.close()
    with pytest.raises(RuntimeError):
        await passwords.hash("x")
    assert passwords._turns.pending == 0


def test_prepare() -> None:
    """R4: RFC 8265 OpaqueString: other spaces become U+0020, NFC, nothing trimmed, case kept."""
    assert prepare(" A\u00a0e\u0301\u3000") == " A \u00e9 "


@pytest.mark.parametrize(
    ("password", "context"),
    [("ALICE99!!", "alice"), ("..alice..", "Alice"), ("Alice@example.com", "alice@example.com"), ("correct horse", "")],
)
def test_context_words(password: str, context: str) -> None:
    """R5: compared casefolded, with digits and punctuation at the ends stripped; no word, no complaint."""
    found = complaint(password, min_length=8, context=(context,))
    assert (found is not None) == bool(context)


def test_a_context_word_inside_is_fine() -> None:
    """NIST: the whole password is compared, not its parts."""
    assert complaint("alice in wonderland", min_length=8, context=("alice",)) is None
