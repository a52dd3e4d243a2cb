"""/api/auth/second-factor: the second step of a log-in."""

from __future__ import annotations

from sanic import HTTPResponse, Request

from service.core.http import openapi
from service.core.http.blueprints import Blueprint
from service.core.http.messages import json_answer
from service.core.http.operations import answer, json_body, problems
from service.core.http.reading import read_json
from service.core.webauthn.ceremonies import Assertion
from service.credentials.second_factor import Code, RecoveryCode
from service.errors import (
    AddressUnconfirmed,
    EnrolmentRequired,
    Forbidden,
    InactiveUser,
    InvalidChallenge,
    InvalidCode,
    InvalidDpopProof,
    InvalidPasskey,
    NotFound,
    RateLimited,
    SecondFactorRequired,
    UseDpopNonce,
)
from service.factors import at_the_door, waiting
from service.factors.passkey_schemas import wanting
from service.factors.schemas import (
    CODES_EXAMPLE,
    ENROLMENT_EXAMPLE,
    DoorEnrolmentResponse,
    DoorPasskeyResponse,
    EnrolConfirmRequest,
    EnrolRequest,
    SecondFactorRequest,
)
from service.runtime import runtime_of
from service.sessions.guards import client_of
from service.sessions.possession_transport import DPOP_HEADER
from service.signin.schemas import (
    AccessTokenResponse,
    EnrolledInCookieResponse,
    EnrolledResponse,
    TokenPairResponse,
)
from service.signin.transport import SET_COOKIE, TRANSPORT_HEADER, cookie_mode
from service.signin.transport import answer as signed_in

blueprint = Blueprint("second_factor", url_prefix="/api/auth/second-factor")

Tokens = TokenPairResponse | AccessTokenResponse
Enrolled = EnrolledResponse | EnrolledInCookieResponse

_CHALLENGE = "lkc_AfMkv7Q0VE2pqvJrFbIHEM..."
_TOKEN_PAIR = {
    "access_token": "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9...",
    "refresh_token": "lkr_AYEdDMqFRVOWkdqzcZ9vEvM...",
    "token_type": "bearer",
    "expires_in": 874,
}
_NUMBER = ENROLMENT_EXAMPLE["enrolment"]


@blueprint.post("")
@openapi.definition(
    summary="Finish a log-in with the second factor",
    description="With the `challenge` of a 403 `second_factor_required`. The same code again within a minute gives the "
    "same session; no other log-in takes it. Five wrong ones end the log-in.",
    body=json_body(SecondFactorRequest, {"challenge": _CHALLENGE, "code": "271828", "trust_device": True}),
    response=[
        answer(200, Tokens, "The tokens of a new session.", _TOKEN_PAIR, headers=SET_COOKIE),
        *problems(
            InvalidDpopProof,
            UseDpopNonce,
            InvalidCode,
            InvalidPasskey,
            InvalidChallenge,
            InactiveUser,
            Forbidden,
            SecondFactorRequired,
            EnrolmentRequired,
            RateLimited,
        ),
    ],
    parameter=[TRANSPORT_HEADER, DPOP_HEADER],
)
async def show_second_factor(request: Request) -> HTTPResponse:
    """Finish a log-in with the second factor."""
    cookie_mode(request)  # who may not have a cookie is refused before there is a session
    body = read_json(request, SecondFactorRequest)
    shown: Code | RecoveryCode | Assertion
    if body.passkey is not None:
        shown = body.passkey.shown()
    else:
        shown = Code(body.code) if body.code is not None else RecoveryCode(body.recovery_code or "")
    outcome = await at_the_door.finish(
        runtime_of(request), body.challenge, shown, client_of(request), trust_device=body.trust_device
    )
    return await signed_in(request, outcome)


@blueprint.post("/enrol")
@openapi.definition(
    summary="Set up a second factor to finish a log-in",
    description="With the `challenge` of a 403 `enrolment_required`. With `mail_code` in the answer a code was sent to "
    "the mailbox: it is asked for as well.",
    body=json_body(EnrolRequest, {"challenge": _CHALLENGE, "kind": "totp"}),
    response=[
        answer(
            200,
            DoorEnrolmentResponse | DoorPasskeyResponse,
            "A secret, not in force yet; or what passkey the browser is to make.",
            {**ENROLMENT_EXAMPLE, "mail_code": True},
        ),
        *problems(InvalidChallenge, AddressUnconfirmed, NotFound, RateLimited),
    ],
)
async def begin_enrolment(request: Request) -> HTTPResponse:
    """Make a secret for an app, or ask for a passkey, in a log-in."""
    body = read_json(request, EnrolRequest)
    if body.kind == "passkey":
        runtime = runtime_of(request)
        asked = await at_the_door.begin_passkey(runtime, body.challenge, client_of(request))
        options = wanting(runtime.settings, asked.wanted)
        return json_answer(DoorPasskeyResponse(options=options, mail_code=asked.mail_code))
    found = await at_the_door.begin(runtime_of(request), body.challenge, client_of(request))
    return json_answer(DoorEnrolmentResponse.model_validate(found))


@blueprint.post("/enrol/confirm")
@openapi.definition(
    summary="Confirm it, and finish the log-in",
    description="The same again within a minute gives the same session, without the recovery codes.",
    body=json_body(
        EnrolConfirmRequest,
        {"challenge": _CHALLENGE, "enrolment": _NUMBER, "code": "271828", "mail_code": "314159"},
    ),
    response=[
        answer(
            200,
            Enrolled,
            "The tokens of a new session, and recovery codes.",
            {**_TOKEN_PAIR, "recovery_codes": CODES_EXAMPLE},
            headers=SET_COOKIE,
        ),
        *problems(
            InvalidDpopProof,
            UseDpopNonce,
            InvalidCode,
            InvalidPasskey,
            InvalidChallenge,
            InactiveUser,
            AddressUnconfirmed,
            Forbidden,
            SecondFactorRequired,
            EnrolmentRequired,
            NotFound,
            RateLimited,
        ),
    ],
    parameter=[TRANSPORT_HEADER, DPOP_HEADER],
)
async def confirm_enrolment(request: Request) -> HTTPResponse:
    """Confirm a second factor, and finish the log-in."""
    cookie_mode(request)
    body = read_json(request, EnrolConfirmRequest)
    if body.passkey is not None:
        made = at_the_door.NewPasskey(body.passkey.shown(), body.name, body.mail_code or "")
        enrolled = await at_the_door.confirm_passkey(runtime_of(request), body.challenge, made, client_of(request))
        return await signed_in(request, enrolled.outcome, recovery_codes=enrolled.recovery_codes)
    shown = at_the_door.Codes(body.code or "", body.mail_code or "")
    done = await at_the_door.confirm(
        runtime_of(request), body.challenge, waiting.number_of(body.enrolment or ""), shown, client_of(request)
    )
    return await signed_in(request, done.outcome, recovery_codes=done.recovery_codes)
