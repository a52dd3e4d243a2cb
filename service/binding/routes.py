"""/api/auth/device: what browsers send by themselves that know Device Bound Session Credentials.

No page calls these: so they come without `X-Session-Transport`, and the session's cookie is looked at all the same. It
is safe (docs/decisions/114): what counts is a JWT over a challenge made for this very session, in a header that other
sites' pages can't send; the cookie is SameSite=Strict; and nothing is answered that another site could use.
"""

from __future__ import annotations

from typing import Final

from sanic import HTTPResponse, Request

from service.binding import proving, registering
from service.binding.proving import Asked, Over, Proven
from service.binding.schemas import (
    INSTRUCTIONS_EXAMPLE,
    DeviceForgottenResponse,
    DeviceInstructionsResponse,
    instructions,
)
from service.core.http import bound_sessions, openapi
from service.core.http.blueprints import Blueprint
from service.core.http.messages import json_answer
from service.core.http.operations import answer, header, problems
from service.errors import DeviceChallenge, Forbidden, InvalidDeviceProof, NotFound
from service.runtime import runtime_of
from service.sessions.guards import client_of
from service.signin.binding_transport import PATH, keep_proof
from service.signin.transport import cookie_values, from_elsewhere

blueprint = Blueprint("binding", url_prefix=PATH)

_BY_BROWSERS: Final = "Browsers that know Device Bound Session Credentials call it by themselves: no page does."
_RESPONSE: Final = header(
    bound_sessions.RESPONSE, {"type": "string"}, "A JWT (`dbsc+jwt`, ES256 or RS256) over the challenge."
)
_SESSION_ID: Final = header(bound_sessions.SESSION_ID, {"type": "string"}, "What the browser calls the session.")
_SET_COOKIE: Final = {"Set-Cookie": "`__Host-device-proof`, for `DEVICE_PROOF_SECONDS`"}


@blueprint.post("/")
@openapi.definition(
    summary="Bind a session to its browser's key",
    description=_BY_BROWSERS,
    response=[
        answer(
            200,
            DeviceInstructionsResponse,
            "What the browser is to do from now on.",
            INSTRUCTIONS_EXAMPLE,
            headers=_SET_COOKIE,
        ),
        *problems(InvalidDeviceProof, Forbidden, NotFound),
    ],
    parameter=_RESPONSE,
)
async def register_device(request: Request) -> HTTPResponse:
    """Bind the session that was opened in this browser to its key; answer with what it is to do from now on."""
    runtime = runtime_of(request)
    if not runtime.settings.binds_browsers:
        raise NotFound
    _expect_own_browser(request)
    proof = bound_sessions.text_of(request, bound_sessions.RESPONSE) or ""
    held = await registering.register(runtime, cookie_values(request), proof, client_of(request))
    response = json_answer(instructions(runtime.settings, held.identifier))
    keep_proof(request, response, held.cookie)
    return response


@blueprint.post("/proof")
@openapi.definition(
    summary="Prove that a browser has its session's key",
    description=f"{_BY_BROWSERS} Without a proof, or with one over an old challenge, it is told what to sign.",
    response=[
        answer(
            200,
            DeviceInstructionsResponse | DeviceForgottenResponse,
            "It has the key; or the session is over.",
            INSTRUCTIONS_EXAMPLE,
            headers=_SET_COOKIE | {bound_sessions.CHALLENGE: "What to sign the next time"},
        ),
        *problems(InvalidDeviceProof, DeviceChallenge, Forbidden),
    ],
    parameter=[_SESSION_ID, _RESPONSE],
)
async def prove_device(request: Request) -> HTTPResponse:
    """Take a browser's proof that it has the key, or ask for one (403 and a challenge, as browsers want it).

    Also where nothing is bound any more (`DEVICE_BINDING=off`): what is bound already has to be able to go on.
    """
    runtime = runtime_of(request)
    _expect_own_browser(request)
    identifier = bound_sessions.text_of(request, bound_sessions.SESSION_ID) or ""
    proof = bound_sessions.text_of(request, bound_sessions.RESPONSE)
    match await proving.prove(runtime, cookie_values(request), identifier, proof, client_of(request)):
        case Over():
            return json_answer(DeviceForgottenResponse())
        case Asked(challenge):
            raise DeviceChallenge(bound_sessions.challenge_for(identifier, challenge))
        case Proven(cookie, challenge):
            response = json_answer(instructions(runtime.settings, identifier))
            response.headers[bound_sessions.CHALLENGE] = bound_sessions.challenge_for(identifier, challenge)
            keep_proof(request, response, cookie)
            return response


def _expect_own_browser(request: Request) -> None:
    """Raise `Forbidden` where a page of another site has sent it (R52)."""
    if from_elsewhere(request):
        raise Forbidden
