"""One connection, read strictly: the grammar of `head` and `chunks` in the place of Sanic's own reading.

What is overridden of Sanic: `Http.http1_request_header` and `Http.read`, which look at the bytes,
`Http.http1_response_header`, which writes the heads of all answers, and of `HttpProtocol` the callbacks of a
connection's life and `check_timeouts`. tests/http/test_sanic_underneath.py fails when the installed Sanic has others.
"""

from __future__ import annotations

from asyncio import Task, Transport
from http import HTTPStatus
from time import monotonic
from typing import Any, Protocol, cast

from sanic.compat import Header
from sanic.exceptions import PayloadTooLarge, RequestCancelled
from sanic.http import Stage
from sanic.server.protocols.http_protocol import HttpProtocol

from service.core import presence
from service.core.clock import http_date
from service.core.presence import Presence
from service.core.wire import descriptors
from service.core.wire.answers import has_body, write_head
from service.core.wire.chunks import Chunks
from service.core.wire.head import MOST_HEAD, Beginning, Head, read_head
from service.core.wire.unread import Unread
from service.errors import BadRequest

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_END = b"\r\n\r\n"
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_CHUNKED = "transfer-encoding: chunked\r\n"


class Room(Protocol):
    """Where connections stand, and who ends those that outstay their time: `service.core.wire.crowd`."""

    def enter(self, connection: Connection, address: str) -> bool:
        """Take one in from `address`; return whether there was room for it."""

    def leave(self, connection: Connection) -> None:
        """Let it go."""

    def see_through(self, task: Task[None]) -> None:
        """See to it that a change comes to an end, though its client is gone."""

    def hold_to_time(self, transport: Any) -> None:
        """See to it that what is written leaves in time."""


class StrictHttp(Unread):
    """Sanic's cycle of requests and answers, with a reading of our own."""

    __slots__ = ("chunks", "standing")

    protocol: Connection
    recv_buffer: bytearray
    chunks: Chunks
    standing: str  # lines that the answer has beside its own fields
    request_body: Any  # Sanic's: None, True for a length, or "chunked"
    request_bytes: Any
    response_func: Any

    async def http1_request_header(self) -> None:
        """Read a head, make a request of it. Raises 400, 414, 417 or 431: then the connection ends with the answer."""
        self.protocol.phase()  # from its first byte
        self.standing = ""
        self.keep_alive = False  # whatever goes wrong here: what follows could be anything, and is not read
        buffer = self.recv_buffer
        end = await self._whole_head(buffer)
        raw = bytes(buffer[:end])
        self.head_only = raw.startswith(b"HEAD ")  # whose answer has no body, be it a refusal
        head = read_head(raw)
        request = self._request(head, raw)
        self._begin_body(head)
        del buffer[: end + len(_END)]
        self.keep_alive = head.keep_alive
        self.request, request.stream = request, self
        self.protocol.presence = presence.begin()
        self.protocol.phase()

    async def _whole_head(self, buffer: bytearray) -> int:
        """Wait for the end of the head; return where it is."""
        searched, empty_lines, beginning = 0, 1, Beginning()
        while True:
            # RFC 9112 2.2: an empty line before the request line, left by an old client behind a body, is passed over.
            if empty_lines and buffer.startswith(b"\r\n"):
                del buffer[:2]
                empty_lines = 0
            end = buffer.find(_END, searched)
            if 0 <= end <= MOST_HEAD - len(_END):
                return end
            if buffer and not (empty_lines and buffer == b"\r"):
                self.head_only = buffer.startswith(b"HEAD ")
                beginning.hold(buffer[: end + 2] if end >= 0 else buffer)
            if end >= 0:
                return end
            searched = max(0, len(buffer) - 3)
            await self._receive_more()

    def _begin_body(self, head: Head) -> None:
        self.request_bytes_left = self.request_bytes = head.length or 0
        self.expecting_continue = head.expects_continue
        if head.chunked:
            self.request_body, self.chunks = "chunked", Chunks()
        elif head.length is not None:
            self.request_body = True

    def _request(self, head: Head, raw: bytes) -> Any:
        protocol = self.protocol
        request = protocol.request_class(
            url_bytes=head.target,
            headers=Header(head.fields),
            head=raw,
            version=head.version,
            method=head.method,
            transport=cast("Any", protocol.transport),
            app=protocol.app,
        )
        protocol.request_class._current.set(request)
        protocol.state["requests_count"] += 1
        protocol.requests += 1
        return request

    async def http1_response_header(self, data: bytes, end_stream: bool) -> None:
        """Send the head of an answer, whoever made it and wherever it ended: each has a `Date` (RFC 9110 6.6.1)."""
        answer = self.response
        status, headers = answer.status, answer.headers
        if not data and (body := getattr(answer, "body", None)):
            data, end_stream = body, True
        if headers:
            headers.pop("date", None)
            headers.pop("connection", None)
        frame, data, end_stream = self._frame(status, headers, data, end_stream)
        if self.protocol.app.ctx.crowd.leaving:  # the server: whoever goes on goes on elsewhere
            self.keep_alive = False
        if has_body(status):
            headers.setdefault("content-type", answer.content_type)
        frame += "connection: keep-alive\r\n" if self.keep_alive else "connection: close\r\n"
        written = write_head(status, headers, f"{self.standing}Date: {http_date()}\r\n{frame}") + data
        if self.expecting_continue:
            self.expecting_continue = False
            if answer.status != HTTPStatus.EXPECTATION_FAILED:
                written = _CONTINUE + written
        await self._send(written)
        self.stage = Stage.IDLE if end_stream else Stage.RESPONSE

    def _frame(self, status: int, headers: Header, data: bytes, end_stream: bool) -> tuple[str, bytes, bool]:
        """Return the line that says where the answer ends, what goes with the head, and whether that is all."""
        if status < HTTPStatus.OK:
            raise RuntimeError(f"{status} is no answer")
        self.response_func = None
        if not has_body(status):
            headers.pop("content-length", None)
            headers.pop("transfer-encoding", None)
            return "", b"", True
        size = len(data)
        if self.head_only:  # what the answer to GET would say
            self.response_func = self.head_response_ignored
            if "content-length" in headers:
                return "", b"", end_stream
            return f"content-length: {size}\r\n" if end_stream else _CHUNKED, b"", end_stream
        if end_stream:
            headers.pop("content-length", None)
            return f"content-length: {size}\r\n", data, True
        if "content-length" in headers:
            self.response_bytes_left = int(headers["content-length"]) - size
            self.response_func = self.http1_response_normal
            return "", data, False
        headers.pop("transfer-encoding", None)
        self.response_func = self.http1_response_chunked
        return _CHUNKED, b"%x\r\n%b\r\n" % (size, data) if size else b"", False

    async def read(self) -> bytes | None:
        """Return some of the body, None at its end. Raises 400 or 413: then the connection ends with the answer."""
        data = await (self._read_chunk() if self.request_body == "chunked" else super().read())
        if data is None:
            self.protocol.phase()  # from now on we are the ones who take time
        return data

    async def _read_chunk(self) -> bytes | None:
        if self.expecting_continue:
            self.expecting_continue = False
            await self._send(_CONTINUE)
        try:
            while (data := self.chunks.take(self.recv_buffer)) == b"":
                self._hold_size(self.chunks.left)
                await self._receive_more()
        except BadRequest:
            self.request_body, self.keep_alive = None, False  # nothing more of it is read, not even to throw away
            raise
        if data is None:
            self.request_body = None
            return None
        self._hold_size(self.chunks.left + len(data))
        self.request_bytes += len(data)
        return data

    def _hold_size(self, more: int) -> None:
        if self.request_bytes + more > self.request_max_size:
            self.keep_alive = False
            raise PayloadTooLarge


