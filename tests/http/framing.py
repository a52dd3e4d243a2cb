"""Readers of a connection's bytes for comparison: ours, as it runs in the server, and two written by others."""

from __future__ import annotations

import random
from collections.abc import Coroutine
from dataclasses import dataclass, field
from itertools import pairwise
from types import SimpleNamespace
from typing import Any
from unittest import mock

import h11
import httptools
from sanic.exceptions import PayloadTooLarge

from service.core import presence
from service.core.wire.connection import StrictHttp
from service.errors import ServiceError

LIMIT = 8_192


@dataclass(frozen=True)
class Read:
    """One request as a reader saw it."""

    method: bytes
    target: bytes
    version: bytes
    fields: list[tuple[bytes, bytes]]
    body: bytes


@dataclass
class Reading:
    """All requests that our reader took, each with the bytes it is made of, and how that ended."""

    requests: list[Read] = field(default_factory=list)
    spans: list[bytes] = field(default_factory=list)
    refused: ServiceError | PayloadTooLarge | None = None
    closed: bool = False  # a request said that it is the last one


class _More(Exception):
    """The reader asks for more than there is."""


class _Protocol:
    """What our reader needs of a connection: bytes, in the pieces they come in."""

    def __init__(self, pieces: list[bytes]) -> None:
        self.recv_buffer = bytearray()
        self.app = SimpleNamespace(dispatch=self._dispatch)
        self.transport = None
        self.request_max_size = 10 * LIMIT
        self.state = {"requests_count": 0}
        self.requests = 0
        self.taken = 0
        self._pieces = list(reversed(pieces))
        self.request_class = _Request

    async def receive_more(self) -> None:
        if not self._pieces:
            raise _More
        piece = self._pieces.pop()
        self.taken += len(piece)
        self.recv_buffer += piece

    def phase(self) -> None:
        pass

    async def send(self, data: bytes) -> None:
        pass

    async def _dispatch(self, *_: object, **__: object) -> None:
        pass


class _Request:
    _current = SimpleNamespace(set=lambda _: None)

    def __init__(self, **said: Any) -> None:
        self.said = said


def ours(data: bytes, cuts: list[int] | None = None) -> Reading:
    """Read with the code that runs in the server. `cuts`: where the bytes are taken apart on their way."""
    edges = sorted({0, *(cut % (len(data) + 1) for cut in cuts or ()), len(data)})
    protocol = _Protocol([data[a:b] for a, b in pairwise(edges)])
    http: Any = StrictHttp(protocol)  # type: ignore[no-untyped-call]  # Sanic
    reading = Reading()
    _run(_read(http, protocol, data, reading))
    return reading


async def _read(http: Any, protocol: _Protocol, data: bytes, reading: Reading) -> None:
    at = 0
    try:
        while not reading.closed:
            http.init_for_request()
            if not protocol.recv_buffer:
                await protocol.receive_more()
            await http.http1_request_header()
            body = b"".join([part async for part in http])
            end = protocol.taken - len(protocol.recv_buffer)
            said = http.request.said
            reading.requests.append(
                Read(
                    said["method"].encode(),
                    said["url_bytes"],
                    said["version"].encode(),
                    [(n.lower().encode(), v.encode("utf-8", "surrogateescape")) for n, v in said["headers"].items()],
                    body,
                )
            )
            reading.spans.append(data[at:end])
            reading.closed, at = not http.keep_alive, end
    except _More:
        pass
    except (ServiceError, PayloadTooLarge) as error:  # a chunk that says how long it is: too long
        reading.refused = error
        assert not http.keep_alive


def _run(coroutine: Coroutine[Any, Any, None]) -> None:
    try:
        with mock.patch.object(presence, "current_task", return_value=None):  # there is no loop that would know one
            coroutine.send(None)
    except StopIteration:
        return
    raise AssertionError("the reader waits for something else than bytes")


def by_h11(span: bytes) -> Read:
    """Read exactly one request with h11. Raises h11.RemoteProtocolError; AssertionError where it ends elsewhere."""
    connection = h11.Connection(h11.SERVER, max_incomplete_event_size=LIMIT * 4)
    connection.receive_data(span)
    request, body = connection.next_event(), b""
    assert isinstance(request, h11.Request), request
    while not isinstance(event := connection.next_event(), h11.EndOfMessage):
        assert isinstance(event, h11.Data), event
        body += bytes(event.data)
    assert not event.headers
    assert connection.trailing_data == (b"", False), connection.trailing_data
    return Read(request.method, request.target, request.http_version, list(request.headers), body)


