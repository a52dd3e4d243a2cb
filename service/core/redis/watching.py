"""Hearing of every change to keys with a prefix, so that what was read of them may be kept and used again.

Redis tells those who ask for it which keys change (`CLIENT TRACKING ON BCAST`, in the third version of its protocol).
What it has told is only worth something to whoever has listened. So the connection is a socket of our own, and before
anything kept is used, `hears` takes what the kernel has received for it, without waiting: Redis writes what it has to
tell of a deletion no later than the answer to it, so whoever has that answer finds that we have heard.

Silence isn't good news either. Every `BEAT_SECONDS` the server is asked to say something, and until it has, nothing
kept is used; so a connection that is cut without a word misleads us for no longer than that. (While an answer of its
own is due the server may also write the two in the other order.) The same after much news: more may be held back behind
it. Then all is as it would be without a watch: who wants to know asks Redis. What is kept is forgotten when the
connection is lost, for then changes may have been missed.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from contextvars import Context
from secrets import token_hex
from typing import Any, Final

import hiredis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError, ResponseError

from service.core.clock import steady_seconds
from service.core.patience import Limited
from service.core.redis.connections import Address
from service.core.redis.tracking import NOTHING_MORE, OPEN_SECONDS, READ_BYTES, Deaf, open_tracking
from service.core.telemetry.logs import log_event
from service.errors import ServiceError

BEAT_SECONDS: Final = 0.25
BEAT_BYTES: Final = 32_768  # half of what Redis writes to one connection before it turns to the next
AGAIN_SECONDS: Final = 0.25  # between two attempts, at first
REFUSED_SECONDS: Final = 30.0  # after a server that can't do it, or won't
SURELY: Final = 3  # attempts on which nothing was heard: then it is said
SILENT_SECONDS: Final = 2.0  # without an answer: the connection is given up

_log = logging.getLogger("latchkey.background")


class Watch:
    """A connection that hears of changes. `listeners` are called with each key that changed, None for all of them.

    It is opened when it is first asked whether it `hears`: commands and workers never ask.
    """

    def __init__(
        self,
        options: dict[str, Any],
        prefix: str,
        change: Callable[[str], Awaitable[None]],
        where: Callable[[], Address | None] | None = None,
    ) -> None:
        """Take redis-py's options for a connection, and how the names of the keys begin.

        `change` changes the key of that name, as all that changes keys does, to see whether it is heard here. `where`
        says which server it is now, where that can be another.
        """
        self._options = options
        self._prefix = prefix
        self._change = change
        self._where = where
        self._address: Address | None = None
        self._socket: socket.socket | None = None
        self._reader = hiredis.Reader(notEnoughData=NOTHING_MORE)
        self._asked_at = float("-inf")
        self._asked = False  # and not answered yet
        self._read = 0  # bytes, since then
        self._keeping: asyncio.Task[None] | None = None
        self._gone = asyncio.Event()
        self._expected: asyncio.Future[None] | None = None
        self._own = b""  # the key that is changed to be heard
        self._proven = False
        self._told: str | None = None
        self.listeners: list[Callable[[bytes | None], None]] = []
        self.heard = 0  # changes, since the process began
        self._deaf_seconds = 0.0
        self._deaf_since: float | None = None

    @property
    def deaf_seconds(self) -> float:
        """For how long, in all, it was wanted and heard nothing."""
        return self._deaf_seconds + (steady_seconds() - self._deaf_since if self._deaf_since is not None else 0)

    @property
    def listens(self) -> bool:
        """Whether what changes from now on will be heard of, or the connection be lost."""
        return self._socket is not None

    def hears(self) -> bool:
        """Take what there is to hear; return whether all that has changed by now has been heard of. Never waits."""
        if self._socket is None:
            if self._keeping is None:
                self._deaf_since = steady_seconds()
                self._keeping = asyncio.get_running_loop().create_task(self._keep(), context=Context())
            return False
        if self._where is not None and self._where() != self._address:
            self.lose()
            return False
        self._drain()
        since = steady_seconds() - self._asked_at
        if self._socket is None or not self._proven:
            return False
        if self._asked:
            if since > SILENT_SECONDS:
                self.lose()
            return False
        if since < BEAT_SECONDS and self._read < BEAT_BYTES:
            return True
        self._ask()
        return False

    def lose(self) -> None:
        """Give the connection up, and what was heard on it. Another is opened, maybe to another server."""
        found, self._socket, self._proven = self._socket, None, False
        if found is None:
            return
        self._deaf_since = steady_seconds()
        with suppress(ValueError, OSError):
            asyncio.get_running_loop().remove_reader(found.fileno())
        found.close()
        self._say(None)
        self._gone.set()
        if self._expected is not None and not self._expected.done():
            self._expected.set_exception(RedisConnectionError("the connection was closed"))

    async def close(self) -> None:
        """Listen no more."""
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)
        self.lose()

    def _drain(self) -> None:
        found = self._socket
        while found is not None and found is self._socket:
            try:
                data = found.recv(READ_BYTES)
            except (BlockingIOError, ssl.SSLWantReadError):
                return
            except OSError:
                data = b""
            if not data:
                self.lose()
                return
            self._read += len(data)
            self._reader.feed(data)
            self._take()
            if len(data) < READ_BYTES and not isinstance(found, ssl.SSLSocket):  # whose records are shorter
                return

    def _take(self) -> None:
        """Take what has been read."""
        while self._socket is not None:
            try:
                said = self._reader.gets()
            except hiredis.ProtocolError:
                said = None
            if said is NOTHING_MORE:
                return
            match said:
                case [b"invalidate", None]:
                    self.heard += 1
                    self._say(None)
                case [b"invalidate", list(keys)]:
                    self.heard += len(keys)
                    for key in keys:
                        self._say(key)
                    if self._expected is not None and self._own in keys and not self._expected.done():
                        self._expected.set_result(None)
                case b"PONG":
                    self._asked = False
                case _:
                    self.lose()  # nothing else was asked for

    def _say(self, key: bytes | None) -> None:
        for listener in self.listeners:
            listener(key)

    def _ask(self) -> None:
        if self._socket is not None:
            self._asked, self._asked_at, self._read = True, steady_seconds(), 0
            try:
                self._socket.send(b"PING\r\n")
            except OSError:  # also one that would have to wait: the server reads nothing
                self.lose()

    async def _keep(self) -> None:
        """Open a connection, and another whenever one is lost."""
        pause, deaf = AGAIN_SECONDS, 0
        while True:
            try:
                await self._listen()
                pause, deaf = AGAIN_SECONDS, 0
                await self._gone.wait()
            except ResponseError as error:
                pause = REFUSED_SECONDS
                self._tell(str(error))
            except Deaf as error:  # once, the machine may have been busy
                deaf += 1
                pause = min(AGAIN_SECONDS * 2**deaf, REFUSED_SECONDS)
                if deaf >= SURELY:
                    self._tell(str(error))
            except (RedisError, OSError, TimeoutError, ServiceError):
                pause = min(2 * pause, 16 * AGAIN_SECONDS)
            except Exception:  # noqa: BLE001 - whatever it is, it may not end silently
                pause = REFUSED_SECONDS
                _log.exception("internal_error")
            self.lose()
            await asyncio.sleep(pause)

    async def attempt(self) -> str:
        """Listen for a moment; return why that can't be, "" where it can."""
        try:
            if self._where is not None and self._where() is None:
                await self._change(f"{self._prefix}{{{token_hex(8)}}}:probe")  # asks which server it is
            await self._listen()
        except (RedisError, OSError, TimeoutError, ServiceError) as error:
            return str(error) or type(error).__name__
        finally:
            self.lose()
        return ""

    async def _listen(self) -> None:
        """Open a connection, and see whether a change made elsewhere is heard on it."""
        loop = asyncio.get_running_loop()
        address = self._where() if self._where is not None else None
        opening = loop.run_in_executor(None, open_tracking, self._options, address, self._prefix)
        try:
            found, reader = await asyncio.shield(opening)
        except asyncio.CancelledError:
            opening.add_done_callback(_close)
            raise
        self._socket, self._reader, self._address = found, reader, address
        self._gone.clear()
        self._asked, self._asked_at, self._read = False, float("-inf"), 0
        loop.add_reader(found.fileno(), self._drain)
        self._expected, own = loop.create_future(), f"{self._prefix}{{{token_hex(8)}}}:probe"
        self._own = own.encode()
        await self._change(own)
        try:
            with Limited(OPEN_SECONDS):
                await self._expected
        except TimeoutError:
            raise Deaf("Redis doesn't tell what changes") from None
        finally:
            self._expected = None
        self._proven, self._told = self._socket is found, None
        if self._deaf_since is not None and self._proven:
            self._deaf_seconds += steady_seconds() - self._deaf_since
            self._deaf_since = None

    def _tell(self, why: str) -> None:
        if why != self._told:
            self._told = why
            log_event("sessions.not_kept", logging.WARNING, cause=why[:200])


def _close(opening: asyncio.Future[tuple[socket.socket, hiredis.Reader]]) -> None:
    if not opening.cancelled() and opening.exception() is None:
        opening.result()[0].close()
