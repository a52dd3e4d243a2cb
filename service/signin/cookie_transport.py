"""The cookie of a session: where it is kept, also beside that of another service on the same host.

It is under a name of this service's own; and under the usual one as long as that holds nothing of somebody else's, so
that versions from before there were two go on beside this one.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final
from uuid import UUID

from sanic import HTTPResponse, Request

from service.core.http import cookies
from service.errors import ServiceError
from service.runtime import runtime_of
from service.signin.tokens import TokenPair

_NAME: Final = "refresh"


def values(request: Request) -> list[str]:
    """Return what is in the cookies, this service's own first. A neighbour's, unknown to our keys, isn't there."""
    own, *usual = _names(request)
    found = cookies.values_of(request, own)
    found += [text for name in usual for text in cookies.values_of(request, name) if _session_of(request, text)]
    return list(dict.fromkeys(found))


def keep(request: Request, answer: HTTPResponse, tokens: TokenPair, ended: Collection[UUID]) -> None:
    """Have the browser keep the refresh token, for as long as it lives unused."""
    settings, text = runtime_of(request).settings, tokens.refresh_token
    own, *usual = _names(request)
    mine = _own_sessions(request) | {_session_of(request, text), *ended}
    for name in (own, *(name for name in usual if _holds_nothing_but(request, name, mine))):
        cookies.set_cookie(settings, answer, name, text, tokens.idle_seconds)


def drop(request: Request, answer: HTTPResponse | ServiceError, *, leaving: bool = False) -> None:
    """Have the browser forget it: the same attributes, or it would keep it. A neighbour's stays.

    Who is `leaving` without a cookie of our own name has a session from before there was one.
    """
    settings = runtime_of(request).settings
    own, *usual = _names(request)
    mine = _own_sessions(request)
    if leaving and not mine:
        mine = {_session_of(request, text) for text in values(request)}
    given = [name for name in usual if cookies.values_of(request, name)]
    for name in (own, *(name for name in given if _holds_nothing_but(request, name, mine))):
        cookies.set_cookie(settings, answer, name, "", 0)


def _names(request: Request) -> tuple[str, ...]:
    return cookies.names_for(runtime_of(request).settings, _NAME)


def _own_sessions(request: Request) -> set[UUID | None]:
    own = _names(request)[0]
    return {_session_of(request, text) for text in cookies.values_of(request, own)}


def _holds_nothing_but(request: Request, name: str, sessions: Collection[UUID | None]) -> bool:
    held = {_session_of(request, text) for text in cookies.values_of(request, name)}
    return not held or (None not in held and held.issubset(sessions))


def _session_of(request: Request, text: str) -> UUID | None:
    token = runtime_of(request).refresh_tokens.decode(text)
    return None if token is None else token.sid


def is_kept(request: Request) -> bool:
    """Return whether the request brings a token of this service's."""
    return any(_session_of(request, text) for text in values(request))
