"""/api/users/me/identities: one's own accounts at other providers."""

from __future__ import annotations

from sanic import Blueprint, HTTPResponse, Request
from sanic_ext import openapi

from service.accounts.identity_views import IDENTITY_EXAMPLE, IdentityResponse
from service.core.http.messages import json_list, no_content
from service.core.http.operations import answer, problems
from service.core.http.requests import path_id
from service.errors import LastWayIn, NotFound, ReauthenticationRequired
from service.providers import own
from service.providers.offer import called
from service.runtime import runtime_of
from service.sessions.callers import Caller
from service.sessions.guards import authenticated

blueprint = Blueprint("identities", url_prefix="/api/users/me/identities")


@blueprint.get("")
@openapi.definition(
    summary="Your accounts at other providers",
    response=[answer(200, list[IdentityResponse], "Those that open this one, the oldest first.", [IDENTITY_EXAMPLE])],
)
@authenticated
async def list_identities(request: Request, caller: Caller) -> HTTPResponse:
    """Return the accounts at providers that open the caller's."""
    settings = runtime_of(request).settings
    found = await own.mine(caller)
    return json_list([IdentityResponse.of(one, called(settings, one.provider)) for one in found])


@blueprint.delete("/<identity_id:str>")
@openapi.definition(
    summary="Take an account at another provider away",
    description="It takes a fresh session. Every other session ends. 409 where nothing else opens the account.",
    response=[
        answer(204, None, "It opens this account no more."),
        *problems(ReauthenticationRequired, NotFound, LastWayIn),
    ],
)
@authenticated
async def remove_identity(request: Request, caller: Caller, identity_id: str) -> HTTPResponse:
    """Take one of the caller's accounts at providers away."""
    await own.remove(runtime_of(request), caller, path_id(identity_id))
    return no_content()
