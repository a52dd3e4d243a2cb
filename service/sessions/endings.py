"""Ending a user's sessions for certain: first the cut-off in the database, then the keys in Redis.

The cut-off alone is enough, for every authenticated request and every refresh reads it. So once it is committed, a
Redis that goes away fails nothing: what is left there is dead. Where Redis is away already, an operator needn't wait
for it to throw a thief out: the database's clock says when.

What a session has asked for and is still to come, a change of address, ends with it, but for its own log-out.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from models import SecurityEvent, User
from service.audit import events
from service.audit.counting import count_ended
from service.audit.events import Living
from service.core.clock import from_ms, to_ms
from service.core.sql.moment import database_now
from service.core.sql.transactions import transaction
from service.core.telemetry.logs import log_event
from service.errors import InvalidAccessToken, Unavailable
from service.errors.end_reasons import EndReason
from service.letters import onetime
from service.runtime import Runtime
from service.sessions.callers import cut_off

BEYOND: Final = timedelta(minutes=5)
"""How far a cut-off by the database's clock lies ahead: further than Redis's clock, which sessions begin by. It costs
nobody a log-in: one that comes after it begins at the cut-off itself."""


async def end_all(runtime: Runtime, user: User, *, keep: UUID | None = None) -> int:
    """End every session of `user` that exists now, all but `keep`: move the cut-off, by Redis's clock. Return it.

    Without Redis by the database's, and further, if an operator asks for it (`Runtime.needs_redis`) and nothing is to
    be kept; else it raises `Unavailable`.

    Part of the transaction that changes the user and holds the row. Never earlier: a thief's change that was under way
    would move its session's `valid_from` past a cut-off that was looked up before it. And always past the cut-off that
    is there, for some session may have been kept by it in this very millisecond, or by a clock that was ahead.

    The links to new mailboxes end with the sessions: nobody can tell which of them asked for which. Raises
    `InvalidAccessToken` when `keep` is over by now.
    """
    last = cut_off(user)
    if keep is None:
        now = await now_or_beyond(runtime, user.id)
        moment = max(now, last) + 2  # past what `keep` may have given a session whose change was undone
    else:
        now = await runtime.sessions.now(user.id)
        kept = await runtime.sessions.keep(user.id, keep, ahead=max(0, last - now) + 1)
        if kept is None:
            raise InvalidAccessToken
        moment = kept
    user.sessions_valid_after = from_ms(moment)
    await user.save(update_fields=["sessions_valid_after"])
    await onetime.revoke_moves(runtime, user.id)
    return moment


async def now_or_beyond(runtime: Runtime, user_id: UUID) -> int:
    """Return a moment, in ms, that no session of the user's has begun after: Redis's time, or, without it, a later one.

    Raises `Unavailable` where the database is away, and where Redis is needed (`Runtime.needs_redis`).
    """
    try:
        return await runtime.sessions.now(user_id)
    except Unavailable:
        if runtime.needs_redis:
            raise
        moment = to_ms(await database_now(runtime.clock) + BEYOND)
        log_event(
            "sessions.cut_off_without_redis",
            logging.WARNING,
            user_id=user_id,
            until=f"{from_ms(moment):%Y-%m-%dT%H:%M:%SZ}",
        )
        return moment


async def is_tidy(runtime: Runtime, user_id: UUID) -> bool:
    """Return whether Redis can be reached, which has the keys of ended sessions; without it they stay, and are dead."""
    try:
        await runtime.sessions.now(user_id)
    except Unavailable:
        return False
    return True


async def end_moves(runtime: Runtime, ended: Mapping[UUID, Sequence[UUID]]) -> None:
    """End the links to new mailboxes that single sessions, ended by others than themselves, have asked for; by user.

    The users' rows are locked: a request that one of the sessions had under way is committed by then, or refused.
    """
    async with transaction():
        await User.filter(id__in=list(ended)).order_by("id").select_for_update().values_list("id", flat=True)
        await end_moves_of(runtime, ended)


async def end_moves_of(runtime: Runtime, ended: Mapping[UUID, Sequence[UUID]]) -> None:
    """Do what `end_moves` does in the caller's transaction, which holds the rows."""
    sids = [sid for some in ended.values() for sid in some]
    asked = SecurityEvent.filter(type=events.EMAIL_CHANGE_REQUESTED.name, user_id__in=list(ended), session_id__in=sids)
    if users := {UUID(str(uid)) for uid in await asked.values_list("user_id", flat=True)}:
        await onetime.revoke_moves(runtime, *users)


async def living(runtime: Runtime, user: User, *, keep: UUID | None = None) -> Living:
    """Return the sessions that `end_all` would end now: for the event that is part of its transaction to name."""
    limit, before = cut_off(user), user.sessions_valid_after
    try:
        found = await runtime.sessions.list_living(user.id)
    except Unavailable:
        return Living(None, before)
    sids = tuple(session.sid for session in found if session.valid_from >= limit and session.sid != keep)
    return Living(sids, before)


async def delete_sessions(runtime: Runtime, user_id: UUID, reason: EndReason, *, keep: UUID | None = None) -> None:
    """Delete the dead sessions' keys, and count them. Called after the commit.

    Those from before the cut-off that is there by now, so none that was opened since: the user may be back already.
    """
    try:
        user = await User.get_or_none(id=user_id)
        ended = await runtime.sessions.end_all(user_id, reason, keep=keep, before=cut_off(user) if user else None)
    except Unavailable:
        log_event("sessions.left_in_redis", logging.WARNING, user_id=user_id)
        return
    count_ended(reason, ended)
