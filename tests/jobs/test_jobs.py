"""A job: part of what wants it, sealed, done once, tried again, given up, and never in the way of another."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from models import Job
from service.core.clock import Clock
from service.core.sql.leases import OTHER_SECRET
from service.core.sql.transactions import transaction
from service.core.telemetry import metrics
from service.errors import Unavailable
from service.jobs import polling, worker
from service.jobs.kinds import HANDS, Kind
from service.jobs.worker import LIMIT_SECONDS, JobWorker
from service.runtime import Runtime
from service.stores.job_queue import KEPT, LEASE, JobQueue
from service.work import worker as work
from tests.jobs.conftest import SECRET_WORDS, Bench, only
from tests.support.brought import KINDS
from tests.support.waiting import eventually
from tests.support.work import work_off

SECRET = "another-secret-of-the-tests-that-is-long-enough"


def counted(kind: str, outcome: str) -> float:
    return float(metrics.jobs.labels(kind, outcome)._value.get())


async def test_part_of_what_wants_it(runtime: Runtime, bench: Bench) -> None:
    """What is rolled back leaves no job; what is committed has one, and it is done once and gone."""
    with suppress(ZeroDivisionError):
        async with transaction():
            await runtime.jobs.add("work", name="rolled back")
            raise ZeroDivisionError
    async with transaction():
        await runtime.jobs.add("work", name="committed")
    await work_off(runtime, bench.kinds())
    await work_off(runtime, bench.kinds())
    assert bench.done == {"committed": 1}
    assert not await Job.exists()


async def test_sealed_while_it_waits(runtime: Runtime, bench: Bench) -> None:
    """R36: what a job knows stands in no column, and opens in its own row only."""
    await runtime.jobs.add("work", name="ada@example.com")
    assert "ada@example.com" not in str(await Job.all().values())
    await runtime.jobs.add("work", name="eve@example.com")
    first, second = await Job.all().order_by("created_at")
    await Job.filter(id=second.id).update(payload_sealed=first.payload_sealed)
    await work_off(runtime, bench.kinds())
    assert bench.done == {"ada@example.com": 1}
    row = await only()
    assert (row.state, row.last_error) == ("dead", OTHER_SECRET)


async def test_sealed_under_another_secret(runtime: Runtime, bench: Bench) -> None:
    """R66: with none that opens it a job is dead, and can be saved by the secret that does."""
    await JobQueue((SECRET,), runtime.clock).add("work", name="old")
    await work_off(runtime, bench.kinds())
    assert bench.done == {}
    both = JobQueue((*runtime.settings.secrets, SECRET), runtime.clock)
    assert await both.retry((await only()).id) == 1
    await work_off(replace(runtime, jobs=both), bench.kinds())
    assert bench.done == {"old": 1}


async def test_once_however_many_ask(runtime: Runtime, bench: Bench) -> None:
    """Of one name there is one job, until it is done or taken back."""
    await asyncio.gather(*(runtime.jobs.add("work", once="it", name="it") for _ in range(8)))
    await runtime.jobs.add("work", once="that", name="that")
    await runtime.jobs.cancel("work", once="that")
    await work_off(runtime, bench.kinds())
    assert bench.done == {"it": 1}
    await runtime.jobs.add("work", once="it", name="it")
    await work_off(runtime, bench.kinds())
    assert bench.done == {"it": 2}


async def test_later(runtime: Runtime, clock: Clock, bench: Bench) -> None:
    """A job may be for later; the longest due is done first."""
    await runtime.jobs.add("work", after=timedelta(minutes=2), name="second")
    await runtime.jobs.add("work", after=timedelta(minutes=1), name="first")
    await work_off(runtime, bench.kinds())
    assert bench.done == {}
    clock.advance(121)
    await work_off(runtime, bench.kinds())
    assert bench.order == ["first", "second"]


async def test_tried_again_and_given_up(
    runtime: Runtime, clock: Clock, bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    """A job that raises is tried again, each time twice as late, and dead in the end: never with what it knows."""
    before = counted("fail", "failed"), counted("fail", "dead")
    await runtime.jobs.add("fail", name=SECRET_WORDS)
    await runtime.jobs.add("work", name="behind it")
    for attempt, delay in enumerate((10, 20, 40), start=1):
        await work_off(runtime, bench.kinds())
        row = await Job.get(kind="fail")
        assert (row.state, row.attempts, row.last_error) == ("pending", attempt, "ValueError")
        clock.advance(delay * 0.99)
        await work_off(runtime, bench.kinds())
        assert bench.done[SECRET_WORDS] == attempt
        clock.advance(delay * 0.22)
    await work_off(runtime, bench.kinds())
    clock.advance(86_400)
    await work_off(runtime, bench.kinds())
    assert bench.done == {SECRET_WORDS: 4, "behind it": 1}
    assert (await only()).state == "dead"
    lines = [record for record in caplog.records if record.message.startswith("job.")]
    assert [line.message for line in lines].count("job.failed") == 3
    (dead,) = [line for line in lines if line.message == "job.dead"]
    fields = dead.__dict__["latchkey_fields"]
    assert dead.levelno == logging.ERROR
    assert (fields["kind"], fields["attempt"], fields["cause"]) == ("fail", 4, "ValueError")
    assert fields["where"].startswith("tests/jobs/conftest.py:")
    assert SECRET_WORDS not in str([record.__dict__ for record in caplog.records])
    assert (counted("fail", "failed") - before[0], counted("fail", "dead") - before[1]) == (3, 1)

    bench.broken = False
    assert await runtime.jobs.retry() == 1
    await work_off(runtime, bench.kinds())
    assert not await Job.exists()


async def test_poison_blocks_nobody(runtime: Runtime, bench: Bench) -> None:
    """More jobs that hang than a worker has hands: the others are done meanwhile."""
    for number in range(HANDS * 2):
        await runtime.jobs.add("hang", name=f"hangs {number}")
    for number in range(20):
        await runtime.jobs.add("work", name=f"works {number}")
    stop = asyncio.Event()
    working = asyncio.create_task(JobWorker(bench.kinds(), patience=0.05).work_off(runtime, stop))

    async def others_done() -> bool:
        return not await Job.filter(kind="work").exists()

    await eventually(others_done, LIMIT_SECONDS)
    stop.set()
    await working
    assert sum(bench.done[f"works {number}"] for number in range(20)) == 20
    assert await Job.filter(kind="hang", attempts=0).count() == HANDS * 2


async def test_cut_off(runtime: Runtime, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A job that takes too long is cut off while its lease lasts, and has failed."""
    assert LEASE.total_seconds() > LIMIT_SECONDS + 5
    monkeypatch.setattr(worker, "LIMIT_SECONDS", 0.05)
    await runtime.jobs.add("hang", name="x")
    await work_off(runtime, bench.kinds())
    row = await only()
    assert (row.state, row.attempts, row.last_error) == ("pending", 1, "TimeoutError")


