"""How a log-in is answered, in the body or in a cookie: the only place, but for the form of OAuth 2's own answer.

Cookie mode: the refresh token is in a cookie that no script can read (R50 to R53).

A request asks for it with `X-Session-Transport: cookie`. Without that header no cookie is ever looked at, so a form, an
image or a body-less `fetch` of another site can't use one: the header makes browsers ask first (a preflight), and
whoever it was is checked here once more.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final
from uuid import UUID

from sanic import HTTPResponse, Request

from models import User
from service.accounts.views import UserResponse
from service.core.http import cookies
from service.core.http.messages import JSON, json_answer, no_content
from service.core.http.operations import header
from service.core.http.reading import read_json, says_nothing
from service.errors import BadRequest, EnrolmentRequired, Forbidden, SecondFactorRequired
from service.runtime import runtime_of
from service.sessions import possession_transport
from service.sessions.guards import client_of
from service.signin import binding_transport, cookie_transport
from service.signin.door import Pending, SignedIn
from service.signin.replacing import replace_sessions
from service.signin.schemas import (
    AccessTokenResponse,
    EnrolledInCookieResponse,
    EnrolledResponse,
    NoTokenRequest,
    ReturningInCookieResponse,
    ReturningResponse,
    TokenPairResponse,
    written,
)
from service.signin.tokens import TokenPair
from service.stores import device_cookies

TRANSPORT: Final = "X-Session-Transport"

TRANSPORT_HEADER: Final = header(
    TRANSPORT,
    {"type": "string", "enum": ["cookie"]},
    "Cookie mode: the refresh token travels in an HttpOnly cookie, and is left out of bodies.",
)
SET_COOKIE: Final = {
    "Set-Cookie": "In cookie mode: the refresh token, or its removal. After a log-in also `__Host-latchkey_device`"
}

_NO_PROOF: Final = f"Cookie mode takes no {possession_transport.HEADER}: leave it out, or leave {TRANSPORT} out."
_NOT_THIS_ORIGIN: Final = "This origin may not use the session cookie."
_NO_ORIGIN: Final = (
    "The session cookie is for pages in a browser, and this call names no origin. Elsewhere leave "
    f"{TRANSPORT} out: the refresh token is in the answer then."
)


def cookie_mode(request: Request) -> bool:
    """Return whether the request asks for cookie mode; raise `Forbidden` unless one of our front ends sent it (R52)."""
    given = request.headers.getall(TRANSPORT, [])
    if not given:
        return False
    if given != ["cookie"]:
        raise BadRequest(f"{TRANSPORT} is `cookie`, or left out.")
    if not _from_our_pages(request):
        origins = request.headers.getall("origin", [])
        raise Forbidden(_NOT_THIS_ORIGIN if origins else _NO_ORIGIN).noted("refused.origin", ", ".join(origins))
    if possession_transport.HEADER in request.headers:
        raise BadRequest(_NO_PROOF)
    return True


def _from_our_pages(request: Request) -> bool:
    # Browsers write both headers themselves, scripts can't. Where the newer one says that the page came from this very
    # origin there is nothing more to ask: so it also works behind a development server's proxy.
    site = request.headers.getall("sec-fetch-site", [])
    if site == ["same-origin"]:
        return True
    if site not in ([], ["same-site"], ["cross-site"]):
        return False
    return _is_ours(request, request.headers.getall("origin", []))


def _is_ours(request: Request, origin: list[str]) -> bool:
    settings = runtime_of(request).settings
    return len(origin) == 1 and (origin[0] == settings.public_origin or settings.admits(origin[0]))


def from_elsewhere(request: Request) -> bool:
    """Return whether a page of another site, or of an origin that isn't ours, has sent the request.

    Nothing may be set in that browser then: a form of any site can log a visitor in to an account of its own choosing,
    and a browser takes even `SameSite=Strict` cookies from the page that such a form leads to. What isn't a browser
    says nothing about where it comes from, and isn't meant.
    """
    site, origin = request.headers.getall("sec-fetch-site", []), request.headers.getall("origin", [])
    if site == ["same-origin"]:
        return False
    if site not in ([], ["none"], ["same-site"]):
        return True
    if not origin:
        return site == ["same-site"]  # a neighbour that hides its name
    return not _is_ours(request, origin)


def cookie_tokens(request: Request) -> list[str]:
    """Return the refresh tokens in cookies of the name, if there are any. Raises 422 for one in the body too."""
    if not says_nothing(request):
        read_json(request, NoTokenRequest)
    return cookie_values(request)


def cookie_values(request: Request) -> list[str]:
    """Return what is in cookies of the refresh token's names, whatever the body is for."""
    return cookie_transport.values(request)


