"""What users do with their own account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tortoise.expressions import Q

from models import KnownDevice, OneTimeToken, OutboxMail, Registration, SecurityEvent, User
from service.audit import events
from service.core.clock import from_ms
from service.core.database import transaction
from service.core.email_address import parse_email
from service.core.pagination import Cursor
from service.directory import accounts, endings, notices, onetime
from service.directory.removal import remove_account
from service.errors import InvalidGrant, ReauthenticationRequired
from service.runtime import Runtime
from service.sessions.callers import Caller, is_fresh
from service.sessions.flows import list_sessions
from service.sessions.store import ListedSession


@dataclass(frozen=True, slots=True)
class Export:
    """All that is stored about a user."""

    user: User
    sessions: list[ListedSession]
    devices: Sequence[KnownDevice]
    events: Sequence[SecurityEvent]
    links: Sequence[OneTimeToken]
    letters: Sequence[OutboxMail]
    registrations: Sequence[Registration]


async def rename(runtime: Runtime, caller: Caller, full_name: str | None) -> User:
    """Change the caller's name."""
    user = caller.user
    user.full_name = full_name
    user.updated_at = runtime.clock.now()
    await user.save(update_fields=["full_name", "updated_at"])
    return user


async def change_password(runtime: Runtime, caller: Caller, password: str, current: str | None) -> User:
    """Change the caller's password and end the other sessions (R7, R33).

    It takes a fresh session or the current password (wrong: `InvalidGrant`, too often: `RateLimited`). The session is
    kept by moving its `valid_from` first, so that nothing that fails later can end it.
    """
    user, session = caller.user, caller.session
    if current is not None:
        if not await accounts.check_password(runtime, user, current, client=caller.client):
            await events.record(
                runtime,
                events.REAUTHENTICATION_FAILED,
                user_id=user.id,
                session_id=session.sid,
                client=caller.client,
            )
            raise InvalidGrant("Incorrect password")
    elif not is_fresh(runtime, session):
        raise ReauthenticationRequired
    hashed = await accounts.hash_new_password(runtime, password, parse_email(user.email))
    cutoff = await endings.cut_off_now(runtime, user.id, keep=session)
    async with transaction():
        user.hashed_password, user.updated_at = hashed, runtime.clock.now()
        await user.save(update_fields=["hashed_password", "updated_at"])
        await endings.set_cut_off(user.id, cutoff)
        await onetime.revoke(runtime, user)
        await notices.password_changed(runtime, user, caller.client)
        await events.record(
            runtime, events.PASSWORD_CHANGED, user_id=user.id, session_id=session.sid, client=caller.client
        )
    user.sessions_valid_after = from_ms(cutoff)
    await endings.delete_sessions(runtime, user.id, keep=session.sid, way="password")
    return user


async def delete_own_account(runtime: Runtime, caller: Caller) -> None:
    """Delete the caller's account. Raises `LastSuperuser`."""
    await remove_account(runtime, caller.user, actor_id=caller.user.id)


async def own_events(runtime: Runtime, user: User, limit: int, after: Cursor | None) -> Sequence[SecurityEvent]:
    """Return the user's security events, newest first."""
    found = SecurityEvent.filter(user_id=user.id)
    if after is not None:
        found = found.filter(events.before(after))
    return await found.order_by("-created_at", "-id").limit(limit)


async def export(runtime: Runtime, caller: Caller) -> Export:
    """Return everything stored about the caller. Letters are theirs by account, or by address."""
    user = caller.user
    theirs = Q(user_id=user.id) | Q(recipient__in=(user.email, user.email_canonical))
    return Export(
        user=user,
        sessions=await list_sessions(runtime, user),
        devices=await KnownDevice.filter(user_id=user.id).order_by("-last_seen_at", "id"),
        events=await SecurityEvent.filter(user_id=user.id).order_by("-created_at", "-id"),
        links=await OneTimeToken.filter(user_id=user.id).order_by("-created_at"),
        letters=await OutboxMail.filter(theirs).order_by("-created_at", "-id"),
        registrations=await Registration.filter(user_id=user.id).order_by("-created_at", "-id"),
    )
