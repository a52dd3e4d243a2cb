"""/api/auth/providers: which there are, /start, /finish, and the one that takes a form."""

from __future__ import annotations

from hashlib import sha256
from typing import Final
from urllib.parse import urlencode

import orjson
from sanic import HTTPResponse, Request

from service.core.http import openapi
from service.core.http.blueprints import Blueprint
from service.core.http.files import send_cached
from service.core.http.messages import FORM, JSON, json_answer, no_content
from service.core.http.operations import answer, json_body, problems
from service.core.http.reading import read_form, read_json
from service.core.http.requests import media_type
from service.errors import (
    AccountNotLinked,
    AddressUnconfirmed,
    AlreadyLinked,
    BadRequest,
    EmailTaken,
    EnrolmentRequired,
    Forbidden,
    InactiveUser,
    InvalidAccessToken,
    InvalidDpopProof,
    InvalidGrant,
    NotAuthenticated,
    NotFound,
    ProviderFailed,
    RateLimited,
    ReauthenticationRequired,
    SecondFactorRequired,
    UnsupportedMediaType,
    UseDpopNonce,
)
from service.providers import finishing, registry, starting
from service.providers.finishing import Returned
from service.providers.offer import offered
from service.providers.schemas import (
    FINISH_EXAMPLE,
    OFFERED_EXAMPLE,
    STARTED_EXAMPLE,
    CallbackForm,
    OfferedResponse,
    ProviderFinishRequest,
    ProviderStartedResponse,
    ProviderStartRequest,
)
from service.runtime import Runtime, runtime_of
from service.sessions.guards import caller_of, client_of
from service.sessions.possession_transport import DPOP_HEADER
from service.signin.schemas import ReturningInCookieResponse, ReturningResponse
from service.signin.transport import SET_COOKIE, TRANSPORT_HEADER, cookie_mode
from service.signin.transport import answer as signed_in

blueprint = Blueprint("providers", url_prefix="/api/auth/providers")

Tokens = ReturningResponse | ReturningInCookieResponse

_KEPT: Final = "public, max-age=60"
_TOKEN_PAIR: Final = {
    "access_token": "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9...",
    "refresh_token": "lkr_AYEdDMqFRVOWkdqzcZ9vEvM...",
    "token_type": "bearer",
    "expires_in": 874,
    "return_to": "/settings",
}


@blueprint.get("")
@openapi.definition(
    summary="Which providers one can log in with",
    description="For the log-in page, in the order of `PROVIDERS`. The same for everybody, and good for a minute.",
    response=[answer(200, list[OfferedResponse], "Those there are.", OFFERED_EXAMPLE)],
)
async def list_providers(request: Request) -> HTTPResponse:
    """Return the providers that there are."""
    found = [OfferedResponse.model_validate(one).model_dump() for one in offered(runtime_of(request).settings)]
    body = orjson.dumps(found)
    return send_cached(request, body, f'W/"{sha256(body).hexdigest()[:16]}"', JSON, _KEPT)


@blueprint.post("/<provider:str>/start")
@openapi.secured({})  # optional: a log-in has none
@openapi.definition(
    summary="Begin at another provider",
    description="Send the browser to `url`, and keep `flow`. With `intent` `link` an account there is to open yours, "
    "with `reauthenticate` this session is to be fresh: both need an access token, and `link` a fresh session.",
    body=json_body(ProviderStartRequest, {"intent": "login", "return_to": "/settings"}),
    response=[
        answer(200, ProviderStartedResponse, "Where to go.", STARTED_EXAMPLE),
        *problems(
            BadRequest,
            NotAuthenticated,
            InvalidAccessToken,
            AddressUnconfirmed,
            ReauthenticationRequired,
            NotFound,
            RateLimited,
            ProviderFailed,
        ),
    ],
    secured={"bearerAuth": []},
)
async def start_provider(request: Request, provider: str) -> HTTPResponse:
    """Begin a log-in at another provider."""
    runtime, body = runtime_of(request), read_json(request, ProviderStartRequest)
    if body.intent == "login":
        begun = await starting.log_in(runtime, provider, body.return_to, client_of(request))
    else:
        caller = await caller_of(request)
        begin = starting.link if body.intent == "link" else starting.reauthenticate
        begun = await begin(runtime, caller, provider, body.return_to)
    return json_answer(ProviderStartedResponse.model_validate(begun))


@blueprint.post("/<provider:str>/finish")
@openapi.secured({})
@openapi.definition(
    summary="Come back from another provider",
    description="With what the provider has sent along, and the `flow` of this tab. A state is good once. 204 where an "
    "account was linked, or the session is fresh: these need the access token of the session that has begun it.",
    body=json_body(ProviderFinishRequest, FINISH_EXAMPLE),
    response=[
        answer(200, Tokens, "The tokens of a new session.", _TOKEN_PAIR, headers=SET_COOKIE),
        answer(204, None, "It is linked, or the session is fresh."),
        *problems(
            InvalidDpopProof,
            UseDpopNonce,
            InvalidGrant,
            AccountNotLinked,
            InactiveUser,
            EmailTaken,
            NotAuthenticated,
            InvalidAccessToken,
            Forbidden,
            SecondFactorRequired,
            EnrolmentRequired,
            AddressUnconfirmed,
            ReauthenticationRequired,
            NotFound,
            AlreadyLinked,
            RateLimited,
            ProviderFailed,
        ),
    ],
    parameter=[TRANSPORT_HEADER, DPOP_HEADER],
    secured={"bearerAuth": []},
)
async def finish_provider(request: Request, provider: str) -> HTTPResponse:
    """Finish what was begun at another provider."""
    cookie_mode(request)  # who may not have a cookie is refused before there is a session
    runtime, body = runtime_of(request), read_json(request, ProviderFinishRequest)
    returned = Returned(provider, body.code, body.state, body.flow, body.iss, body.user)
    flow = await finishing.look(runtime, returned)
    if flow.intent == "login":
        found = await finishing.log_in(runtime, returned, client_of(request), trust_device=body.trust_device)
        return await signed_in(request, found, return_to=flow.return_to)
    caller = await caller_of(request)
    done = finishing.link if flow.intent == "link" else finishing.step_up
    await done(runtime, caller, flow, returned)
    return no_content()


@blueprint.post("/<provider:str>/callback")
@openapi.definition(exclude=True)  # for browsers on their way back from a provider: it is no call of the API's
async def take_form(request: Request, provider: str) -> HTTPResponse:
    """Send the browser on to the front end, with what a provider had it post (Apple's `form_post`), in the fragment.

    The one redirect below /api (docs/decisions/102): it opens nothing, and no server sees where it leads.
    """
    runtime = runtime_of(request)
    _expect_posted(runtime, provider)
    if media_type(request) != FORM:
        raise UnsupportedMediaType(f"Send the form as {FORM}.")
    form = read_form(request, CallbackForm)
    said = {name: value for name, value in form.model_dump().items() if value}
    page = f"{runtime.settings.frontend_url}/login/callback/{provider}#{urlencode(said)}"
    return HTTPResponse(status=303, headers={"Location": page})


def _expect_posted(runtime: Runtime, provider: str) -> None:
    """Raise `NotFound` unless this is where the provider has browsers post its answers."""
    party = starting.party_of(runtime, provider)
    if not registry.redirect_uri(runtime.settings, party).endswith(f"/api/auth/providers/{provider}/callback"):
        raise NotFound
