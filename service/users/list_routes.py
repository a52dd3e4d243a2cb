"""/api/users and /api/users.csv: everybody, for superusers."""

from __future__ import annotations

from sanic import HTTPResponse, Request

from service.accounts.views import USER_EXAMPLE, UserResponse
from service.core.http import openapi
from service.core.http.blueprints import Blueprint
from service.core.http.downloads import CSV, send_table
from service.core.http.messages import json_list
from service.core.http.operations import answer, problems, query
from service.core.http.pagination import next_link
from service.core.http.reading import read_query
from service.errors import DeviceBindingRequired, Forbidden
from service.runtime import runtime_of
from service.sessions.callers import Caller
from service.sessions.guards import superuser
from service.users import listing
from service.users.exporting import LISTED, export_list
from service.users.schemas import ListQuery, UserQuery

blueprint = Blueprint("users_list", url_prefix="/api")


@blueprint.get("/users/")
@openapi.definition(
    summary="List users",
    description="Superusers only. Follow `Link` for large lists; `skip` is there for the small ones.",
    parameter=query(UserQuery),
    response=[
        answer(
            200,
            list[UserResponse],
            "A page of users, the oldest first where nothing else is asked for.",
            [USER_EXAMPLE],
            headers={
                "Link": 'The next page, `rel="next"` (RFC 8288), when there is one',
                "X-Total-Count": "How many users match",
            },
        ),
        *problems(Forbidden, DeviceBindingRequired),
    ],
)
@superuser
async def list_users(request: Request, caller: Caller) -> HTTPResponse:
    """Return a page of users."""
    asked = read_query(request, UserQuery)
    page = await listing.list_users(
        runtime_of(request), asked.wanted, asked.sort, skip=asked.skip, limit=asked.limit, after=asked.after
    )
    headers = {"X-Total-Count": str(page.total)}
    if page.next is not None:
        given = asked.model_dump(exclude={"skip", "limit", "after"}, exclude_defaults=True)
        headers |= next_link("/api/users", limit=asked.limit, after=page.next, **given)
    return json_list([UserResponse.model_validate(user) for user in page.users], headers)


@blueprint.get("/users.csv")
@openapi.definition(
    operation="download_users",
    summary="Download the list of users",
    description=(
        "Superusers only. As CSV (RFC 4180), UTF-8; no cell is a formula to a spreadsheet. An event says who took it. "
        "A file that isn't whole ends with the connection."
    ),
    parameter=query(ListQuery),
    response=[
        answer(
            200,
            str,
            f"All users that match: {', '.join(f'`{name}`' for name in LISTED)}.",
            media=CSV,
            headers={"Content-Disposition": "The name of the file"},
        ),
        *problems(Forbidden, DeviceBindingRequired),
    ],
)
@superuser
async def download_users(request: Request, caller: Caller) -> HTTPResponse | None:
    """Send the list of users as a file."""
    asked = read_query(request, ListQuery)
    rows = export_list(runtime_of(request), asked.wanted, asked.sort, actor=caller)
    return await send_table(request, "users.csv", LISTED, rows)
