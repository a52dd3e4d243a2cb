"""Argon2id off the event loop, bounded (SECURITY.md R8, R9, R11).

A flood of log-ins is the cheapest attack on an identity service: hashing runs on as many threads as there are cores,
or as there is memory for, behind a bounded queue, and past that the answer is 503 at once instead of everyone waiting.

What the hashes of other systems take is loaded by whoever meets one: most services never do.
"""

from __future__ import annotations

import asyncio
import os
import unicodedata
from collections.abc import Callable, Iterable
from time import perf_counter
from typing import TYPE_CHECKING, TypeVar

from service.core.passwords.argon2id import ARGON2_KIB, MAX_SECONDS, Argon2id, like
from service.core.passwords.common import is_common
from service.core.passwords.lanes import REST_SECONDS, Lanes
from service.core.passwords.turns import Turns
from service.core.process import machine
from service.core.telemetry.tracing import span

if TYPE_CHECKING:
    from service.core.passwords.foreign_hashes import ForeignHash

MEMORY_KIB = 19_456
PASSES = 2
LANES = 1
OURS = f"$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}$"  # how every hash begins that is made today
MAX_LENGTH = 256
MOST_SLOWNESS = 3.0
QUEUE_PER_THREAD = 64  # about a second of waiting at 55 hashes a second and thread
MEMORY_SHARE = 4  # hashes take a quarter of the memory that there is, at most: a flood shall not get us killed

_T = TypeVar("_T")


def hashing_threads(workers: int) -> int:
    """Return how many threads hash in each of so many workers of this machine, or container: as many as it has cores,
    for all log-ins may come to one; but no more than there is memory for, if all workers hash.
    """
    room = machine.memory_bytes() // MEMORY_SHARE // workers // (MEMORY_KIB * 1024)
    return max(1, min(machine.cores(), room))


