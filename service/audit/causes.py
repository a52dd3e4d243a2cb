"""Why a session is over: from what its end has left behind, from the events on record, or from nothing at all.

Deleting a session's keys tells nobody. So it is inferred: a genuine token is refused, its time isn't up, nothing has
left a reason, no event ends its session, and none was lost: then the keys were deleted outside the service.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from models import User
from service.audit import events
from service.audit.record import Record, record_of
from service.core.client import Client
from service.core.clock import to_ms
from service.errors.end_reasons import EndReason
from service.runtime import Runtime
from service.stores.refresh_tokens import RefreshToken
from service.stores.sessions.outcomes import Ended

_BY_TIME: Final = (EndReason.EXPIRED, EndReason.TOO_OLD)
_ABOUT: Final = timedelta(minutes=1)  # between the clocks of Redis and of this service


async def cause_of(runtime: Runtime, user: User, token: RefreshToken, ended: Ended, client: Client) -> EndReason:
    """Return why a session is over, a genuine token of which was just refused. Raises `Unavailable`.

    Where nothing on record ended it, this records, once, that it was found to be over.
    """
    if ended.cause is not None and ended.cause not in _BY_TIME:
        return ended.cause
    record = await record_of(runtime, user.id, [token.sid])
    ending = record.ending_of(token.sid)
    if ending is not None:
        return record.reason_of(ending)
    if ended.cut_off:
        await events.record(
            runtime, events.SESSION_CUT_OFF, user_id=user.id, session_id=token.sid, client=client, once=""
        )
        return EndReason.REVOKED
    if record.cut_off_ended(token.sid, user) or record.vanished(token.sid) is not None:
        return EndReason.REVOKED
    if ended.cause is None and ended.reason == "revoked":
        if not record.lost_of(token.sid, runtime.clock.now()):
            await events.record(
                runtime, events.SESSION_VANISHED, user_id=user.id, session_id=token.sid, client=client, once=""
            )
        return EndReason.REVOKED
    cause = ended.cause or _by_time(runtime, record, token)
    await events.record(
        runtime,
        events.SESSION_EXPIRED,
        user_id=user.id,
        session_id=token.sid,
        client=client,
        once="",
        way="age" if cause is EndReason.TOO_OLD else "unused",
    )
    return cause


def _by_time(runtime: Runtime, record: Record, token: RefreshToken) -> EndReason:
    """Return which of its two ends a session has come to, whose keys Redis has taken by itself."""
    opening = record.opening_of(token.sid)
    if opening is None:
        return EndReason.EXPIRED
    greatest = opening.created_at + timedelta(days=runtime.settings.SESSION_MAX_DAYS) - _ABOUT
    return EndReason.TOO_OLD if token.ends_at >= to_ms(greatest) else EndReason.EXPIRED
