"""Which events tell the end of a session: what is on record is read without the stores."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from models import SecurityEvent, User
from service.audit import events
from service.audit.record import Record
from service.stores.event_kinds import Event
from tests.support.brought import EVENTS

NOON = datetime(2026, 2, 3, 12, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)
SID, OTHER = UUID(int=1), UUID(int=2)


def happened(event: Event, at: datetime = NOON, sid: UUID | None = SID, **detail: object) -> SecurityEvent:
    return SecurityEvent(id=uuid4(), type=event.name, created_at=at, session_id=sid, detail=detail)


def record(*rows: SecurityEvent) -> Record:
    return Record(EVENTS, rows)


@pytest.mark.parametrize(("opened", "ended"), [(-MOMENT, True), (timedelta(), False), (MOMENT, False)])
def test_a_session_of_the_moment_of_a_cut_off(opened: timedelta, ended: bool) -> None:
    """One that was opened just then, or later, isn't of those that the cut-off ended."""
    user = User(sessions_valid_after=NOON)
    assert record(happened(events.LOGIN_SUCCEEDED, NOON + opened)).cut_off_ended(SID, user) == ended


def test_without_a_cut_off_or_a_beginning() -> None:
    """Nothing was cut off; or nobody knows whether it was there."""
    opening = happened(events.LOGIN_SUCCEEDED, NOON - timedelta(hours=1))
    assert not record(opening).cut_off_ended(SID, User(sessions_valid_after=None))
    assert not record(opening).cut_off_ended(OTHER, User(sessions_valid_after=NOON))


@pytest.mark.parametrize(("before", "kept"), [(timedelta(seconds=5), True), (timedelta(seconds=5) + MOMENT, False)])
@pytest.mark.parametrize("by_name", [True, False])
def test_the_session_that_was_kept(before: timedelta, kept: bool, by_name: bool) -> None:
    """An event of that moment, by two clocks, has kept it: it has outlived that cut-off. One of before says nothing."""
    opening = happened(events.LOGIN_SUCCEEDED, NOON - timedelta(hours=1))
    ending = (
        happened(events.SESSIONS_REVOKED, NOON - before, None, kept=str(SID), sessions=str(OTHER))
        if by_name
        else happened(events.PASSWORD_CHANGED, NOON - before)
    )
    assert record(opening, ending).cut_off_ended(SID, User(sessions_valid_after=NOON)) == (not kept)


def test_what_keeps_no_session() -> None:
    """What ends one's own session, may end nothing, or is of a version that nobody knows, has kept none."""
    opening = happened(events.LOGIN_SUCCEEDED, NOON - timedelta(hours=1))
    unknown = SecurityEvent(id=uuid4(), type="of.tomorrow", created_at=NOON, session_id=SID, detail={})
    for other in (unknown, happened(events.LOGGED_OUT), happened(events.USER_UPDATED), happened(events.EMAIL_VERIFIED)):
        assert record(opening, other).cut_off_ended(SID, User(sessions_valid_after=NOON))


def test_the_first_end_after_the_beginning() -> None:
    """What ended others before it began is no end of it; of two ends the first one is; without a beginning, any."""
    before = happened(events.PASSWORD_CHANGED, NOON - timedelta(hours=2), OTHER)
    opening = happened(events.LOGIN_SUCCEEDED, NOON - timedelta(hours=1))
    first, second = happened(events.LOGGED_OUT), happened(events.SESSION_ENDED, NOON + MOMENT)
    assert record(before, opening).ending_of(SID) is None
    assert record(before, opening, first, second).ending_of(SID) is first
    assert record(before, first).ending_of(SID) is before
    assert record(before, opening, first).opening_of(SID) is opening
    assert record(opening, first).ending_of(OTHER) is None


def test_which_of_them_ends() -> None:
    """Those that are named, unless it was kept; all others of who did it; and an account's change only where it did."""
    opening = happened(events.LOGIN_SUCCEEDED, NOON - timedelta(hours=1))
    for ending, ended in (
        (happened(events.SESSIONS_REVOKED, sid=None, sessions=f"{OTHER} {SID}"), True),
        (happened(events.SESSIONS_REVOKED, sid=None, sessions=str(OTHER)), False),
        (happened(events.SESSIONS_REVOKED, sid=None), True),
        (happened(events.SESSIONS_REVOKED, sid=None, kept=str(SID)), False),
        (happened(events.SESSIONS_REVOKED, sid=None, kept=str(OTHER)), True),
        (happened(events.PASSWORD_CHANGED, sid=OTHER), True),
        (happened(events.PASSWORD_CHANGED, sid=SID), False),
        (happened(events.USER_UPDATED, sid=None), False),
        (happened(events.USER_UPDATED, sid=None, sessions_ended=True), True),
        (happened(events.LOGGED_OUT, sid=OTHER), False),
        (happened(events.SESSION_VANISHED), False),
    ):
        found = record(opening, ending)
        assert (found.ending_of(SID) is ending) == ended, (ending.type, ending.detail)
        assert (found.vanished(SID) is ending) == (ending.type == events.SESSION_VANISHED.name)


@pytest.mark.parametrize(
    ("event", "detail", "lost"),
    [
        (events.EVENTS_LOST, {"since": "2026-02-03T11:30:00+00:00", "until": "2026-02-03T11:40:00+00:00"}, True),
        (events.EVENTS_LOST, {"since": "2026-02-03T09:30:00+00:00", "until": "2026-02-03T09:40:00+00:00"}, False),
        (events.EVENTS_LOST, {"since": "2026-02-03T12:30:00+00:00", "until": "2026-02-03T12:40:00+00:00"}, False),
        (events.EVENTS_LOST, {"of": "another version"}, True),
        (EVENTS["stores.set_back"], {"store": "database", "minutes": 50}, True),
        (EVENTS["stores.set_back"], {"store": "redis", "minutes": 50}, False),
        (events.LOGGED_OUT, {}, False),
    ],
)
def test_events_are_lost(event: Event, detail: dict[str, object], lost: bool) -> None:
    """Of a time between the log-in and now: then nobody can say that nothing ended the session. A database that was
    set back has lost those that it had taken since.
    """
    opening = happened(events.LOGIN_SUCCEEDED, NOON - timedelta(hours=1))
    gap = happened(event, NOON + timedelta(minutes=1), None, **detail)
    assert record(opening, gap).lost_of(SID, NOON) == lost
