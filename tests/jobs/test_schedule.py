"""What is due again and again: each run once, a missed one made up for, a failed one tried until the next."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from models import Job, SecurityEvent
from service.core.clock import Clock
from service.jobs.kinds import DAILY, HOURLY, Again, Schedule, Turn
from service.runtime import Runtime
from tests.jobs.conftest import Bench, only
from tests.support.brought import KINDS
from tests.support.people import Person
from tests.support.work import work_off

HOUR = 3600.0


@pytest.mark.parametrize(
    ("schedule", "moment", "due"),
    [
        (HOURLY, "2026-11-26 10:00:00", "2026-11-26 11:00:00"),
        (HOURLY, "2026-11-26 10:59:59", "2026-11-26 11:00:00"),
        (DAILY, "2026-11-26 02:59:59", "2026-11-26 03:00:00"),
        (DAILY, "2026-11-26 03:00:00", "2026-11-27 03:00:00"),
        (DAILY, "2027-02-28 12:00:00", "2027-03-01 03:00:00"),
        (Schedule(timedelta(minutes=15)), "2026-12-31 23:46:00", "2027-01-01 00:00:00"),
    ],
)
def test_when_it_is_due_next(schedule: Schedule, moment: str, due: str) -> None:
    """Runs are at fixed times of the day (UTC), whenever the last one was."""
    moments = [datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (moment, due)]
    assert schedule.next_after(moments[0]) == moments[1]


async def test_each_run_once(runtime: Runtime, clock: Clock, bench: Bench) -> None:
    """Four workers: the first run is due at once, then one each hour, and what was missed is made up for once."""
    kinds = bench.steady(bench.work)

    async def four() -> int:
        before = bench.done[""]
        await asyncio.gather(*(work_off(runtime, kinds) for _ in range(4)))
        return bench.done[""] - before

    assert await four() == 1
    assert await four() == 0
    row = await only()
    assert (row.attempts, row.every_seconds) == (0, 3600)
    assert row.done_at is not None
    assert row.due_at == clock.now().replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    for _ in range(3):
        clock.advance(HOUR)
        assert await four() == 1
        assert await four() == 0
    clock.advance(72 * HOUR)  # no worker was there for three days
    assert await four() == 1
    assert await four() == 0


async def test_a_run_that_fails(runtime: Runtime, clock: Clock, bench: Bench) -> None:
    """It is tried again, given up, and due again with the next run; when that works nothing is left of it."""
    kinds = bench.steady(bench.fail)
    await work_off(runtime, kinds)
    clock.advance(13)
    await work_off(runtime, kinds)
    row = await only()
    assert (row.state, row.last_error) == ("dead", "ValueError")
    next_run = row.due_at
    assert next_run == clock.now().replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    clock.advance((next_run - clock.now()).total_seconds() - 1)
    await work_off(runtime, kinds)
    assert bench.done[""] == 2
    bench.broken = False
    clock.advance(2)
    await work_off(runtime, kinds)
    row = await only()
    assert (row.state, row.attempts, row.last_error) == ("pending", 0, None)
    assert bench.done[""] == 3


async def test_a_run_in_pieces(runtime: Runtime, bench: Bench) -> None:
    """A run that stops in the middle goes on, and counts as done only then."""
    pieces = iter([Again(), Again(), None])

    async def work(_: Runtime, turn: Turn) -> Again | None:
        bench.note(turn)
        assert (await only()).done_at is None
        return next(pieces)

    await work_off(runtime, bench.steady(work))
    assert bench.done[""] == 3
    assert (await only()).done_at is not None


async def test_events_go_when_they_are_old(runtime: Runtime, clock: Clock, ada: Person) -> None:
    """EVENT_RETENTION_DAYS is kept by any worker: no cron."""
    await ada.log_in()
    await work_off(runtime)
    assert await SecurityEvent.exists(user_id=ada.id)
    clock.advance(runtime.settings.EVENT_RETENTION_DAYS * 24 * HOUR + 60)
    await work_off(runtime)
    assert not await SecurityEvent.exists(user_id=ada.id)


async def test_many_events_are_deleted_in_turns(
    runtime: Runtime, clock: Clock, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many there are: a batch, and the worker sees to others before it goes on."""
    for _ in range(3):
        await ada.log_in()
    clock.advance(runtime.settings.EVENT_RETENTION_DAYS * 24 * HOUR + 60)
    (kind,) = [kind for kind in KINDS if kind.name == "events.purge"]
    purge, before = kind.work, await SecurityEvent.all().count()
    monkeypatch.setattr("service.audit.events.purge.__kwdefaults__", {"batch": 1, "enough": lambda: False})
    assert await purge(runtime, Turn({}, lambda: True)) == Again()
    assert await SecurityEvent.all().count() == before - 1
    assert await purge(runtime, Turn({}, lambda: False)) is None
    assert await SecurityEvent.all().count() == 0


async def test_everything_repeated_is_there(runtime: Runtime) -> None:
    """One worker, once: a row for each repeated kind, all done."""
    await work_off(runtime)
    rows = {row.kind: row for row in await Job.all()}
    assert set(rows) == {kind.name for kind in KINDS if kind.schedule}
    assert all(row.done_at is not None and row.last_error is None for row in rows.values())
