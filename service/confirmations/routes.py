"""/api/auth/password, /api/auth/email, /api/users/me/email."""

from __future__ import annotations

from sanic import HTTPResponse, Request

from service.confirmations import addresses, passwords
from service.confirmations.schemas import AddressRequest, ResetRequest, TokenRequest, VerifyRequest
from service.core.http import openapi
from service.core.http.blueprints import Blueprint
from service.core.http.messages import AcceptedResponse, accepted, no_content
from service.core.http.operations import answer, json_body, problems
from service.core.http.reading import read_json
from service.errors import EmailTaken, InvalidGrant, InvalidToken, RateLimited, ReauthenticationRequired
from service.runtime import runtime_of
from service.sessions.callers import Caller
from service.sessions.guards import authenticated, client_of

blueprint = Blueprint("account", url_prefix="/api")

_TOKEN = {"token": "q3yqV0nq0l0o2mY0y8bC1kKq1n1mS2u7q0Q1m0s9xYk"}
_LETTER = "If there is anybody to write to, a letter is on its way."
_ACCEPTED = answer(202, AcceptedResponse, "The same answer, whoever it is.", {"detail": _LETTER})


@blueprint.post("/auth/password/forgot")
@openapi.definition(
    description="Always 202: the answer doesn't tell whether the address has an account.",
    body=json_body(AddressRequest, {"email": "ada@example.com"}),
    response=[_ACCEPTED, *problems(RateLimited)],
)
async def forgot_password(request: Request) -> HTTPResponse:
    """Ask for a link that sets a new password."""
    body = read_json(request, AddressRequest)
    await passwords.request_reset(runtime_of(request), body.email, client_of(request))
    return accepted(_LETTER)


@blueprint.post("/auth/password/reset")
@openapi.definition(
    description="Every session of the user ends. Nobody is logged in by it.",
    body=json_body(ResetRequest, {**_TOKEN, "password": "a new one altogether"}),
    response=[answer(204, None, "The password is set."), *problems(InvalidToken)],
)
async def reset_password(request: Request) -> HTTPResponse:
    """Set a new password with a link's token."""
    body = read_json(request, ResetRequest)
    await passwords.reset(runtime_of(request), body.token, body.password.get_secret_value(), client_of(request))
    return no_content()


@blueprint.post("/auth/email/verify")
@openapi.definition(
    description="The link proves the mailbox; `password` (the one given at registration) or `new_password` (chosen "
    "now) proves the person. Unless it was the account's own password, every older session and password ends.",
    body=json_body(VerifyRequest, {**_TOKEN, "password": "correct horse battery"}),
    response=[answer(204, None, "The address is confirmed."), *problems(InvalidToken, InvalidGrant, RateLimited)],
)
async def verify_email(request: Request) -> HTTPResponse:
    """Confirm an address with a link's token."""
    body = read_json(request, VerifyRequest)
    await addresses.verify(
        runtime_of(request),
        body.token,
        client_of(request),
        password=body.password.get_secret_value() if body.password else None,
        new_password=body.new_password.get_secret_value() if body.new_password else None,
    )
    return no_content()


@blueprint.post("/auth/email/verify/resend")
@openapi.definition(
    description="Always 202: the answer doesn't tell whether the address has an account.",
    body=json_body(AddressRequest, {"email": "ada@example.com"}),
    response=[_ACCEPTED, *problems(RateLimited)],
)
async def resend_verification(request: Request) -> HTTPResponse:
    """Ask for the link that confirms an address once more."""
    body = read_json(request, AddressRequest)
    await addresses.request_verification(runtime_of(request), body.email, client_of(request))
    return accepted(_LETTER)


@blueprint.post("/users/me/email")
@openapi.definition(
    description="The address changes when the link in the letter to the new one is used.",
    body=json_body(AddressRequest, {"email": "ada@example.org"}),
    response=[_ACCEPTED, *problems(ReauthenticationRequired, RateLimited)],
)
@authenticated
async def change_email(request: Request, caller: Caller) -> HTTPResponse:
    """Ask for another address."""
    body = read_json(request, AddressRequest)
    await addresses.request_change(runtime_of(request), caller, body.email)
    return accepted(_LETTER)


@blueprint.post("/auth/email/confirm")
@openapi.definition(
    description="The old address gets a notice, with a link that takes the change back.",
    body=json_body(TokenRequest, _TOKEN),
    response=[answer(204, None, "It is the user's address now."), *problems(InvalidToken, EmailTaken)],
)
async def confirm_email(request: Request) -> HTTPResponse:
    """Confirm another address with a link's token."""
    body = read_json(request, TokenRequest)
    await addresses.confirm_change(runtime_of(request), body.token, client_of(request))
    return no_content()


@blueprint.post("/auth/email/undo")
@openapi.definition(
    description="Every session ends, and the old address gets a link to set a new password.",
    body=json_body(TokenRequest, _TOKEN),
    response=[answer(204, None, "The old address is the user's again."), *problems(InvalidToken, EmailTaken)],
)
async def undo_email_change(request: Request) -> HTTPResponse:
    """Take a change of address back with a link's token."""
    body = read_json(request, TokenRequest)
    await addresses.undo_change(runtime_of(request), body.token, client_of(request))
    return no_content()
