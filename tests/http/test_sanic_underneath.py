"""What the service takes of Sanic's and sanic-ext's inside is still what it was written against.

Of Sanic: its reading of requests and the life of its connections (`service.core.wire.connection`), the request
(`service.core.http`), the error handler (`service.core.problems`), the server's beginning and end
(`service.core.serving`). Of sanic-ext: what its decorators leave behind (`service.documents.declared`).

tests/support/underneath.py says what to do when this fails; tests/http/test_framing.py and tests/serve say whether ours
still holds.
"""

from __future__ import annotations

import httpx
import pytest
from sanic import Sanic
from sanic.http import Http
from sanic.router import Router
from sanic.server.protocols.http_protocol import HttpProtocol

from service.core.wire.application import StrictSanic
from service.core.wire.connection import Connection, StrictHttp
from service.runtime import Runtime
from tests.http.support import another
from tests.support.underneath import changed, unwatched

# What ours stands in for, or calls, or is called by.
DIGESTS = {
    "sanic.http.http1": {
        "Http.__init__": "80bcd7aea16a",
        "Http.init_for_request": "8f61414d3034",
        "Http.http1": "9a02d0e6c847",
        "Http.http1_request_header": "bb10805de3fd",
        "Http.http1_response_header": "67a744c6ca89",
        "Http.head_response_ignored": "ce0e687aebcb",
        "Http.http1_response_chunked": "86e908ba938c",
        "Http.http1_response_normal": "ff41e4e829bc",
        "Http.respond": "901c593019dc",
        "Http.error_response": "77d8442ed251",
        "Http.create_empty_request": "e7255aeaef1c",
        "Http.__aiter__": "ae660ae8a82d",
        "Http.read": "a6d907277d3d",
    },
    "sanic.server.protocols.http_protocol": {
        "HttpProtocolMixin._setup_connection": "746ef30572e7",
        "HttpProtocolMixin._setup": "0d37dfbab678",
        "HttpProtocol.__init__": "da17caaf4aef",
        "HttpProtocol.connection_task": "7fdb0b73f600",
        "HttpProtocol.check_timeouts": "e60a4b6f8102",
        "HttpProtocol.close": "645a902b8d7d",
        "HttpProtocol.close_if_idle": "cbca89594686",
        "HttpProtocol.send": "691f3dd70705",
        "HttpProtocol.connection_made": "17319612fd4c",
        "HttpProtocol.data_received": "7d287cf5c938",
    },
    "sanic.server.protocols.base_protocol": {
        "SanicProtocol.receive_more": "c4ce026ba796",
        "SanicProtocol.close": "00b25b324420",
        "SanicProtocol.connection_lost": "09bed8709802",
    },
    "sanic.request.types": {
        "Request.__init__": "13c2c9059e04",
        "Request.id": "ecc3889d4b4e",
        "Request.path": "d65b6173decc",
        "Request.receive_body": "0e7e742f82ea",
    },
    "sanic.handlers.error": {
        "ErrorHandler.__init__": "645ebfb523e3",
        "ErrorHandler.response": "b5da5f8f9cd7",
        "ErrorHandler.default": "78c955f00ab5",
        "ErrorHandler.log": "94048bf6279a",
    },
    "sanic.mixins.startup": {
        "StartupMixin.prepare": "18dddd540b18",
        "StartupMixin.create_server": "9506ac79a24a",
    },
    "sanic.server.async_server": {
        "AsyncioServer.__init__": "500b3c7ee157",
        "AsyncioServer.startup": "8ecc46ccc16f",
        "AsyncioServer.start_serving": "577d619c9ed7",
        "AsyncioServer._server_event": "dbfad634f5c9",
    },
    "sanic.response.types": {
        "BaseHTTPResponse.processed_headers": "21eef1b39f93",
        "BaseHTTPResponse.send": "6746377c8e42",
        "BaseHTTPResponse._sanitize_header_value": "eee681e10b53",
    },
    "sanic.mixins.routes": {
        "RouteMixin._determine_error_format": "3dfd332adcf4",
    },
    "sanic.app": {
        "Sanic.set_serving": "02840333bf88",
        "Sanic.shutdown_tasks": "c635647b5813",
    },
    "sanic_ext.extensions.openapi.builders": {
        "OperationBuilder.__init__": "2b7911ddc096",
        "OperationBuilder.build": "2b8f2e288140",
        "OperationBuilder.exclude": "d73eadf6afce",
        "OperationStore.__new__": "b2104ec08360",
        "OperationStore.__init__": "d8b3fd94f1b2",
    },
    "sanic_ext.extensions.openapi.types": {
        "Definition.__init__": "38a1bd6b9614",
        "Definition.fields": "412acec075b6",
        "Definition.guard": "e16fbefd3472",
        "Definition.serialize": "94ee43559013",
    },
}


@pytest.mark.parametrize("module", DIGESTS)
def test_what_ours_stands_on(module: str) -> None:
    """Each method is the one that was read."""
    assert changed({module: DIGESTS[module]}) == []


def test_every_override_is_watched() -> None:
    """Whatever of theirs ours stands in for is among what was read."""
    assert unwatched(DIGESTS, "sanic", "sanic_ext") == []


def test_ours_stand_in_for_something() -> None:
    """Every override has something under it: a method that Sanic no longer calls would be a check that never runs."""
    for ours, theirs, own in (
        (StrictHttp, Http, {"_whole_head", "_begin_body", "_request", "_frame", "_read_chunk", "_hold_size"}),
        (Connection, HttpProtocol, {"phase", "unsent", "at_rest", "_is_changing", "interrupt", "drop"}),
        (StrictSanic, Sanic, {"watch_connections", "connection_maker"}),
    ):
        methods = {name for name, value in vars(ours).items() if callable(value) and name != "HTTP_CLASS"}
        for name in methods - own:
            assert hasattr(theirs, name), name


@pytest.mark.embedded_only
async def test_compiled_once(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """At a start: signals and routes, and not again for HEAD and OPTIONS, which are there all the same."""
    times: list[str] = []
    compiling, finalizing = StrictSanic.signalize, Router.finalize

    def compiled(app: StrictSanic, *args: bool) -> None:
        times.append("signals")
        compiling(app, *args)

    def finalized(router: Router, *args: bool) -> None:
        times.append("routes")
        finalizing(router, *args)

    monkeypatch.setattr(StrictSanic, "signalize", compiled)
    monkeypatch.setattr(Router, "finalize", finalized)
    async with another(runtime) as url, httpx.AsyncClient(base_url=url) as client:
        assert (await client.head("/api/health")).status_code == 200
        assert (await client.options("/api/health")).headers["allow"] == "GET, HEAD, OPTIONS"
    assert sorted(times) == ["routes", "signals"]
