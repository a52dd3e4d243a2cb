"""What the three ways have in common: where Latchkey is, who calls, and what a refusal is."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final, Generic, Protocol, Self, TypeVar

T = TypeVar("T")

ISSUER: Final = os.environ.get("LATCHKEY_URL", "http://localhost:8000")  # its PUBLIC_URL
LATCHKEY: Final = os.environ.get("LATCHKEY_INTERNAL_URL", ISSUER)  # if it has another address from here
AUDIENCE: Final = os.environ.get("AUDIENCE", "latchkey")
LONGEST_TOKEN: Final = 2048  # Latchkey makes none that is longer


class Refused(Exception):
    """401: no good token. 503: that can't be known now, and a 401 would have clients log in for nothing."""

    def __init__(self, status: int, challenge: str = "Bearer") -> None:
        super().__init__(status)
        self.status = status
        self.challenge = challenge


@dataclass(frozen=True)
class Caller:
    """Whose token it is, on which session, and until when it is good, in seconds since the epoch.

    `jkt` is the thumbprint of the key without which it is no good (`cnf`, RFC 9449), None where it is bound to none.
    """

    sub: str
    sid: str
    exp: float
    jkt: str | None

    @classmethod
    def of(cls, claims: dict[str, Any]) -> Self:
        """Return who it is by what a token says, or Latchkey of it. Raises KeyError, TypeError, ValueError."""
        jkt = str(claims["cnf"]["jkt"]) if "cnf" in claims else None
        return cls(claims["sub"], claims["sid"], float(claims["exp"]), jkt)


class Way(Protocol):
    """A way to know who calls."""

    async def caller_of(self, token: str) -> Caller:
        """Return whose token it is. Raises Refused."""


class Kept(Generic[T]):
    """What is known of tokens, by their hashes: so many, the newest."""

    def __init__(self, most: int = 10_000) -> None:
        self._most = most
        self._kept: dict[bytes, T] = {}

    def get(self, name: bytes) -> T | None:
        """Return what is known."""
        return self._kept.get(name)

    def put(self, name: bytes, value: T) -> None:
        """Keep it, and forget what was put in first if there is too much."""
        self._kept.pop(name, None)
        if len(self._kept) >= self._most:
            del self._kept[next(iter(self._kept))]
        self._kept[name] = value

    def drop(self, over: Callable[[T], bool]) -> None:
        """Forget what is `over`."""
        self._kept = {name: value for name, value in self._kept.items() if not over(value)}


class Once(Generic[T]):
    """One question for all who ask the same at once."""

    def __init__(self) -> None:
        self._asked: dict[bytes, asyncio.Task[T]] = {}

    async def ask(self, name: bytes, question: Callable[[], Awaitable[T]]) -> T:
        """Return the answer, and raise what the question raises. Whoever goes away takes it from nobody else."""
        if (asked := self._asked.get(name)) is None:
            asked = self._asked[name] = asyncio.ensure_future(question())
            asked.add_done_callback(lambda done: (self._asked.pop(name), done.cancelled() or done.exception()))
        return await asyncio.shield(asked)


def name_of(token: str) -> bytes:
    """Return what a token is known by: whoever reads this process's memory finds no tokens in it."""
    return sha256(token.encode()).digest()
