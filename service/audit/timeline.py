"""What happened to a session, in words: from its events, and from whether it lives ("Why was I logged out?").

Deleting a session's keys tells nobody. So it is inferred: a session that was opened, that no event ends, that can't
have expired, and that is not there, was deleted outside the service. What can't be known for certain is said so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from tortoise.expressions import Q

from models import SecurityEvent, User
from service.audit import events
from service.audit.wording import sentence
from service.core.client import Client
from service.core.clock import to_ms
from service.runtime import Runtime

Verdict = Literal["living", "ended", "expired", "deleted", "unknown"]

_MOST_EVENTS: Final = 1000
_OPENED: Final = events.LOGIN_SUCCEEDED
_OF_ONE: Final = (
    events.LOGGED_OUT,
    events.SESSION_ENDED,
    events.SESSION_REPLACED,
    events.SESSION_DISPLACED,
    events.TOKEN_REUSED,
    events.SESSION_EXPIRED,
)
_OF_ALL: Final = (
    events.SESSIONS_ENDED,
    events.SESSIONS_REVOKED,
    events.PASSWORD_CHANGED,
    events.PASSWORD_RESET,
    events.EMAIL_CHANGE_UNDONE,
    events.ACCOUNT_CLAIMED,
)
_RECORD_SECONDS: Final = 0.15  # whoever ends a session records it just after: a refresh may come between


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened."""

    at: datetime
    event: str
    text: str
    session_id: UUID | None
    request_id: str | None


@dataclass(frozen=True, slots=True)
class SessionStory:
    """What became of one session; `text` says it in a sentence."""

    session_id: UUID
    verdict: Verdict
    text: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """All that is known, the oldest first, and what became of each session."""

    entries: list[Entry]
    stories: list[SessionStory]


async def explain(
    runtime: Runtime,
    *,
    user_id: UUID | None = None,
    session_id: UUID | None = None,
    request_id: str | None = None,
) -> Timeline:
    """Tell what happened to a user, a session, or in a request."""
    wanted = Q()
    if session_id is not None:
        user_id = user_id or await _owner(session_id)
    if request_id is not None:
        wanted &= Q(request_id=request_id)
    if user_id is not None:
        wanted &= Q(user_id=user_id)
    elif session_id is not None:
        wanted &= Q(session_id=session_id)
    found = await SecurityEvent.filter(wanted).order_by("-created_at", "-id").limit(_MOST_EVENTS)
    found.reverse()
    sids = [session_id] if session_id else list(dict.fromkeys(row.session_id for row in found if row.session_id))
    if request_id is not None and user_id is None and sids:
        return await explain(runtime, session_id=sids[0])
    shown = [row for row in found if session_id is None or _concerns(row, session_id, found)]
    entries = [Entry(row.created_at, row.type, sentence(row), row.session_id, row.request_id) for row in shown]
    stories = [await _story(runtime, user_id, sid, found) for sid in sids] if user_id else []
    return Timeline(entries, stories)


async def note_end(runtime: Runtime, user_id: UUID, session_id: UUID, client: Client, *, expired: bool) -> None:
    """Record, once, that a session was found to be over although nothing on record ended it.

    Called when a genuine refresh token is refused. Raises `Unavailable`.
    """
    if await _is_accounted_for(user_id, session_id):
        return
    if not expired:
        await asyncio.sleep(_RECORD_SECONDS)
        if await _is_accounted_for(user_id, session_id):
            return
    event = events.SESSION_EXPIRED if expired else events.SESSION_VANISHED
    await events.record(runtime, event, user_id=user_id, session_id=session_id, client=client, once="")


async def _is_accounted_for(user_id: UUID, session_id: UUID) -> bool:
    known = (*_OF_ONE, events.SESSION_VANISHED)
    if await events.were_recorded(user_id, session_id, *known):
        return True
    found = await SecurityEvent.filter(user_id=user_id).order_by("-created_at", "-id").limit(_MOST_EVENTS)
    found.reverse()
    user = await User.get_or_none(id=user_id)
    return user is None or _ending(found, session_id) is not None or _cut_off_ended(found, session_id, user)


async def _owner(session_id: UUID) -> UUID | None:
    row = await SecurityEvent.filter(session_id=session_id, user_id__isnull=False).first()
    return row.user_id if row else None  # type: ignore[attr-defined]  # Tortoise adds the column


