"""What the events on record say of how sessions ended, and what they leave open.

An event that ends several sessions names them, so that it isn't said of others that were gone before. Some don't: those
of earlier versions, of a moment when Redis was away, and of more sessions than there is room for. Of these it is only
known that the session was over by then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from tortoise.expressions import Q

from models import SecurityEvent, User
from service.audit import events, late
from service.audit.catalogue import catalogue_of
from service.core.sql.keyset import after
from service.errors.end_reasons import EndReason
from service.runtime import Runtime
from service.stores.event_kinds import Ending, Event

MOST_EVENTS: Final = 1000
_PAGES: Final = 5  # of events that may have ended a user's sessions
_ABOUT: Final = timedelta(seconds=5)  # between two clocks, and for what is done at once
_MINUTE: Final = timedelta(minutes=1)
_MARKS: Final = timedelta(minutes=15)  # between the marks by which a store that was set back is noticed

Share = Literal["yes", "maybe", "no"]
"""Whether an event has ended a session. `maybe`: the session was over by then, by this or before."""


@dataclass(frozen=True, slots=True)
class Fate:
    """What ended a session, or told of it first; not `sure` where the session may have been over before."""

    row: SecurityEvent
    sure: bool


@dataclass(frozen=True, slots=True)
class Record:
    """What is on record, the oldest first, and what is `known` of such events. `cut`: there is more than was read."""

    known: Mapping[str, Event]
    rows: Sequence[SecurityEvent]
    cut: bool = False

    def reason_of(self, ending: SecurityEvent) -> EndReason:
        """Return why the sessions ended that an event tells the end of."""
        event = self.known.get(ending.type)
        return event.ends.reason_of(ending.detail) if event and event.ends else EndReason.REVOKED

    def opening_of(self, sid: UUID) -> SecurityEvent | None:
        """Return the session's log-in."""
        mine = (row for row in self.rows if row.session_id == sid)
        return next((row for row in mine if row.type in self.known and self.known[row.type].opens), None)

    def ending_of(self, sid: UUID) -> SecurityEvent | None:
        """Return what ended the session, or may have: the first ending event after its log-in."""
        fate = self.fate_of(sid)
        return fate.row if fate and fate.row.type != events.SESSION_VANISHED.name else None

    def fate_of(self, sid: UUID) -> Fate | None:
        """Return the first event that tells the session's end: nothing that comes later has ended it."""
        opening = self.opening_of(sid)
        for row in self.rows:
            if row.type == events.SESSION_VANISHED.name and row.session_id == sid:
                return Fate(row, sure=True)
            if (share := self._share(row, sid, opening)) != "no":
                return Fate(row, sure=share == "yes")
        return None

    def vanished(self, sid: UUID) -> SecurityEvent | None:
        """Return the event that says that the session was found gone."""
        mine = (row for row in self.rows if row.session_id == sid)
        return next((row for row in mine if row.type == events.SESSION_VANISHED.name), None)

    def gone_by(self, sid: UUID) -> SecurityEvent | None:
        """Return the first event that ended every session there was, and named all of them, but not this one."""
        opening = self.opening_of(sid)
        began = opening.created_at if opening else None
        return next((row for row in self.rows if began and began < row.created_at and self._passes(row, sid)), None)

    def cut_off_ended(self, sid: UUID, user: User) -> bool:
        """Return whether `sessions_valid_after`, which may have been set by hand, ended a session that no event ends.

        One that an event kept while the others ended has outlived the cut-off of that moment.
        """
        cut_off, opening = user.sessions_valid_after, self.opening_of(sid)
        if cut_off is None or opening is None or opening.created_at >= cut_off:
            return False
        later = [row for row in self.rows if row.created_at >= cut_off - _ABOUT]
        return not any(self._keeps(row, sid) for row in later)

    def by_hand(self, sid: UUID, user: User) -> datetime | None:
        """Return the first cut-off since the session's log-in that no event has set, as far as events tell of it."""
        opening = self.opening_of(sid)
        set_ = [user.sessions_valid_after, *(_moment(row.detail.get("cut_off_before")) for row in self.rows)]
        since = [at for at in set_ if at is not None and opening is not None and opening.created_at < at]
        known = [row for row in self.rows if self._passes(row, sid) or self._keeps(row, sid)]
        unexplained = [at for at in since if not any(abs(row.created_at - at) < _ABOUT for row in known)]
        return min(unexplained, default=None)

    def cut_off_before(self, sid: UUID, user: User, end: SecurityEvent) -> bool:
        """Return whether the cut-off had ended a session already when an event of its own ended it: by hand, then."""
        cut_off, opening, event = user.sessions_valid_after, self.opening_of(sid), self.known.get(end.type)
        if cut_off is None or opening is None or event is None or event.ends is None or event.ends.scope != "own":
            return False
        between = opening.created_at < cut_off - _MINUTE and cut_off + _ABOUT < end.created_at
        return between and self.cut_off_ended(sid, user)

    def lost_of(self, sid: UUID, until: datetime) -> bool:
        """Return whether events were lost between the session's log-in and `until`: one of them may be its end."""
        opening = self.opening_of(sid)
        began = opening.created_at if opening else None
        gaps = (row for row in self.rows if row.type in self.known and self.known[row.type].gap)
        return any(_overlaps(row, began, until) for row in gaps)

    def _share(self, row: SecurityEvent, sid: UUID, opening: SecurityEvent | None) -> Share:
        ends, detail = self._ends(row), row.detail
        if ends is None:
            return "no"
        if ends.scope == "own":
            return "yes" if row.session_id == sid else "no"
        names = detail.get("sessions")
        if self._keeps(row, sid):
            return "no"
        if names is not None and str(sid) in str(names).split():
            return "yes"
        all_named = names is not None and not detail.get("more")
        before = opening is not None and row.created_at < opening.created_at
        return "no" if all_named or before or detail.get("ended") == 0 else "maybe"

    def _passes(self, row: SecurityEvent, sid: UUID) -> bool:
        ends, detail = self._ends(row), row.detail
        if ends is None or ends.scope != "others" or self._keeps(row, sid):
            return False
        if detail.get("sessions") is None or detail.get("more"):
            return False
        names = str(detail["sessions"]).split()
        # A reset of what nobody had confirmed ends nothing by itself: the claim does, or nothing had to end.
        return str(sid) not in names and (bool(names) or row.type != events.PASSWORD_RESET.name)

    def _keeps(self, row: SecurityEvent, sid: UUID) -> bool:
        ends, detail = self._ends(row), row.detail
        if ends is None or ends.scope == "own":
            return False
        if ends.scope == "others" and ends.reason_of(detail) is EndReason.LOGGED_OUT_EVERYWHERE:
            return False  # the session that did it is no exception
        return str(sid) in (str(row.session_id), detail.get("kept"))

    def _ends(self, row: SecurityEvent) -> Ending | None:
        """Return which sessions an event has ended; None where it has ended none, or has only found one gone."""
        event = self.known.get(row.type)
        if event is None or event.ends is None or event is events.SESSION_VANISHED:
            return None
        return None if event.ends.only_if and not row.detail.get(event.ends.only_if) else event.ends


