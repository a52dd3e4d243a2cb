"""Cookie mode: the refresh token in a cookie that no script can read (R50 to R53).

A request asks for it with `X-Session-Transport: cookie`. Without that header no cookie is ever looked at, so a form, an
image or a body-less `fetch` of another site can't use one: the header makes browsers ask first (a preflight), and
whoever it was is checked here once more.
"""

from __future__ import annotations

from typing import Final

from sanic import HTTPResponse, Request
from sanic.cookies.request import parse_cookie

from service.auth.schemas import AccessTokenResponse, NoTokenRequest
from service.core import device_cookies
from service.core.http import json_answer, no_content
from service.core.openapi import header
from service.core.reading import read_json
from service.errors import BadRequest, Forbidden, ServiceError
from service.runtime import runtime_of
from service.settings import Settings
from service.signin import TokenPair

TRANSPORT: Final = "X-Session-Transport"

TRANSPORT_HEADER: Final = header(
    TRANSPORT,
    {"type": "string", "enum": ["cookie"]},
    "Cookie mode: the refresh token travels in an HttpOnly cookie, and is left out of bodies.",
)
SET_COOKIE: Final = {
    "Set-Cookie": "In cookie mode: the refresh token, or its removal. After a log-in also `latchkey_device`"
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
    settings = runtime_of(request).settings
    origin = request.headers.getall("origin", [])
    return len(origin) == 1 and origin[0] in (settings.public_origin, *settings.BACKEND_CORS_ORIGINS)


def cookie_token(request: Request) -> str | None:
    """Return the refresh token in the cookie, None when there is none. Raises 422 when there is one in the body too."""
    if request.body:
        read_json(request, NoTokenRequest)
    return cookie_value(request)


def cookie_value(request: Request) -> str | None:
    """Return the refresh token in the cookie, None when there is none, whatever the body is for."""
    line = "; ".join(request.headers.getall("cookie", []))
    found = parse_cookie(line).get(_name(runtime_of(request).settings))
    if not found:
        return None
    return found[0] if len(found) == 1 else ""  # two of one name: somebody planted one, and neither is good


def answer_tokens(request: Request, tokens: TokenPair) -> HTTPResponse:
    """Answer with the access token in the body and the refresh token in the cookie, for as long as it lives unused."""
    response = json_answer(AccessTokenResponse.model_validate(tokens))
    response.headers["Set-Cookie"] = _line(runtime_of(request).settings, tokens.refresh_token, tokens.idle_seconds)
    return response


def remember_device(request: Request, response: HTTPResponse, tokens: TokenPair) -> HTTPResponse:
    """Add the cookie that says on which known device this is, unless the browser has it. It is no credential (R12)."""
    if tokens.device_cookie:
        line = f"{device_cookies.NAME}={tokens.device_cookie}; Path=/api; Max-Age={device_cookies.MAX_AGE_SECONDS}"
        secure = "" if _plain(runtime_of(request).settings) else "; Secure"
        response.headers.add("Set-Cookie", f"{line}; HttpOnly; SameSite=Strict{secure}")
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
    answer.headers["Set-Cookie"] = _line(runtime_of(request).settings, "", 0)


def _line(settings: Settings, value: str, max_age: int) -> str:
    line = f"{_name(settings)}={value}; Path=/; Max-Age={max_age}; HttpOnly; SameSite=Strict"
    return line if _plain(settings) else f"{line}; Secure"


def _name(settings: Settings) -> str:
    return "refresh" if _plain(settings) else "__Host-refresh"


def _plain(settings: Settings) -> bool:
    # `__Host-` and Secure want https, which a developer's machine hasn't.
    return not settings.production and settings.PUBLIC_URL.startswith("http:")
