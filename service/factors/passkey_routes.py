"""Passkeys: log in with one, ask for one, set up, name and remove one's own; which sites may use them."""

from __future__ import annotations

from sanic import HTTPResponse, Request

from service.core.http import openapi
from service.core.http.blueprints import Blueprint
from service.core.http.messages import json_answer, no_content
from service.core.http.operations import answer, json_body, problems
from service.core.http.reading import read_json
from service.core.http.requests import path_id
from service.errors import (
    AddressUnconfirmed,
    EnrolmentRequired,
    Forbidden,
    InactiveUser,
    InvalidChallenge,
    InvalidDpopProof,
    InvalidPasskey,
    LastWayIn,
    NotFound,
    RateLimited,
    ReauthenticationRequired,
    SecondFactorRequired,
    TooManyPasskeys,
    UseDpopNonce,
)
from service.factors import passkeys_set_up, passkeys_shown, removing
from service.factors.passkey_schemas import (
    CREATION_OPTIONS_EXAMPLE,
    NEW_PASSKEY_EXAMPLE,
    PASSKEY_RESPONSE_EXAMPLE,
    ChallengeRequest,
    CreationOptionsResponse,
    NewPasskeyRequest,
    NewPasskeyResponse,
    PasskeyLoginRequest,
    PasskeyResponse,
    RelatedOriginsResponse,
    RenameRequest,
    asking,
    details,
    wanting,
)
from service.factors.schemas import CODES_EXAMPLE
from service.runtime import runtime_of
from service.sessions.callers import Caller
from service.sessions.guards import authenticated, client_of
from service.sessions.possession_transport import DPOP_HEADER
from service.signin.passkey_schemas import PASSKEY_EXAMPLE, REQUEST_OPTIONS_EXAMPLE, RequestOptionsResponse
from service.signin.schemas import AccessTokenResponse, TokenPairResponse
from service.signin.transport import SET_COOKIE, TRANSPORT_HEADER, cookie_mode
from service.signin.transport import answer as signed_in

blueprint = Blueprint("passkeys", url_prefix="/api")
well_known = Blueprint("related_origins", url_prefix="/.well-known")

Tokens = TokenPairResponse | AccessTokenResponse

_CHALLENGE = "lkc_AfMkv7Q0VE2pqvJrFbIHEM..."
_ONE_OF_MINE = {
    **REQUEST_OPTIONS_EXAMPLE,
    "allowCredentials": [{"type": "public-key", "id": PASSKEY_EXAMPLE["rawId"], "transports": ["internal"]}],
    "userVerification": "preferred",
}
_TOKEN_PAIR = {
    "access_token": "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9...",
    "refresh_token": "lkr_AYEdDMqFRVOWkdqzcZ9vEvM...",
    "token_type": "bearer",
    "expires_in": 874,
}


@blueprint.post("/auth/passkeys/options")
@openapi.definition(
    summary="Ask for a passkey to log in with",
    description="For the log-in page, also for autofill. Nothing is stored; a challenge is good for five minutes.",
    response=[answer(200, RequestOptionsResponse, "What to ask the browser for.", REQUEST_OPTIONS_EXAMPLE)],
)
async def log_in_options(request: Request) -> HTTPResponse:
    """Ask for a passkey to log in with."""
    runtime = runtime_of(request)
    return json_answer(asking(runtime.settings, passkeys_shown.for_log_in(runtime)))


@blueprint.post("/auth/passkeys")
@openapi.definition(
    summary="Log in with a passkey",
    description="No address, no password: the passkey says whose it is, and has to have verified its user, so no "
    "second factor is asked for. Each challenge is good once.",
    body=json_body(PasskeyLoginRequest, {"credential": PASSKEY_EXAMPLE}),
    response=[
        answer(200, Tokens, "The tokens of a new session.", _TOKEN_PAIR, headers=SET_COOKIE),
        *problems(
            InvalidDpopProof,
            UseDpopNonce,
            InvalidPasskey,
            InactiveUser,
            Forbidden,
            SecondFactorRequired,
            EnrolmentRequired,
            RateLimited,
        ),
    ],
    parameter=[TRANSPORT_HEADER, DPOP_HEADER],
)
async def log_in(request: Request) -> HTTPResponse:
    """Log in with a passkey."""
    cookie_mode(request)  # who may not have a cookie is refused before there is a session
    body = read_json(request, PasskeyLoginRequest)
    outcome = await passkeys_shown.log_in(runtime_of(request), body.credential.shown(), client_of(request))
    return await signed_in(request, outcome)


@blueprint.post("/auth/second-factor/options")
@openapi.definition(
    summary="Ask for a passkey as the second factor",
    description="With the `challenge` of a 403 `second_factor_required`. 404 where the account has no passkey.",
    body=json_body(ChallengeRequest, {"challenge": _CHALLENGE}),
    response=[
        answer(200, RequestOptionsResponse, "What to ask the browser for.", _ONE_OF_MINE),
        *problems(InvalidChallenge, NotFound),
    ],
)
async def second_step_options(request: Request) -> HTTPResponse:
    """Ask for a passkey as the second factor."""
    runtime, body = runtime_of(request), read_json(request, ChallengeRequest)
    return json_answer(asking(runtime.settings, await passkeys_shown.for_second_step(runtime, body.challenge)))


