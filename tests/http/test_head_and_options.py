"""HEAD and OPTIONS of every path, whatever else it has; tests/http/test_routes.py asks for those of the service."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from itertools import count, permutations
from typing import Any

import pytest
from sanic import HTTPResponse, Request, Sanic
from sanic.exceptions import MethodNotAllowed, NotFound
from sanic.response import empty

from service.core.http.blueprints import Blueprint
from service.core.http.methods import add_head_and_options

pytestmark = pytest.mark.embedded_only

Handler = Callable[..., Coroutine[Any, Any, HTTPResponse | None]]
Route = tuple[str, str, dict[str, Any]]  # method, path, how it is added
_numbers = count()


def handler_of(name: str) -> Handler:
    async def handler(_: Request, **__: object) -> HTTPResponse:
        return empty()

    handler.__name__ = name
    return handler


def made_of(*routes: Route) -> tuple[Sanic[Any, Any], dict[str, Handler]]:
    """An application with these routes and what is added to them, as it is when it serves; and their handlers."""
    app: Sanic[Any, Any] = Sanic(f"methods-{next(_numbers)}")
    handlers = {}
    for number, (method, path, options) in enumerate(routes):
        handlers[method] = handler_of(f"route_{number}")
        app.add_route(handlers[method], path, methods=[method], **options)
    add_head_and_options(app)
    app.router.finalize()
    return app, handlers


def found(app: Sanic[Any, Any], method: str, path: str, host: str | None = None) -> Handler:
    handler: Handler = app.router.get(path, method, host)[1]
    return handler


async def allowed(app: Sanic[Any, Any], path: str) -> str:
    answer = await found(app, "OPTIONS", path)(None)
    assert answer is not None
    assert answer.status == 204
    return str(answer.headers["allow"])


async def test_head_is_get() -> None:
    """HEAD goes where GET goes; a path without GET has none."""
    app, handlers = made_of(("GET", "/a/<name:str>", {}), ("POST", "/a/<name:str>", {}), ("PUT", "/b", {}))
    assert found(app, "HEAD", "/a/x") is handlers["GET"]
    assert await allowed(app, "/a/x") == "GET, HEAD, OPTIONS, POST"
    assert await allowed(app, "/b") == "OPTIONS, PUT"
    with pytest.raises(MethodNotAllowed):
        found(app, "HEAD", "/b")


async def test_what_is_there_stays() -> None:
    """Who has a HEAD or OPTIONS of one's own keeps it."""
    app, handlers = made_of(("GET", "/a", {}), ("HEAD", "/a", {}), ("OPTIONS", "/a", {}))
    assert found(app, "HEAD", "/a") is handlers["HEAD"]
    assert found(app, "OPTIONS", "/a") is handlers["OPTIONS"]


MIXED: tuple[Route, ...] = (("GET", "/a", {}), ("POST", "/a", {}), ("DELETE", "/a", {"strict_slashes": True}))


@pytest.mark.parametrize("routes", list(permutations(MIXED)))
def test_slashes(routes: tuple[Route, ...]) -> None:
    """A slash at the end means to HEAD what it means to GET, in whatever order the routes have come."""
    app, handlers = made_of(*routes)
    assert found(app, "HEAD", "/a/") is handlers["GET"]
    found(app, "OPTIONS", "/a/")
    with pytest.raises(NotFound):
        found(app, "DELETE", "/a/")


def test_hosts() -> None:
    """Where routes are for a host, these are, too."""
    app, handlers = made_of(("GET", "/a", {"host": "one.example.com"}))
    assert found(app, "HEAD", "/a", "one.example.com") is handlers["GET"]
    found(app, "OPTIONS", "/a", "one.example.com")
    for method in ("HEAD", "OPTIONS"):
        with pytest.raises(NotFound):
            found(app, method, "/a", "other.example.com")


def test_no_source_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """A blueprint of ours takes handlers as they are: Sanic would read their source, and guess."""

    def read(_: object) -> str:
        raise AssertionError

    monkeypatch.setattr("sanic.mixins.routes.getsource", read)
    Blueprint("unread").add_route(handler_of("route"), "/a")
