"""The head of an answer is ours to write: what Sanic's would say, and nothing that ends a line."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from sanic.compat import Header
from sanic.headers import format_http1_response
from sanic.http import Http, Stage
from sanic.response import HTTPResponse

from service.core.wire.answers import Standing, has_body, write_head
from service.core.wire.connection import StrictHttp

ORDINARY = {"X-Request-ID": "a.b-c_1", "content-length": "12", "Link": '</a?b=c>; rel="next"', "Empty": ""}
ODD = {
    "Two": "one\r\nSet-Cookie: a=b",
    "Three": "\n\r\0 and so on\r",
    "Tab": "a\tb\x7f",
    "Beyond": "Zoë, \u2028 and 日本",
    "Bytes": b"caf\xe9".decode("utf-8", "surrogateescape"),
    "Na\r\nme": "x",
}


@pytest.mark.parametrize("status", [200, 201, 204, 304, 400, 404, 422, 431, 503])
def test_as_sanic_writes_it(status: int) -> None:
    """Ordinary fields and odd ones come out as Sanic's own writing has them, byte for byte."""
    headers = Header({**ORDINARY, **ODD})
    headers.add("Set-Cookie", "a=1")
    headers.add("Set-Cookie", "b=2")
    answer = HTTPResponse(status=status, headers=headers, content_type="text/plain")
    theirs = format_http1_response(status, answer.processed_headers)
    assert write_head(status, answer.headers) == theirs


@pytest.mark.parametrize("name", sorted(ODD))
def test_nothing_ends_a_line(name: str) -> None:
    """A line feed in a value or a name, wherever it comes from, begins no field."""
    head = write_head(200, Header({name: ODD[name]}))
    assert head.count(b"\r\n") == 3
    assert head.count(b"\n") == head.count(b"\r") == 3
    assert b"\0" not in head


def test_what_every_answer_has() -> None:
    """Each has the standing fields, once; what it says of one itself counts, however it spells the name."""
    standing = Standing({"Cache-Control": "no-store", "Vary": "Origin"})
    assert standing.beside(Header()) == "Cache-Control: no-store\r\nVary: Origin\r\n"
    own = Header({"VARY": "Accept-Encoding, Origin", "X-A": "b"})
    assert write_head(200, own, standing.beside(own)) == (
        b"HTTP/1.1 200 OK\r\nVARY: Accept-Encoding, Origin\r\nX-A: b\r\nCache-Control: no-store\r\n\r\n"
    )


def test_a_name_is_ascii() -> None:
    """A name that no client could read is a mistake of ours, and not sent."""
    with pytest.raises(ValueError, match="ascii"):
        write_head(200, Header({"Größe": "1"}))


def test_every_status_has_a_line() -> None:
    """One that nobody has named yet is sent all the same."""
    assert write_head(299, Header()).startswith(b"HTTP/1.1 299 ")
    assert not has_body(204)
    assert not has_body(304)
    assert has_body(200)


@pytest.mark.parametrize("status", [200, 204, 304, 404, 417])
@pytest.mark.parametrize("given", [{}, {"content-length": "5"}, {"content-type": "text/html", "X-A": "b"}], ids=str)
@pytest.mark.parametrize("body", [b"", b"hello"])
@pytest.mark.parametrize("data", [b"", b"hel"])
@pytest.mark.parametrize("end_stream", [True, False])
@pytest.mark.parametrize(
    "flags", [(), ("head_only",), ("keep_alive",), ("expecting_continue",), ("head_only", "keep_alive")]
)
async def test_where_an_answer_ends(
    status: int, given: dict[str, str], body: bytes, data: bytes, end_stream: bool, flags: tuple[str, ...]
) -> None:
    """Whole answers and those in parts, with and without a body: as Sanic sends them, and as it goes on after them."""
    found = [await _sent(http, status, given, body, data, end_stream, flags) for http in (Http, StrictHttp)]
    assert found[0] == found[1]


async def test_an_interim_answer_is_none() -> None:
    """A handler can't answer with 1xx: the client would wait for the rest."""
    with pytest.raises(RuntimeError):
        await _sent(StrictHttp, 101, {}, b"", b"", True, ())


async def _sent(
    kind: type[Http],
    status: int,
    given: dict[str, str],
    body: bytes,
    data: bytes,
    end_stream: bool,
    flags: tuple[str, ...],
) -> tuple[list[str], bytes, Stage, str | None, int | None]:
    written: list[bytes] = []

    async def send(data: bytes) -> None:
        written.append(data)

    app = SimpleNamespace(dispatch=_unheard, ctx=SimpleNamespace(crowd=SimpleNamespace(leaving=False)))
    protocol = SimpleNamespace(
        send=send, receive_more=None, recv_buffer=bytearray(), app=app,
        request_max_size=1, access_log=False,
    )  # fmt: skip
    http: Any = kind(protocol)
    http.init_for_request()
    if kind is StrictHttp:
        http.standing = ""
    http.request, http.keep_alive = SimpleNamespace(path="/"), False
    http.response = HTTPResponse(body, status, dict(given), "text/plain")
    http.response_bytes_left = None
    for flag in flags:
        setattr(http, flag, True)
    await http.http1_response_header(data, end_stream)
    head, _, rest = written[0].removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n").partition(b"\r\n\r\n")
    lines = [line for line in head.decode().split("\r\n") if not line.startswith(("Date:", "alt-svc:"))]
    interim = str(written[0].startswith(b"HTTP/1.1 100"))
    then = getattr(http.response_func, "__name__", None) if http.stage is not Stage.IDLE else None
    return [interim, *sorted(lines)], rest, http.stage, then, http.response_bytes_left


async def _unheard(*_: object, **__: object) -> None:
    """Sanic's signals, which nobody listens to."""
