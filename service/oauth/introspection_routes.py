"""POST /oauth/introspect (RFC 7662)."""

from __future__ import annotations

from functools import partial
from typing import Literal

from sanic import HTTPResponse, Request

from service.core.http import openapi
from service.core.http.blueprints import Blueprint
from service.core.http.messages import ResponseModel, json_answer
from service.core.http.reading import read_fields
from service.errors import BadRequest
from service.oauth import introspecting
from service.oauth.client_authentication import credentials_of, resource_server
from service.oauth.introspecting import Active
from service.runtime import Runtime, runtime_of
from service.sessions.guards import client_of
from service.stores.access_tokens import CLIENT_ID

blueprint = Blueprint("introspection", url_prefix="/oauth")


class InactiveResponse(ResponseModel):
    """A token that is good for nothing: why isn't said (RFC 7662 section 2.2)."""

    active: Literal[False] = False


class ActiveResponse(ResponseModel):
    """A token that is good. What is of the session or the user is as it is now, not as the token has it."""

    active: Literal[True] = True
    sub: str
    username: str
    scope: Literal["", "superuser"]
    client_id: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - what kind of token it is
    exp: int
    iat: int
    auth_time: int
    sid: str
    amr: tuple[str, ...]
    acr: str
    iss: str
    aud: str


_INACTIVE = InactiveResponse()


@blueprint.post("/introspect")
@openapi.definition(exclude=True)
async def introspect(request: Request) -> HTTPResponse:
    """Say whether an access token is good. `token_type_hint` is passed over: there is one kind that can be."""
    runtime, form = runtime_of(request), read_fields(request)
    known = await resource_server(runtime, credentials_of(request, form))
    introspecting.demand_budget(runtime, known)
    token = form.get("token")
    if token is None:
        raise BadRequest("The form has no `token`.")
    found = await introspecting.introspect(runtime, known, token, partial(client_of, request))
    return json_answer(_INACTIVE if found is None else _shown(runtime, found))


def _shown(runtime: Runtime, found: Active) -> ActiveResponse:
    user, session = found.caller.user, found.caller.session
    return ActiveResponse(
        sub=str(user.id),
        username=user.email,
        scope="superuser" if user.is_superuser else "",
        client_id=CLIENT_ID,
        exp=found.expires_at,
        iat=found.issued_at,
        auth_time=session.auth_at // 1000,
        sid=str(session.sid),
        amr=session.assurance.methods,
        acr=session.assurance.acr,
        iss=runtime.settings.PUBLIC_URL,
        aud=runtime.settings.ACCESS_TOKEN_AUDIENCE,
    )