class Passwords:
    """Hash and verify passwords. Texts are prepared by RFC 8265 (OpaqueString): spaces unified, NFC."""

    def __init__(
        self,
        *,
        threads: int | None = None,
        processes: int = 0,
        queue_per_thread: int = QUEUE_PER_THREAD,
        memory_kib: int = MEMORY_KIB,
        passes: int = PASSES,
    ) -> None:
        """`threads` hash at once, as many as one worker's if none are said; up to so many `processes` help them."""
        self._turns = Turns(threads or hashing_threads(1), queue_per_thread, self._rest_later)
        self._lanes = Lanes(processes)
        self._resting: asyncio.TimerHandle | None = None
        self._hasher = Argon2id(memory_kib=memory_kib, passes=passes, derive=self._lanes.derive)
        # Verified for unknown users, so that time tells nothing (R17).
        self._dummy = self._hasher.hash(os.urandom(16).hex())
        self._ours_seconds = memory_kib * passes * ARGON2_KIB
        self._slowness = 1.0  # how much longer imported hashes take here, and now, than is reckoned
        self._slowest = 0.0  # of the imported hashes that are known of, ours too; 0 as long as there are none

    async def hash(self, password: str) -> str:
        """Return the PHC string of `password`. Raises `Unavailable` past the queue's limit."""
        return await self._run(lambda: self._hasher.hash(prepare(password)))

    async def hash_like(self, text: str, example: str | None) -> str:
        """Return the PHC string of `text` with the salt and parameters of `example`, one of ours: to compare the two.

        Of several texts under one salt a guess costs one hash. Without `example` the salt is new. Raises `Unavailable`.
        """
        return await self._run(lambda: self._like(prepare(text), example))

    async def verify(self, password: str, hashed: str | None) -> bool:
        """Return whether `password` is right. `hashed=None` takes as long as one of our hashes and returns False.

        An imported hash takes as long to check as the system that made it wanted, until its owner has logged in once.
        As long as there are such hashes, *no* comes after the time of the slowest, whoever was asked for (R17). One
        that asks for too much, or that guards nothing, is never right (`foreign_hashes.read`).
        """
        began = perf_counter()
        right = await self._run(lambda: self._verify(hashed or self._dummy, password))
        if right and hashed is not None:
            return True
        if self._slowest:
            texts = 2 if prepare(password) != password else 1
            await asyncio.sleep(began + min(texts * self._slowest, MAX_SECONDS) * self._slowness - perf_counter())
        return False

    def expect(self, hashed: Iterable[str]) -> None:
        """Take notice of imported hashes that there are: a wrong password takes as long from now on as the slowest."""
        from service.core.passwords.foreign_hashes import RefusedHash, read

        for one in hashed:
            try:
                self._slowest = max(self._slowest, self._ours_seconds, read(one).seconds)
            except RefusedHash:
                continue

    async def stored_form(self, hashed: str) -> str:
        """Return what is stored of an imported hash: itself, but for what is quick to try out, which comes under ours.

        The same each time, so that a second import changes nothing. Raises `RefusedHash`, `Unavailable`.
        """
        from service.core.passwords.foreign_digests import quick
        from service.core.passwords.foreign_products import without_project_key

        found = quick(hashed)
        if found is None:
            return without_project_key(hashed)
        ours = await self._run(lambda: self._hasher.hash(found.text, found.our_salt))
        return f"{found.begins}{ours}"

    def outdated(self, hashed: str) -> bool:
        """Return whether `hashed` was made by another system, or with other parameters than today's."""
        return not self._hasher.is_current(hashed)

    def close(self) -> None:
        """Let running hashes finish; drop the queue."""
        self._turns.close()
        if self._resting is not None:
            self._resting.cancel()
        self._lanes.close()

    def _like(self, prepared: str, example: str | None) -> str:
        if example is None:
            return self._hasher.hash(prepared)
        hasher, salt = like(example, self._lanes.derive)
        return hasher.hash(prepared, salt)

    def _verify(self, hashed: str, password: str) -> bool:
        prepared = prepare(password)
        if not self.outdated(hashed):
            return self._hasher.verify(hashed, prepared)
        from service.core.passwords.foreign_hashes import RefusedHash, read

        try:
            found = read(hashed)
        except RefusedHash:
            # An older version may have let it in. It takes as long as ours do, so that time tells nothing (R17).
            self._hasher.verify(self._dummy, prepared)
            return False
        self._slowest = max(self._slowest, self._ours_seconds, found.seconds)
        texts = self._texts_for(password, prepared, found)
        began = perf_counter()
        right = any(found.matches(text) for text in texts)
        if not right and found.seconds > self._ours_seconds:  # what is quicker is measured by what else is going on
            self._note_slowness((perf_counter() - began) / (found.seconds * len(texts)))
        return right

    @staticmethod
    def _texts_for(password: str, prepared: str, found: ForeignHash) -> tuple[str, ...]:
        # Other systems hash what was typed, as it was typed. For most passwords that is the same text; where it isn't,
        # both are tried, as long as both together take no longer than one hash may (R84).
        texts = tuple(dict.fromkeys((password, prepared)))
        return texts if len(texts) * found.seconds <= MAX_SECONDS else (password,)

    def _note_slowness(self, ratio: float) -> None:
        """Learn how long hashes take on this machine: at once when it is slow, and slowly when it is quick again."""
        self._slowness = max(1.0, min(MOST_SLOWNESS, ratio * 1.1), 0.98 * self._slowness)

    async def _run(self, work: Callable[[], _T]) -> _T:
        with span("password hashing"):
            return await self._turns.run(work)

    def _rest_later(self) -> None:
        if self._resting is None and self._lanes.may_rest:
            self._resting = asyncio.get_running_loop().call_later(REST_SECONDS, self._rest)

    def _rest(self) -> None:
        self._resting = None
        self._turns.also(self._lanes.rest)  # it waits for their ends
        self._rest_later()


def prepare(password: str) -> str:
    """Return `password` as it is hashed: any space as U+0020, NFC (R4). Nothing is trimmed or cut."""
    spaced = "".join(" " if unicodedata.category(char) == "Zs" else char for char in password)
    return unicodedata.normalize("NFC", spaced)


def complaint(password: str, *, min_length: int, context: tuple[str, ...] = ()) -> str | None:
    """Return why `password` can't be chosen, or None. `context` are words an attacker tries first (R1, R2, R3, R5)."""
    prepared = prepare(password)
    if len(prepared) < min_length:
        return f"The password needs at least {min_length} characters."
    if len(prepared) > MAX_LENGTH:
        return f"The password may have at most {MAX_LENGTH} characters."
    if any(unicodedata.category(char) in ("Cc", "Cs") for char in prepared):
        return "The password contains control characters."
    bare = _bare(prepared)
    if any(bare == _bare(word) for word in context if word):
        return "The password is your e-mail address, a part of it, or this service's name."
    if is_common(prepared):
        return "The password is one of those that are tried first: it is in a list of common passwords."
    return None


def _bare(word: str) -> str:
    """Casefold; strip digits and punctuation at the ends: `Alice2026!` is alice."""
    folded = unicodedata.normalize("NFKC", word).casefold()
    start, end = 0, len(folded)
    while start < end and not folded[start].isalpha():
        start += 1
    while end > start and not folded[end - 1].isalpha():
        end -= 1
    return folded[start:end]
