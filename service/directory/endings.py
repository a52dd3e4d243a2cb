"""Ending a user's sessions for certain: first the cut-off in the database, then the keys in Redis.

The cut-off alone is enough, for every authenticated request and every refresh reads it. So once it is committed, a
Redis that goes away fails nothing: what is left there is dead.
"""

from __future__ import annotations

import logging
from uuid import UUID

from tortoise.expressions import Q

from models import User
from service.core import metrics
from service.core.clock import from_ms
from service.core.telemetry import log_event
from service.errors import InvalidAccessToken, Unavailable
from service.runtime import Runtime
from service.sessions.store import LiveSession


async def cut_off_now(runtime: Runtime, user_id: UUID, keep: LiveSession | None = None) -> int:
    """Return the cut-off that ends every session that exists now, all but `keep`: by Redis's clock, as log-ins are.

    Called before the transaction that changes the user. Raises `InvalidAccessToken` when `keep` is over by now.
    """
    if keep is None:
        return await runtime.sessions.now(user_id) + 1
    cut_off = await runtime.sessions.keep(keep.uid, keep.sid)
    if cut_off is None:
        raise InvalidAccessToken
    return cut_off


async def set_cut_off(user_id: UUID, cut_off: int) -> None:
    """Set `sessions_valid_after`, never back. Called inside the transaction that changes the user."""
    moment = from_ms(cut_off)
    earlier = Q(sessions_valid_after__isnull=True) | Q(sessions_valid_after__lt=moment)
    await User.filter(earlier, id=user_id).update(sessions_valid_after=moment)


async def delete_sessions(runtime: Runtime, user_id: UUID, *, keep: UUID | None = None, way: str = "all") -> int:
    """Delete the dead sessions' keys. Called after the commit. Returns how many there were; `way` counts them."""
    try:
        ended = await runtime.sessions.end_all(user_id, keep=keep)
    except Unavailable:
        log_event("sessions.left_in_redis", logging.WARNING, user_id=user_id)
        return 0
    metrics.sessions_revoked.labels(way).inc(ended)
    return ended
