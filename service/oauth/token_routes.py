"""/oauth/token and /oauth/revoke: what libraries that speak OAuth 2 call (RFC 6749, RFC 7009).

They are another form of /api/auth/login, /refresh and /logout: the same flows, sessions, budgets and events.
"""

from __future__ import annotations

from typing import Final, NoReturn
from urllib.parse import parse_qsl

from sanic import HTTPResponse, Request

from service.core.http import openapi
from service.core.http.blueprints import Blueprint
from service.core.http.messages import json_answer
from service.core.http.operations import answer, form_body, problems
from service.core.http.reading import read_fields, read_from
from service.errors import (
    BadRequest,
    DeviceProofRequired,
    EnrolmentRequired,
    InactiveUser,
    InvalidClient,
    InvalidDpopProof,
    InvalidGrant,
    InvalidRefreshToken,
    RateLimited,
    SecondFactorRequired,
    UnauthorizedClient,
    UnsupportedGrantType,
    UseDpopNonce,
)
from service.oauth.client_authentication import credentials_of, public_or_known
from service.oauth.schemas import OAuthTokenResponse, RevocationForm, TokenForm
from service.runtime import runtime_of
from service.sessions.guards import client_of
from service.sessions.possession_transport import DPOP_HEADER
from service.signin import by_password, leaving, refreshing
from service.signin.transport import TRANSPORT, let_in, remember_device
from service.stores.refresh_tokens import PREFIX

blueprint = Blueprint("oauth_tokens", url_prefix="/oauth")

_ASKED: Final = {"grant_type": "password", "username": "ada@example.com", "password": "correct horse battery"}
_EXAMPLE: Final = {
    "access_token": "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9...",
    "token_type": "Bearer",
    "expires_in": 874,
    "refresh_token": "lkr_AYEdDMqFRVOWkdqzcZ9vEvM...",
}
_NO_COOKIES: Final = f"There is no cookie mode here: leave {TRANSPORT} out, or call /api/auth."
_GRANTS: Final = "`grant_type` is missing: `password` or `refresh_token`."
_NO_QUERY: Final = "Parameters belong into the body: an address is written into logs."


@blueprint.post("/token")
@openapi.definition(
    summary="Get tokens",
    description="OAuth 2's token endpoint (RFC 6749), for libraries: `/api/auth/login` and `/api/auth/refresh` in its "
    "form. Clients have no secret. Fields that aren't known are passed over.",
    body=form_body(TokenForm, _ASKED),
    response=[
        answer(200, OAuthTokenResponse, "The tokens of a new session, or the next ones of a session.", _EXAMPLE),
        *problems(
            InvalidGrant,
            InvalidRefreshToken,
            DeviceProofRequired,
            InactiveUser,
            SecondFactorRequired,
            EnrolmentRequired,
            UnauthorizedClient,
            UnsupportedGrantType,
            InvalidClient,
            InvalidDpopProof,
            UseDpopNonce,
            RateLimited,
        ),
    ],
    parameter=DPOP_HEADER,
)
async def issue_tokens(request: Request) -> HTTPResponse:
    """Get tokens for a password or a refresh token."""
    fields = _fields_of(request, TokenForm)
    if TRANSPORT in request.headers:
        raise BadRequest(_NO_COOKIES)
    await public_or_known(runtime_of(request), credentials_of(request, fields, public=True), tokens=True)
    runtime, client = runtime_of(request), client_of(request)
    match fields.get("grant_type"):
        case "password":
            form = read_from(fields, TokenForm)
            if form.username is None or form.password is None:
                _missing("username", "password")
            password = form.password.get_secret_value()
            signed_in = let_in(await by_password.log_in(runtime, form.username, password, client))
            response = json_answer(OAuthTokenResponse.of(signed_in.tokens))
            return remember_device(request, response, signed_in.device_cookie)
        case "refresh_token":
            if "refresh_token" not in fields:
                _missing("refresh_token")
            found = await refreshing.refresh(runtime, fields["refresh_token"], client)
            return json_answer(OAuthTokenResponse.of(found.tokens))
        case None:
            raise BadRequest(_GRANTS)
    raise UnsupportedGrantType


@blueprint.post("/revoke")
@openapi.definition(
    summary="End the session of a token",
    description="RFC 7009: with the session end all of its tokens, at once and everywhere. A token that isn't known "
    "ends nothing, and is 200, too.",
    body=form_body(RevocationForm, {"token": "lkr_AYEdDMqFRVOWkdqzcZ9vEvM..."}),
    response=[answer(200, None, "The session is over, or never was."), *problems(InvalidClient, RateLimited)],
)
async def revoke_token(request: Request) -> HTTPResponse:
    """End the session that a token belongs to."""
    fields = _fields_of(request, RevocationForm)
    runtime = runtime_of(request)
    await public_or_known(runtime, credentials_of(request, fields, public=True))
    if "token" not in fields:
        _missing("token")
    text = fields["token"]
    if text.startswith(PREFIX):
        await leaving.log_out(runtime, None, [text], client_of(request))
    else:
        await leaving.log_out(runtime, text, [], client_of(request))
    return HTTPResponse(status=200)


def _fields_of(request: Request, form: type[TokenForm | RevocationForm]) -> dict[str, str]:
    """Return the fields of the body. Raises `BadRequest` where one stands in the address (RFC 6749 section 2.3.1)."""
    if request.query_string:
        names = {name for name, _ in parse_qsl(request.query_string, keep_blank_values=True, errors="replace")}
        if names & form.model_fields.keys():
            raise BadRequest(_NO_QUERY)
    return read_fields(request)


def _missing(*names: str) -> NoReturn:
    raise BadRequest(f"Missing: {' and '.join(f'`{name}`' for name in names)}.")
