"""GET /api/auth/check: for a proxy that asks before it passes a request on, and sees a status and headers alone.

Introspection answers 200 for tokens that are over, too (RFC 7662 section 2.2), which such a proxy would take for a yes.
The check is the same, and it is the token's own bearer who asks, so that no client has to show itself
(docs/decisions/113).
"""

from __future__ import annotations

from sanic import HTTPResponse, Request

from service.core.http import openapi
from service.core.http.blueprints import Blueprint
from service.core.http.operations import answer
from service.sessions.callers import Caller
from service.sessions.guards import authenticated

blueprint = Blueprint("forward", url_prefix="/api/auth")


@blueprint.get("/check")
@openapi.definition(
    summary="Is the token good?",
    description="For a proxy in front of another service (nginx's `auth_request`, `forwardAuth`, `forward_auth`): the "
    "session's own check, with a status and two headers for an answer.",
    response=[
        answer(
            204, None, "It is.",
            headers={"X-Auth-Sub": "The user's id", "X-Auth-Sid": "The session's id"},
        )
    ],
)  # fmt: skip
@authenticated
async def check(_: Request, caller: Caller) -> HTTPResponse:
    """Say whose token it is, in headers: a proxy can't read a body."""
    told = {"X-Auth-Sub": str(caller.user.id), "X-Auth-Sid": str(caller.session.sid)}
    return HTTPResponse(status=204, headers=told)
