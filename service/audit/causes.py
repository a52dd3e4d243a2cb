"""Why a session is over: from what its end has left behind, from the events on record, or from nothing at all.

Deleting a session's keys tells nobody. So it is inferred: a genuine token is refused, its time isn't up, nothing has
left a reason and no event ends its session: then the keys were deleted outside the service.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from tortoise.expressions import Q

from models import SecurityEvent, User
from service.audit import events
from service.audit.catalogue import EVENTS
from service.core.client import Client
from service.core.clock import to_ms
from service.errors.end_reasons import EndReason
from service.runtime import Runtime
from service.stores.refresh_tokens import RefreshToken
from service.stores.sessions.outcomes import Ended

MOST_EVENTS: Final = 1000
_BY_TIME: Final = (EndReason.EXPIRED, EndReason.TOO_OLD)
_ABOUT: Final = timedelta(minutes=1)  # between the clocks of Redis and of this service


async def cause_of(runtime: Runtime, user: User, token: RefreshToken, ended: Ended, client: Client) -> EndReason:
    """Return why a session is over, a genuine token of which was just refused. Raises `Unavailable`.

    Where nothing on record ended it, this records, once, that it was found to be over.
    """
    if ended.cause is not None and ended.cause not in _BY_TIME:
        return ended.cause
    found = await _on_record(user.id, token.sid)
    ending = ending_of(found, token.sid)
    if ending is not None:
        return reason_of(ending)
    if ended.cut_off or cut_off_ended(found, token.sid, user) or vanished(found, token.sid) is not None:
        return EndReason.REVOKED
    if ended.cause is None and ended.reason == "revoked":
        await events.record(
            runtime, events.SESSION_VANISHED, user_id=user.id, session_id=token.sid, client=client, once=""
        )
        return EndReason.REVOKED
    cause = ended.cause or _by_time(runtime, found, token)
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


def reason_of(ending: SecurityEvent) -> EndReason:
    """Return why the sessions ended that an event tells the end of."""
    ends = EVENTS[ending.type].ends
    return ends.reason_of(ending.detail) if ends else EndReason.REVOKED


def opening_of(found: Sequence[SecurityEvent], sid: UUID) -> SecurityEvent | None:
    """Return the session's log-in. `found` is the oldest first."""
    return next((row for row in found if row.session_id == sid and row.type in EVENTS and EVENTS[row.type].opens), None)


def ending_of(found: Sequence[SecurityEvent], sid: UUID) -> SecurityEvent | None:
    """Return what ended the session: the first ending event after its log-in. `found` is the oldest first."""
    opening = opening_of(found, sid)
    began = found.index(opening) if opening is not None else -1
    return next((row for row in found[began + 1 :] if _ends(row, sid)), None)


def vanished(found: Sequence[SecurityEvent], sid: UUID) -> SecurityEvent | None:
    """Return the event that says that the session was found gone."""
    return next((row for row in found if row.session_id == sid and row.type == events.SESSION_VANISHED.name), None)


def cut_off_ended(found: Sequence[SecurityEvent], sid: UUID, user: User) -> bool:
    """Return whether `sessions_valid_after`, which may have been set by hand, ended a session that no event ends.

    One that an event kept while the others ended has outlived the cut-off of that moment.
    """
    cut_off, opening = user.sessions_valid_after, opening_of(found, sid)
    if cut_off is None or opening is None or opening.created_at >= cut_off:
        return False
    later = [row for row in found if row.created_at >= cut_off - timedelta(seconds=5)]
    return not any(_keeps(row, sid) for row in later)


async def _on_record(user_id: UUID, sid: UUID) -> list[SecurityEvent]:
    """Return what may have ended the session, and its own events, the oldest first."""
    wanted = Q(type__in=[name for name, event in EVENTS.items() if event.ends]) | Q(session_id=sid)
    found = await SecurityEvent.filter(wanted, user_id=user_id).order_by("-created_at", "-id").limit(MOST_EVENTS)
    return list(reversed(found))


def _by_time(runtime: Runtime, found: Sequence[SecurityEvent], token: RefreshToken) -> EndReason:
    """Return which of its two ends a session has come to, whose keys Redis has taken by itself."""
    opening = opening_of(found, token.sid)
    if opening is None:
        return EndReason.EXPIRED
    greatest = opening.created_at + timedelta(days=runtime.settings.SESSION_MAX_DAYS) - _ABOUT
    return EndReason.TOO_OLD if token.ends_at >= to_ms(greatest) else EndReason.EXPIRED


def _ends(row: SecurityEvent, sid: UUID) -> bool:
    event = EVENTS.get(row.type)
    if event is None or event.ends is None or event is events.SESSION_VANISHED:  # that is an inference, and no end
        return False
    ends, detail = event.ends, row.detail
    if ends.only_if and not detail.get(ends.only_if):
        return False
    match ends.scope:
        case "own":
            return row.session_id == sid
        case "others":  # the session that did it is the one that was kept, but where it logged out everywhere
            return row.session_id != sid or ends.reason_of(detail) is EndReason.LOGGED_OUT_EVERYWHERE
        case "named":  # those that ended, unless all did, or the one that was kept
            named = detail.get("sessions")
            return detail.get("kept") != str(sid) and (named is None or str(sid) in str(named).split())


def _keeps(row: SecurityEvent, sid: UUID) -> bool:
    event = EVENTS.get(row.type)
    if event is None or event.ends is None or event.ends.scope == "own" or event.ends.only_if:
        return False
    return str(sid) in (str(row.session_id), row.detail.get("kept"))
