"""/api/auth/device: what browsers send by themselves that know Device Bound Session Credentials.

No page calls these: so they come without `X-Session-Transport`, and the session's cookie is looked at all the same. It
is safe (docs/decisions/114): what counts is a JWT over a challenge made for this very session, in a header that other
sites' pages can't send; the cookie is SameSite=Strict; and nothing is answered that another site could use.
"""

from __future__ import annotations

from sanic import HTTPResponse, Request

from service.binding import proving, registering
from service.binding.proving import Asked, Over, Proven
from service.binding.schemas import instructions
from service.core.http import bound_sessions, openapi
from service.core.http.blueprints import Blueprint
from service.core.http.messages import JSON, json_answer
from service.errors import DeviceChallenge, Forbidden, NotFound
from service.runtime import runtime_of
from service.sessions.guards import client_of
from service.signin.binding_transport import PATH, keep_proof
from service.signin.transport import cookie_values, from_elsewhere

blueprint = Blueprint("binding", url_prefix=PATH)


@blueprint.post("/")
@openapi.definition(exclude=True)  # for browsers, which know the draft: it is no call of the API's
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
@openapi.definition(exclude=True)
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
            return HTTPResponse(b'{"continue":false}', content_type=JSON)
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
