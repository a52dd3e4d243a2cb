"""/api/users/{user_id}/identities: accounts at other providers that open a user's, for superusers."""

from __future__ import annotations

from sanic import HTTPResponse, Request

from service.accounts.identity_views import IDENTITY_EXAMPLE, IdentityResponse
from service.core.http import openapi
from service.core.http.blueprints import Blueprint
from service.core.http.messages import json_list, no_content
from service.core.http.operations import answer, problems
from service.core.http.requests import path_id
from service.errors import DeviceBindingRequired, Forbidden, LastWayIn, NotFound, ReauthenticationRequired
from service.runtime import runtime_of
from service.sessions.callers import Caller
from service.sessions.guards import superuser
from service.users import linked

blueprint = Blueprint("user_identities", url_prefix="/api/users")


@blueprint.get("/<user_id:str>/identities")
@openapi.definition(
    operation="list_user_identities",
    summary="List a user's accounts at other providers",
    response=[
        answer(200, list[IdentityResponse], "What opens the account, the oldest first.", [IDENTITY_EXAMPLE]),
        *problems(Forbidden, DeviceBindingRequired, NotFound),
    ],
)
@superuser
async def list_user_identities(request: Request, caller: Caller, user_id: str) -> HTTPResponse:
    """Return a user's accounts at other providers."""
    found = await linked.linked_of_user(runtime_of(request), path_id(user_id))
    return json_list([IdentityResponse.model_validate(one) for one in found])


@blueprint.delete("/<user_id:str>/identities/<identity_id:str>")
@openapi.definition(
    operation="unlink_user_identity",
    summary="Unlink a user's account at another provider",
    description="For who has lost it, or where somebody else has it. Every session of the user ends. It takes a "
    "fresh session.",
    response=[
        answer(204, None, "It opens the user's account no more."),
        *problems(Forbidden, DeviceBindingRequired, ReauthenticationRequired, NotFound, LastWayIn),
    ],
)
@superuser
async def unlink_user_identity(request: Request, caller: Caller, user_id: str, identity_id: str) -> HTTPResponse:
    """Unlink a user's account at another provider."""
    await linked.unlink(runtime_of(request), path_id(user_id), path_id(identity_id), actor=caller)
    return no_content()
