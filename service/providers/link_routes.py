"""/api/auth/providers/link: show that an account is yours, and it is linked."""

from __future__ import annotations

from sanic import HTTPResponse, Request

from service.core.http import openapi
from service.core.http.blueprints import Blueprint
from service.core.http.messages import json_answer
from service.core.http.operations import answer, json_body, problems
from service.core.http.reading import read_json
from service.errors import (
    AlreadyLinked,
    EmailTaken,
    EnrolmentRequired,
    Forbidden,
    InactiveUser,
    InvalidChallenge,
    InvalidCode,
    InvalidDpopProof,
    InvalidGrant,
    InvalidPasskey,
    NotFound,
    RateLimited,
    SecondFactorRequired,
    UseDpopNonce,
)
from service.providers import linking, mailing
from service.providers.schemas import (
    CHALLENGE_EXAMPLE,
    ProviderLinkMailRequest,
    ProviderLinkMailResponse,
    ProviderLinkOptionsRequest,
    ProviderLinkRequest,
)
from service.runtime import runtime_of
from service.sessions.guards import client_of
from service.sessions.possession_transport import DPOP_HEADER
from service.signin.passkey_schemas import (
    PASSKEY_EXAMPLE,
    REQUEST_OPTIONS_EXAMPLE,
    KnownPasskey,
    RequestOptionsResponse,
)
from service.signin.schemas import AccessTokenResponse, TokenPairResponse
from service.signin.transport import SET_COOKIE, TRANSPORT_HEADER, cookie_mode
from service.signin.transport import answer as signed_in

blueprint = Blueprint("provider_links", url_prefix="/api/auth/providers/link")

Tokens = TokenPairResponse | AccessTokenResponse

_TOKEN_PAIR = {
    "access_token": "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9...",
    "refresh_token": "lkr_AYEdDMqFRVOWkdqzcZ9vEvM...",
    "token_type": "bearer",
    "expires_in": 874,
}
_OPTIONS = {
    **REQUEST_OPTIONS_EXAMPLE,
    "allowCredentials": [{"type": "public-key", "id": PASSKEY_EXAMPLE["rawId"], "transports": ["internal"]}],
    "userVerification": "preferred",
}


@blueprint.post("")
@openapi.definition(
    summary="Show that an account is yours",
    description="After a 400 `account_not_linked`, in one of its `methods`. It is a log-in: a second factor is asked "
    "for where there is one, and the link is made with the session. The same again within a minute gives the same "
    "session. Five wrong ones end it.",
    body=json_body(ProviderLinkRequest, {"challenge": CHALLENGE_EXAMPLE, "password": "correct horse battery"}),
    response=[
        answer(200, Tokens, "The tokens of a new session. It is linked.", _TOKEN_PAIR, headers=SET_COOKIE),
        *problems(
            InvalidDpopProof,
            UseDpopNonce,
            InvalidGrant,
            InvalidCode,
            InvalidPasskey,
            InvalidChallenge,
            InactiveUser,
            EmailTaken,
            Forbidden,
            SecondFactorRequired,
            EnrolmentRequired,
            AlreadyLinked,
            RateLimited,
        ),
    ],
    parameter=[TRANSPORT_HEADER, DPOP_HEADER],
)
async def link_identity(request: Request) -> HTTPResponse:
    """Log in with something of an account, and link it."""
    cookie_mode(request)  # who may not have a cookie is refused before there is a session
    runtime, client, body = runtime_of(request), client_of(request), read_json(request, ProviderLinkRequest)
    challenge, trusted = body.challenge, body.trust_device
    if body.password is not None:
        password = body.password.get_secret_value()
        found = await linking.by_password(runtime, challenge, password, client, trust_device=trusted)
    elif body.passkey is not None:
        found = await linking.by_passkey(runtime, challenge, body.passkey.shown(), client, trust_device=trusted)
    else:
        found = await linking.by_code(runtime, challenge, body.code or "", client, trust_device=trusted)
    return await signed_in(request, found)


@blueprint.post("/mail")
@openapi.definition(
    summary="Have a code sent, to show that an address is yours",
    description="The same answer whether the address has an account or not. `email` only where the problem's `email` "
    "was null. To one address a letter goes at most once a minute, and five times an hour.",
    body=json_body(ProviderLinkMailRequest, {"challenge": CHALLENGE_EXAMPLE}),
    response=[
        answer(
            200,
            ProviderLinkMailResponse,
            "Go on with this challenge.",
            {"challenge": CHALLENGE_EXAMPLE, "expires_at": "2026-11-27T09:20:00Z"},
        ),
        *problems(InvalidChallenge, RateLimited),
    ],
)
async def mail_link_code(request: Request) -> HTTPResponse:
    """Send a code."""
    body = read_json(request, ProviderLinkMailRequest)
    sent = await mailing.send(runtime_of(request), body.challenge, body.email, client_of(request))
    return json_answer(ProviderLinkMailResponse.model_validate(sent))


@blueprint.post("/options")
@openapi.definition(
    summary="Ask for a passkey, to show that an account is yours",
    description="Where `methods` has `passkey`.",
    body=json_body(ProviderLinkOptionsRequest, {"challenge": CHALLENGE_EXAMPLE}),
    response=[
        answer(200, RequestOptionsResponse, "What to ask the browser for.", _OPTIONS),
        *problems(InvalidChallenge, NotFound),
    ],
)
async def link_passkey_options(request: Request) -> HTTPResponse:
    """Ask for one of the account's passkeys."""
    runtime, body = runtime_of(request), read_json(request, ProviderLinkOptionsRequest)
    wanted = await linking.wanted(runtime, body.challenge)
    known = [KnownPasskey(id=raw_id, transports=transports) for raw_id, transports in wanted.known]
    return json_answer(
        RequestOptionsResponse(
            challenge=wanted.challenge,
            rp_id=runtime.settings.passkey_rp_id,
            allow_credentials=known,
            user_verification="preferred",
        )
    )
