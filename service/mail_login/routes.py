"""/api/auth/email: whether one can, and /start, /look, /finish."""

from __future__ import annotations

from sanic import HTTPResponse, Request

from service.core.http import openapi
from service.core.http.blueprints import Blueprint
from service.core.http.messages import json_answer
from service.core.http.operations import answer, json_body, problems
from service.core.http.reading import read_json
from service.errors import (
    EnrolmentRequired,
    Forbidden,
    InactiveUser,
    InvalidChallenge,
    InvalidCode,
    InvalidDpopProof,
    NotFound,
    RateLimited,
    SecondFactorRequired,
    UseDpopNonce,
)
from service.mail_login import flows
from service.mail_login.offer import offer_of
from service.mail_login.schemas import (
    AskedResponse,
    FinishRequest,
    LookRequest,
    OfferResponse,
    StartedResponse,
    StartRequest,
)
from service.runtime import runtime_of
from service.sessions.guards import client_of
from service.sessions.possession_transport import DPOP_HEADER
from service.signin.schemas import AccessTokenResponse, TokenPairResponse
from service.signin.transport import SET_COOKIE, TRANSPORT_HEADER, cookie_mode
from service.signin.transport import answer as signed_in

blueprint = Blueprint("mail_login", url_prefix="/api/auth/email")

Tokens = TokenPairResponse | AccessTokenResponse

_CHALLENGE = "lkm_0yqf6m1s9yJrU0hC2l7wqB3mE5bq8V4kX1t6n2o9cZs..."
_TOKEN_PAIR = {
    "access_token": "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9...",
    "refresh_token": "lkr_AYEdDMqFRVOWkdqzcZ9vEvM...",
    "token_type": "bearer",
    "expires_in": 874,
}
_ASKED = {
    "email": "ada@example.com",
    "at": "2026-11-26T09:10:00Z",
    "ip": "203.0.113.7",
    "browser": "Firefox on Linux",
}


@blueprint.get("")
@openapi.definition(
    summary="Whether one can log in by mail",
    description="For the log-in page. All false where `EMAIL_SIGN_IN` is `off`: then the other calls are 404.",
    response=[answer(200, OfferResponse, "What letters have.", {"code": True, "link": True, "registers": False})],
)
async def offer(request: Request) -> HTTPResponse:
    """Return whether one can log in by mail."""
    return json_answer(OfferResponse.model_validate(offer_of(runtime_of(request).settings)))


@blueprint.post("/start")
@openapi.definition(
    summary="Ask for a letter to log in with",
    description="Always 202: the answer doesn't tell whether the address has an account. To one address a letter goes "
    "at most once a minute, and five times an hour. 404 where `EMAIL_SIGN_IN` is `off`.",
    body=json_body(StartRequest, {"email": "ada@example.com"}),
    response=[
        answer(
            202,
            StartedResponse,
            "The same, whoever it is.",
            {"challenge": _CHALLENGE, "expires_in": 1200},
        ),
        *problems(NotFound, RateLimited),
    ],
)
async def start(request: Request) -> HTTPResponse:
    """Ask for a letter to log in with."""
    body = read_json(request, StartRequest)
    return json_answer(
        StartedResponse.model_validate(await flows.start(runtime_of(request), body.email, client_of(request))), 202
    )


@blueprint.post("/look")
@openapi.definition(
    summary="Look at a link before it is pressed",
    description="Who asked for it, for the page that it leads to. It uses nothing up.",
    body=json_body(LookRequest, {"token": "q3yqV0nq0l0o2mY0y8bC1kKq1n1mS2u7q0Q1m0s9xYk"}),
    response=[answer(200, AskedResponse, "Who asked for it.", _ASKED), *problems(InvalidChallenge, NotFound)],
)
async def look(request: Request) -> HTTPResponse:
    """Look at a link before it is pressed."""
    body = read_json(request, LookRequest)
    return json_answer(AskedResponse.model_validate(await flows.look(runtime_of(request), body.token)))


@blueprint.post("/finish")
@openapi.definition(
    summary="Log in with a code or a link",
    description="A code works with the `challenge` of the browser that asked, a link wherever it is pressed; one of "
    "them, once. The same again within a minute gives the same session. Five wrong codes end the log-in.",
    body=json_body(FinishRequest, {"challenge": _CHALLENGE, "code": "271828"}),
    response=[
        answer(200, Tokens, "The tokens of a new session.", _TOKEN_PAIR, headers=SET_COOKIE),
        *problems(
            InvalidDpopProof,
            UseDpopNonce,
            InvalidCode,
            InvalidChallenge,
            InactiveUser,
            Forbidden,
            SecondFactorRequired,
            EnrolmentRequired,
            NotFound,
            RateLimited,
        ),
    ],
    parameter=[TRANSPORT_HEADER, DPOP_HEADER],
)
async def finish(request: Request) -> HTTPResponse:
    """Log in with a code or a link."""
    cookie_mode(request)  # who may not have a cookie is refused before there is a session
    runtime, client = runtime_of(request), client_of(request)
    body = read_json(request, FinishRequest)
    if body.token is not None:
        return await signed_in(request, await flows.finish_by_link(runtime, body.token, client))
    found = await flows.finish_by_code(runtime, body.challenge or "", body.code or "", client)
    return await signed_in(request, found)
