"""Whatever is changed for a caller is changed in here: the session has to be good inside the change's own transaction.

A request is authenticated, and then it hashes, waits, is held up. Meanwhile its session may be ended, its user
disabled, demoted or deleted: what was true at the door says nothing any more (R76). So the user's row is locked first,
and the session is looked at under that lock, against the cut-off found there. Whatever ends sessions moves the cut-off
under the same lock: either the change was there first, and what ends it sees it; or it comes second, and is refused.

Locks are taken in one order, so that nobody waits for each other: `SUPERUSER_LOCK`, then the users' rows by id.
SQLite has no row locks and needs none: one transaction runs at a time, from its beginning.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Final
from uuid import UUID
from weakref import WeakValueDictionary

from models import Credential, User
from models.credential import PASSWORD
from service.core.sql.transactions import exclusive, transaction
from service.errors import (
    DeviceBindingRequired,
    Forbidden,
    InvalidAccessToken,
    NotFound,
    ReauthenticationRequired,
    Unavailable,
)
from service.runtime import Runtime
from service.sessions.callers import Caller, cut_off
from service.settings import Settings
from service.stores.sessions.outcomes import LiveSession
from service.stores.sessions.permits import Standing

SUPERUSER_LOCK: Final = 0x4C6B5375
TURN_SECONDS: Final = 1.0

_turns: WeakValueDictionary[tuple[str, UUID], asyncio.Lock] = WeakValueDictionary()


@asynccontextmanager
async def acting(
    runtime: Runtime,
    caller: Caller,
    *,
    fresh: bool = False,
    level: int = 1,
    superuser: bool = False,
    alone: bool = False,
) -> AsyncIterator[User]:
    """Run a block in a transaction that holds the caller's row, given to it, and in which the caller is still good.

    `fresh`: the user has proven to be there a short while ago, at `level`: 2 is by a second factor, and less is not
    enough of a user who has one. Where every such call needs a permit, this uses one up, and only if the block
    succeeds. `superuser`: the caller still is one, on a session that is bound where that is asked for. `alone`: under
    SUPERUSER_LOCK.
    Raises `InvalidAccessToken`, `Forbidden`, `DeviceBindingRequired`, `ReauthenticationRequired`; `Unavailable` undoes
    everything.
    """
    async with _opened(caller, alone=alone):
        user = await User.filter(id=caller.user.id).select_for_update().first()
        user, standing = await _good(runtime, caller, user)
        if superuser:
            demand_superuser(runtime.settings, user, caller.session)
        if fresh:
            await _demand_fresh(runtime.settings, standing, user, level)
            level = level_for(user, level)  # as it is now: the block may add a factor
        yield user
        if fresh:
            await _use_permit(runtime, caller, user, level)


@asynccontextmanager
async def administering(
    runtime: Runtime,
    actor: Caller | None,
    user_id: UUID | None,
    *,
    fresh: bool = False,
    level: int = 1,
    alone: bool = False,
) -> AsyncIterator[User]:
    """Run a block in a transaction that holds the rows of `user_id`, given to it, and of the actor, a good superuser.

    Without an actor it is a command's. Raises what `acting` raises, and `NotFound` for the user.
    """
    ids = {found for found in (user_id, actor.user.id if actor else None) if found}
    async with _opened(actor, alone=alone):
        rows = {row.id: row for row in await User.filter(id__in=ids).order_by("id").select_for_update()}
        if actor is not None:
            itself, standing = await _good(runtime, actor, rows.get(actor.user.id))
            demand_superuser(runtime.settings, itself, actor.session)
            if fresh:
                await _demand_fresh(runtime.settings, standing, itself, level)
                level = level_for(itself, level)
        if user_id is None or user_id not in rows:
            raise NotFound("The user with this id does not exist in the system")
        yield rows[user_id]
        if actor is not None and fresh:
            await _use_permit(runtime, actor, rows[actor.user.id], level)


async def expect_shown(runtime: Runtime, caller: Caller, user: User) -> None:
    """Raise `ReauthenticationRequired` unless the second factor that the user has was shown on this session, ever.

    For the end of what a fresh session has begun: a password was enough then, where there was no factor yet. Part of
    the block of `acting`, which holds the row.
    """
    if not user.has_factor:
        return
    standing = await runtime.sessions.permits.standing(caller.session.uid, caller.session.sid)
    if standing is None:
        raise InvalidAccessToken
    if standing.assurance.level < level_for(user, 1):
        raise await asked_for(user, 2)


async def expect_fresh(runtime: Runtime, caller: Caller, level: int = 1) -> None:
    """Raise `ReauthenticationRequired` early, before work that would be in vain. `acting` decides, and uses permits."""
    standing = await runtime.sessions.permits.standing(caller.session.uid, caller.session.sid)
    if standing is None:
        raise InvalidAccessToken
    await _demand_fresh(runtime.settings, standing, caller.user, level)


def demand_superuser(settings: Settings, user: User, session: LiveSession) -> None:
    """Raise `Forbidden` unless the user is a superuser, and `DeviceBindingRequired` where the session has to be bound.

    It is never unbound again: what was true at the door still is.
    """
    if not user.is_superuser:
        raise Forbidden
    if not acts_as_superuser(settings, user, session):
        raise DeviceBindingRequired


def acts_as_superuser(settings: Settings, user: User, session: LiveSession) -> bool:
    """Return whether calls of this session are a superuser's: it is bound, where that is asked for."""
    return user.is_superuser and (settings.DEVICE_BINDING != "superusers" or session.binding is not None)