@blueprint.post("/auth/reauthenticate/options")
@openapi.definition(
    summary="Ask for a passkey to make this session fresh",
    response=[answer(200, RequestOptionsResponse, "What to ask the browser for.", _ONE_OF_MINE), *problems(NotFound)],
)
@authenticated
async def step_up_options(request: Request, caller: Caller) -> HTTPResponse:
    """Ask for a passkey to make this session fresh."""
    runtime = runtime_of(request)
    return json_answer(asking(runtime.settings, await passkeys_shown.for_step_up(runtime, caller)))


@blueprint.post("/users/me/factors/passkeys/options")
@openapi.definition(
    summary="Set up a passkey",
    description="It takes a fresh session. Nothing is stored. 404 where `SECOND_FACTOR` is `off`.",
    response=[
        answer(200, CreationOptionsResponse, "What the browser is to make.", CREATION_OPTIONS_EXAMPLE),
        *problems(ReauthenticationRequired, AddressUnconfirmed, NotFound, TooManyPasskeys),
    ],
)
@authenticated
async def set_up_options(request: Request, caller: Caller) -> HTTPResponse:
    """Say what passkey the browser is to make."""
    runtime = runtime_of(request)
    return json_answer(wanting(runtime.settings, await passkeys_set_up.begin(runtime, caller)))


@blueprint.post("/users/me/factors/passkeys")
@openapi.definition(
    summary="Add the passkey that was made",
    description="It is a second factor from now on, and one can log in with it alone if it verifies its user. "
    "Log-ins under way and trusted devices end; other sessions with `end_other_sessions`. A second factor that was set "
    "up since the options were asked for has to be shown first.",
    body=json_body(NewPasskeyRequest, {"credential": NEW_PASSKEY_EXAMPLE, "name": "iPhone"}),
    response=[
        answer(201, NewPasskeyResponse, "It is set up.", {**PASSKEY_RESPONSE_EXAMPLE, "recovery_codes": CODES_EXAMPLE}),
        *problems(InvalidPasskey, ReauthenticationRequired, AddressUnconfirmed, NotFound, TooManyPasskeys),
    ],
)
@authenticated
async def add(request: Request, caller: Caller) -> HTTPResponse:
    """Add the passkey that was made."""
    body = read_json(request, NewPasskeyRequest)
    done = await passkeys_set_up.confirm(
        runtime_of(request), caller, body.credential.shown(), body.name, end_others=body.end_other_sessions
    )
    codes = list(done.recovery_codes) if done.recovery_codes else None
    return json_answer(NewPasskeyResponse.model_validate(details(done.passkey) | {"recovery_codes": codes}), 201)


@blueprint.patch("/users/me/factors/passkeys/<passkey_id:str>")
@openapi.definition(
    summary="Call a passkey something else",
    body=json_body(RenameRequest, {"name": "Safari on iPhone"}),
    response=[answer(200, PasskeyResponse, "The passkey.", PASSKEY_RESPONSE_EXAMPLE), *problems(NotFound)],
)
@authenticated
async def rename(request: Request, caller: Caller, passkey_id: str) -> HTTPResponse:
    """Call a passkey something else."""
    body = read_json(request, RenameRequest)
    passkey = await passkeys_set_up.rename(runtime_of(request), caller, path_id(passkey_id), body.name)
    return json_answer(PasskeyResponse.of(passkey))


@blueprint.delete("/users/me/factors/passkeys/<passkey_id:str>")
@openapi.definition(
    summary="Remove a passkey",
    description="It takes a session that is fresh by a second factor. Every other session ends. 409 where nobody could "
    "log in to the account any more, or where it has to have a second factor.",
    response=[
        answer(204, None, "It is gone; recovery codes go with the last factor."),
        *problems(ReauthenticationRequired, Forbidden, NotFound, LastWayIn),
    ],
)
@authenticated
async def remove(request: Request, caller: Caller, passkey_id: str) -> HTTPResponse:
    """Remove a passkey."""
    await removing.remove_passkey(runtime_of(request), caller, path_id(passkey_id))
    return no_content()


@well_known.get("/webauthn")
@openapi.definition(
    summary="Which other sites may use these passkeys",
    description="For browsers, at the domain that passkeys are bound to: the front ends on other domains.",
    response=[
        answer(200, RelatedOriginsResponse, "Them.", {"origins": ["https://example.org"]}),
        *problems(NotFound),
    ],
)
async def related_origins(request: Request) -> HTTPResponse:
    """Say which other sites may use these passkeys."""
    found = runtime_of(request).settings.related_origins
    if not found:
        raise NotFound
    return json_answer(RelatedOriginsResponse(origins=list(found)))