async def test_makes_room_for_others(runtime: Runtime, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A long job stops after its turn, goes behind those that are due, and no attempt is counted for that."""
    monkeypatch.setattr(worker, "TURN_SECONDS", 0.0)
    monkeypatch.setattr(worker, "HANDS", 1)
    await runtime.jobs.add("pieces", name="long")
    for number in range(2):
        await runtime.jobs.add("work", name=f"short {number}")
    await work_off(runtime, bench.kinds())
    assert bench.order == ["long", "short 0", "short 1", "long", "long"]
    assert not await Job.exists()


async def test_of_a_newer_version(runtime: Runtime, clock: Clock, bench: Bench) -> None:
    """While a version is rolled out, an old worker leaves a kind that it doesn't know to the new ones."""
    await runtime.jobs.add("of_tomorrow", name="x")
    await work_off(runtime, bench.kinds())
    row = await only()
    assert (row.state, row.attempts) == ("pending", 0)
    clock.advance(KEPT.total_seconds() + 1)
    assert await runtime.jobs.purge(["work"]) == 1  # nobody knows it any more


async def test_the_dead_are_forgotten(runtime: Runtime, clock: Clock, bench: Bench) -> None:
    """What failed for good can be looked at for thirty days; what waits stays."""
    await runtime.jobs.add("fail", name="x")
    for _ in range(4):
        await work_off(runtime, bench.kinds())
        clock.advance(100)
    await runtime.jobs.add("work", name="waits", after=timedelta(days=60))
    clock.advance(KEPT.total_seconds() - 400)
    known = [kind.name for kind in bench.kinds()]
    assert await runtime.jobs.purge(known) == 0
    clock.advance(500)
    assert await runtime.jobs.purge(known) == 1
    assert (await only()).kind == "work"


async def test_whoever_is_late_has_no_say(runtime: Runtime, clock: Clock) -> None:
    """Once its lease is over a job is another's: what the first holder makes of it then is not heard."""
    await runtime.jobs.add("work", name="x")
    (first,) = await runtime.jobs.take(["work"], 1)
    clock.advance(LEASE.total_seconds() + 1)
    (second,) = await runtime.jobs.take(["work"], 1)
    await runtime.jobs.release(second)  # its attempts are the first one's again
    for late in (runtime.jobs.done(first), runtime.jobs.release(first), runtime.jobs.failed(first, "x", final=True)):
        await late
    row = await only()
    assert (row.state, row.attempts, row.last_error) == ("pending", 1, None)
    (third,) = await runtime.jobs.take(["work"], 1)
    await runtime.jobs.done(third)
    assert not await Job.exists()


@pytest.mark.parametrize("kind", ["pieces", "hang"])
async def test_told_to_stop(runtime: Runtime, bench: Bench, kind: str) -> None:
    """At SIGTERM a job in hand is given back, as if it had not been taken: also one that doesn't look up."""
    await runtime.jobs.add(kind, name="in hand")
    await runtime.jobs.add("work", name="behind it", after=timedelta(hours=1))
    stop = asyncio.Event()
    bench.done["in hand"] = -1_000_000_000 if kind == "pieces" else 0
    working = asyncio.create_task(JobWorker(bench.kinds(), patience=0.05).work_off(runtime, stop))
    await bench.begun.wait()
    stop.set()
    await working
    row = await Job.get(kind=kind)
    assert (row.state, row.attempts, row.last_error) == ("pending", 0, None)
    assert row.due_at <= runtime.clock.now()


async def test_the_service_stops_with_a_job_in_hand(
    runtime: Runtime, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R73: a job that hangs doesn't hold up the end of the serving process, and is given back."""
    monkeypatch.setattr(work, "kinds_of", lambda _: bench.kinds())
    monkeypatch.setattr(work, "STOP_SECONDS", 0.05)
    await runtime.jobs.add("hang", name="in hand")
    async with work.working_beside(runtime):
        await bench.begun.wait()
    row = await only()
    assert (row.state, row.attempts, row.last_error) == ("pending", 0, None)


async def test_a_worker_outlives_its_database(
    runtime: Runtime, bench: Bench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """R73: a database that is away is told once, and the work goes on when it is back; so it does after a fault."""
    monkeypatch.setattr(polling, "POLL_SECONDS", 0.01)
    monkeypatch.setattr(polling, "LONGEST_PAUSE_SECONDS", 0.02)
    await runtime.jobs.add("work", name="x")
    troubles = iter([Unavailable("database"), Unavailable("database"), RuntimeError("of ours"), None])
    take, stop = runtime.jobs.take, asyncio.Event()

    async def troubled(*args: object) -> object:
        if (trouble := next(troubles, None)) is not None:
            raise trouble
        return await take(*args)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(runtime.jobs, "take", troubled)
        worker = asyncio.create_task(polling.polling(runtime, JobWorker(bench.kinds()).queue(), stop))
        await asyncio.wait_for(bench.begun.wait(), 10)
        stop.set()
        await worker
    said = [record.message for record in caplog.records]
    assert said.count("jobs.database_away") == 1
    assert "jobs.worker_failed" in said
    assert bench.done == {"x": 1}


async def test_done_and_then_no_database(runtime: Runtime, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was done while the database went away is marked when it is back: it is not done again."""
    monkeypatch.setattr(polling, "POLL_SECONDS", 0.01)
    await runtime.jobs.add("work", name="x")
    refusals = iter([Unavailable("database")] * 3)
    done = runtime.jobs.done

    async def refused(*args: object) -> None:
        if (refusal := next(refusals, None)) is not None:
            raise refusal
        await done(*args)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(runtime.jobs, "done", refused)
        await work_off(runtime, bench.kinds())
    assert next(refusals, None) is None
    assert bench.done == {"x": 1}
    assert not await Job.exists()


def test_kinds_have_names_and_hands() -> None:
    """No two kinds have one name, none can take all hands, and a run is given up before the next one is due."""
    assert len({kind.name for kind in KINDS}) == len(KINDS)
    with pytest.raises(ValueError, match="x has one attempt at least, and goes 1 to 3 times at once"):
        Kind("x", KINDS[0].work, at_once=HANDS)
    for kind in KINDS:
        if kind.schedule is not None:
            tried = sum((timedelta(seconds=12 * 2**number) for number in range(kind.attempts - 1)), timedelta())
            assert tried < kind.schedule.every or kind.schedule.every < timedelta(hours=1), kind.name
