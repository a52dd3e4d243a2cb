"""/api/auth/second-factor/recovery, /api/users/me/factors/recovery: for whoever has lost the second factor."""

from __future__ import annotations

from sanic import HTTPResponse, Request

from service.core.http import openapi
from service.core.http.blueprints import Blueprint
from service.core.http.messages import AcceptedResponse, accepted, json_answer, no_content
from service.core.http.operations import answer, json_body, problems
from service.core.http.reading import read_json
from service.errors import Forbidden, InvalidChallenge, InvalidToken, NotFound, RateLimited
from service.factors import recovering
from service.factors.schemas import LinkRequest, RecoverRequest, RecoveryResponse
from service.runtime import runtime_of
from service.sessions.callers import Caller
from service.sessions.guards import authenticated, client_of

blueprint = Blueprint("factor_recovery", url_prefix="/api")

_PATH = "/auth/second-factor/recovery"
_TOKEN = {"token": "q3yqV0nq0l0o2mY0y8bC1kKq1n1mS2u7q0Q1m0s9xYk"}
_LETTER = "If the address is confirmed, an e-mail with a link is on its way."


@blueprint.post(_PATH)
@openapi.definition(
    summary="Ask to have the second factor taken away",
    description="With the `challenge` of a 403 `second_factor_required` that began with the password. 404 where "
    "`SECOND_FACTOR_RECOVERY_HOURS` is 0.",
    body=json_body(RecoverRequest, {"challenge": "lkc_AfMkv7Q0VE2pqvJrFbIHEM..."}),
    response=[
        answer(202, AcceptedResponse, "An e-mail with a link is on its way.", {"detail": _LETTER}),
        *problems(InvalidChallenge, Forbidden, NotFound, RateLimited),
    ],
)
async def ask_recovery(request: Request) -> HTTPResponse:
    """Ask for the link that proves the mailbox."""
    body = read_json(request, RecoverRequest)
    await recovering.ask(runtime_of(request), body.challenge, client_of(request))
    return accepted(_LETTER)


@blueprint.post(f"{_PATH}/confirm")
@openapi.definition(
    summary="Have the second factor taken away, after a while",
    description="With the token of that link. Until `at` any session, any link of the e-mails that tell of it, and the "
    "second factor itself can say no.",
    body=json_body(LinkRequest, _TOKEN),
    response=[
        answer(200, RecoveryResponse, "When it goes.", {"at": "2026-11-26T09:00:00Z"}),
        *problems(InvalidToken),
    ],
)
async def confirm_recovery(request: Request) -> HTTPResponse:
    """Begin to wait until the second factors are taken away."""
    body = read_json(request, LinkRequest)
    return json_answer(
        RecoveryResponse(at=await recovering.confirm(runtime_of(request), body.token, client_of(request)))
    )


@blueprint.post(f"{_PATH}/cancel")
@openapi.definition(
    summary="Let the second factor stay, with a link",
    description="With the token of any of the links in the e-mails that tell of it.",
    body=json_body(LinkRequest, _TOKEN),
    response=[answer(204, None, "It stays."), *problems(InvalidToken)],
)
async def cancel_recovery(request: Request) -> HTTPResponse:
    """Let the second factors stay."""
    body = read_json(request, LinkRequest)
    await recovering.stop_by_link(runtime_of(request), body.token, client_of(request))
    return no_content()


@blueprint.delete("/users/me/factors/recovery")
@openapi.definition(
    summary="Let your second factor stay",
    description="Any session will do.",
    response=[answer(204, None, "It stays."), *problems(NotFound)],
)
@authenticated
async def stop_recovery(request: Request, caller: Caller) -> HTTPResponse:
    """Let the caller's second factors stay."""
    await recovering.stop(runtime_of(request), caller)
    return no_content()