class Connection(HttpProtocol):
    """Sanic's connection, with an end in every state, told by one sweep over all of them instead of a timer each."""

    HTTP_CLASS = StrictHttp
    __slots__ = ("networks", "presence", "requests", "since", "stuck", "written")

    since: float  # when its state began
    presence: Presence | None  # of the client of the request under way, or of the last one
    requests: int
    written: int
    stuck: tuple[float, int] | None  # since when, and how many bytes were taken then
    networks: tuple[str, ...]
    transport: Transport | None
    recv_buffer: bytearray
    http: StrictHttp | None
    _task: Task[None] | None

    def phase(self) -> None:
        """Begin another state: its time runs from now, whatever trickles in or out meanwhile."""
        self.since = monotonic()

    def connection_made(self, transport: Any) -> None:
        """Take the connection in, unless there is no room for it."""
        crowd: Room = self.app.ctx.crowd
        self.requests, self.written, self.stuck, self.networks, self.presence = 0, 0, None, (), None
        self.phase()
        peer = transport.get_extra_info("peername")
        if not crowd.enter(self, peer[0] if isinstance(peer, tuple) else ""):
            self.transport = transport
            transport.abort()
            return
        super().connection_made(transport)  # type: ignore[no-untyped-call]  # Sanic
        crowd.hold_to_time(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Make room for another. What goes on for its client ends, unless that is a change, which must not be torn."""
        crowd: Room = self.app.ctx.crowd
        crowd.leave(self)
        if self.conn_info is None:
            return
        task = self._task
        if self.presence is not None:
            self.presence.gone = True
        if task is not None and self._is_changing():
            self._task = None  # Sanic cancels what it finds here
            crowd.see_through(task)
        super().connection_lost(exc)  # type: ignore[no-untyped-call]  # Sanic
        self._task = task

    def _is_changing(self) -> bool:
        """Whether a request is being worked at that has begun to change something."""
        http = self.http
        if http is None or http.stage is not Stage.HANDLER or http.request_body or http.exception is not None:
            return False
        return http.request.method not in _SAFE and self.presence is not None and self.presence.committed

    def check_timeouts(self) -> None:
        """Start no timer: `crowd` looks at all connections at once."""

    async def send(self, data: bytes) -> None:
        """Write, when what is written already has left for the most part."""
        if not self._can_write.is_set():
            await self._can_write.wait()
        if self.transport is None or self.transport.is_closing():
            raise RequestCancelled
        self.transport.write(data)
        self.written += len(data)
        self.phase()

    def unsent(self) -> int:
        """Return how many bytes the client has not taken yet; 0 when the system has taken all of them over."""
        if self.transport is None or not (size := self.transport.get_write_buffer_size()):
            return 0
        # The system's own buffer may be megabytes, and takes more only when a third of it is free: a client on a thin
        # line would seem to take nothing for a minute.
        return size + descriptors.unacknowledged(self.transport.get_extra_info("socket"))

    def at_rest(self) -> bool:
        """Whether nothing is under way on it: no byte of a request has come, read or not."""
        http, transport = self.http, self.transport
        if transport is None or (http is not None and (http.stage is not Stage.IDLE or self.recv_buffer)):
            return False
        return not descriptors.unread(transport.get_extra_info("socket"))

    def interrupt(self, reason: Exception) -> None:
        """End what goes on with an answer, if none has begun, and the connection with it."""
        if self._http is not None and self._task is not None:
            self.phase()
            self._http.exception = reason
            self._task.cancel()

    def drop(self) -> None:
        """End the connection at once, with whatever is under way on it."""
        if self.transport is not None:
            self.transport.abort()
