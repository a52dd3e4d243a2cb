"""/api/users: administration."""

from __future__ import annotations

from uuid import UUID

from sanic import HTTPResponse, Request

from service.accounts.views import USER_EXAMPLE, UserResponse
from service.audit import timeline
from service.core.http import openapi
from service.core.http.blueprints import Blueprint
from service.core.http.messages import json_answer, json_list, no_content
from service.core.http.operations import answer, json_body, problems
from service.core.http.reading import read_json
from service.core.http.requests import path_id
from service.errors import (
    DeviceBindingRequired,
    EmailTaken,
    Forbidden,
    InactiveUser,
    LastSuperuser,
    NotFound,
    ReauthenticationRequired,
)
from service.runtime import runtime_of
from service.sessions.callers import Caller
from service.sessions.flows import list_sessions
from service.sessions.guards import authenticated, superuser
from service.sessions.schemas import SESSION_EXAMPLE, SessionResponse
from service.stores.event_kinds import spoken
from service.users import administration
from service.users.explanations import EXPLANATION_EXAMPLE, ExplanationResponse
from service.users.schemas import CreateUserRequest, SentLetterResponse, UpdateUserRequest

blueprint = Blueprint("users", url_prefix="/api/users")


@blueprint.post("/")
@openapi.definition(
    description=(
        "The user gets a letter: with a link to confirm the address, or, without a password, to set one. "
        "It takes a fresh session."
    ),
    body=json_body(CreateUserRequest, {"email": "grace@example.com", "password": "a long enough password"}),
    response=[
        answer(200, UserResponse, "The new user.", USER_EXAMPLE),
        *problems(EmailTaken, Forbidden, DeviceBindingRequired, ReauthenticationRequired),
    ],
)
@superuser
async def create_user(request: Request, caller: Caller) -> HTTPResponse:
    """Create a user."""
    body = read_json(request, CreateUserRequest)
    new = administration.NewUser(
        body.email,
        body.password.get_secret_value() if body.password else None,
        body.full_name,
        body.is_active,
        body.is_superuser,
    )
    user = await administration.create_user(runtime_of(request), new, actor=caller)
    return json_answer(UserResponse.model_validate(user))


@blueprint.get("/<user_id:str>")
@openapi.definition(
    summary="Read a user",
    description="Yourself, or anyone for superusers.",
    response=[
        answer(200, UserResponse, "The user.", USER_EXAMPLE),
        *problems(Forbidden, DeviceBindingRequired, NotFound),
    ],
)
@authenticated
async def read_user(request: Request, caller: Caller, user_id: str) -> HTTPResponse:
    """Return a user."""
    user = await administration.get_user_as(runtime_of(request), caller, _id_or_none(user_id))
    return json_answer(UserResponse.model_validate(user))


@blueprint.put("/<user_id:str>", name="replace_user")
@blueprint.patch("/<user_id:str>", name="update_user")
@openapi.definition(
    description=(
        "Superusers only. Deactivating, demoting or a new password ends the user's sessions. "
        "A new password or address, another role and enabling somebody again take a fresh session; disabling doesn't."
    ),
    body=json_body(UpdateUserRequest, {"is_active": False}),
    response=[
        answer(200, UserResponse, "The user, changed.", USER_EXAMPLE),
        *problems(EmailTaken, Forbidden, DeviceBindingRequired, ReauthenticationRequired, NotFound, LastSuperuser),
    ],
)
@superuser
async def update_user(request: Request, caller: Caller, user_id: str) -> HTTPResponse:
    """Change a user."""
    body = read_json(request, UpdateUserRequest)
    change = administration.Change(
        email=body.email,
        full_name=body.full_name,
        clear_name="full_name" in body.model_fields_set and body.full_name is None,
        password=body.password.get_secret_value() if body.password else None,
        is_active=body.is_active,
        is_superuser=body.is_superuser,
    )
    user = await administration.change_user(runtime_of(request), path_id(user_id), change, actor=caller)
    return json_answer(UserResponse.model_validate(user))


@blueprint.delete("/<user_id:str>")
@openapi.definition(
    description="It takes a fresh session.",
    response=[
        answer(204, None, "The account and its sessions are gone."),
        *problems(Forbidden, DeviceBindingRequired, ReauthenticationRequired, NotFound, LastSuperuser),
    ],
)
@superuser
async def delete_user(request: Request, caller: Caller, user_id: str) -> HTTPResponse:
    """Delete a user."""
    await administration.delete_user(runtime_of(request), path_id(user_id), actor=caller)
    return no_content()


@blueprint.get("/<user_id:str>/sessions")
@openapi.definition(
    summary="List a user's sessions",
    response=[
        answer(200, list[SessionResponse], "The user's sessions, the one used last first.", [SESSION_EXAMPLE]),
        *problems(Forbidden, DeviceBindingRequired, NotFound),
    ],
)
@superuser
async def list_user_sessions(request: Request, caller: Caller, user_id: str) -> HTTPResponse:
    """Return a user's sessions."""
    runtime = runtime_of(request)
    user = await administration.get_user(runtime, path_id(user_id))
    found = await list_sessions(runtime, user)
    return json_list([SessionResponse.of(session, caller.session.sid) for session in found])


@blueprint.delete("/<user_id:str>/sessions")
@openapi.definition(
    response=[
        answer(204, None, "Every session of the user is over."),
        *problems(Forbidden, DeviceBindingRequired, NotFound),
    ],
)
@superuser
async def end_user_sessions(request: Request, caller: Caller, user_id: str) -> HTTPResponse:
    """End all of a user's sessions."""
    await administration.end_sessions(runtime_of(request), path_id(user_id), actor=caller)
    return no_content()


@blueprint.post("/<user_id:str>/letter")
@openapi.definition(
    operation="send_user_letter",
    summary="Send a user the letter that gets them in",
    description=(
        "With a link to set a password, where there is none; to confirm the address, where nobody has; else to set "
        "another password. As often an hour as users may ask for it themselves."
    ),
    response=[
        answer(202, SentLetterResponse, "It is on its way.", {"letter": "set_password"}),
        *problems(InactiveUser, Forbidden, DeviceBindingRequired, NotFound),
    ],
)
@superuser
async def send_user_letter(request: Request, caller: Caller, user_id: str) -> HTTPResponse:
    """Have a user's letter sent once more."""
    letter = await administration.send_letter(runtime_of(request), path_id(user_id), actor=caller)
    return json_answer(SentLetterResponse(letter=letter.name), 202)


@blueprint.get("/<user_id:str>/explanation")
@openapi.definition(
    operation="explain_user",
    summary="Say what happened to a user: why were they logged out?",
    description=(
        "Superusers only. What is on record of the user, the newest first, and what became of each session, "
        "in the language that `Accept-Language` asks for."
    ),
    response=[
        answer(200, ExplanationResponse, "All that is known.", EXPLANATION_EXAMPLE),
        *problems(Forbidden, DeviceBindingRequired, NotFound),
    ],
)
@superuser
async def explain(request: Request, caller: Caller, user_id: str) -> HTTPResponse:
    """Return what happened to a user, in words."""
    runtime = runtime_of(request)
    user = await administration.get_user(runtime, path_id(user_id))
    told = await timeline.explain(runtime, user_id=user.id, language=spoken(caller.client.language))
    return json_answer(ExplanationResponse.of(told))


def _id_or_none(text: str) -> UUID | None:
    """Who may not know whether an id exists may not know whether it could, either."""
    try:
        return path_id(text)
    except NotFound:
        return None
