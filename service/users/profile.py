"""What users do with their own account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final
from uuid import UUID

from tortoise.expressions import Q

from models import Credential, KnownDevice, OneTimeToken, OutboxMail, Registration, SecurityEvent, User
from service.accounts import traces
from service.accounts.removal import remove_account
from service.audit import events
from service.core.http.pagination import Cursor
from service.core.sql.keyset import before
from service.core.text.email_address import parse_email
from service.credentials import passwords, verification
from service.credentials.passwords import Password
from service.errors import InvalidGrant
from service.errors.end_reasons import EndReason
from service.letters import notices
from service.runtime import Runtime
from service.sessions import endings
from service.sessions.acting import acting, administering, expect_fresh
from service.sessions.callers import Caller
from service.sessions.flows import list_sessions
from service.stores.sessions.outcomes import ListedSession
from service.users.catalogue import USER_EXPORTED

REPEATED: Final = timedelta(seconds=15)
"""For how long a change may be the one that was just made: longer than clients wait for an answer."""


@dataclass(frozen=True, slots=True)
class Export:
    """All that is stored about a user."""

    user: User
    credentials: Sequence[Credential]
    sessions: list[ListedSession]
    devices: Sequence[KnownDevice]
    events: Sequence[SecurityEvent]
    links: Sequence[OneTimeToken]
    letters: Sequence[OutboxMail]
    registrations: Sequence[Registration]
    features: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class ProfileChange:
    """What to change of oneself; None leaves it. `full_name` may become empty: `clear_name` says so."""

    full_name: str | None = None
    clear_name: bool = False
    password: str | None = field(default=None, repr=False)
    current_password: str | None = None


async def change_profile(runtime: Runtime, caller: Caller, change: ProfileChange) -> User:
    """Change the caller's name, or password, or both at once.

    A new password ends the other sessions, and the links that would move the account (R7, R33). It takes a fresh
    session or the current password (wrong: `InvalidGrant`, too often: `RateLimited`). The session is kept by moving
    its `valid_from` first, so that nothing that fails later can end it. Safe to repeat: a password that this session
    has just set isn't set again, for the one before it is not the current one any more.
    """
    if change.password is not None and await _is_set_already(runtime, caller, change.password):
        change = replace(change, password=None)
    if change.password is None and change.full_name is None and not change.clear_name:
        return caller.user
    hashed = await _new_hash(runtime, caller, change) if change.password is not None else None
    # Where there is a second factor the current password is not enough, neither here nor anywhere.
    fresh = hashed is not None and (change.current_password is None or caller.user.has_factor)
    async with acting(runtime, caller, fresh=fresh) as user:
        if change.current_password is not None and hashed is not None:
            verification.expect_unchanged(caller.user, user)
        changed = ["updated_at"]
        user.updated_at = runtime.clock.now()
        if change.full_name is not None or change.clear_name:
            user.full_name = change.full_name
            changed.append("full_name")
        await user.save(update_fields=changed)
        if hashed is not None:
            await passwords.put(runtime, user, hashed)
            await _password_changed(runtime, caller, user)
    if hashed is not None:
        await endings.delete_sessions(runtime, user.id, EndReason.PASSWORD_CHANGED, keep=caller.session.sid)
    return user


async def _is_set_already(runtime: Runtime, caller: Caller, password: str) -> bool:
    """Return whether this session has just set this password: the answer got lost, and it is asked for once more.

    Looked at as any password is that somebody shows, and paid for. Raises `RateLimited`.
    """
    since = runtime.clock.now() - REPEATED
    at = await passwords.set_at(caller.user)
    if at is None or at < since:
        return False
    its_own = SecurityEvent.filter(type=events.PASSWORD_CHANGED.name, created_at__gte=since)
    if not await its_own.filter(user_id=caller.user.id, session_id=caller.session.sid).exists():
        return False
    return await verification.verify(runtime, caller.user, Password(password), caller.client) is not None


async def delete_own_account(runtime: Runtime, caller: Caller) -> None:
    """Delete the caller's account. It takes a fresh session. Raises `LastSuperuser`."""
    async with acting(runtime, caller, fresh=True, alone=True) as user:
        await remove_account(runtime, user, actor_id=user.id)
    await traces.follow_up(runtime, user.id)


