"""GET /api/admin/events: what happened, to anyone."""

from __future__ import annotations

from sanic import Blueprint, HTTPResponse, Request
from sanic_ext import openapi

from service.admin import events
from service.admin.schemas import EVENT_EXAMPLE, AdminEventResponse, EventQuery
from service.audit.search import EventFilter
from service.core.http import json_list, read_query
from service.core.openapi import answer, problems, query
from service.core.pagination import Cursor, next_link
from service.errors import Forbidden
from service.runtime import runtime_of
from service.sessions.callers import Caller
from service.sessions.guards import superuser

blueprint = Blueprint("admin_events", url_prefix="/api/admin/events")


@blueprint.get("/")
@openapi.definition(
    summary="Search the security events, newest first",
    description="Superusers only. Everything that is given must fit; times need an offset, such as `Z`.",
    parameter=query(EventQuery),
    response=[
        answer(
            200,
            list[AdminEventResponse],
            "A page of events.",
            [EVENT_EXAMPLE],
            headers={"Link": 'The next page, `rel="next"` (RFC 8288), when there is one'},
        ),
        *problems(Forbidden),
    ],
)
@superuser
async def search_events(request: Request, caller: Caller) -> HTTPResponse:
    """Return a page of security events."""
    wanted = read_query(request, EventQuery)
    runtime = runtime_of(request)
    found = await events.search(
        runtime,
        EventFilter(
            user_id=wanted.user_id,
            session_id=wanted.session_id,
            actor_id=wanted.actor_id,
            type=wanted.type,
            ip=wanted.ip,
            request_id=wanted.request_id,
            since=wanted.since,
            until=wanted.until,
        ),
        wanted.limit,
        email=wanted.email,
        after=Cursor.decode(wanted.after) if wanted.after else None,
    )
    headers = {}
    if len(found) == wanted.limit:
        after = Cursor(found[-1].created_at, found[-1].id).encode()
        headers = next_link("/api/admin/events", **_parameters(wanted), limit=wanted.limit, after=after)
    return json_list([AdminEventResponse.model_validate(event) for event in found], headers)


def _parameters(wanted: EventQuery) -> dict[str, str]:
    """Return what the next page has to ask for again."""
    given = wanted.model_dump(mode="json", exclude={"limit", "after", "email"}, exclude_none=True)
    return {**given, **({"email": wanted.email.given} if wanted.email else {})}
