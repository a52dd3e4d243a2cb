"""What happened to a session, in words: from its events, and from whether it lives ("Why was I logged out?").

Deleting a session's keys tells nobody. So it is inferred: a session that was opened, that no event ends, that can't
have expired, and that is not there, was deleted outside the service. What can't be known for certain is said so.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from tortoise.expressions import Q

from models import SecurityEvent, User
from service.audit import events
from service.audit.catalogue import catalogue_of
from service.audit.causes import MOST_EVENTS, Record
from service.audit.wording import sentence
from service.core.clock import to_ms
from service.errors.end_reasons import EndReason
from service.runtime import Runtime
from service.stores.event_kinds import Language, Words

Verdict = Literal["living", "ended", "expired", "deleted", "unknown"]

_LIVES: Final = Words("The session lives.", "Die Sitzung lebt.")
_CUT_OFF: Final = Words(
    "It was ended by the cut-off in the database, {at} UTC.",
    "Sie wurde durch den Schnitt in der Datenbank beendet, {at} UTC.",
)
_NEVER: Final = Words(
    "There is no such session, and no record of its beginning.",
    "Es gibt keine solche Sitzung, und nichts sagt, dass sie begonnen hat.",
)
_DELETED: Final = Words(
    "Its keys were deleted outside the service: it is not there, nothing ended it, and it can't have expired.",
    "Ihre Schlüssel wurden außerhalb des Dienstes gelöscht: Sie ist nicht da, nichts hat sie beendet, und abgelaufen "
    "sein kann sie nicht.",
)
_OVER: Final = Words(
    "It is over, and nothing on record ended it: it was not used for too long, or its keys were deleted.",
    "Sie ist zu Ende, und nichts sagt, was sie beendet hat: Sie wurde zu lange nicht benutzt, oder ihre Schlüssel "
    "wurden gelöscht.",
)


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
    """What became of one session; `text` says it in a sentence, `reason` is what its client was told."""

    session_id: UUID
    verdict: Verdict
    text: str
    reason: EndReason | None = None


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
    language: Language = "en",
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
    found = await SecurityEvent.filter(wanted).order_by("-created_at", "-id").limit(MOST_EVENTS)
    record = Record(catalogue_of(runtime), list(reversed(found)))
    sids = [session_id] if session_id else list(dict.fromkeys(row.session_id for row in record.rows if row.session_id))
    if request_id is not None and user_id is None and sids:
        return await explain(runtime, session_id=sids[0], language=language)
    shown = [row for row in record.rows if session_id is None or _concerns(row, session_id, record)]
    entries = [
        Entry(row.created_at, row.type, sentence(record.known, row, language), row.session_id, row.request_id)
        for row in shown
    ]
    if user_id is None:
        return Timeline(entries, [])
    user = await User.get_or_none(id=user_id)
    living = await _living(runtime, user)
    stories = [
        SessionStory(sid, "living", _LIVES.of(language))
        if sid in living
        else _story(runtime, user, sid, record, language)
        for sid in sids
    ]
    return Timeline(entries, stories)


async def _owner(session_id: UUID) -> UUID | None:
    row = await SecurityEvent.filter(session_id=session_id, user_id__isnull=False).first()
    return row.user_id if row else None  # type: ignore[attr-defined]  # Tortoise adds the column


def _story(runtime: Runtime, user: User | None, sid: UUID, record: Record, language: Language) -> SessionStory:
    ending = record.ending_of(sid)
    if ending is not None:
        verdict: Verdict = "expired" if ending.type == events.SESSION_EXPIRED.name else "ended"
        return SessionStory(sid, verdict, sentence(record.known, ending, language), record.reason_of(ending))
    return _without_an_ending(runtime, user, sid, record, language)


def _without_an_ending(
    runtime: Runtime, user: User | None, sid: UUID, record: Record, language: Language
) -> SessionStory:
    """Say what can be said of a session that is gone, with nothing on record that ended it."""
    vanished, opening = record.vanished(sid), record.opening_of(sid)
    if vanished is not None:
        return SessionStory(sid, "deleted", sentence(record.known, vanished, language), EndReason.REVOKED)
    if user is not None and record.cut_off_ended(sid, user):
        text = _CUT_OFF.of(language).format(at=f"{user.sessions_valid_after:%Y-%m-%d %H:%M:%S}")
        return SessionStory(sid, "ended", text, EndReason.REVOKED)
    if opening is None:
        return SessionStory(sid, "unknown", _NEVER.of(language))
    if runtime.clock.now() < opening.created_at + timedelta(days=runtime.settings.REFRESH_TOKEN_EXPIRE_DAYS):
        return SessionStory(sid, "deleted", _DELETED.of(language), EndReason.REVOKED)
    return SessionStory(sid, "unknown", _OVER.of(language))


async def _living(runtime: Runtime, user: User | None) -> Collection[UUID]:
    """Return the sessions that the user has."""
    if user is None or not user.is_active:
        return ()
    cut_off = to_ms(user.sessions_valid_after) if user.sessions_valid_after else 0
    return {session.sid for session in await runtime.sessions.list_living(user.id) if session.valid_from >= cut_off}


def _concerns(row: SecurityEvent, sid: UUID, record: Record) -> bool:
    return row.session_id == sid or row is record.ending_of(sid)
