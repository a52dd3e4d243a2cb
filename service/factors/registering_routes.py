"""/api/auth/passkeys/register: a new account with a passkey and nothing else."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field
from sanic import HTTPResponse, Request

from service.core.http import openapi
from service.core.http.blueprints import Blueprint
from service.core.http.fields import FullNameField
from service.core.http.messages import RequestModel, ResponseModel, json_answer
from service.core.http.operations import answer, json_body, problems
from service.core.http.reading import read_json
from service.core.text.email_address import EmailField
from service.errors import (
    EmailTaken,
    EnrolmentRequired,
    Forbidden,
    InvalidDpopProof,
    InvalidPasskey,
    NotFound,
    RateLimited,
    SecondFactorRequired,
    UseDpopNonce,
)
from service.factors import registering
from service.factors.passkey_schemas import (
    CREATION_OPTIONS_EXAMPLE,
    NEW_PASSKEY_EXAMPLE,
    FirstOptionsResponse,
    NameField,
    NewPasskeyField,
    first_of,
)
from service.factors.schemas import CODES_EXAMPLE
from service.runtime import runtime_of
from service.sessions.guards import client_of
from service.sessions.possession_transport import DPOP_HEADER
from service.signin.schemas import EnrolledInCookieResponse, EnrolledResponse
from service.signin.transport import SET_COOKIE, TRANSPORT_HEADER, cookie_mode
from service.signin.transport import answer as signed_in

blueprint = Blueprint("passkey_registration", url_prefix="/api/auth/passkeys/register")

Enrolled = EnrolledResponse | EnrolledInCookieResponse

_NUMBER = "811d0cca-8545-4396-91da-b3719f6f12f3"
_ALONE = {"residentKey": "required", "userVerification": "required"}


class PasskeyRegistrationRequest(RequestModel):
    """Who would like an account."""

    email: EmailField
    full_name: FullNameField | None = None


class ConfirmRegistrationRequest(PasskeyRegistrationRequest):
    """The same again, and the passkey that was made for it."""

    registration: Annotated[str, Field(min_length=1, max_length=64, description="From the answer with the options.")]
    credential: NewPasskeyField
    name: NameField | None = None


class PasskeyRegistrationResponse(ResponseModel):
    """What the browser is to make, and the number of the account that isn't there yet."""

    registration: UUID
    options: FirstOptionsResponse


@blueprint.post("/options")
@openapi.definition(
    summary="Register with a passkey",
    description="Nothing is stored. 404 where e-mail goes out (`SMTP_URL`) or `SECOND_FACTOR` is `off`: register with "
    "a password there, or by mail, and set the passkey up then.",
    body=json_body(PasskeyRegistrationRequest, {"email": "ada@example.com", "full_name": "Ada Lovelace"}),
    response=[
        answer(
            200,
            PasskeyRegistrationResponse,
            "What passkey the browser is to make.",
            {"registration": _NUMBER, "options": {**CREATION_OPTIONS_EXAMPLE, "authenticatorSelection": _ALONE}},
        ),
        *problems(NotFound),
    ],
)
async def registration_options(request: Request) -> HTTPResponse:
    """Say what passkey the browser is to make for a new account."""
    runtime, body = runtime_of(request), read_json(request, PasskeyRegistrationRequest)
    wanted = registering.begin(runtime, body.email, body.full_name)
    options = first_of(runtime.settings, wanted)
    return json_answer(PasskeyRegistrationResponse(registration=wanted.user.id, options=options))


@blueprint.post("")
@openapi.definition(
    summary="Create the account of the passkey that was made",
    description="And log in to it. The passkey has to verify its user: it opens the account alone.",
    body=json_body(
        ConfirmRegistrationRequest,
        {"email": "ada@example.com", "registration": _NUMBER, "credential": NEW_PASSKEY_EXAMPLE},
    ),
    response=[
        answer(
            200,
            Enrolled,
            "The tokens of a new session, and recovery codes.",
            {
                "access_token": "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9...",
                "refresh_token": "lkr_AYEdDMqFRVOWkdqzcZ9vEvM...",
                "token_type": "bearer",
                "expires_in": 874,
                "recovery_codes": CODES_EXAMPLE,
            },
            headers=SET_COOKIE,
        ),
        *problems(
            InvalidDpopProof,
            UseDpopNonce,
            InvalidPasskey,
            EmailTaken,
            Forbidden,
            NotFound,
            SecondFactorRequired,
            EnrolmentRequired,
            RateLimited,
        ),
    ],
    parameter=[TRANSPORT_HEADER, DPOP_HEADER],
)
async def register_with_passkey(request: Request) -> HTTPResponse:
    """Create the account of the passkey that was made, and log in to it."""
    cookie_mode(request)  # who may not have a cookie is refused before there is a session
    body = read_json(request, ConfirmRegistrationRequest)
    try:
        number = UUID(body.registration)
    except ValueError:
        raise InvalidPasskey from None
    applicant = registering.Applicant(number, body.email, body.full_name)
    done = await registering.confirm(
        runtime_of(request), applicant, body.credential.shown(), body.name, client_of(request)
    )
    return await signed_in(request, done.outcome, recovery_codes=done.recovery_codes)
