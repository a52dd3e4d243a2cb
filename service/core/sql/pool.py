"""asyncpg's pool, with an end to every wait, and a queue in which nobody is passed by.

Two waits are told apart. Where all connections are at work one waits for one's turn: the database is well, and a burst
is served one after the other. Where a connection has to be opened the database is waited for, and that is limited as
each statement is. All of it is measured in turns of our own loop (`service/core/patience.py`).

asyncpg's own queue wakes the first of those who wait, but whoever asks just then may be quicker; who was woken for
nothing goes to the end. Here a connection that comes free is handed to the first.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from contextvars import Context
from typing import Any, Final

import asyncpg
from asyncpg.pool import Pool, PoolConnectionHolder

from service.core.patience import Limited, Serving
from service.core.sql.faults import FAILURES

OPEN_SECONDS: Final = 0.6
STATEMENT_SECONDS: Final = 0.8
RELEASE_SECONDS: Final = 0.25  # for the server to confirm that a statement was cancelled; then the connection is cut
WAIT_SECONDS: Final = 1.0  # for one's turn, while nobody is served
MOST_WAITING: Final = 1000  # at once; more are refused at once
SERVING: Final = Serving()  # one database is open in a process
WARM: Final = 10  # connections that are opened before the first request


class LimitedConnection(asyncpg.Connection):  # type: ignore[misc]  # asyncpg has no types
    """A connection whose statements have an end. (asyncpg's `command_timeout` looks at the clock, not at the loop.)"""

    async def execute(self, query: str, *args: Any, timeout: float | None = None) -> Any:  # noqa: ASYNC109 - asyncpg's
        """Run a statement without a result."""
        with Limited(STATEMENT_SECONDS, SERVING):
            return await super().execute(query, *args, timeout=timeout)

    async def executemany(self, command: str, args: Any, *, timeout: float | None = None) -> Any:  # noqa: ASYNC109
        """Run a statement for each of many rows."""
        with Limited(STATEMENT_SECONDS, SERVING):
            return await super().executemany(command, args, timeout=timeout)

    async def fetch(self, query: str, *args: Any, **options: Any) -> Any:
        """Return a statement's rows."""
        with Limited(STATEMENT_SECONDS, SERVING):
            return await super().fetch(query, *args, **options)

    async def fetchrow(self, query: str, *args: Any, **options: Any) -> Any:
        """Return a statement's first row."""
        with Limited(STATEMENT_SECONDS, SERVING):
            return await super().fetchrow(query, *args, **options)


class TurnQueue:
    """The places of a pool that are free, and those who wait for one. It stands in for asyncpg's own queue."""

    def __init__(self, places: Iterable[PoolConnectionHolder]) -> None:
        """Take all places of a pool, free as they are."""
        self._free = list(places)
        self._waiting: deque[asyncio.Future[PoolConnectionHolder]] = deque()

    def put_nowait(self, place: PoolConnectionHolder) -> None:
        """Give a place to the first who waits; keep it if nobody does."""
        while self._waiting:
            first = self._waiting.popleft()
            if not first.done():
                first.set_result(place)
                return
        self._free.append(place)

    async def turn(self) -> PoolConnectionHolder:
        """Return a free place, after those who came before. Raises `TimeoutError`, and where too many wait."""
        if self._free:  # then nobody waits
            return self._free.pop(self._best())
        if len(self._waiting) >= MOST_WAITING:
            raise asyncpg.InterfaceError("too many wait for a connection")
        place = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        try:
            with Limited(WAIT_SECONDS, SERVING, queued=True):
                return await place
        except BaseException:
            if place.done() and not place.cancelled():  # given in the very moment that we gave up
                self.put_nowait(place.result())
            place.cancel()
            raise

    def _best(self) -> int:
        """The place used last of those with a connection; without any, the last."""
        for index in range(len(self._free) - 1, -1, -1):
            if self._free[index].is_connected():
                return index
        return -1


class BoundedPool(Pool):  # type: ignore[misc]  # asyncpg has no types
    """A pool that waits neither for a connection nor for its release without limit. Made by `create`."""

    __slots__ = ("cold", "warming")
    cold: bool
    warming: asyncio.Task[None] | None

    @classmethod
    async def create(cls, **options: Any) -> BoundedPool:
        """Return a pool that has opened no connection yet: requests that wait for the pool wait for one another."""
        pool = cls(**options)
        await pool
        pool._queue = TurnQueue(pool._holders)
        pool.warming = None
        pool.cold = True  # no connection has been opened yet, or the last time that failed
        return pool

    async def warm(self) -> None:
        """Open connections before they are asked for, some at once, and use each. Raises whatever hinders that."""
        if not self.cold and self.get_size():
            return
        if self.warming is None:  # all who want it wait for one: two, each with half of the places, would wait for good
            self.warming = asyncio.get_running_loop().create_task(self._open_all(), context=Context())
            self.warming.add_done_callback(self._warmed)
        await asyncio.shield(self.warming)

    async def _open_all(self) -> None:
        together = asyncio.Barrier(min(self.get_max_size(), WARM))
        uses = (self._use(together) for _ in range(together.parties))
        failures = [found for found in await asyncio.gather(*uses, return_exceptions=True) if found is not None]
        for failure in sorted(failures, key=lambda found: isinstance(found, asyncio.BrokenBarrierError)):
            raise failure
        self.cold = False

    def _warmed(self, task: asyncio.Task[None]) -> None:
        self.warming = None
        if not task.cancelled():
            task.exception()  # or it would be reported as never looked at, where all who waited have gone

    async def _use(self, together: asyncio.Barrier) -> None:
        try:
            connection = await self.acquire()
        except BaseException:
            await together.abort()
            raise
        try:
            # Else who is quick is used twice, and a place that somebody has now is left without a connection.
            await together.wait()
            await connection.fetchrow("SELECT 1")
        finally:
            await self.release(connection)

    async def _acquire(self, timeout: float | None) -> Any:  # noqa: ASYNC109 - asyncpg's
        if self._closing:
            raise asyncpg.InterfaceError("pool is closing")
        self._check_init()
        place = await self._queue.turn()
        try:
            if place.is_connected() and place._generation == self._generation:
                proxy = await place.acquire()
            else:
                with Limited(OPEN_SECONDS, SERVING):
                    proxy = await place.acquire()
        except BaseException:
            self.cold = True
            self._queue.put_nowait(place)
            raise
        place._timeout = timeout
        return proxy

    async def release(self, connection: Any, *, timeout: float | None = None) -> None:  # noqa: ASYNC109 - asyncpg's
        """Give a connection back; never raise."""
        # What fails here has cut the connection, and its place is free again. The statement's own outcome counts, and
        # above all a cancellation must not turn into another error.
        SERVING.served += 1
        with suppress(*FAILURES):
            await super().release(connection, timeout=timeout or RELEASE_SECONDS)

    @property
    def encoding(self) -> str:
        """The database's encoding, as each connection is told; UTF8 while there is none."""
        for place in self._holders:
            if place.is_connected():
                return str(getattr(place._con.get_settings(), "server_encoding", "UTF8"))
        return "UTF8"
