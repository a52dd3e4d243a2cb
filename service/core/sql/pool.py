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
from types import TracebackType
from typing import Any, Final

import asyncpg
from asyncpg.pool import Pool, PoolConnectionHolder

from service.core.patience import Limited, Serving, is_longer
from service.core.sql.faults import FAILURES

OPEN_SECONDS: Final = 0.6  # unless DATABASE_URL has a connect_timeout
STATEMENT_SECONDS: Final = 0.8
RELEASE_SECONDS: Final = 0.25  # for the server to confirm that a statement was cancelled; then the connection is cut
WAIT_SECONDS: Final = 1.0  # for one's turn, while nobody is served
MOST_WAITING: Final = 1000  # at once; more are refused at once
SERVING: Final = Serving()  # one database is open in a process
LEISURELY_SHARE: Final = 5  # what takes its time has one of so many connections,
LEISURELY_MOST: Final = 2  # and no more than these
WARM: Final = 10  # connections that are opened before the first request
QUIET_SECONDS: Final = 20.0  # without a word on a connection: then it is asked whether it is there, before it is used
THERE_SECONDS: Final = 0.25  # for that


class TooLong(TimeoutError):
    """A statement that had more time than others (`service/core/sql/leisure.py`) took still more."""


class _Statement(Limited):
    """The limit of a statement on a connection.

    One at leisure has all of its block's patience, and that it took longer says nothing of the store.
    """

    __slots__ = ("_at_leisure", "_connection")

    def __init__(self, connection: LimitedConnection) -> None:
        self._connection = connection
        self._at_leisure = leisurely = is_longer()
        super().__init__(float("inf") if leisurely else STATEMENT_SECONDS, None if leisurely else SERVING)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if isinstance(error, TimeoutError):
            self._connection.silent = True
        try:
            super().__exit__(kind, error, _)
        except TimeoutError as late:
            self._connection.silent = not self._at_leisure
            if self._at_leisure:
                raise TooLong from late
            raise


def leisurely_places(connections: int) -> asyncio.Semaphore:
    """Return the places for what takes its time, in a pool of so many connections."""
    return asyncio.Semaphore(max(1, min(LEISURELY_MOST, connections // LEISURELY_SHARE)))


class LimitedConnection(asyncpg.Connection):  # type: ignore[misc]  # asyncpg has no types
    """A connection whose statements have an end. (asyncpg's `command_timeout` looks at the clock, not at the loop.)"""

    pooled = False  # a pooler stands in between
    used_at = float("inf")  # when it was given back last
    silent = False  # it has kept somebody waiting for too long

    async def execute(self, query: str, *args: Any, timeout: float | None = None) -> Any:  # noqa: ASYNC109 - asyncpg's
        """Run a statement without a result."""
        with _Statement(self):
            return await super().execute(query, *args, timeout=timeout)

    async def executemany(self, command: str, args: Any, *, timeout: float | None = None) -> Any:  # noqa: ASYNC109
        """Run a statement for each of many rows."""
        with _Statement(self):
            return await super().executemany(command, args, timeout=timeout)

    async def fetch(self, query: str, *args: Any, **options: Any) -> Any:
        """Return a statement's rows."""
        with _Statement(self):
            return await super().fetch(query, *args, **options)

    async def fetchrow(self, query: str, *args: Any, **options: Any) -> Any:
        """Return a statement's first row."""
        with _Statement(self):
            return await super().fetchrow(query, *args, **options)

    async def answers(self) -> bool:
        """Return whether somebody is there still. Behind a firewall that has forgotten a connection nobody is."""
        try:
            with Limited(THERE_SECONDS):
                await super().execute("SELECT 1")
        except FAILURES:
            return False
        return True


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

    __slots__ = ("cold", "doubted_at", "open_seconds", "warming")
    cold: bool
    doubted_at: float  # since when no connection is believed in that wasn't used since
    open_seconds: float | None
    warming: asyncio.Task[None] | None

    @classmethod
    async def create(cls, **options: Any) -> BoundedPool:
        """Return a pool that has opened no connection yet: requests that wait for the pool wait for one another."""
        open_seconds = options.pop("open_seconds", None)
        pool = cls(**options)
        pool.doubted_at = float("-inf")
        pool.open_seconds = open_seconds
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
            if isinstance(failure, TimeoutError) and (size := self.get_size()):
                says = f"no more than {size} connections are to be had: is DATABASE_POOL_SIZE more than there are?"
                raise TimeoutError(says) from None
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
            if await self._is_alive(place):
                proxy = await place.acquire()
            else:
                with Limited(self.open_seconds or OPEN_SECONDS, SERVING):
                    proxy = await place.acquire()
        except BaseException:
            self.cold = True
            self._queue.put_nowait(place)
            raise
        place._timeout = timeout
        return proxy

    async def _is_alive(self, place: PoolConnectionHolder) -> bool:
        """Say whether there is a connection, and somebody at its other end. Where there is nobody, it is cut."""
        if not place.is_connected() or place._generation != self._generation:
            return False
        if not self._is_doubtful(place) or await place._con.answers():
            return True
        # Whatever has cut this one has cut the others that were as silent: they would each cost a call of its own.
        for other in self._holders:
            if other is place or (other.is_idle() and other.is_connected() and self._is_doubtful(other)):
                other.terminate()
        return False

    def _is_doubtful(self, place: PoolConnectionHolder) -> bool:
        used_at = place._con.used_at
        return bool(used_at < self.doubted_at or self._loop.time() - used_at > QUIET_SECONDS)

    async def release(self, connection: Any, *, timeout: float | None = None) -> None:  # noqa: ASYNC109 - asyncpg's
        """Give a connection back; never raise."""
        # What fails here has cut the connection, and its place is free again. The statement's own outcome counts, and
        # above all a cancellation must not turn into another error.
        SERVING.served += 1
        used = connection._con
        if used is not None:  # else it was lost meanwhile
            used.used_at = self._loop.time()
            if used.silent:
                self.doubted_at, used.silent = used.used_at, False
        if used is not None and connection._holder._pool is self and self._is_clean(connection._holder):
            place = connection._holder
            used._on_release()
            place._timeout = None
            place._release()
            place._setup_inactive_callback()
            return
        with suppress(*FAILURES):
            await super().release(connection, timeout=timeout or RELEASE_SECONDS)

    def _is_clean(self, place: PoolConnectionHolder) -> bool:
        """Whether a connection is as it was when it was taken, so that nothing has to be waited for to give it back.

        asyncpg gives each back in a task of its own, so that no cancellation comes in between: here it can't. (We leave
        nothing on a connection that would have to be reset: `service/core/sql/address.py`.)
        """
        used = place._con
        if used is None or used.is_closed() or place._generation != self._generation:
            return False
        protocol = used._protocol
        return not (
            protocol._is_cancelling()
            or protocol.is_in_transaction()
            or protocol.queries_count >= place._max_queries
            or used._top_xact is not None
            or used._listeners
            or used._log_listeners
        )

    @property
    def pooled(self) -> bool:
        """Whether a pooler stands in between; False while there is no connection."""
        return any(place._con.pooled for place in self._holders if place.is_connected())

    @property
    def encoding(self) -> str:
        """The database's encoding, as each connection is told; UTF8 while there is none."""
        for place in self._holders:
            if place.is_connected():
                return str(getattr(place._con.get_settings(), "server_encoding", "UTF8"))
        return "UTF8"
