"""How a log-in is answered, in the body or in a cookie: the only place.

Cookie mode: the refresh token is in a cookie that no script can read (R50 to R53).

A request asks for it with `X-Session-Transport: cookie`. Without that header no cookie is ever looked at, so a form, an
image or a body-less `fetch` of another site can't use one: the header makes browsers ask first (a preflight), and
whoever it was is checked here once more.
"""

from __future__ import annotations

from typing import Final

from sanic import HTTPResponse, Request

from models import User
from service.accounts.views import UserResponse
from service.core.http import cookies
from service.core.http.messages import json_answer, no_content
from service.core.http.operations import header
from service.core.http.reading import read_json
from service.errors import BadRequest, Forbidden, SecondFactorRequired, ServiceError
from service.runtime import runtime_of
from service.sessions.guards import client_of
from service.settings import Settings
from service.signin.door import Pending, SignedIn
from service.signin.replacing import replace_sessions
from service.signin.schemas import AccessTokenResponse, NoTokenRequest, TokenPairResponse
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


def cookie_mode(request: Request) -> bool:
    """Return whether the request asks for cookie mode; raise `Forbidden` unless one of our front ends sent it (R52)."""
    given = request.headers.getall(TRANSPORT, [])
    if not given:
        return False
    if given != ["cookie"]:
        raise BadRequest(f"{TRANSPORT} is `cookie`, or left out.")
    if not _from_our_pages(request):
        raise Forbidden("This origin may not use the session cookie.").noted(
            "refused.origin", ", ".join(request.headers.getall("origin", []))
        )
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
    if request.body:
        read_json(request, NoTokenRequest)
    return cookie_values(request)


def cookie_values(request: Request) -> list[str]:
    """Return what is in cookies of the refresh token's name, whatever the body is for."""
    return cookies.values_of(request, _name(runtime_of(request).settings))


async def answer(request: Request, outcome: SignedIn | Pending) -> HTTPResponse:
    """Answer what the door has said. In cookie mode the session that this browser had before is over.

    Routes ask for `cookie_mode` before they call the door: who is refused there must not leave a session behind.
    Raises `SecondFactorRequired`.
    """
    if isinstance(outcome, Pending):
        raise SecondFactorRequired(outcome.ticket, outcome.methods, outcome.expires_at)
    if cookie_mode(request):
        await replace_sessions(runtime_of(request), cookie_values(request), outcome.session_id, client_of(request))
    return _remember_device(request, answer_tokens(request, outcome.tokens), outcome.device_cookie)


def answer_tokens(request: Request, tokens: TokenPair, user: User | None = None) -> HTTPResponse:
    """Answer with a session's next tokens, and with the user where that was asked for.

    In cookie mode the refresh token is in the cookie, for as long as it lives unused, and not in the body.
    """
    in_cookie = cookie_mode(request)
    found = (AccessTokenResponse if in_cookie else TokenPairResponse).model_validate(tokens)
    if user is not None:
        found = found.model_copy(update={"user": UserResponse.model_validate(user)})
    response, settings = json_answer(found), runtime_of(request).settings
    if not in_cookie:
        return response
    cookies.set_cookie(settings, response, _name(settings), tokens.refresh_token, tokens.idle_seconds)
    return response


def _remember_device(request: Request, response: HTTPResponse, value: str | None) -> HTTPResponse:
    """Add the cookie that says on which known device this is, unless the browser has it. It is no credential (R12)."""
    settings = runtime_of(request).settings
    name = cookies.name_for(settings, device_cookies.NAME)
    if value is None or from_elsewhere(request) or value in cookies.values_of(request, name):
        return response
    cookies.set_cookie(settings, response, name, value, device_cookies.MAX_AGE_SECONDS)
    if name != device_cookies.NAME and cookies.values_of(request, device_cookies.NAME):
        cookies.set_cookie(settings, response, device_cookies.NAME, "", 0, path=device_cookies.FORMER_PATH)
    return response


def goodbye(request: Request) -> HTTPResponse:
    """Answer a log-out: no cookie any more, and nothing in the cache that the back button could show (R55)."""
    response = no_content()
    clear_cookie(request, response)
    # Not "cookies" (those of every service of the domain) nor "storage" (the front end's own: its theme, its drafts).
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


def clear_cookie(request: Request, answer: HTTPResponse | ServiceError) -> None:
    """Have the browser forget the cookie: the same attributes, or it would keep it."""
    settings = runtime_of(request).settings
    cookies.set_cookie(settings, answer, _name(settings), "", 0)


def _name(settings: Settings) -> str:
    return cookies.name_for(settings, "refresh")