async def record_of(runtime: Runtime, user_id: UUID | None, sids: Sequence[UUID]) -> Record:
    """Return all that may tell how these sessions of one user ended, and what is lost. Raises `Unavailable`.

    However many log-ins have failed since: only what opens and ends sessions is looked at.
    """
    known = catalogue_of(runtime)
    own = [name for name, event in known.items() if event.opens or (event.ends and event.ends.scope == "own")]
    many = [name for name, event in known.items() if event.ends and event.ends.scope != "own"]
    waiting = await late.waiting_of(runtime, user_id) if user_id else []  # first: meanwhile they may be stored
    rows = await SecurityEvent.filter(session_id__in=list(sids), type__in=own).order_by("created_at", "id")
    opened = {row.session_id: row.created_at for row in rows if known[row.type].opens}
    began = min(opened.values()) - _MINUTE if len(opened) == len(set(sids)) and opened else None
    since = Q(created_at__gte=began) if began else Q()
    gaps = [name for name, event in known.items() if event.gap]
    lost = await SecurityEvent.filter(since, type__in=gaps).limit(MOST_EVENTS)
    cut = len(lost) == MOST_EVENTS
    if user_id is not None:
        ends = SecurityEvent.filter(since, user_id=user_id, type__in=many).order_by("created_at", "id")
        page = await ends.limit(MOST_EVENTS)
        rows += page
        for _ in range(_PAGES - 1):
            if len(page) < MOST_EVENTS:
                break
            page = await ends.filter(after(page[-1])).limit(MOST_EVENTS)
            rows += page
        cut |= len(page) == MOST_EVENTS
    return Record(known, in_order([*rows, *lost, *waiting]), cut)


def in_order(rows: Sequence[SecurityEvent]) -> list[SecurityEvent]:
    """Return events, each once, the oldest first."""
    return sorted({row.id: row for row in rows}.values(), key=lambda row: (row.created_at, row.id))


def _moment(text: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text)) if text else None
    except ValueError:
        return None


def _overlaps(row: SecurityEvent, began: datetime | None, until: datetime) -> bool:
    if row.detail.get("store") == "redis":
        return False  # which holds no events
    try:
        if "minutes" in row.detail:
            first, last = row.created_at - timedelta(minutes=int(str(row.detail["minutes"]))) - _MARKS, row.created_at
        else:
            first, last = (datetime.fromisoformat(str(row.detail[name])) for name in ("since", "until"))
    except (KeyError, ValueError):
        return True  # of another version: nobody knows when
    return (began is None or began - _ABOUT <= last) and first - _ABOUT <= until