async def _new_hash(runtime: Runtime, caller: Caller, change: ProfileChange) -> str:
    """Return the new password's hash, once the old one or a fresh session has shown who is asking."""
    assert change.password is not None  # noqa: S101 - only called with one
    if change.current_password is None or caller.user.has_factor:
        await expect_fresh(runtime, caller)
    if change.current_password is not None and not await verification.verify(
        runtime, caller.user, Password(change.current_password), caller.client
    ):
        async with acting(runtime, caller):
            pass  # it may have ended together with the password: then that is what it hears
        await events.record(
            runtime,
            events.REAUTHENTICATION_FAILED,
            user_id=caller.user.id,
            session_id=caller.session.sid,
            client=caller.client,
        )
        raise InvalidGrant("Incorrect password")
    return await passwords.hash_new(runtime, change.password, parse_email(caller.user.email))


async def _password_changed(runtime: Runtime, caller: Caller, user: User) -> None:
    sid = caller.session.sid
    others = await endings.living(runtime, user, keep=sid)
    await endings.end_all(runtime, user, keep=sid)
    await notices.password_changed(runtime, user, caller.client)
    await events.record(
        runtime, events.PASSWORD_CHANGED, user_id=user.id, session_id=sid, client=caller.client, **events.which(others)
    )


async def own_events(runtime: Runtime, user: User, limit: int, after: Cursor | None) -> Sequence[SecurityEvent]:
    """Return the user's security events, newest first."""
    found = SecurityEvent.filter(user_id=user.id)
    if after is not None:
        found = found.filter(before(after))
    return await found.order_by("-created_at", "-id").limit(limit)


async def _events(user: User) -> Sequence[SecurityEvent]:
    """Return what happened to the user, and what they did to others, without the others' sessions."""
    found = await SecurityEvent.filter(Q(user_id=user.id) | Q(actor_id=user.id)).order_by("-created_at", "-id")
    for event in found:
        if event.user_id != user.id:  # type: ignore[attr-defined]  # Tortoise adds it
            event.session_id = None
    return found


async def export(runtime: Runtime, caller: Caller) -> Export:
    """Return everything stored about the caller. It takes a fresh session."""
    async with acting(runtime, caller, fresh=True) as user:
        pass  # one such call is paid for; nothing is held while all of it is read
    return await _everything_about(runtime, user)


async def export_of(runtime: Runtime, user_id: UUID) -> Export:
    """Return the same of a user to an operator, for somebody who can't log in. What isn't recorded isn't given.

    Raises `NotFound`.
    """
    async with administering(runtime, None, user_id) as user:
        await events.record(runtime, USER_EXPORTED, user_id=user.id, by="operator")
    return await _everything_about(runtime, user)


async def _everything_about(runtime: Runtime, user: User) -> Export:
    """Return everything stored about a user. Letters are theirs by account or address."""
    theirs = Q(user_id=user.id) | Q(recipient__in=(user.email, user.email_canonical))
    return Export(
        user=user,
        credentials=await Credential.filter(user_id=user.id).order_by("created_at", "id"),
        sessions=await list_sessions(runtime, user),
        devices=await KnownDevice.filter(user_id=user.id).order_by("-last_seen_at", "id"),
        events=await _events(user),
        links=await OneTimeToken.filter(user_id=user.id).order_by("-created_at"),
        letters=await OutboxMail.filter(theirs).order_by("-created_at", "-id"),
        registrations=await Registration.filter(user_id=user.id).order_by("-created_at", "-id"),
        features={
            feature.name: kept
            for feature in runtime.features
            if feature.exported is not None and (kept := await feature.exported(runtime, user.id))
        },
    )
