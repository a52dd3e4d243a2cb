"""Which event ended a session: the one that names it, or one that ended all of its user's, or everyone's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from tortoise.expressions import Q

from models import SecurityEvent
from service.audit import events

# They name the session that ended.
OF_ONE: Final = frozenset(
    {
        events.LOGGED_OUT,
        events.SESSION_ENDED,
        events.TOKEN_REUSED,
        events.SESSION_REPLACED,
        events.SESSION_DISPLACED,
        events.SESSION_EXPIRED,
        events.SESSION_VANISHED,
    }
)
# They name the session that was kept, if any.
_OF_THE_OTHERS: Final = frozenset({events.PASSWORD_CHANGED})
_OF_ALL: Final = frozenset({events.PASSWORD_RESET, events.EMAIL_CHANGE_UNDONE})
_USER_WIDE: Final = _OF_THE_OTHERS | _OF_ALL | {events.SESSIONS_ENDED, events.USER_UPDATED}
# Noticed afterwards, when the client came back. What ended the session may be recorded a moment later still.
NOTICED: Final = frozenset({events.SESSION_EXPIRED, events.SESSION_VANISHED})
_MOMENT: Final = timedelta(seconds=5)


async def events_about(user_id: UUID, session_id: UUID) -> Sequence[SecurityEvent]:
    """Return every event that is about the session, its user, or everyone, the oldest first. Raises `Unavailable`."""
    everyone = Q(user_id__isnull=True, type=events.SESSIONS_ENDED)
    about = Q(user_id=user_id) & (Q(session_id=session_id) | Q(type__in=[*_USER_WIDE]))
    return await SecurityEvent.filter(about | everyone | Q(session_id=session_id)).order_by("created_at", "id")


def began_at(found: Sequence[SecurityEvent], session_id: UUID) -> datetime | None:
    """Return when the session was opened, None when that isn't on record (any more)."""
    times = [event.created_at for event in found if event.session_id == session_id]
    login = [event.created_at for event in found if _is_login(event, session_id)]
    return min(login, default=min(times, default=None))


def ending_of(found: Sequence[SecurityEvent], session_id: UUID) -> SecurityEvent | None:
    """Return the event that ended the session, None when none is on record."""
    since = began_at(found, session_id)
    if since is None:
        return None
    ends = [event for event in found if event.created_at >= since and ended_by(event, session_id)]
    if not ends:
        return None
    first = ends[0]
    if first.type in NOTICED:
        soon = [event for event in ends if event.type not in NOTICED and event.created_at - first.created_at < _MOMENT]
        return soon[0] if soon else first
    return first


def ended_by(event: SecurityEvent, session_id: UUID) -> bool:
    """Return whether `event` ended the session, which was open then."""
    detail = event.detail or {}
    if event.type == events.SESSIONS_ENDED:
        kept = detail.get("way") == "others" and event.session_id == session_id
        return not kept and detail.get("kept") != str(session_id)
    if event.type == events.USER_UPDATED:
        return bool(detail.get("sessions_ended"))
    if event.type in _OF_THE_OTHERS:
        return event.session_id != session_id
    return event.type in _OF_ALL or (event.type in OF_ONE and event.session_id == session_id)


def cut_off_ended(found: Sequence[SecurityEvent], session_id: UUID, cut_off: datetime | None) -> bool:
    """Return whether the user's `sessions_valid_after` ended the session, as far as anyone can tell.

    It may have been set by hand, in the database: then no event tells of it. A session that an event kept has outlived
    the cut-off of that moment.
    """
    began = began_at(found, session_id)
    if cut_off is None or began is None or began >= cut_off:
        return False
    return not any(_kept(event, session_id) and event.created_at >= cut_off - _MOMENT for event in found)


def _kept(event: SecurityEvent, session_id: UUID) -> bool:
    """Tell whether `event` ended all of the user's sessions but this one."""
    return event.type in (events.SESSIONS_ENDED, *_OF_THE_OTHERS) and not ended_by(event, session_id)


def _is_login(event: SecurityEvent, session_id: UUID) -> bool:
    return event.type == events.LOGIN_SUCCEEDED and event.session_id == session_id
