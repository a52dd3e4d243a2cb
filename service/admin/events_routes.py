"""/api/admin/events."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field
from sanic import Blueprint, HTTPResponse, Request
from sanic_ext import openapi

from service.admin import events
from service.audit.views import EVENT_EXAMPLE, EventResponse
from service.core.http.fields import After, Moment
from service.core.http.messages import RequestModel, json_list
from service.core.http.operations import answer, problems, query
from service.core.http.pagination import Cursor, next_link
from service.core.http.reading import read_query
from service.core.text.printable import PLAIN_PATTERN, plain_text
from service.errors import Forbidden
from service.runtime import runtime_of
from service.sessions.callers import Caller
from service.sessions.guards import superuser

blueprint = Blueprint("admin_events", url_prefix="/api/admin/events")

Text = Annotated[
    str,
    Field(min_length=1, max_length=254, json_schema_extra={"pattern": PLAIN_PATTERN}),
    AfterValidator(plain_text),  # U+0000, which PostgreSQL has no way to look for
]


class EventQuery(RequestModel):
    """Which events: those that fit every parameter given."""

    user_id: UUID | None = None
    email: Annotated[Text | None, Field(description="The user's address.")] = None
    session_id: UUID | None = None
    actor_id: Annotated[UUID | None, Field(description="The administrator who did it.")] = None
    type: Text | None = None
    ip: Text | None = None
    request_id: Text | None = None
    since: Annotated[Moment | None, Field(description="This moment and later.")] = None
    until: Annotated[Moment | None, Field(description="Earlier than this moment.")] = None
    limit: Annotated[int, Field(ge=1, le=100, description="How many to return.")] = 100
    after: After | None = None


class AdminEventResponse(EventResponse):
    """A security event, as an administrator sees it."""

    user_id: UUID | None
    actor_id: UUID | None
    request_id: str | None


_EXAMPLE = EVENT_EXAMPLE | {
    "user_id": "811d0cca-8545-4396-91da-b3719f6f12f3",
    "actor_id": None,
    "request_id": "5f1c7f0e9a3b4c2d",
}


@blueprint.get("/")
@openapi.definition(
    summary="Security events of all users, newest first",
    description="Superusers only.",
    parameter=query(EventQuery),
    response=[
        answer(
            200,
            list[AdminEventResponse],
            "A page of events.",
            [_EXAMPLE],
            headers={"Link": 'The next page, `rel="next"` (RFC 8288), when there is one'},
        ),
        *problems(Forbidden),
    ],
)
@superuser
async def list_events(request: Request, caller: Caller) -> HTTPResponse:
    """Return a page of security events."""
    wanted = read_query(request, EventQuery)
    parameters = wanted.model_dump(exclude={"limit", "after"})
    after = Cursor.decode(wanted.after) if wanted.after else None
    found = await events.find_events(runtime_of(request), events.EventFilter(**parameters), wanted.limit, after)
    headers = {}
    if len(found) == wanted.limit:
        last = Cursor(found[-1].created_at, found[-1].id)
        given = wanted.model_dump(mode="json", exclude={"limit", "after"})
        headers = next_link("/api/admin/events", limit=wanted.limit, after=last.encode(), **given)
    return json_list([AdminEventResponse.model_validate(event) for event in found], headers)
