"""Work that takes its time, on threads: each request waits for its turn, past a limit nobody does (R11).

Where many wait, those whose work is done go on several at a time. What a log-in does beside its hash takes a third less
when another has just done the same: two hashes go through more memory than a processor keeps at hand, so that whatever
comes between two of them begins with none of it (decision 121).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock
from time import perf_counter
from typing import Any, Final, TypeVar

from service.core import presence
from service.core.presence import Presence
from service.core.telemetry import metrics
from service.errors import Unavailable

MOST_AT_ONCE: Final = 8
"""So many go on together, where there are two more for each thread: these have enough to do meanwhile."""

LATE_SECONDS: Final = 0.1
"""Longer nobody is kept who is done, or twice that: some hashes of other systems take a second each."""

_T = TypeVar("_T")


class TurnGivenUp(asyncio.CancelledError):
    """The client has left before it was its turn: nothing was done."""


@dataclass(frozen=True, slots=True)
class _Done:
    """Whoever waits for work that is done, since when."""

    waiter: asyncio.Future[None]
    work: Future[Any]
    since: float


class Turns:
    """Threads, and those who wait for them."""

    def __init__(self, threads: int, queue_per_thread: int, freed: Callable[[], None]) -> None:
        """Take how many may wait for each thread; `freed` is called in the loop when a turn is over."""
        self.threads = threads
        self.pending = 0
        """How many have no answer yet."""
        self._limit = threads * queue_per_thread
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="argon2")
        self._freed = freed
        self._at_once = min(MOST_AT_ONCE, 4 * threads)
        self._enough = self._at_once + 2 * threads
        self._gathering = Lock()
        self._gathered: list[_Done] = []
        self._looking: asyncio.TimerHandle | None = None

    async def run(self, work: Callable[[], _T]) -> _T:
        """Return what `work` does, which is done on a thread. Raises what it does, `Unavailable` past the limit, and
        `TurnGivenUp` if it was cancelled before it was its turn.
        """
        client = presence.of_this_request()
        if client.gone:
            raise TurnGivenUp
        client.idle = True  # until it is its turn
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        future = self._submit(work, client, waiter)
        try:
            await waiter
            return future.result()
        except asyncio.CancelledError:
            if future.cancel():
                raise TurnGivenUp from None
            raise
        finally:
            client.idle = False

    def also(self, work: Callable[[], None]) -> None:
        """Have a thread do something that nobody waits for."""
        self._executor.submit(work)

    def close(self) -> None:
        """Let the work go on that was begun; drop the queue."""
        self._executor.shutdown(wait=False, cancel_futures=True)
        if self._looking is not None:
            self._looking.cancel()

    def _submit(self, work: Callable[[], _T], client: Presence, waiter: asyncio.Future[None]) -> Future[_T]:
        if self.pending >= self._limit:
            raise Unavailable("passwords")
        self.pending += 1
        metrics.hash_queue.inc()
        asked = perf_counter()

        def timed() -> _T:
            client.idle = False
            metrics.hash_wait_seconds.observe(perf_counter() - asked)
            return work()

        try:
            future = self._executor.submit(timed)
        except BaseException:
            self._free()
            raise
        # The permit is free when the thread is, not when the request is cancelled.
        future.add_done_callback(lambda done: self._gather(_Done(waiter, done, perf_counter())))
        self._look_later()
        return future

    @property
    def _many(self) -> bool:
        """Whether so many are there that others will be done soon."""
        return self.pending >= self._enough

    def _gather(self, done: _Done) -> None:
        """Keep somebody who is done until others are, or let all of them go on. In any thread."""
        with self._gathering:
            self._gathered.append(done)
            if self._many and len(self._gathered) < self._at_once:
                return
        self._let_go()

    def _let_go(self) -> None:
        """Let all go on who are done, each in its loop. In any thread."""
        with self._gathering:
            going, self._gathered = self._gathered, []
        for loop in {done.waiter.get_loop() for done in going}:
            with suppress(RuntimeError):  # it is closed, and nobody waits in it
                loop.call_soon_threadsafe(self._end, [done for done in going if done.waiter.get_loop() is loop])

    def _end(self, going: list[_Done]) -> None:
        for done in going:
            self._free()
            if done.waiter.done():  # cancelled
                continue
            if done.work.cancelled():
                done.waiter.cancel()
            else:
                done.waiter.set_result(None)
        if not self._many:  # of those who are left, somebody may have taken these for waiting
            self._let_go()

    def _look_later(self) -> None:
        if self._looking is None and self._many:
            self._looking = asyncio.get_running_loop().call_later(LATE_SECONDS, self._look)

    def _look(self) -> None:
        """Let those go on for whom it gets late."""
        self._looking = None
        with self._gathering:
            late = bool(self._gathered) and perf_counter() - self._gathered[0].since >= LATE_SECONDS
        if late:
            self._let_go()
        self._look_later()

    def _free(self) -> None:
        self.pending -= 1
        metrics.hash_queue.dec()
        self._freed()
