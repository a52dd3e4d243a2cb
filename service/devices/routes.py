"""/api/sessions: the caller's own devices."""

from __future__ import annotations

from sanic import HTTPResponse, Request

from service.core.http import openapi
from service.core.http.blueprints import Blueprint
from service.core.http.messages import json_answer, json_list, no_content
from service.core.http.operations import answer, json_body, problems
from service.core.http.reading import read_json
from service.core.http.requests import path_id
from service.devices import naming
from service.devices.schemas import NameRequest
from service.errors import NotFound
from service.runtime import runtime_of
from service.sessions import flows
from service.sessions.callers import Caller
from service.sessions.guards import authenticated
from service.sessions.schemas import SESSION_EXAMPLE, SessionResponse

blueprint = Blueprint("sessions", url_prefix="/api/sessions")


@blueprint.get("/")
@openapi.definition(
    summary="List your sessions",
    response=[answer(200, list[SessionResponse], "Your sessions, the one used last first.", [SESSION_EXAMPLE])],
)
@authenticated
async def list_sessions(request: Request, caller: Caller) -> HTTPResponse:
    """List the caller's sessions."""
    found = await flows.list_sessions(runtime_of(request), caller.user)
    return json_list([SessionResponse.of(session, caller.session.sid) for session in found])


@blueprint.patch("/<session_id:str>")
@openapi.definition(
    operation="name_session",
    summary="Call a device by a name",
    description="The name stays with the session, and with the browser: it has it again after the next log-in.",
    body=json_body(NameRequest, {"name": "Work laptop"}),
    response=[answer(200, SessionResponse, "The session.", SESSION_EXAMPLE), *problems(NotFound)],
)
@authenticated
async def name_session(request: Request, caller: Caller, session_id: str) -> HTTPResponse:
    """Call the device of one of the caller's sessions by a name."""
    wanted = read_json(request, NameRequest)
    named = await naming.call_device(runtime_of(request), caller, path_id(session_id), wanted.name)
    return json_answer(SessionResponse.of(named, caller.session.sid))


# Strict: with a slash at the end it is sent by a client that has forgotten the id of the one session it means.
@blueprint.delete("", strict_slashes=True)
@openapi.definition(summary="End all other sessions", response=[answer(204, None, "Only this session is left.")])
@authenticated
async def end_other_sessions(request: Request, caller: Caller) -> HTTPResponse:
    """End all of the caller's sessions but this one."""
    await flows.end_other_sessions(runtime_of(request), caller)
    return no_content()


@blueprint.delete("/<session_id:str>")
@openapi.definition(
    summary="End one session", response=[answer(204, None, "That session is over."), *problems(NotFound)]
)
@authenticated
async def end_session(request: Request, caller: Caller, session_id: str) -> HTTPResponse:
    """End one of the caller's sessions."""
    await flows.end_session(runtime_of(request), caller, path_id(session_id))
    return no_content()
