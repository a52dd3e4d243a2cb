"""GET /api/sessions/stream: tell a tab that its session is over, without being asked."""

from __future__ import annotations

from typing import Annotated, Final, cast

import orjson
from pydantic import Field
from sanic import HTTPResponse, Request

from service.core.http import openapi
from service.core.http.blueprints import Blueprint
from service.core.http.messages import RequestModel
from service.core.http.operations import answer, query
from service.core.http.reading import read_query
from service.errors import NoStream
from service.sessions.callers import Caller
from service.sessions.guards import authenticated
from service.sessions.watch import Gone, SessionWatch, Watched

EVENT_STREAM: Final = "text/event-stream"
HEARTBEAT_SECONDS: Final = 10.0  # proxies and Sanic's RESPONSE_TIMEOUT cut what is silent for longer
RETRY_MS: Final = 1000
POLL_SECONDS: Final = 20
_HEADERS: Final = {"X-Accel-Buffering": "no"}


class StreamQuery(RequestModel):
    """How to be refused."""

    quiet: Annotated[bool, Field(description="Where there is no place: 204 instead of 503.")] = False


blueprint = Blueprint("session_stream", url_prefix="/api/sessions")


@blueprint.get("/stream")
@openapi.definition(
    operation="stream_session",
    summary="Hear of the end of this session",
    description=(
        "Server-sent events: one `ended`, with a `reason` (an `EndReason`), within a second of the session's end, "
        "however it ended; then the stream closes. It lives as long as the session, beyond the access token it was "
        "opened with. "
        "A session, a user and a network have a share of the streams; whoever is refused asks again now and then."
    ),
    parameter=query(StreamQuery),
    response=[
        answer(200, str, "The stream.", 'event: ended\ndata: {"reason": "revoked"}\n\n', media=EVENT_STREAM),
        answer(
            204,
            None,
            "With `quiet`: no place for a stream. The session lives.",
            headers={"Retry-After": "Seconds until it is time to ask again"},
        ),
    ],
)
@authenticated
async def stream(request: Request, caller: Caller) -> HTTPResponse | None:
    """Hold the answer open until the session is over, the client goes, or this process stops."""
    watch = cast(SessionWatch, request.app.ctx.session_watch)
    wanted = read_query(request, StreamQuery)
    if request.method == "HEAD":
        return HTTPResponse(headers=_HEADERS, content_type=EVENT_STREAM)
    try:
        with watch.watching(caller.session.uid, caller.session.sid, caller.client.ip) as watched:
            await _tell(request, watched)
    except NoStream:
        if not wanted.quiet:
            raise
        # Browsers write a line into the console for every answer from 400 up, whatever the page does about it.
        return HTTPResponse(status=204, headers={"Retry-After": str(POLL_SECONDS)})
    return None


async def _tell(request: Request, watched: Watched) -> None:
    response = await request.respond(content_type=EVENT_STREAM, headers=_HEADERS)
    await response.send(f"retry: {RETRY_MS}\n\n")
    while (ending := await watched.wait(HEARTBEAT_SECONDS)) is None:
        await response.send(":\n\n")
    if isinstance(ending, Gone):
        data = orjson.dumps({"reason": ending.reason}).decode()
        await response.send(f"event: ended\ndata: {data}\n\n")
