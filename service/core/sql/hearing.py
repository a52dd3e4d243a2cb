"""Hearing of every change to a table that tells of them (`NOTIFY`), so that rows of it may be kept and used again.

A connection of its own listens. It is believed only while it works: on a new one a notification has to be heard that
another connection has sent (behind PgBouncer in transaction mode it never is), and then, five times a second, one of
its own. What was kept is used for half a second at most after the last that was heard, so a connection that is cut
without a word misleads us for no longer than that.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from contextvars import Context
from secrets import token_hex
from typing import Any, Final

import asyncpg

from service.core.clock import steady_seconds
from service.core.patience import Limited
from service.core.sql.faults import FAILURES
from service.core.sql.poolers import WHO, is_pooled
from service.core.telemetry.logs import log_event
from service.errors import ServiceError

BEAT_SECONDS: Final = 0.2
TRUST_SECONDS: Final = 0.45  # since a beat was sent that came back
OPEN_SECONDS: Final = 1.0
AGAIN_SECONDS: Final = 0.5
DEAF_SECONDS: Final = 30.0  # after a server on which nothing is heard, in the end
LOOKS: Final = 4  # at whose process it is
SURELY: Final = 3  # attempts on which nothing was heard: then it is said
_BEAT: Final = "beat:"
_log = logging.getLogger("latchkey.background")
NOTIFY: Final = "SELECT pg_notify($1, $2)"


class Deaf(Exception):
    """Notifications of others don't arrive."""


class Hearing:
    """A connection that hears of changes. `listeners` are called with what each notification says, None for all.

    It is opened when it is first asked whether it `hears`: commands and workers never ask.
    """

    def __init__(
        self,
        connect: Callable[[], Awaitable[asyncpg.Connection]],
        channel: str,
        notify: Callable[[str, str], Awaitable[None]],
        process: Callable[[], Awaitable[int]],
    ) -> None:
        """Take what opens a connection. `notify` sends a notification on a channel, by another connection.

        `process` says which process of the server answers another connection just now.
        """
        self._connect = connect
        self._channel = channel
        self._notify = notify
        self._process = process
        self._connection: Any = None
        self._proven = False
        self._keeping: asyncio.Task[None] | None = None
        self._beating: asyncio.Task[None] | None = None
        self._expected: asyncio.Future[None] | None = None
        self._beat = ""
        self._sent_at = float("-inf")  # of the last beat
        self._heard_at = float("-inf")  # when the last that was heard was sent
        self._gone = asyncio.Event()
        self._told = False
        self.listeners: list[Callable[[str | None], None]] = []

    @property
    def is_barred(self) -> bool:
        """Whether it has been tried, and nothing is heard here: a pooler stands in between."""
        return self._told and not self._proven

    @property
    def listens(self) -> bool:
        """Whether what changes from now on will be heard of, or the connection be lost."""
        return self._connection is not None

    def hears(self) -> bool:
        """Return whether whatever was changed half a second ago has been heard of. Never waits."""
        if self._connection is None:
            if self._keeping is None:
                self._keeping = asyncio.get_running_loop().create_task(self._keep(), context=Context())
            return False
        if not self._proven:  # a beat of its own would come between
            return False
        now = steady_seconds()
        if now - self._sent_at >= BEAT_SECONDS and self._beating is None:
            self._sent_at = now
            self._beating = asyncio.get_running_loop().create_task(self._beat_once(now), context=Context())
        return now - self._heard_at < TRUST_SECONDS

    async def close(self) -> None:
        """Listen no more."""
        tasks = [task for task in (self._keeping, self._beating) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._lose()

    async def _keep(self) -> None:
        """Open a connection, and another whenever one is lost."""
        deaf = 0
        while True:
            pause = AGAIN_SECONDS
            try:
                await self._listen()
                deaf = 0
                await self._gone.wait()
            except Deaf as error:  # once, the machine may have been busy; again and again, there is a pooler in between
                deaf += 1
                pause = min(AGAIN_SECONDS * 2**deaf, DEAF_SECONDS)
                if deaf >= SURELY and not self._told:
                    self._told = True
                    log_event("users.not_kept", logging.WARNING, cause=str(error))
            except (*FAILURES, ServiceError):
                pass
            except Exception:  # noqa: BLE001 - whatever it is, it may not end silently
                pause = DEAF_SECONDS
                _log.exception("internal_error")
            self._lose()
            await asyncio.sleep(pause)

    async def attempt(self) -> str:
        """Listen for a moment; return why that can't be, "" where it can."""
        try:
            await self._listen()
        except (*FAILURES, ServiceError, Deaf) as error:
            return str(error) or type(error).__name__
        finally:
            self._lose()
        return ""

    async def _listen(self) -> None:
        """Open a connection, and see whether what another sends is heard on it."""
        self._gone.clear()
        with Limited(OPEN_SECONDS):
            found = await self._connect()
        try:
            found.add_termination_listener(lambda _: self._gone.set())
            with Limited(OPEN_SECONDS):
                await self._demand_own(found)
            with Limited(OPEN_SECONDS):
                await found.add_listener(self._channel, self._hear)
        except BaseException:
            found.terminate()
            raise
        self._connection, self._heard_at = found, float("-inf")  # not before: what is read until now may be old unheard
        await self._await(lambda beat: self._notify(self._channel, beat))
        self._proven, self._told = True, False

    async def _demand_own(self, connection: Any) -> None:
        """Raise `Deaf` where the connection's process of the server is now and then another's.

        A LISTEN would stay behind in it, for whoever gets it next.
        """
        if not await is_pooled(connection):
            return
        seen = await connection.fetchval(WHO)
        for _ in range(LOOKS):
            others, ours = await self._process(), await connection.fetchval(WHO)
            if ours != seen or others == seen:
                raise Deaf("a pooler gives each transaction another connection")

    async def _beat_once(self, now: float) -> None:
        connection = self._connection
        try:
            await self._await(lambda beat: connection.execute(NOTIFY, self._channel, beat))
            self._heard_at = now
        except (*FAILURES, ServiceError, Deaf):
            self._gone.set()
        finally:
            self._beating = None

    async def _await(self, send: Callable[[str], Awaitable[Any]]) -> None:
        """Send a beat and wait until it is heard. Raises `Deaf` when it isn't, and whatever sending raises."""
        self._beat = f"{_BEAT}{token_hex(8)}"
        self._expected = asyncio.get_running_loop().create_future()
        with Limited(OPEN_SECONDS):
            await send(self._beat)
        try:
            with Limited(OPEN_SECONDS):
                await self._expected
        except TimeoutError:
            raise Deaf("what other connections notify of isn't heard: is there a pooler in between?") from None

    def _hear(self, _connection: object, _pid: int, _channel: str, says: str) -> None:
        if not says.startswith(_BEAT):
            self._say(says or None)
        elif says == self._beat and self._expected is not None and not self._expected.done():
            self._expected.set_result(None)

    def _lose(self) -> None:
        found, self._connection, self._proven = self._connection, None, False
        self._heard_at = float("-inf")
        if found is not None:
            with suppress(asyncpg.InterfaceError):
                found.terminate()
            self._say(None)

    def _say(self, says: str | None) -> None:
        for listener in self.listeners:
            listener(says)