class _Seen:
    def __init__(self) -> None:
        self.found: list[Read] = []
        self.parser: Any = None

    def on_message_begin(self) -> None:
        self.target, self.fields, self.body = b"", list[tuple[bytes, bytes]](), b""

    def on_url(self, url: bytes) -> None:
        self.target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.fields.append((name.lower(), value.strip(b" \t")))

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        version = self.parser.get_http_version().encode()
        self.found.append(Read(self.parser.get_method(), self.target, version, self.fields, self.body))


def by_httptools(span: bytes) -> Read:
    """Read exactly one request with httptools (llhttp). Raises its errors; AssertionError where it ends elsewhere."""
    seen = _Seen()
    seen.parser = httptools.HttpRequestParser(seen)
    try:
        seen.parser.feed_data(span[:-1])
        early = len(seen.found)
        seen.parser.feed_data(span[-1:])
    except httptools.HttpParserUpgrade:
        early = 0
    assert early == 0, "it ended before"
    assert len(seen.found) == 1, "it did not end"
    return seen.found[0]


SEEDS = [
    b"GET /api/health HTTP/1.1\r\nHost: a.example\r\n\r\n",
    b"GET /api/users/me?a=b&c=%20 HTTP/1.1\r\nHost: a.example:80\r\nAccept: */*\r\nAuthorization: Bearer x.y.z\r\n\r\n",
    (b"POST /api/auth/logout HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 12\r\n"
     b"\r\n{\"a\": \"bcd\"}"),
    (b"POST /api/auth/logout HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"5\r\n{\"a\":\r\nA;x=\"y\"\r\n \"bcdefgh\"\r\n1\r\n}\r\n0\r\n\r\n"),
    b"PUT http://[::1]:80/api?x HTTP/1.1\r\nHost: [::1]:80\r\nContent-Length: 0\r\nConnection: keep-alive, x\r\n\r\n",
    b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: \r\nExpect: 100-continue\r\nConnection: close\r\n\r\n",
    b"\r\nHEAD / HTTP/1.1\r\nhost:a\r\nX-Obs: \xc3\xa9 \xff\t.\r\nCookie: a=b; c=\"d\"\r\n\r\n",
]  # fmt: skip
PARTS = [
    b"\r", b"\n", b"\r\n", b"\r\n\r\n", b" ", b"\t", b"\x00", b"\x0b", b"\x0c", b"\x1c", b"\x7f", b"\x80", b"\xa0",
    b"\xff", b"\xc2\xa0",
    b":", b";", b",", b"=", b'"', b"\\", b"(", b"#", b"?", b"/", b"%", b"%zz", b"*", b"@", b"[", b"]", b"{", b"<",
    b"0", b"1", b"-", b"+",
    b"_", b"0x", b"a", b"G", b"HTTP/1.1", b"HTTP/1.0", b"HTTP/1.2", b"HTTP/2.0", b"HTTP/0.9", b"http://",
    b"Host: b\r\n",
    b"Content-Length: 3\r\n", b"Content-Length: ", b"Content-Length", b"content-length : 5\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Transfer-Encoding", b"chunked", b", chunked", b"chunked, ", b"identity", b"Connection: close\r\n", b"close",
    b"keep-alive",
    b"Expect: 100-continue\r\n", b"Upgrade: websocket\r\n", b"Connection: upgrade\r\n", b"2\r\nab\r\n",
    b"0\r\n\r\n", b"0\r\n", b"X: y\r\n",
    b" folded\r\n", b";ext", b";a=\"b\"", b"\xd9\xa2", b"\xc2\xb2", b"99999999999999999999", b"\xe2\x80\xa8",
    b"\xef\xbb\xbf",
]  # fmt: skip


def mutated(chance: random.Random) -> bytes:
    """Return a few requests in a row, with something done to their bytes."""
    data = b"".join(chance.choice(SEEDS) for _ in range(chance.randint(1, 3)))
    for _ in range(chance.choice((0, 1, 1, 1, 1, 2, 2, 3, 5))):
        at, part = chance.randrange(len(data) + 1), chance.choice(PARTS)
        if chance.random() < 0.2:
            part = bytes([chance.randrange(256)])
        end = at + chance.choice((0, 0, 0, 0, 1, 1, len(part), chance.randint(0, 8)))
        way = chance.random()
        if way < 0.6:
            data = data[:at] + part + data[end:]
        elif way < 0.7:
            data = data[:at] + data[end + 1 :]
        elif way < 0.8:
            data = data[:at] + data[at : at + 12] + data[at:]
        else:  # beside something that decides, where a blind hand seldom lands
            anchor = chance.choice(
                (b":", b"\r\n", b"chunked", b"Length", b"Encoding", b" ", b"HTTP", b";", b"Host", b"/")
            )
            places = [i for i in range(len(data)) if data.startswith(anchor, i)]
            if places:
                at = chance.choice(places) + chance.choice((0, len(anchor)))
                data = data[:at] + part + data[at:]
    return data