async def answer(
    request: Request,
    outcome: SignedIn | Pending,
    *,
    recovery_codes: Sequence[str] | None = None,
    return_to: str | None = None,
) -> HTTPResponse:
    """Answer what the door has said. In cookie mode the session that this browser had before is over.

    `recovery_codes` are told beside the tokens, where the log-in has made them, and where its page is to go
    (`return_to`), where that was said when it began.

    Routes ask for `cookie_mode` before they call the door: who is refused there must not leave a session behind.
    Raises `SecondFactorRequired`, or `EnrolmentRequired`.
    """
    signed_in = let_in(outcome)
    ended: set[UUID] = set()
    in_cookie = cookie_mode(request)
    if in_cookie:
        given = cookie_values(request)
        ended = await replace_sessions(runtime_of(request), given, signed_in.session_id, client_of(request))
    tokens = signed_in.tokens
    response = answer_tokens(request, tokens, recovery_codes=recovery_codes, return_to=return_to, ended=ended)
    if in_cookie:
        binding_transport.drop_proof(request, response)  # of the session before
        binding_transport.offer(request, response, tokens)
    return remember_device(request, response, signed_in.device_cookie)


def let_in(outcome: SignedIn | Pending) -> SignedIn:
    """Return the session that is there. Raises `SecondFactorRequired`, or `EnrolmentRequired`."""
    if isinstance(outcome, SignedIn):
        return outcome
    if outcome.enrolment:
        raise EnrolmentRequired(outcome.ticket, outcome.methods, outcome.expires_at)
    raise SecondFactorRequired(outcome.ticket, outcome.methods, outcome.expires_at)


def answer_tokens(
    request: Request,
    tokens: TokenPair,
    user: User | None = None,
    *,
    recovery_codes: Sequence[str] | None = None,
    return_to: str | None = None,
    ended: Collection[UUID] = (),
) -> HTTPResponse:
    """Answer with a session's next tokens, and with the user where that was asked for.

    In cookie mode the refresh token is in the cookie, for as long as it lives unused, and not in the body; in the place
    of those of the sessions that have `ended` with this.
    """
    in_cookie = cookie_mode(request)
    if user is None and not recovery_codes and return_to is None:
        response = HTTPResponse(written(tokens, in_cookie=in_cookie), content_type=JSON)
    else:
        found = (AccessTokenResponse if in_cookie else TokenPairResponse).model_validate(tokens)
        if user is not None:
            found = found.model_copy(update={"user": UserResponse.model_validate(user)})
        if recovery_codes:
            enrolled = EnrolledInCookieResponse if in_cookie else EnrolledResponse
            found = enrolled(**found.model_dump(), recovery_codes=list(recovery_codes))
        if return_to is not None:
            returning = ReturningInCookieResponse if in_cookie else ReturningResponse
            found = returning(**found.model_dump(), return_to=return_to)
        response = json_answer(found)
    if in_cookie:
        cookie_transport.keep(request, response, tokens, ended)
    return response


def remember_device(request: Request, response: HTTPResponse, value: str | None) -> HTTPResponse:
    """Add the cookie that says on which known device this is, unless the browser has it. It is no credential (R12)."""
    settings = runtime_of(request).settings
    own, *usual = cookies.names_for(settings, device_cookies.NAME)
    if value is None or from_elsewhere(request) or value in cookies.values_of(request, own):
        return response
    # What is under the usual name already may be another service's, which is on this host too.
    for name in (own, *(name for name in usual if not cookies.values_of(request, name))):
        cookies.set_cookie(settings, response, name, value, device_cookies.MAX_AGE_SECONDS)
    if device_cookies.NAME not in (own, *usual) and cookies.values_of(request, device_cookies.NAME):
        cookies.set_cookie(settings, response, device_cookies.NAME, "", 0, path=device_cookies.FORMER_PATH)
    return response


def goodbye(request: Request) -> HTTPResponse:
    """Answer a log-out: no cookie any more (R55).

    No `Clear-Site-Data`: no answer of the API may be stored, and to empty a full cache takes a browser seconds.
    """
    response = no_content()
    cookie_transport.drop(request, response, leaving=True)
    binding_transport.drop_proof(request, response)
    return response
