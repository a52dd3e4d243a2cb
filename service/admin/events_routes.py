"""/api/admin/events and /api/admin/events.csv."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from typing import Annotated, Final
from uuid import UUID

from pydantic import AfterValidator, Field
from sanic import HTTPResponse, Request

from service.admin import events
from service.admin.event_views import COLUMNS, AdminEventResponse, cells
from service.admin.events import EventFilter, Told
from service.audit.views import EVENT_EXAMPLE
from service.core.http import openapi
from service.core.http.blueprints import Blueprint
from service.core.http.downloads import CSV, Rows, send_table
from service.core.http.fields import After, Moment
from service.core.http.messages import RequestModel, json_list
from service.core.http.operations import answer, problems, query
from service.core.http.pagination import Cursor, next_link
from service.core.http.reading import read_query
from service.core.text.printable import PLAIN_PATTERN, plain_text
from service.errors import DeviceBindingRequired, Forbidden
from service.runtime import runtime_of
from service.sessions.callers import Caller
from service.sessions.guards import superuser

blueprint = Blueprint("admin_events", url_prefix="/api/admin")

Text = Annotated[
    str,
    Field(min_length=1, max_length=254, json_schema_extra={"pattern": PLAIN_PATTERN}),
    AfterValidator(plain_text),  # U+0000, which PostgreSQL has no way to look for
]


class EventsQuery(RequestModel):
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

    @property
    def wanted(self) -> EventFilter:
        """Which events."""
        return EventFilter(**self.model_dump(include=_FILTERS))


_FILTERS: Final = {one.name for one in fields(EventFilter)}


class EventQuery(EventsQuery):
    """Which page of a list of events."""

    limit: Annotated[int, Field(ge=1, le=100, description="How many to return.")] = 100
    after: After | None = None


_EXAMPLE = EVENT_EXAMPLE | {
    "user_id": "811d0cca-8545-4396-91da-b3719f6f12f3",
    "user_email": "ada@example.com",
    "user_name": "Ada Lovelace",
    "actor_id": None,
    "actor_email": None,
    "actor_name": None,
    "request_id": "5f1c7f0e9a3b4c2d",
}


@blueprint.get("/events/")
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
        *problems(Forbidden, DeviceBindingRequired),
    ],
)
@superuser
async def list_events(request: Request, caller: Caller) -> HTTPResponse:
    """Return a page of security events."""
    asked = read_query(request, EventQuery)
    after = Cursor.decode(asked.after) if asked.after else None
    found = await events.find_events(runtime_of(request), asked.wanted, asked.limit, after)
    headers = {}
    if len(found) == asked.limit:
        last = Cursor(found[-1].event.created_at, found[-1].event.id)
        given = asked.model_dump(mode="json", exclude={"limit", "after"})
        headers = next_link("/api/admin/events", limit=asked.limit, after=last.encode(), **given)
    return json_list([AdminEventResponse.of(one) for one in found], headers)


@blueprint.get("/events.csv")
@openapi.definition(
    operation="download_events",
    summary="Download security events of all users, newest first",
    description=(
        "Superusers only. As CSV (RFC 4180), UTF-8; no cell is a formula to a spreadsheet, and `detail` is JSON. An "
        "event says who took it. A file that isn't whole ends with the connection."
    ),
    parameter=query(EventsQuery),
    response=[
        answer(
            200,
            str,
            f"All events that fit: {', '.join(f'`{name}`' for name in COLUMNS)}.",
            media=CSV,
            headers={"Content-Disposition": "The name of the file"},
        ),
        *problems(Forbidden, DeviceBindingRequired),
    ],
)
@superuser
async def download_events(request: Request, caller: Caller) -> HTTPResponse | None:
    """Send security events as a file."""
    asked = read_query(request, EventsQuery)
    pages = events.export_events(runtime_of(request), asked.wanted, actor=caller)
    return await send_table(request, "events.csv", COLUMNS, (_rows(page) async for page in pages))


def _rows(page: Iterable[Told]) -> Rows:
    return [cells(one) for one in page]
