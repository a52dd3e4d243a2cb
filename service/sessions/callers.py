"""Who is calling: an access token turned into a user and a living session."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID

from models import User
from service.core.client import Client
from service.core.clock import to_ms
from service.errors import InvalidAccessToken
from service.errors.dpop import challenge
from service.errors.end_reasons import EndReason
from service.runtime import Runtime
from service.sessions import possession_counting
from service.stores.sessions.outcomes import LiveSession


class Caller(NamedTuple):
    """An authenticated request: whose it is, on which session, and from where, for those few who want to know."""

    user: User
    session: LiveSession
    look: Callable[[], Client]

    @property
    def client(self) -> Client:
        """Where the request comes from."""
        return self.look()


async def authenticate(runtime: Runtime, token: str, look: Callable[[], Client], holder: bytes | None = b"") -> Caller:
    """Return the caller behind an access token; raise `InvalidAccessToken` for one that isn't good, or not any more.

    `look` finds out where they call from. Redis says that the session lives; the user's row says that the user may, and
    backs the deletion up: a session from before the cut-off is dead even if a Redis failover brought it back (R29 to
    R31). Both are asked, or have told of no change since they were (docs/decisions/084, 085).

    The user is read first. A session that is kept while others end moves its `valid_from` before the cut-off is
    committed: read the other way round, its own parallel calls would find the new cut-off and the old `valid_from`.

    `holder` is the thumbprint of the key that was proven with the token, b"" where none was: it has to be the one that
    the token is bound to, if to any. None: it isn't its holder who asks, so that isn't looked at.
    """
    claims = await runtime.access_tokens.examine(token)
    if isinstance(claims, str):
        raise InvalidAccessToken().noted("refused.access_token", claims)
    if not runtime.access_tokens.in_force(claims):  # it is every client's turn to refresh now and then: no news
        raise InvalidAccessToken
    if claims.jkt != holder and holder is not None:  # a bound token without its key (RFC 9449 section 7.1), or reverse
        raise _of_another(claims.jkt, holder)
    heard = (user := runtime.users.recall(claims.uid)) is not None
    if user is None:
        user = await runtime.users.read(claims.uid)
    if user is None or not user.is_active:
        raise InvalidAccessToken
    session = await runtime.sessions.check(claims.uid, claims.sid, claims.gen, heard=heard)
    if session is None or session.valid_from < cut_off(user):
        raise InvalidAccessToken
    runtime.tally.seen(session.sid)
    return Caller(user, session, look)


def _of_another(jkt: bytes, holder: bytes) -> InvalidAccessToken:
    """Return the refusal of a token whose key wasn't proven, or which has none."""
    error = InvalidAccessToken()
    what = "unbound" if not jkt else "another" if holder else "bearer"
    possession_counting.count(f"refused_{what}")
    if jkt:
        error.headers |= challenge(error.code)
    return error.noted("refused.access_token", "holder")


async def user_of(runtime: Runtime, uid: UUID) -> User | None:
    """Return whose session it is, as they were read, or are kept until they change; None when there is none."""
    return runtime.users.recall(uid) or await runtime.users.read(uid)


async def just_ended(runtime: Runtime, token: str, holder: bytes, reason: EndReason) -> bool:
    """Return whether the session of an access token, good but for that, has just ended for this reason."""
    claims = await runtime.access_tokens.examine(token)
    if isinstance(claims, str) or not runtime.access_tokens.in_force(claims) or claims.jkt != holder:
        return False
    found = await runtime.sessions.survey({claims.sid: claims.uid})
    return found.ends_at[claims.sid] is None and found.reasons.get(claims.sid) is reason


def cut_off(user: User) -> int:
    """Return the user's `sessions_valid_after` in ms, 0 when there is none."""
    return to_ms(user.sessions_valid_after) if user.sessions_valid_after else 0
