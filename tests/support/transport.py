"""How the tests' HTTP clients reach the service: the client is httpx's, what is below it costs a quarter of httpcore.

Most of what the suite does is to ask the service something, and most of what that cost was asking: httpcore and h11 are
Python throughout. Here llhttp (httptools, which Sanic reads with) reads the answers. Whatever isn't plain http goes the
usual way.
"""

from __future__ import annotations

import asyncio
import select
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final, cast

import httptools
import httpx
from httpx._transports import default

_USUAL: Final = default.AsyncHTTPTransport
_Place = tuple[str, int]


class Connection(asyncio.Protocol):
    """A connection, and the answer that is being read on it."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport = None  # type: ignore[assignment]  # until it is made
        self.idle_since = 0.0
        self._news = asyncio.Event()
        self._over: BaseException | None = None
        self._begin(headless=True)

    def _begin(self, *, headless: bool) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._bodiless = headless
        self._headers: list[tuple[bytes, bytes]] = []
        self._body: deque[bytes] = deque()
        self.reason, self._head, self._any = b"", False, False
        self.whole = self.stays = False  # all of it has come, and the service leaves the connection open behind it

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's is none by its class

    def data_received(self, data: bytes) -> None:
        self._any = True
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            if not self.whole:  # after an answer without a body llhttp may still wait for one
                self._over = httpx.RemoteProtocolError(str(error))
                self.transport.abort()
        self._news.set()

    def connection_lost(self, exc: Exception | None) -> None:
        said = "incomplete answer" if self._any else "Server disconnected without sending a response."
        self._over = self._over or (httpx.ReadError(str(exc)) if exc else httpx.RemoteProtocolError(said))
        self._news.set()

    # What llhttp tells.
    def on_message_begin(self) -> None:
        self._headers, self.reason = [], b""

    def on_status(self, reason: bytes) -> None:
        self.reason += reason

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        if self._parser.get_status_code() >= 200:  # else one more is to come
            self._head = True
            if self._bodiless:
                self._end()

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        if self._head:
            self._end()

    def _end(self) -> None:
        self.whole, self.stays = True, self._parser.should_keep_alive()

    @property
    def reusable(self) -> bool:
        """Whether another request can be made: nothing has come since, not even an end."""
        if self._over is not None or self.transport.is_closing():
            return False
        look = select.poll()
        look.register(self.transport.get_extra_info("socket").fileno(), select.POLLIN)
        return not look.poll(0)

    async def ask(self, request: httpx.Request) -> None:
        """Send a request. What the service answers before all is sent is no less an answer."""
        self._begin(headless=request.method == "HEAD")
        self._news.clear()
        lines = [b"%s %s HTTP/1.1" % (request.method.encode(), request.url.raw_path)]
        lines += [b"%s: %s" % header for header in request.headers.raw]
        data = b"\r\n".join(lines) + b"\r\n\r\n"
        chunked = "transfer-encoding" in request.headers
        assert isinstance(request.stream, httpx.AsyncByteStream)
        async for piece in request.stream:
            data += b"%x\r\n%s\r\n" % (len(piece), piece) if chunked and piece else piece
            if chunked:
                self.transport.write(data)
                data = b""
        self.transport.write(data + (b"0\r\n\r\n" if chunked else b""))

    async def head(self, seconds: float | None) -> tuple[int, list[tuple[bytes, bytes]]]:
        """Wait for the answer's status and headers."""
        while not self._head:
            await self._wait(seconds)
        return self._parser.get_status_code(), self._headers

    async def body(self, seconds: float | None) -> AsyncIterator[bytes]:
        """Read its body, as it comes."""
        while self._body or not self.whole:
            if self._body:
                yield self._body.popleft()
            else:
                await self._wait(seconds)

    async def _wait(self, seconds: float | None) -> None:
        if self._over is not None:
            raise self._over
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            raise httpx.ReadTimeout("no answer") from None
        self._news.clear()


class Answer(httpx.AsyncByteStream):
    """The body of an answer. At its end, or when it is left, the connection is free again."""

    def __init__(self, transport: Direct, place: _Place, connection: Connection, seconds: float | None) -> None:
        self._transport, self._place, self._seconds = transport, place, seconds
        self._connection: Connection | None = connection

    async def __aiter__(self) -> AsyncIterator[bytes]:
        assert self._connection is not None
        async for piece in self._connection.body(self._seconds):
            yield piece
        await self.aclose()

    async def aclose(self) -> None:
        if self._connection is not None:
            self._transport.free(self._place, self._connection)
            self._connection = None


class Direct(httpx.AsyncBaseTransport):
    """Plain http over kept connections."""

    def __init__(self, limits: httpx.Limits = httpx.Limits(), **usual: Any) -> None:  # noqa: B008 - as httpx has it
        self._usual = _USUAL(limits=limits, **usual)
        self._keep = limits.keepalive_expiry or 0.0
        self._most_idle = limits.max_keepalive_connections
        self._turns = asyncio.Semaphore(limits.max_connections or 1_000_000)
        self._idle: dict[_Place, list[Connection]] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Ask, and return the answer once its head is there. Raises httpx's errors."""
        if request.url.scheme != "http":
            return await self._usual.handle_async_request(request)
        seconds = request.extensions.get("timeout", {})
        place = request.url.host, request.url.port or 80
        async with _within(seconds.get("pool"), httpx.PoolTimeout):
            await self._turns.acquire()
        try:
            connection = self._kept(place) or await _connect(place, seconds.get("connect"))
        except BaseException:
            self._turns.release()
            raise
        try:
            await connection.ask(request)
            status, headers = await connection.head(seconds.get("read"))
        except BaseException:
            connection.transport.abort()
            self._turns.release()
            raise
        body = Answer(self, place, connection, seconds.get("read"))
        told = {"http_version": b"HTTP/1.1", "reason_phrase": connection.reason}
        return httpx.Response(status, headers=headers, stream=body, extensions=told)

    def _kept(self, place: _Place) -> Connection | None:
        idle, oldest = self._idle.get(place, []), asyncio.get_running_loop().time() - self._keep
        while idle:
            connection = idle.pop()
            if connection.idle_since >= oldest and connection.reusable:
                return connection
            connection.transport.close()
        return None

    def free(self, place: _Place, connection: Connection) -> None:
        """Take a connection back whose answer has been read, or given up."""
        self._turns.release()
        idle = self._idle.setdefault(place, [])
        if connection.stays and (self._most_idle is None or len(idle) < self._most_idle):
            connection.idle_since = asyncio.get_running_loop().time()
            idle.append(connection)
        else:
            connection.transport.close()

    async def aclose(self) -> None:
        """Close what is kept."""
        for idle in self._idle.values():
            for connection in idle:
                connection.transport.close()
        self._idle.clear()
        await self._usual.aclose()


@asynccontextmanager
async def _within(seconds: float | None, late: type[httpx.TimeoutException]) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise late("too late") from None


async def _connect(place: _Place, seconds: float | None) -> Connection:
    try:
        async with _within(seconds, httpx.ConnectTimeout):
            return (await asyncio.get_running_loop().create_connection(Connection, *place))[1]
    except OSError as error:
        raise httpx.ConnectError(str(error)) from error
