"""What happened to a session, in words: from its events, and from whether it lives ("Why was I logged out?").

Deleting a session's keys tells nobody. So it is inferred: a session that was opened, that no event ends, that can't
have expired, and that is not there, was deleted outside the service. What can't be known for certain is said so: an
event that ended others may have come too late for this one, and so may the cut-off in the database; and events may be
lost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from tortoise.expressions import Q

from models import SecurityEvent
from service.audit import late
from service.audit.catalogue import catalogue_of
from service.audit.record import MOST_EVENTS, Record, in_order, record_of
from service.audit.stories import SessionStory, stories_of
from service.audit.wording import sentence
from service.runtime import Runtime
from service.stores.event_kinds import Event, Language, Words

_FAILED: Final = 200  # of log-ins that failed, which anybody can have fail: the newest

_OLDER: Final = Words(
    "Older log-ins that failed aren't shown here: there are more than {number} (latchkey events list).",
    "Ältere Anmeldungen, die gescheitert sind, stehen hier nicht: Es sind mehr als {number} (latchkey events list).",
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
    known = catalogue_of(runtime)
    if session_id is not None:
        user_id = user_id or await _owner(runtime, session_id)
    wanted = Q()
    if request_id is not None:
        wanted &= Q(request_id=request_id)
    if user_id is not None:
        wanted &= Q(user_id=user_id)
    elif session_id is not None:
        wanted &= Q(session_id=session_id)
    if session_id is not None and user_id is not None:
        record = await record_of(runtime, user_id, [session_id])
        return await _one_session(runtime, user_id, session_id, record, language)
    rows, cut = await _shown(runtime, known, wanted, user_id)
    sids = [session_id] if session_id else list(dict.fromkeys(row.session_id for row in rows if row.session_id))
    if request_id is not None and user_id is None and sids:
        return await explain(runtime, session_id=sids[0], language=language)
    entries = _entries(known, rows, language)
    if cut is not None:
        text = _OLDER.of(language).format(number=_FAILED)
        entries.insert(0, Entry(min(cut.created_at, rows[0].created_at), cut.type, text, None, None))
    if user_id is None:
        return Timeline(entries, [])
    return Timeline(
        entries, await stories_of(runtime, user_id, sids, await record_of(runtime, user_id, sids), language)
    )


async def _one_session(runtime: Runtime, user_id: UUID, sid: UUID, record: Record, language: Language) -> Timeline:
    """Tell what happened in a session, and what ended it elsewhere."""
    mine = await SecurityEvent.filter(user_id=user_id, session_id=sid).order_by("-created_at", "-id").limit(MOST_EVENTS)
    fate = record.fate_of(sid)
    rows = in_order([*mine, *(row for row in record.rows if row.session_id == sid or (fate and row is fate.row))])
    return Timeline(_entries(record.known, rows, language), await stories_of(runtime, user_id, [sid], record, language))


async def _shown(
    runtime: Runtime, known: Mapping[str, Event], wanted: Q, user_id: UUID | None
) -> tuple[list[SecurityEvent], SecurityEvent | None]:
    """Return the newest events, the oldest first, and the oldest failed log-in among them where there are more.

    What opens and ends sessions, what failed, and all the rest don't push each other out.
    """
    waiting = await late.waiting_of(runtime, user_id) if user_id else []
    lives = [name for name, event in known.items() if event.opens or event.ends]
    fails = [name for name, event in known.items() if event.anybodys]
    newest = SecurityEvent.filter(wanted).order_by("-created_at", "-id")
    failed = await newest.filter(type__in=fails).limit(_FAILED + 1)
    rows = [
        *await newest.filter(type__in=lives).limit(MOST_EVENTS),
        *await newest.exclude(type__in=[*lives, *fails]).limit(MOST_EVENTS),
        *failed[:_FAILED],
        *waiting,
    ]
    return in_order(rows), failed[_FAILED - 1] if len(failed) > _FAILED else None


def _entries(known: Mapping[str, Event], rows: Sequence[SecurityEvent], language: Language) -> list[Entry]:
    return [
        Entry(row.created_at, row.type, sentence(known, row, language), row.session_id, row.request_id) for row in rows
    ]


async def _owner(runtime: Runtime, session_id: UUID) -> UUID | None:
    stored = SecurityEvent.filter(session_id=session_id, user_id__isnull=False)
    row = next(iter(await late.waiting_of(runtime, session_id)), None) or await stored.first()
    return row.user_id if row else None  # type: ignore[attr-defined]  # Tortoise adds the column
