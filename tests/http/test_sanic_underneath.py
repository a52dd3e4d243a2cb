"""What `service.core.wire` takes of Sanic's inside is still what it was written against.

Sanic says nothing about its private parts from one release to the next. When this fails: read what has changed there,
mend ours where it matters (tests/http/test_framing.py says whether it still holds), and write the new digests down.
"""

from __future__ import annotations

import ast
from hashlib import sha256
from pathlib import Path

import httpx
import pytest
import sanic
from sanic import Sanic
from sanic.http import Http
from sanic.server.protocols.http_protocol import HttpProtocol

from service.core.wire.application import StrictSanic
from service.core.wire.connection import Connection, StrictHttp
from service.runtime import Runtime
from tests.http.support import another

ANSWER = "response/types.py"
HTTP, PROTOCOL, BASE = "http/http1.py", "server/protocols/http_protocol.py", "server/protocols/base_protocol.py"
APP = "app.py"

# What ours stands in for, or calls, or is called by.
DIGESTS = {
    (HTTP, "Http.__init__"): "80bcd7aea16a",
    (HTTP, "Http.init_for_request"): "8f61414d3034",
    (HTTP, "Http.http1"): "9a02d0e6c847",
    (HTTP, "Http.http1_request_header"): "bb10805de3fd",
    (HTTP, "Http.http1_response_header"): "67a744c6ca89",
    (HTTP, "Http.head_response_ignored"): "ce0e687aebcb",
    (HTTP, "Http.http1_response_chunked"): "86e908ba938c",
    (HTTP, "Http.http1_response_normal"): "ff41e4e829bc",
    (HTTP, "Http.respond"): "901c593019dc",
    (ANSWER, "BaseHTTPResponse.processed_headers"): "21eef1b39f93",
    (ANSWER, "BaseHTTPResponse.send"): "6746377c8e42",
    (ANSWER, "BaseHTTPResponse._sanitize_header_value"): "eee681e10b53",
    (HTTP, "Http.error_response"): "77d8442ed251",
    (HTTP, "Http.create_empty_request"): "e7255aeaef1c",
    (HTTP, "Http.__aiter__"): "ae660ae8a82d",
    (HTTP, "Http.read"): "a6d907277d3d",
    (PROTOCOL, "HttpProtocolMixin._setup_connection"): "746ef30572e7",
    (PROTOCOL, "HttpProtocolMixin._setup"): "0d37dfbab678",
    (PROTOCOL, "HttpProtocol.__init__"): "da17caaf4aef",
    (PROTOCOL, "HttpProtocol.connection_task"): "7fdb0b73f600",
    (PROTOCOL, "HttpProtocol.check_timeouts"): "e60a4b6f8102",
    (PROTOCOL, "HttpProtocol.close"): "645a902b8d7d",
    (PROTOCOL, "HttpProtocol.send"): "691f3dd70705",
    (PROTOCOL, "HttpProtocol.connection_made"): "17319612fd4c",
    (PROTOCOL, "HttpProtocol.data_received"): "7d287cf5c938",
    (BASE, "SanicProtocol.receive_more"): "c4ce026ba796",
    (BASE, "SanicProtocol.close"): "00b25b324420",
    (BASE, "SanicProtocol.connection_lost"): "09bed8709802",
    (APP, "Sanic.amend"): "9b54e8f7cfd9",
}


@pytest.mark.parametrize(("place", "digest"), DIGESTS.items(), ids=lambda value: value[1] if value[1:] else "")
def test_what_ours_stands_on(place: tuple[str, str], digest: str) -> None:
    """Sanic's method is the one that was read."""
    assert found(*place) == digest


def test_ours_stand_in_for_something() -> None:
    """Every override has something under it: a method that Sanic no longer calls would be a check that never runs."""
    for ours, theirs, own in (
        (StrictHttp, Http, {"_whole_head", "_begin_body", "_request", "_frame", "_read_chunk", "_hold_size"}),
        (Connection, HttpProtocol, {"phase", "unsent", "interrupt", "drop"}),
        (StrictSanic, Sanic, {"watch_connections"}),
    ):
        methods = {name for name, value in vars(ours).items() if callable(value) and name != "HTTP_CLASS"}
        for name in methods - own:
            assert hasattr(theirs, name), name


@pytest.mark.embedded_only
async def test_signals_are_compiled_once(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """At a start, and not again for HEAD and OPTIONS of each path; HEAD is there all the same."""
    times: list[StrictSanic] = []
    compiling = StrictSanic.signalize

    def counted(app: StrictSanic, *args: bool) -> None:
        times.append(app)
        compiling(app, *args)

    monkeypatch.setattr(StrictSanic, "signalize", counted)
    async with another(runtime) as url, httpx.AsyncClient(base_url=url) as client:
        assert (await client.head("/api/health")).status_code == 200
    assert len(times) == 1


def found(file: str, name: str) -> str:
    """Return a digest of a method of Sanic's, as it is written (while an app runs, Sanic itself changes some)."""
    source = (Path(sanic.__file__).parent / file).read_text()
    cls, method = name.split(".")
    for node in ast.parse(source).body:
        if isinstance(node, ast.ClassDef) and node.name == cls:
            for part in node.body:
                if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef) and part.name == method:
                    return sha256((ast.get_source_segment(source, part) or "").encode()).hexdigest()[:12]
    raise AssertionError(f"{name} is gone")
