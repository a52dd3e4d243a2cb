"""What a browser is told of the key that a session is bound to, or may be: a header, and the cookie of a proof."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from sanic import HTTPResponse, Request

from service.core.http import bound_sessions, cookies
from service.errors import ServiceError
from service.runtime import runtime_of
from service.settings import Settings
from service.signin.tokens import TokenPair
from service.stores.device_proofs import COOKIE

PATH: Final = "/api/auth/device"
"""Where browsers send a session's key, below PUBLIC_URL."""

_SPARE_SECONDS: Final = 10


def path_of(settings: Settings, path: str) -> str:
    """Return a path of ours as browsers see it: below that of PUBLIC_URL."""
    return f"{urlsplit(settings.PUBLIC_URL).path.rstrip('/')}{path}"


def cookie_name(settings: Settings) -> str:
    """Return what the cookie of a proof is called: what no other service of this host calls its own."""
    return cookies.names_for(settings, COOKIE)[0]


def offer(request: Request, response: HTTPResponse, tokens: TokenPair) -> None:
    """Have a browser that can bind the session, which has just been opened, to a key of its own. Others pass it by."""
    runtime = runtime_of(request)
    token = runtime.refresh_tokens.decode(tokens.refresh_token)
    if token is None or not runtime.settings.binds_browsers:
        return
    challenge = runtime.device_proofs.challenge(token.uid, token.sid, "registration")
    path = path_of(runtime.settings, PATH)
    response.headers[bound_sessions.REGISTRATION] = bound_sessions.registration(path, challenge)


def keep_proof(request: Request, response: HTTPResponse, value: str) -> None:
    """Have the browser keep the cookie that says that it has proven its key: a little less long than that is good.

    While it has the cookie it proves nothing anew; and the clock of the instance that reads it may be ahead.
    """
    runtime = runtime_of(request)
    seconds = runtime.device_proofs.seconds
    kept = seconds - min(_SPARE_SECONDS, seconds // 10)
    cookies.set_cookie(runtime.settings, response, cookie_name(runtime.settings), value, kept)


def drop_proof(request: Request, answer: HTTPResponse | ServiceError) -> None:
    """Have the browser forget that cookie, if it has one: while it is there, it proves nothing anew."""
    settings = runtime_of(request).settings
    name = cookie_name(settings)
    if cookies.values_of(request, name):
        cookies.set_cookie(settings, answer, name, "", 0)
