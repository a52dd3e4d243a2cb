"""HEAD and OPTIONS, answered wherever there is something else: HEAD as GET is, OPTIONS with the methods of the path.

sanic-ext has this too. It adds them while the application starts, for which the router has to be made three times; and
it brings templates, YAML and an injector along, none of which a request has a use for.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from sanic import HTTPResponse, Request, Sanic
from sanic.response import empty


def add_head_and_options(app: Sanic[Any, Any]) -> None:
    """Add both to an application that has all of its routes, and hasn't started."""
    for group in tuple(app.router.groups.values()):
        routes = sorted(group.routes, key=lambda route: route.name)
        methods = {"OPTIONS", *group.methods}
        if "GET" in methods and "HEAD" not in methods:
            methods.add("HEAD")
            for route in (route for route in routes if "GET" in route.methods):
                name, host = f"{route.name}.HEAD", route.requirements.get("host")
                _add(app, group, route.handler, "HEAD", name=name, host=host, strict=route.strict)
        if "OPTIONS" not in group.methods:
            hosts = {requirements["host"] for requirements in group.requirements} or None
            strict = all(route.strict for route in routes)
            handler = _answering(", ".join(sorted(methods)))
            _add(app, group, handler, "OPTIONS", name=f"{routes[0].name}.OPTIONS", host=hosts, strict=strict)


def _add(
    app: Sanic[Any, Any], group: Any, handler: Any, method: str, *, name: str, host: Any, strict: bool
) -> None:  # Any: sanic-routing's groups and routes say nothing of their types
    app.add_route(handler, group.uri, [method], strict_slashes=strict, name=name, host=host, unquote=group.unquote)


def _answering(methods: str) -> Callable[..., Awaitable[HTTPResponse]]:
    async def options(_: Request, **_parameters: object) -> HTTPResponse:
        response = empty()
        response.headers["Allow"] = methods
        return response

    return options
