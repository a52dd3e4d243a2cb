"""/api/auth."""

from __future__ import annotations

from sanic import HTTPResponse, Request

from service.accounts.views import USER_EXAMPLE, UserResponse
from service.auth import browser, flows
from service.auth.schemas import (
    KeptResponse,
    LoginForm,
    LoginRequest,
    LogoutRequest,
    ReauthenticateRequest,
    RefreshQuery,
    RefreshRequest,
    RegisterRequest,
)
from service.core.http import openapi
from service.core.http.blueprints import Blueprint
from service.core.http.messages import FORM, JSON, AcceptedResponse, accepted, json_answer, no_content
from service.core.http.operations import answer, json_body, problems, query
from service.core.http.reading import read_form, read_json, read_query, says_nothing
from service.core.http.requests import access_token as access_token_of
from service.core.http.requests import media_type
from service.credentials import passkey_challenges
from service.credentials.passwords import Password
from service.credentials.second_factor import Code, Key, RecoveryCode, Shown
from service.errors import (
    DeviceProofRequired,
    EmailTaken,
    EnrolmentRequired,
    Forbidden,
    InactiveUser,
    InvalidCode,
    InvalidDpopProof,
    InvalidGrant,
    InvalidPasskey,
    InvalidRefreshToken,
    NotAuthenticated,
    RateLimited,
    ReauthenticationRequired,
    SecondFactorRequired,
    UnsupportedMediaType,
    UseDpopNonce,
)
from service.errors.end_reasons import EndReason
from service.runtime import runtime_of
from service.sessions.callers import Caller
from service.sessions.guards import authenticated, client_of, ending
from service.sessions.possession_transport import DPOP_HEADER
from service.signin import binding_transport, by_password, cookie_transport, leaving, refreshing
from service.signin.schemas import AccessTokenResponse, TokenPairResponse
from service.signin.transport import (
    SET_COOKIE,
    TRANSPORT_HEADER,
    answer_tokens,
    cookie_mode,
    cookie_tokens,
    goodbye,
)
from service.signin.transport import answer as signed_in

blueprint = Blueprint("auth", url_prefix="/api/auth")

Tokens = TokenPairResponse | AccessTokenResponse

_LETTER = "A letter is on its way to that address. Please use the link in it."
_NO_FILES = f"Send the form as {FORM} (URLSearchParams, not FormData), or send {JSON}."
_TOKEN_PAIR = {
    "access_token": "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9...",
    "refresh_token": "lkr_AYEdDMqFRVOWkdqzcZ9vEvM...",
    "token_type": "bearer",
    "expires_in": 874,
}


@blueprint.post("/register")
@openapi.definition(
    body=json_body(
        RegisterRequest, {"email": "ada@example.com", "password": "correct horse battery", "full_name": "Ada Lovelace"}
    ),
    response=[
        answer(200, UserResponse, "The new user.", USER_EXAMPLE),
        answer(202, AcceptedResponse, "With `REQUIRE_EMAIL_VERIFICATION`, whoever it is.", {"detail": _LETTER}),
        *problems(EmailTaken, RateLimited),
    ],
)
async def register(request: Request) -> HTTPResponse:
    """Create an account."""
    runtime, client = runtime_of(request), client_of(request)
    body = read_json(request, RegisterRequest)
    password = body.password.get_secret_value()
    if runtime.settings.REQUIRE_EMAIL_VERIFICATION:
        await flows.register_quietly(runtime, body.email, password, body.full_name, client)
        return accepted(_LETTER)
    user = await flows.register(runtime, body.email, password, body.full_name, client)
    return json_answer(UserResponse.model_validate(user))


@blueprint.post("/login")
@openapi.definition(
    description="Opens a new session every time. The form is OAuth 2's password grant.",
    body=json_body(LoginRequest, {"username": "ada@example.com", "password": "correct horse battery"}, form=LoginForm),
    response=[
        answer(200, Tokens, "The tokens of a new session.", _TOKEN_PAIR, headers=SET_COOKIE),
        *problems(
            InvalidGrant,
            InactiveUser,
            Forbidden,
            SecondFactorRequired,
            EnrolmentRequired,
            InvalidDpopProof,
            UseDpopNonce,
            RateLimited,
        ),
    ],
    parameter=[TRANSPORT_HEADER, DPOP_HEADER],
)
async def login(request: Request) -> HTTPResponse:
    """Log in."""
    cookie_mode(request)  # who may not have a cookie is refused before there is a session
    if media_type(request) == FORM:
        form = read_form(request, LoginForm)
        name, password = form.username, form.password
    else:
        if media_type(request).startswith("multipart/"):
            raise UnsupportedMediaType(_NO_FILES)
        body = read_json(request, LoginRequest)
        name, password = body.name, body.password
    runtime, client = runtime_of(request), client_of(request)
    return await signed_in(request, await by_password.log_in(runtime, name, password.get_secret_value(), client))


