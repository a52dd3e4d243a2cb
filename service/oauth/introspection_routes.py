"""POST /oauth/introspect (RFC 7662)."""

from __future__ import annotations

from functools import partial
from typing import Final

from sanic import HTTPResponse, Request

from service.core.http import openapi
from service.core.http.blueprints import Blueprint
from service.core.http.messages import json_answer
from service.core.http.operations import answer, form_body, problems
from service.core.http.reading import read_fields
from service.core.text import base64url
from service.errors import BadRequest, InvalidClient, RateLimited
from service.oauth import introspecting
from service.oauth.client_authentication import credentials_of, resource_server
from service.oauth.introspecting import Active
from service.oauth.schemas import ActiveTokenResponse, ConfirmationResponse, InactiveTokenResponse, IntrospectionForm
from service.runtime import Runtime, runtime_of
from service.sessions.acting import acts_as_superuser
from service.sessions.guards import client_of
from service.stores.access_tokens import CLIENT_ID

blueprint = Blueprint("introspection", url_prefix="/oauth")


_INACTIVE: Final = InactiveTokenResponse()
_ASKED: Final = {"token": "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9..."}
_EXAMPLE: Final = {
    "active": True,
    "sub": "2f1f9a55-3a8e-4b0a-9c55-6f0f3b0c5a01",
    "username": "ada@example.com",
    "scope": "",
    "client_id": "web",
    "token_type": "Bearer",
    "exp": 1795774500,
    "iat": 1795773600,
    "auth_time": 1795770000,
    "sid": "5691dab3-719f-4f12-b3da-811d0cca8545",
    "amr": ["pwd"],
    "acr": "aal1",
    "iss": "https://id.example.com",
    "aud": "latchkey",
}


@blueprint.post("/introspect")
@openapi.definition(
    summary="Is a token good?",
    description="RFC 7662, for services that `latchkey clients add` has made known, by `client_secret_basic` or "
    "`client_secret_post`. The check is the one of every call here: a session that was ended is not active at the next "
    "question.",
    body=form_body(IntrospectionForm, _ASKED),
    response=[
        answer(200, ActiveTokenResponse | InactiveTokenResponse, "Whose it is, or that it isn't good.", _EXAMPLE),
        *problems(InvalidClient, RateLimited),
    ],
)
async def introspect(request: Request) -> HTTPResponse:
    """Say whether an access token is good."""
    runtime, form = runtime_of(request), read_fields(request)
    known = await resource_server(runtime, credentials_of(request, form))
    introspecting.demand_budget(runtime, known)
    token = form.get("token")
    if token is None:
        raise BadRequest("Missing: `token`.")
    found = await introspecting.introspect(runtime, known, token, partial(client_of, request))
    return json_answer(_INACTIVE if found is None else _shown(runtime, found))


def _shown(runtime: Runtime, found: Active) -> ActiveTokenResponse:
    user, session = found.caller.user, found.caller.session
    return ActiveTokenResponse(
        sub=str(user.id),
        username=user.email,
        scope="superuser" if acts_as_superuser(runtime.settings, user, session) else "",
        client_id=CLIENT_ID,
        exp=found.expires_at,
        iat=found.issued_at,
        auth_time=session.auth_at // 1000,
        sid=str(session.sid),
        amr=session.assurance.methods,
        acr=session.assurance.acr,
        iss=runtime.settings.PUBLIC_URL,
        aud=runtime.settings.ACCESS_TOKEN_AUDIENCE,
        token_type="DPoP" if found.jkt else "Bearer",
        cnf=ConfirmationResponse(jkt=base64url.encode(found.jkt)) if found.jkt else None,
    )
