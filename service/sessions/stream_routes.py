"""GET /api/sessions/stream: tell a tab that its session is over, without being asked."""

from __future__ import annotations

from typing import Final, cast

import orjson
from sanic import Blueprint, HTTPResponse, Request
from sanic_ext import openapi

from service.core.openapi import answer
from service.sessions.callers import Caller
from service.sessions.guards import authenticated
from service.sessions.watch import Gone, SessionWatch

EVENT_STREAM: Final = "text/event-stream"
HEARTBEAT_SECONDS: Final = 10.0  # proxies and Sanic's RESPONSE_TIMEOUT cut what is silent for longer
RETRY_MS: Final = 1000
_HEADERS: Final = {"X-Accel-Buffering": "no"}

blueprint = Blueprint("session_stream", url_prefix="/api/sessions")


@blueprint.get("/stream")
@openapi.definition(
    summary="Hear of the end of this session",
    description=(
        "Server-sent events: one `ended`, with a `reason`, within a second of the session's end, however it ended; "
        "then the stream closes. It lives as long as the session, beyond the access token it was opened with."
    ),
    response=[answer(200, str, "The stream.", 'event: ended\ndata: {"reason": "revoked"}\n\n', media=EVENT_STREAM)],
)
@authenticated
async def stream(request: Request, caller: Caller) -> HTTPResponse | None:
    """Hold the answer open until the session is over, the client goes, or this process stops."""
    watch = cast(SessionWatch, request.app.ctx.session_watch)
    if request.method == "HEAD":
        return HTTPResponse(headers=_HEADERS, content_type=EVENT_STREAM)
    with watch.watching(caller.session.uid, caller.session.sid) as watched:
        response = await request.respond(content_type=EVENT_STREAM, headers=_HEADERS)
        await response.send(f"retry: {RETRY_MS}\n\n")
        while (ending := await watched.wait(HEARTBEAT_SECONDS)) is None:
            await response.send(":\n\n")
        if isinstance(ending, Gone):
            data = orjson.dumps({"reason": ending.reason}).decode()
            await response.send(f"event: ended\ndata: {data}\n\n")
    return None
