"""Is a token good? Asked by other services of the same owner (RFC 7662), answered as `/api/users/me` would be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from service.core.client import Client
from service.core.windows import Budget, Charge, Refused
from service.errors import InvalidAccessToken
from service.oauth.clients import Known
from service.oauth.counting import count
from service.oauth.settings import OAuthSettings
from service.runtime import Runtime
from service.sessions.callers import Caller, authenticate

MINUTE: Final = 60_000


@dataclass(frozen=True, slots=True)
class Active:
    """A token that is good: whose, on which session, and its own times in seconds since the epoch."""

    caller: Caller
    issued_at: int
    expires_at: int
    jkt: bytes = b""


def demand_budget(runtime: Runtime, known: Known) -> None:
    """Take one of a client's introspections; raise `RateLimited` where it has none left in this process."""
    quota = runtime.settings.of(OAuthSettings).INTROSPECTIONS_PER_MINUTE
    if not quota:
        return
    found = runtime.throttle.take_local(Charge(_budget(quota), known.client_id))
    if isinstance(found, Refused):
        count(known.name, "refused")
        raise found.error()


async def introspect(runtime: Runtime, known: Known, token: str, look: Callable[[], Client]) -> Active | None:
    """Return what an access token is good for, None if for nothing (any more); `look` finds out where it is asked from.

    It is the very check that our own calls make. A refresh token is none of another service's business, so it is good
    for nothing here. Raises `Unavailable` where it can't be known: never is a token good because nobody could look.
    """
    try:
        caller = await authenticate(runtime, token, look, None)  # whether its holder shows it, who asks sees
    except InvalidAccessToken as error:
        if error.line:
            runtime.refusals.note(error.line, ip=look().ip, why=error.why)
        count(known.name, "inactive")
        return None
    claims = await runtime.access_tokens.examine(token)  # it has just been: this asks nobody
    if isinstance(claims, str):
        count(known.name, "inactive")
        return None
    count(known.name, "active")
    return Active(caller, claims.not_before, claims.expires_at, claims.jkt)


@lru_cache(maxsize=4)  # every introspection looks at it
def _budget(quota: int) -> Budget:
    return Budget("introspection", quota, MINUTE)
