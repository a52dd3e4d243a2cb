"""Ending a user's sessions for certain: first the cut-off in the database, then the keys in Redis.

The cut-off alone is enough, for every authenticated request and every refresh reads it. So once it is committed, a
Redis that goes away fails nothing: what is left there is dead.
"""

from __future__ import annotations

import logging
from uuid import UUID

from models import User
from service.core import metrics
from service.core.clock import from_ms
from service.core.telemetry import log_event
from service.errors import InvalidAccessToken, Unavailable
from service.runtime import Runtime
from service.sessions.callers import cut_off


async def end_all(runtime: Runtime, user: User, *, keep: UUID | None = None) -> int:
    """End every session of `user` that exists now, all but `keep`: move the cut-off, by Redis's clock. Return it.

    Part of the transaction that changes the user and holds the row. Never earlier: a thief's change that was under way
    would move its session's `valid_from` past a cut-off that was looked up before it. And always past the cut-off that
    is there, for some session may have been kept by it in this very millisecond, or by a clock that was ahead.

    Raises `InvalidAccessToken` when `keep` is over by now.
    """
    now, last = await runtime.sessions.now(user.id), cut_off(user)
    if keep is None:
        moment = max(now, last) + 2  # past what `keep` may have given a session whose change was undone
    else:
        kept = await runtime.sessions.keep(user.id, keep, ahead=max(0, last - now) + 1)
        if kept is None:
            raise InvalidAccessToken
        moment = kept
    user.sessions_valid_after = from_ms(moment)
    await user.save(update_fields=["sessions_valid_after"])
    return moment


async def delete_sessions(runtime: Runtime, user_id: UUID, *, keep: UUID | None = None, way: str = "all") -> int:
    """Delete the dead sessions' keys. Called after the commit. Returns how many there were; `way` counts them.

    Those from before the cut-off that is there by now, so none that was opened since: the user may be back already.
    """
    try:
        user = await User.get_or_none(id=user_id)
        ended = await runtime.sessions.end_all(user_id, keep=keep, before=cut_off(user) if user else None)
    except Unavailable:
        log_event("sessions.left_in_redis", logging.WARNING, user_id=user_id)
        return 0
    metrics.sessions_revoked.labels(way).inc(ended)
    return ended