async def _story(runtime: Runtime, user_id: UUID, sid: UUID, found: Sequence[SecurityEvent]) -> SessionStory:
    if await _lives(runtime, user_id, sid):
        return SessionStory(sid, "living", "The session lives.")
    ending = _ending(found, sid)
    if ending is not None:
        verdict: Verdict = "expired" if ending.type == events.SESSION_EXPIRED else "ended"
        return SessionStory(sid, verdict, sentence(ending))
    return await _without_an_ending(runtime, user_id, sid, found)


async def _without_an_ending(
    runtime: Runtime, user_id: UUID, sid: UUID, found: Sequence[SecurityEvent]
) -> SessionStory:
    """Say what can be said of a session that is gone, with nothing on record that ended it."""
    vanished = next((row for row in found if row.session_id == sid and row.type == events.SESSION_VANISHED), None)
    opened = next((row for row in found if row.session_id == sid and row.type == _OPENED), None)
    if vanished is not None:
        return SessionStory(sid, "deleted", sentence(vanished))
    user = await User.get_or_none(id=user_id)
    if user is not None and _cut_off_ended(found, sid, user):
        text = f"It was ended by the cut-off in the database, {user.sessions_valid_after:%Y-%m-%d %H:%M:%S} UTC."
        return SessionStory(sid, "ended", text)
    if opened is None:
        return SessionStory(sid, "unknown", "There is no such session, and no record of its beginning.")
    certain_until = opened.created_at + timedelta(days=runtime.settings.REFRESH_TOKEN_EXPIRE_DAYS)
    if runtime.clock.now() < certain_until:
        text = (
            "Its keys were deleted outside the service: it is not there, nothing ended it, and it can't have expired."
        )
        return SessionStory(sid, "deleted", text)
    text = "It is over, and nothing on record ended it: it was not used for too long, or its keys were deleted."
    return SessionStory(sid, "unknown", text)


async def _lives(runtime: Runtime, user_id: UUID, sid: UUID) -> bool:
    user = await User.get_or_none(id=user_id)
    if user is None or not user.is_active:
        return False
    cut_off = to_ms(user.sessions_valid_after) if user.sessions_valid_after else 0
    living = await runtime.sessions.list_living(user_id)
    return any(session.sid == sid and session.valid_from >= cut_off for session in living)


def _ending(found: Sequence[SecurityEvent], sid: UUID) -> SecurityEvent | None:
    """Return what ended the session: the first ending event after its log-in. `found` is the oldest first."""
    began = next((number for number, row in enumerate(found) if row.session_id == sid and row.type == _OPENED), -1)
    return next((row for row in found[began + 1 :] if _ends(row, sid)), None)


def _cut_off_ended(found: Sequence[SecurityEvent], sid: UUID, user: User) -> bool:
    """Return whether `sessions_valid_after`, which may have been set by hand, ended a session that no event ends.

    One that an event kept while the others ended has outlived the cut-off of that moment.
    """
    cut_off = user.sessions_valid_after
    began = next((row.created_at for row in found if row.session_id == sid and row.type == _OPENED), None)
    if cut_off is None or began is None or began >= cut_off:
        return False
    later = [row for row in found if row.created_at >= cut_off - timedelta(seconds=5)]
    return not any(row.type in _OF_ALL and str(sid) in (str(row.session_id), row.detail.get("kept")) for row in later)


def _ends(row: SecurityEvent, sid: UUID) -> bool:
    if row.type in _OF_ONE:
        return row.session_id == sid
    if row.type == events.SESSIONS_REVOKED:  # it names those that ended, unless all did, or the one that was kept
        named = row.detail.get("sessions")
        return row.detail.get("kept") != str(sid) and (named is None or str(sid) in str(named).split())
    if row.type == events.SESSIONS_ENDED and row.detail.get("way") == "everywhere":
        return True
    if row.type in _OF_ALL:  # the session that did it is the one that was kept
        return row.session_id != sid
    return row.type == events.USER_UPDATED and bool(row.detail.get("sessions_ended"))


def _concerns(row: SecurityEvent, sid: UUID, found: Sequence[SecurityEvent]) -> bool:
    return row.session_id == sid or row is _ending(found, sid)
