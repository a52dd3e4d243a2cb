"""GET /oauth/revocations: tell other services of sessions that end, as they end."""

from __future__ import annotations

import asyncio
from typing import Any, Final, cast

from sanic import HTTPResponse, Request, Sanic

from service.core.clock import steady_seconds
from service.core.http import openapi
from service.core.http.blueprints import Blueprint
from service.core.http.operations import answer, header, problems
from service.errors import InvalidClient, NoStream, Unavailable
from service.oauth.client_authentication import credentials_of, resource_server
from service.oauth.clients import Shown
from service.oauth.revocations import Follower, Revocations
from service.runtime import Runtime, runtime_of
from service.settings import Settings

EVENT_STREAM: Final = "text/event-stream"
RETRY_MS: Final = 500
CLIENT_SECONDS: Final = 5.0  # between two looks whether the client is one still
TAKEN_SECONDS: Final = 5.0  # for what is written: whoever takes nothing for so long has long ceased to rely on it
_HEADERS: Final = {"X-Accel-Buffering": "no"}
_EXAMPLE: Final = (
    "id: 1790000000123-7\nevent: ended\n"
    'data: {"sub":"5b0e0d8e-…","sid":"0f5c0b4c-…","reason":"logged_out"}\n\n:\nid: 1790000000523-8\n\n'
)

blueprint = Blueprint("revocations", url_prefix="/oauth")


def follow(app: Sanic[Any, Any], _: Settings) -> None:
    """Have an application record what ends while it serves, and end its streams when it stops."""

    async def begin(app: Sanic[Any, Any]) -> None:
        revocations_of(app).begin()

    async def hang_up(app: Sanic[Any, Any]) -> None:
        await revocations_of(app).close()

    app.after_server_start(begin)
    app.before_server_stop(hang_up)


def revocations_of(app: Sanic[Any, Any]) -> Revocations:
    """Return what an application knows of endings."""
    found = getattr(app.ctx, "revocations", None)
    if found is None:
        found = app.ctx.revocations = Revocations(app.ctx.runtime)
    return cast(Revocations, found)


@blueprint.get("/revocations")
@openapi.definition(
    operation="stream_revocations",
    summary="Hear of every session that ends",
    description=(
        "For resource servers. Server-sent events: `ended` with `sub`, `sid` and `reason`; `ended` without a `sid`: "
        "ask again about everything of that user; `forget`: ask again about everything. Something comes every half "
        "second: whoever has heard nothing for a second asks again about everything, until the stream is back. With "
        "`Last-Event-ID` it goes on where it was, for some minutes and with any process; else it begins with `forget`."
    ),
    parameter=header("Last-Event-ID", {"type": "string"}, "The id that came last, to go on where it was."),
    response=[
        answer(200, str, "The stream.", _EXAMPLE, media=EVENT_STREAM),
        *problems(InvalidClient, NoStream),
    ],
)
async def revocations(request: Request) -> HTTPResponse | None:
    """Hold the answer open until the client goes, is one no more, nothing is heard, or this process stops."""
    runtime, shown = runtime_of(request), credentials_of(request, {})
    known = await resource_server(runtime, shown)
    if request.method == "HEAD":
        return HTTPResponse(headers=_HEADERS, content_type=EVENT_STREAM)
    told = revocations_of(request.app)
    await told.demand_heard()
    with told.followed(known, request.headers.get("last-event-id")) as follower:
        await _tell(request, runtime, shown, follower)
    return None


async def _tell(request: Request, runtime: Runtime, shown: Shown | None, follower: Follower) -> None:
    response = await request.respond(content_type=EVENT_STREAM, headers=_HEADERS)
    await response.send(f"retry: {RETRY_MS}\n\n")
    looked_at = steady_seconds()
    while (piece := await follower.next()) is not None:
        try:
            async with asyncio.timeout(TAKEN_SECONDS):
                await response.send(piece)
        except TimeoutError:
            transport = cast("asyncio.Transport | None", request.transport)
            if transport is not None:
                transport.abort()
            return
        if steady_seconds() - looked_at >= CLIENT_SECONDS:
            looked_at = steady_seconds()
            if not await _is_one_still(runtime, shown):
                return


async def _is_one_still(runtime: Runtime, shown: Shown | None) -> bool:
    try:
        await resource_server(runtime, shown)
    except InvalidClient:
        return False
    except Unavailable:  # says nothing about the client
        return True
    return True
