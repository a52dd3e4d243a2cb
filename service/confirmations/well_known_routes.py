"""/.well-known/change-password: where password managers send people who ought to change theirs."""

from __future__ import annotations

from sanic import HTTPResponse, Request

from service.core.http import openapi
from service.core.http.blueprints import Blueprint
from service.letters import links
from service.runtime import runtime_of

blueprint = Blueprint("well_known", url_prefix="/.well-known")


@blueprint.get("/change-password")
@openapi.definition(exclude=True)
async def change_password(request: Request) -> HTTPResponse:
    """Lead to the front end's page (W3C, A Well-Known URL for Changing Passwords). It leads nowhere else (R23)."""
    return HTTPResponse(status=302, headers={"Location": links.change_password(runtime_of(request).settings)})
