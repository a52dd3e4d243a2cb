"""Many questions on one connection: each is written at once, and answers come in the order of the questions.

A pool gives each question a connection of its own, and waits on each for one answer: most of what a script costs us is
that. Here the questions of one turn of the loop leave in one write, and what has come is read in one. (uvloop writes at
once whatever it is given, so they are gathered here: to wake another process is dearer than the script that it runs.)

Which answer is whose depends on nothing but the order. So a line on which anything else arrives is closed, with all
that wait on it; and whoever doesn't wait for their answer any more keeps their place until it comes.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextvars import Context
from typing import Any, Final, cast

import hiredis
from redis._parsers.base import BaseParser
from redis.asyncio import Redis
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

from service.core.clock import steady_seconds
from service.core.patience import Limited
from service.core.redis.scripts import Reply

OPEN_SECONDS: Final = 0.75  # for a new line
SILENT_SECONDS: Final = 0.5  # without an answer to the oldest question: the next one is asked on a new line
IDLE_SECONDS: Final = 60.0  # whoever is in between may have forgotten a line that was quiet for so long
LEFT_SECONDS: Final = 2.0  # for the answers on a line that was left for another: longer than anybody waits

_NOTHING_MORE: Final = object()


class Line(asyncio.Protocol):
    """One open connection, and who waits for an answer on it."""

    def __init__(self, connection: AbstractConnection) -> None:
        """Take a connection of redis-py's that is open, and on which nothing is asked any more.

        Raises `RedisConnectionError` where it has been closed meanwhile.
        """
        # Taken over, and kept: redis-py closes what it finds in a connection that nobody has any more, and a writer
        # that nobody has closes what it writes to.
        self._writer, connection._writer = connection._writer, None
        self._waiting: deque[tuple[float, asyncio.Future[Reply]]] = deque()
        self._unsent: list[bytes] = []
        self._loop = asyncio.get_running_loop()
        self._reader = hiredis.Reader(replyError=BaseParser.parse_error, notEnoughData=_NOTHING_MORE)
        self._used_at = steady_seconds()
        self._lost = False
        if self._writer is None or self._writer.transport.is_closing():
            raise RedisConnectionError("the connection was closed")
        self._transport = cast("asyncio.Transport", self._writer.transport)
        self._transport.set_protocol(self)

    @property
    def is_open(self) -> bool:
        """Whether the connection isn't known to be closed."""
        return not self._lost and not self._transport.is_closing()

    def is_trusted(self) -> bool:
        """Whether an answer may be expected on it: it is open, and neither silent nor long idle."""
        if not self.is_open:
            return False
        now = steady_seconds()
        if self._waiting:
            return now - self._waiting[0][0] < SILENT_SECONDS
        return now - self._used_at < IDLE_SECONDS

    def ask(self, question: bytes) -> asyncio.Future[Reply]:
        """Send a question, as it is written to Redis; return what its answer will be.

        That raises what redis-py makes of an error, or `RedisConnectionError` where the line is lost meanwhile. This
        one raises it where it is lost already.
        """
        if not self.is_open:  # writing to it is no error of the connection's, but of the loop's
            raise RedisConnectionError("the connection was closed")
        answer: asyncio.Future[Reply] = self._loop.create_future()
        self._used_at = now = steady_seconds()
        self._waiting.append((now, answer))
        if not self._unsent:
            self._loop.call_soon(self._send)
        self._unsent.append(question)
        return answer

    def _send(self) -> None:
        """Send what was asked in this turn. Where the line is lost meanwhile, all who wait on it hear of that."""
        unsent, self._unsent = self._unsent, []
        if self.is_open:
            self._transport.write(b"".join(unsent))

    def leave(self) -> None:
        """Ask nothing more on it: it is closed when whoever waits on it has got an answer, or given up."""
        if self._waiting and self.is_open:
            asyncio.get_running_loop().call_later(LEFT_SECONDS, self.close)
        else:
            self.close()

    def close(self) -> None:
        """Close it now. Whoever still waits on it gets `RedisConnectionError`."""
        self._transport.abort()
        self._lose()

    def data_received(self, data: bytes) -> None:
        """Give everybody whose answer has come theirs."""
        self._reader.feed(data)
        while not self._lost:
            try:
                said: Any = self._reader.gets()
            except hiredis.ProtocolError:
                self.close()
                return
            if said is _NOTHING_MORE:
                return
            if isinstance(said, hiredis.PushNotification):  # an answer to nobody: what is going on in the server
                continue
            if not self._waiting:
                self.close()
                return
            _, answer = self._waiting.popleft()
            if answer.done():
                continue
            if isinstance(said, RedisError):
                answer.set_exception(said)
            else:
                answer.set_result(said)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Tell everybody who waits."""
        self._lose()

    def _lose(self) -> None:
        self._lost = True
        for _, answer in self._waiting:
            if not answer.done():
                answer.set_exception(RedisConnectionError("the connection was closed"))
        self._waiting.clear()


class Lined(Redis):
    """redis-py's client of one server, with the scripts on a line. Other commands go by its pool, as ever."""

    _line: Line | None = None
    _opening: asyncio.Task[Line] | None = None

    async def evalsha(self, sha: str, numkeys: int, *keys_and_args: Any) -> Any:
        """Run a script that the server knows. Raises `NoScriptError`."""
        return await self._ask("EVALSHA", sha, numkeys, *keys_and_args)

    async def eval(self, script: str, numkeys: int, *keys_and_args: Any) -> Any:
        """Run a script."""
        return await self._ask("EVAL", script, numkeys, *keys_and_args)

    def leave_line(self) -> None:
        """Use another line from now on, maybe to another server: that of the pool that there is by then."""
        line, self._line = self._line, None
        if line is not None:
            line.leave()

    async def aclose(self, close_connection_pool: bool | None = None) -> None:
        """Close every connection."""
        if self._opening is not None:
            self._opening.cancel()
            await asyncio.gather(self._opening, return_exceptions=True)
        if self._line is not None:
            self._line.close()
        await super().aclose(close_connection_pool)

    async def _ask(self, *command: Any) -> Reply:
        """Ask; once more where the line was lost before there was an answer (every script of ours may be repeated)."""
        question = hiredis.pack_command(command)
        line = self._line
        if line is not None and line.is_trusted():
            try:
                return await line.ask(question)
            except RedisConnectionError:
                if line.is_open:  # then this is what the server says
                    raise
        return await (await self._opened()).ask(question)

    async def _opened(self) -> Line:
        """Return a line that can be trusted: opened once for all who want it meanwhile."""
        if self._line is not None and self._line.is_trusted():
            return self._line
        self.leave_line()
        if self._opening is None:
            # In a context of its own: the patience of the request that comes first is not what it has.
            self._opening = asyncio.get_running_loop().create_task(self._open(), context=Context())
            self._opening.add_done_callback(self._has_opened)
        return await asyncio.shield(self._opening)

    async def _open(self) -> Line:
        connection: AbstractConnection = self.connection_pool.make_connection()  # type: ignore[no-untyped-call]
        try:
            with Limited(OPEN_SECONDS):
                await connection.connect()  # type: ignore[no-untyped-call]
        except BaseException:
            await connection.disconnect(nowait=True)
            raise
        self._line = line = Line(connection)
        return line

    def _has_opened(self, opening: asyncio.Task[Line]) -> None:
        self._opening = None
        if not opening.cancelled():
            opening.exception()  # whoever waits gets it; nobody may be left to
