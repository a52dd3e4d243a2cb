"""How long a store may keep us waiting, by the turns of our own loop: a process that is busy blames no store for it.

An ordinary time-out looks at the clock. Where the loop comes round only every 0.3 s, because there is much to do or
because the machine gives us no time, an answer that has long been there is given up unread. So here the time is cut
into short turns, and each counts for what it was meant to take, however late it came: between any two of them the loop
has looked at what has arrived. In a loop that is not busy a turn takes what it was meant to, and a limit is a limit.

A request has one patience for all its waiting (`begin`), so that it is answered within two seconds whatever is away.
What it waits for itself, the hashing of a password for one, takes nothing of it. Nor does waiting for one's turn, as
long as the store serves those who came before: a burst on a store that is well is our own crowd, not the store's fault.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import TracebackType
from typing import Final, cast

TURN: Final = 0.05
PATIENCE: Final = 1.1  # seconds; with the hashing of a password, and a statement's cancellation, still below 2
LONGEST: Final = 5.0  # seconds by the clock for one's turn, however well the store serves those before
_TROUBLE: Final = 2.0  # seconds after the last time that something was given up: until then waiting counts
_LEAST: Final = 0.05  # when nothing is left: a store that answers at once still helps


class Patience:
    """What is left of a request's patience, in seconds; `longer` where it is more than a request's."""

    __slots__ = ("left", "longer")

    def __init__(self, seconds: float = PATIENCE, *, longer: bool = False) -> None:
        self.left = seconds
        self.longer = longer


class Serving:
    """Whether a store serves those who have their turn: how many had it, and when one was last given up."""

    __slots__ = ("given_up_at", "served")

    def __init__(self) -> None:
        self.served = 0
        self.given_up_at = float("-inf")

    def give_up(self) -> None:
        """Note that the store kept somebody waiting for too long, or couldn't be reached."""
        self.given_up_at = asyncio.get_running_loop().time()


_patience: ContextVar[Patience | None] = ContextVar("patience", default=None)


def begin() -> None:
    """Give the request that begins a patience of its own. Work beside the requests has none, only single limits."""
    _patience.set(Patience())


@contextmanager
def longer(seconds: float) -> Iterator[None]:
    """Have a patience of its own for all that a block waits for, and none of the request's used up."""
    outer = _patience.set(Patience(seconds, longer=True))
    try:
        yield
    finally:
        _patience.reset(outer)


def is_longer() -> bool:
    """Return whether this is in a block of `longer`."""
    patience = _patience.get()
    return patience is not None and patience.longer


class Limited:
    """A time-out of `seconds`, in turns, and of no more than the request's patience: `with Limited(0.5): await …`.

    `store` is told when it is given up. With `queued` it is one's turn at it that is waited for: what passes while
    others are served is not counted. Raises `TimeoutError` out of the block.
    """

    __slots__ = (
        "_began",
        "_cancelling",
        "_expired",
        "_handle",
        "_loop",
        "_patience",
        "_queue",
        "_seconds",
        "_served",
        "_since",
        "_spent",
        "_store",
        "_task",
    )

    def __init__(self, seconds: float, store: Serving | None = None, *, queued: bool = False) -> None:
        """Take the limit, and of whom it is."""
        self._seconds = seconds
        self._store = store
        self._queue = store if queued else None

    def __enter__(self) -> None:
        self._patience = patience = _patience.get()
        if patience is not None and patience.left < self._seconds:
            self._seconds = max(_LEAST, patience.left)
        self._loop = loop = asyncio.get_running_loop()
        self._task = cast("asyncio.Task[object]", asyncio.current_task(loop))  # there is one: who waits is a coroutine
        self._cancelling = self._task.cancelling()
        self._expired, self._spent = False, 0.0
        self._began = self._since = loop.time()
        if self._queue is not None:
            self._served = self._queue.served
        self._handle = loop.call_later(min(TURN, self._seconds), self._turn)

    def _turn(self) -> None:
        self._since = self._loop.time()
        if not self._is_served():
            self._spent += TURN
        left = self._seconds - self._spent
        if left > 0.001 and (self._queue is None or self._since - self._began < LONGEST):
            self._handle = self._loop.call_later(min(TURN, left), self._turn)
        else:
            self._expired = True
            if self._store is not None and self._queue is None:
                self._store.give_up()
            self._task.cancel()

    def _is_served(self) -> bool:
        queue = self._queue
        if queue is None or queue.served == self._served or self._since - queue.given_up_at < _TROUBLE:
            return False
        self._served = queue.served
        return True

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._handle.cancel()
        if self._patience is not None:
            last = 0.0 if self._queue is not None else min(TURN, self._loop.time() - self._since)
            self._patience.left -= self._spent + last
        if self._expired and self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise TimeoutError from error
