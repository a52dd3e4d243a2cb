"""Why a session is over: from what its end has left behind, from the events on record, or from nothing at all.

Deleting a session's keys tells nobody. So it is inferred: a genuine token is refused, its time isn't up, nothing has
left a reason and no event ends its session: then the keys were deleted outside the service.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from tortoise.expressions import Q

from models import SecurityEvent, User
from service.audit import events
from service.audit.catalogue import catalogue_of
from service.core.client import Client
from service.core.clock import to_ms
from service.errors.end_reasons import EndReason
from service.runtime import Runtime
from service.stores.event_kinds import Event
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
    record = await _on_record(runtime, user.id, token.sid)
    ending = record.ending_of(token.sid)
    if ending is not None:
        return record.reason_of(ending)
    if ended.cut_off or record.cut_off_ended(token.sid, user) or record.vanished(token.sid) is not None:
        return EndReason.REVOKED
    if ended.cause is None and ended.reason == "revoked":
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


@dataclass(frozen=True, slots=True)
class Record:
    """What is on record, the oldest first, and what is `known` of such events."""

    known: Mapping[str, Event]
    rows: Sequence[SecurityEvent]

    def reason_of(self, ending: SecurityEvent) -> EndReason:
        """Return why the sessions ended that an event tells the end of."""
        event = self.known.get(ending.type)
        return event.ends.reason_of(ending.detail) if event and event.ends else EndReason.REVOKED

    def opening_of(self, sid: UUID) -> SecurityEvent | None:
        """Return the session's log-in."""
        mine = (row for row in self.rows if row.session_id == sid)
        return next((row for row in mine if row.type in self.known and self.known[row.type].opens), None)

    def ending_of(self, sid: UUID) -> SecurityEvent | None:
        """Return what ended the session: the first ending event after its log-in."""
        opening = self.opening_of(sid)
        began = self.rows.index(opening) if opening is not None else -1
        return next((row for row in self.rows[began + 1 :] if self._ends(row, sid)), None)

    def vanished(self, sid: UUID) -> SecurityEvent | None:
        """Return the event that says that the session was found gone."""
        mine = (row for row in self.rows if row.session_id == sid)
        return next((row for row in mine if row.type == events.SESSION_VANISHED.name), None)

    def cut_off_ended(self, sid: UUID, user: User) -> bool:
        """Return whether `sessions_valid_after`, which may have been set by hand, ended a session that no event ends.

        One that an event kept while the others ended has outlived the cut-off of that moment.
        """
        cut_off, opening = user.sessions_valid_after, self.opening_of(sid)
        if cut_off is None or opening is None or opening.created_at >= cut_off:
            return False
        later = [row for row in self.rows if row.created_at >= cut_off - timedelta(seconds=5)]
        return not any(self._keeps(row, sid) for row in later)

    def _ends(self, row: SecurityEvent, sid: UUID) -> bool:
        event = self.known.get(row.type)
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

    def _keeps(self, row: SecurityEvent, sid: UUID) -> bool:
        event = self.known.get(row.type)
        if event is None or event.ends is None or event.ends.scope == "own" or event.ends.only_if:
            return False
        return str(sid) in (str(row.session_id), row.detail.get("kept"))


async def _on_record(runtime: Runtime, user_id: UUID, sid: UUID) -> Record:
    """Return what may have ended the session, and its own events."""
    known = catalogue_of(runtime)
    wanted = Q(type__in=[name for name, event in known.items() if event.ends]) | Q(session_id=sid)
    found = await SecurityEvent.filter(wanted, user_id=user_id).order_by("-created_at", "-id").limit(MOST_EVENTS)
    return Record(known, list(reversed(found)))


def _by_time(runtime: Runtime, record: Record, token: RefreshToken) -> EndReason:
    """Return which of its two ends a session has come to, whose keys Redis has taken by itself."""
    opening = record.opening_of(token.sid)
    if opening is None:
        return EndReason.EXPIRED
    greatest = opening.created_at + timedelta(days=runtime.settings.SESSION_MAX_DAYS) - _ABOUT
    return EndReason.TOO_OLD if token.ends_at >= to_ms(greatest) else EndReason.EXPIRED