def level_for(user: User, level: int) -> int:
    """Return the level that a call asks for of this user: who has a second factor shows it, not just a password."""
    return 2 if user.has_factor else level


def asks_every_time(settings: Settings) -> bool:
    """Return whether the user is asked for before each call that wants it: nothing but a permit is fresh."""
    return settings.FRESH_SESSION_MINUTES == 0


async def demand_recent(settings: Settings, session: LiveSession | Standing, user: User, level: int) -> None:
    """Raise `ReauthenticationRequired` unless it is a short while since the user has proven to be there, at `level`."""
    level = level_for(user, level)
    window = timedelta(minutes=settings.FRESH_SESSION_MINUTES) // timedelta(milliseconds=1)
    shown_at = session.factor_at if level > 1 else session.auth_at
    if session.assurance.level < level or session.now - shown_at >= window:
        raise await asked_for(user, level)


async def use_permit(runtime: Runtime, caller: Caller, level: int) -> None:
    """Use a permit up where they count. The last step before the commit: what fails earlier leaves it to be used."""
    await _use_permit(runtime, caller, caller.user, level_for(caller.user, level))


async def _use_permit(runtime: Runtime, caller: Caller, user: User, level: int) -> None:
    session = caller.session
    if asks_every_time(runtime.settings) and not await runtime.sessions.permits.spend(session.uid, session.sid, level):
        raise await asked_for(user, level)


@asynccontextmanager
async def _opened(caller: Caller | None, *, alone: bool) -> AsyncIterator[None]:
    """Open the transaction when it is the caller's turn: in this process each user has one at a time.

    Else a flood of one session's calls would take every connection of the pool to wait for one row; and behind them
    would wait everybody, first of all whoever is about to end that session. And each session has one place in that
    row: else a thief's flood would keep the owner's own sessions from ending it.
    """
    async with AsyncExitStack() as stack:
        if caller is not None:
            turns = [("session", caller.session.sid), ("user", caller.user.id)]
            try:
                async with asyncio.timeout(TURN_SECONDS):
                    for turn in turns:
                        await stack.enter_async_context(_turns.setdefault(turn, asyncio.Lock()))
            except TimeoutError:
                raise Unavailable("turn") from None
        await stack.enter_async_context(exclusive(SUPERUSER_LOCK) if alone else transaction())
        yield


async def _good(runtime: Runtime, caller: Caller, user: User | None) -> tuple[User, Standing]:
    """Return the caller's locked row, and how the session stands now.

    Not as it stood at the door: a call of the same session may have moved its `valid_from` since, to be kept. And a
    session that was ended in Redis alone (its log-out, an operator) is over for what it has under way, too.
    """
    if user is None or not user.is_active:
        raise InvalidAccessToken
    standing = await runtime.sessions.permits.standing(caller.session.uid, caller.session.sid)
    if standing is None or standing.valid_from < cut_off(user):
        raise InvalidAccessToken
    return user, standing


async def _demand_fresh(settings: Settings, standing: Standing, user: User, level: int) -> None:
    if not asks_every_time(settings):
        await demand_recent(settings, standing, user, level)
    elif standing.permitted < level_for(user, level):
        raise await asked_for(user, level_for(user, level))


async def asked_for(user: User, level: int) -> ReauthenticationRequired:
    """Return the error that asks a user to prove to be there, with the ways in which this one can.

    There may be none: who has no password logs in again, or is asked at the provider that opens the account.
    """
    if level > 1:
        return ReauthenticationRequired(user.factor_methods, level)
    has_password = await Credential.exists(user_id=user.id, kind=PASSWORD)
    return ReauthenticationRequired(("password",) if has_password else (), level)
