"""/api/users/me: the caller's own account."""

from __future__ import annotations

from sanic import HTTPResponse, Request

from service.accounts.views import USER_EXAMPLE, UserResponse, user_json
from service.audit.views import EVENT_EXAMPLE, EventResponse
from service.core.http import openapi
from service.core.http.blueprints import Blueprint
from service.core.http.messages import JSON, json_answer, json_list, no_content
from service.core.http.operations import answer, json_body, problems, query
from service.core.http.pagination import Cursor, next_link
from service.core.http.reading import read_json, read_query
from service.errors import InvalidGrant, LastSuperuser, RateLimited, ReauthenticationRequired
from service.errors.end_reasons import EndReason
from service.runtime import runtime_of
from service.sessions.callers import Caller
from service.sessions.guards import authenticated, ending
from service.users import profile
from service.users.schemas import (
    EXPORT_EXAMPLE,
    ExportResponse,
    PageQuery,
    UpdateProfileRequest,
)

blueprint = Blueprint("users_me", url_prefix="/api/users/me")

_UPDATE = openapi.definition(
    summary="Change your profile",
    description="A new password needs a fresh session or `current_password`, and ends your other sessions.",
    body=json_body(UpdateProfileRequest, {"full_name": "Ada King"}),
    response=[
        answer(200, UserResponse, "You, changed.", USER_EXAMPLE),
        *problems(InvalidGrant, ReauthenticationRequired, RateLimited),
    ],
)


@blueprint.get("/")
@openapi.definition(summary="Who am I?", response=[answer(200, UserResponse, "You.", USER_EXAMPLE)])
@authenticated
async def read_me(request: Request, caller: Caller) -> HTTPResponse:
    """Return the caller."""
    return HTTPResponse(runtime_of(request).users.shown(caller.user, user_json), content_type=JSON)


@blueprint.put("/", name="replace_me")
@blueprint.patch("/", name="update_me")
@_UPDATE
@authenticated
async def update_me(request: Request, caller: Caller) -> HTTPResponse:
    """Change the caller's name or password."""
    runtime = runtime_of(request)
    body = read_json(request, UpdateProfileRequest)
    change = profile.ProfileChange(
        full_name=body.full_name,
        clear_name="full_name" in body.model_fields_set and body.full_name is None,
        password=body.password.get_secret_value() if body.password else None,
        current_password=body.current_password.get_secret_value() if body.current_password else None,
    )
    user = await profile.change_profile(runtime, caller, change)
    return json_answer(UserResponse.model_validate(user))


@blueprint.delete("/")
@openapi.definition(
    summary="Delete your account",
    response=[
        answer(204, None, "The account and its sessions are gone."),
        *problems(ReauthenticationRequired, LastSuperuser),
    ],
)
@ending(EndReason.USER_DELETED)
async def delete_me(request: Request, caller: Caller | None) -> HTTPResponse:
    """Delete the caller's account."""
    if caller is not None:
        await profile.delete_own_account(runtime_of(request), caller)
    return no_content()


@blueprint.get("/export")
@openapi.definition(
    summary="Export everything stored about you",
    response=[
        answer(
            200,
            ExportResponse,
            "All of it.",
            EXPORT_EXAMPLE,
        ),
        *problems(ReauthenticationRequired),
    ],
)
@authenticated
async def export_me(request: Request, caller: Caller) -> HTTPResponse:
    """Return everything stored about the caller."""
    found = await profile.export(runtime_of(request), caller)
    return json_answer(ExportResponse.of(found, caller.session.sid))


@blueprint.get("/events")
@openapi.definition(
    summary="Your security events, newest first",
    parameter=query(PageQuery),
    response=[
        answer(
            200,
            list[EventResponse],
            "A page of events.",
            [EVENT_EXAMPLE],
            headers={"Link": 'The next page, `rel="next"` (RFC 8288), when there is one'},
        )
    ],
)
@authenticated
async def my_events(request: Request, caller: Caller) -> HTTPResponse:
    """Return a page of the caller's security events."""
    page = read_query(request, PageQuery)
    after = Cursor.decode(page.after) if page.after else None
    found = await profile.own_events(runtime_of(request), caller.user, page.limit, after)
    headers = {}
    if len(found) == page.limit:
        last = Cursor(found[-1].created_at, found[-1].id)
        headers = next_link("/api/users/me/events", limit=page.limit, after=last.encode())
    return json_list([EventResponse.model_validate(event) for event in found], headers)
