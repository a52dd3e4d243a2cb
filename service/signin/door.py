"""The one door: every way of logging in ends here, so that a second factor can never be walked around."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import uuid4

from models import User
from service.audit import events
from service.core.client import Client
from service.core.clock import to_ms
from service.core.sql.database import transaction
from service.credentials import known_devices
from service.errors import EmailNotVerified, InactiveUser, InvalidGrant, Unavailable
from service.runtime import Runtime
from service.sessions.callers import cut_off
from service.stores.refresh_tokens import RefreshToken
from service.stores.sessions.store import Grant


@dataclass(frozen=True, slots=True)
class TokenPair:
    """What a client gets: `expires_in` is the access token's life in seconds, `idle_seconds` the refresh token's.

    `device_cookie` says on which device this is: to be set as a cookie, unless the client has it already.
    """

    access_token: str
    refresh_token: str
    expires_in: int
    idle_seconds: int
    device_cookie: str | None = None


async def sign_in(runtime: Runtime, user: User, client: Client, *, amr: str) -> tuple[TokenPair, Grant]:
    """Open a session for `user`, who has just proven to be that user; `amr` names how (RFC 8176).

    Raises `InactiveUser` or `EmailNotVerified`, and `InvalidGrant` when what was proven isn't true any more.
    """
    if not user.is_active:
        raise InactiveUser
    if runtime.settings.REQUIRE_EMAIL_VERIFICATION and not user.email_verified:
        raise EmailNotVerified
    grant = await _open(runtime, user, client, amr)
    for displaced in grant.displaced:
        await events.record(runtime, events.SESSION_DISPLACED, user_id=user.id, session_id=displaced, client=client)
    try:
        device_cookie = await known_devices.remember(runtime, user, client, grant.sid)
    except Unavailable:  # a log-in that its owner may not hear of is none
        await runtime.sessions.end(grant.uid, grant.sid, None)
        raise
    return replace(await token_pair(runtime, grant), device_cookie=device_cookie), grant


async def _open(runtime: Runtime, user: User, client: Client, amr: str) -> Grant:
    """Open a session that nothing has ended yet.

    The user row is read again once the session exists, under its lock: a password reset that was committed in between
    has not seen this session, and must not be outlived by it; and one that is about to be is waited for. Where only
    sessions were ended in between, and the password is what it was, this log-in comes after that: it would be wrong to
    say that the password is. So it opens another one, under the lock, where nothing can come in between again.
    """
    grant = await runtime.sessions.log_in(user.id, uuid4(), client, amr, cut_off(user))
    async with transaction():
        now = await User.filter(id=user.id).select_for_update().first()
        if now is not None and now.is_active and cut_off(now) == cut_off(user):
            return grant
        await runtime.sessions.end(grant.uid, grant.sid, None)
        if now is None or not now.is_active or _credentials(now) != _credentials(user):
            raise InvalidGrant
        return await runtime.sessions.log_in(now.id, uuid4(), client, amr, cut_off(now))


def _credentials(user: User) -> tuple[str, str, bool]:
    return user.email_canonical, user.hashed_password, user.email_verified


async def token_pair(runtime: Runtime, grant: Grant) -> TokenPair:
    """Return the tokens of a session's generation. The refresh token is always the same one for the same grant."""
    access_token, expires_in = await runtime.access_tokens.issue(
        grant.uid, grant.sid, grant.gen, grant.auth_at, grant.expires_at
    )
    refresh_token = runtime.refresh_tokens.encode(RefreshToken(grant.uid, grant.sid, grant.gen, grant.ends_at))
    idle_ms = max(0, grant.ends_at - to_ms(runtime.clock.now()))
    return TokenPair(access_token, refresh_token, expires_in, idle_ms // 1000)