@blueprint.post("/refresh")
@openapi.definition(
    description="Safe to repeat: a duplicate gets the same refresh token again. `reason` says why a session is over.",
    body=json_body(RefreshRequest, {"refresh_token": "lkr_AYEdDMqFRVOWkdqzcZ9vEvM..."}, required=False),
    response=[
        answer(200, Tokens, "The next tokens of the session.", _TOKEN_PAIR, headers=SET_COOKIE),
        answer(204, None, "With `opening`, in cookie mode: there is no cookie."),
        *problems(InvalidRefreshToken, Forbidden, DeviceProofRequired, InvalidDpopProof, UseDpopNonce, RateLimited),
    ],
    parameter=[TRANSPORT_HEADER, DPOP_HEADER, *query(RefreshQuery)],
)
async def refresh(request: Request) -> HTTPResponse:
    """Spend a refresh token for the next pair."""
    in_cookie = cookie_mode(request)
    opening = bool(request.query_string) and read_query(request, RefreshQuery).opening
    if in_cookie:
        return await _refresh_in_cookie(request, opening=opening)
    # A body that says nothing holds no token that is good; one that isn't there is a call that was written wrongly.
    empty = bool(request.body.strip()) and media_type(request) == JSON and says_nothing(request)
    given = "" if empty else read_json(request, RefreshRequest).refresh_token
    found = await refreshing.refresh(runtime_of(request), given, client_of(request))
    return answer_tokens(request, found.tokens, found.user if opening else None)


async def _refresh_in_cookie(request: Request, *, opening: bool) -> HTTPResponse:
    given = cookie_tokens(request)
    if not given and opening:
        return no_content()
    if not given:
        raise InvalidRefreshToken
    try:
        found = await browser.refresh(runtime_of(request), given, client_of(request))
    except InvalidRefreshToken as error:
        if await browser.may_clear_cookie(runtime_of(request), given):
            cookie_transport.drop(request, error)
            binding_transport.drop_proof(request, error)
        raise
    except DeviceProofRequired as error:
        binding_transport.drop_proof(request, error)
        raise
    return answer_tokens(request, found.tokens, found.user if opening else None)


@blueprint.get("/cookie")
@openapi.definition(
    summary="Whether the cookie was kept",
    description="For a page that has just logged in, in cookie mode: the user may have blocked cookies, or the page "
    "isn't secure. It says nothing about whether the session lives.",
    response=[
        answer(200, KeptResponse, "Whether this call brought the session's cookie.", {"kept": True}),
        *problems(Forbidden),
    ],
    parameter=TRANSPORT_HEADER,
)
async def cookie(request: Request) -> HTTPResponse:
    """Say whether this browser has kept the session's cookie."""
    return json_answer(KeptResponse(kept=cookie_mode(request) and cookie_transport.is_kept(request)))


@blueprint.post("/logout")
@openapi.secured({})  # optional: a refresh token will do
@openapi.definition(
    description="Takes an access token, or a refresh token (body, cookie). 204 for any credential (RFC 7009).",
    body=json_body(LogoutRequest, {"refresh_token": "lkr_AYEdDMqFRVOWkdqzcZ9vEvM..."}, required=False),
    response=[
        answer(204, None, "The session is over, or never was.", headers=SET_COOKIE),
        *problems(NotAuthenticated, Forbidden),
    ],
    parameter=TRANSPORT_HEADER,
    secured={"bearerAuth": []},
)
async def logout(request: Request) -> HTTPResponse:
    """End this session."""
    _, access_token = access_token_of(request.headers)
    in_cookie = cookie_mode(request)
    if in_cookie:
        refresh_tokens = cookie_tokens(request)
    else:
        no_matter = says_nothing(request) and (access_token or not request.body or media_type(request) == JSON)
        given = None if no_matter else read_json(request, LogoutRequest).refresh_token
        refresh_tokens = [given] if given else []
        if not access_token and not refresh_tokens:
            raise NotAuthenticated
    await leaving.log_out(runtime_of(request), access_token, refresh_tokens, client_of(request))
    return goodbye(request) if in_cookie else no_content()


@blueprint.post("/logout-all")
@openapi.definition(
    summary="End all of your sessions",
    response=[answer(204, None, "Every session is over.", headers=SET_COOKIE), *problems(Forbidden)],
    parameter=TRANSPORT_HEADER,
)
@ending(EndReason.LOGGED_OUT_EVERYWHERE)
async def logout_all(request: Request, caller: Caller | None) -> HTTPResponse:
    """End all of your sessions, this one too."""
    in_cookie = cookie_mode(request)
    if caller is not None:
        await flows.log_out_everywhere(runtime_of(request), caller)
    return goodbye(request) if in_cookie else no_content()


@blueprint.post("/test-token")
@openapi.definition(
    summary="Test an access token", response=[answer(200, UserResponse, "Whose token it is.", USER_EXAMPLE)]
)
@authenticated
async def test_token(request: Request, caller: Caller) -> HTTPResponse:
    """Return whose access token it is."""
    return json_answer(UserResponse.model_validate(caller.user))


@blueprint.post("/reauthenticate")
@openapi.definition(
    description="This session counts as fresh again for `FRESH_SESSION_MINUTES`. Who has a second factor shows that: "
    "a password is answered with 403 then.",
    body=json_body(ReauthenticateRequest, {"password": "correct horse battery"}),
    response=[
        answer(204, None, "The session is fresh."),
        *problems(InvalidGrant, InvalidCode, InvalidPasskey, ReauthenticationRequired, RateLimited),
    ],
)
@authenticated
async def reauthenticate(request: Request, caller: Caller) -> HTTPResponse:
    """Give the password again, or show the second factor."""
    body = read_json(request, ReauthenticateRequest)
    shown: Password | Shown
    if body.password is not None:
        shown = Password(body.password.get_secret_value())
    elif body.code is not None:
        shown = Code(body.code)
    elif body.passkey is not None:
        shown = Key(body.passkey.shown(), passkey_challenges.of_step_up(caller.session.sid))
    else:
        shown = RecoveryCode(body.recovery_code or "")
    await flows.reauthenticate(runtime_of(request), caller, shown)
    return no_content()
