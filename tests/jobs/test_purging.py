"""What is too old goes by itself: by batches, once, in nobody's way, and somebody sees when it doesn't."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from models import Job, MailBudget, OneTimeToken, OutboxMail, Registration, SecurityEvent, Statistic
from service.audit import events
from service.core.clock import Clock
from service.core.sql import purging
from service.core.sql.transactions import transaction
from service.jobs.kinds import DAILY, Again, Kind, Turn
from service.ops.sampling_work import sample_jobs
from service.runtime import Runtime
from service.stores.job_queue import last_runs
from tests.mail.conftest import write
from tests.ops.test_metrics import here
from tests.support.brought import KINDS
from tests.support.people import Person
from tests.support.work import work_off

NAMES = ("events.purge", "letters.purge", "links.purge", "mail_budgets.purge", "registrations.purge", "jobs.purge",
         "statistics.purge")  # fmt: skip
PURGES = {kind.name: kind for kind in KINDS if kind.name in NAMES}
TABLES = (SecurityEvent, OutboxMail, OneTimeToken, MailBudget, Registration, Job, Statistic)
AGES = timedelta(days=4000)


def kinds(*names: str) -> tuple[Kind, ...]:
    return tuple(PURGES[name] for name in names)


async def fill(runtime: Runtime, user: Person, number: int, old: timedelta) -> None:
    """Put so many rows into each table that were over `old` ago."""
    at = runtime.clock.now() - old
    for one in range(number):
        await SecurityEvent.create(id=uuid4(), type=events.LOGGED_OUT.name, created_at=at, detail={})
        await OneTimeToken.create(
            token_hash=f"{old.days}-{one}",
            user_id=user.id,
            purpose="verify",
            by_known_device=False,
            created_at=at,
            expires_at=at,
        )
        await MailBudget.create(key=f"{old.days}-{one}", full_at=at)
        await Registration.create(id=uuid4(), user_id=user.id, hashed_password="", created_at=at, expires_at=at)
        await Statistic.create(hour=at, name=f"name.{one}", value=1)
        await runtime.jobs.add("gone.kind")
        await write(runtime, f"{one}.{old.days}@example.com")
    await Job.filter(kind="gone.kind").update(due_at=at, created_at=at)
    await OutboxMail.filter(recipient__contains=f".{old.days}@").update(state="sent", created_at=at)


async def left() -> list[int]:
    return [await table.all().count() for table in TABLES]


async def test_everything_that_grows(runtime: Runtime, ada: Person) -> None:
    """Each table by its kind of work: the old rows go and are counted by table, what is young stays."""
    for table in TABLES:
        await table.all().delete()
    await fill(runtime, ada, 1, timedelta())
    young = await left()
    await Registration.all().delete()  # one that is over is over
    young[TABLES.index(Registration)] = 0
    await fill(runtime, ada, 2, AGES)
    before = here()
    for kind in PURGES.values():
        assert await kind.work(runtime, Turn({}, lambda: False)) is None
    assert [(await left())[number] for number in range(5)] == young[:5]
    assert await Statistic.all().count() == 1
    counted = here() - before
    for name in ("security_events", "one_time_tokens", "mail_budgets", "registrations", "statistics", "jobs",
                  "outbox_mails"):  # fmt: skip
        assert counted[f"latchkey_purged_rows_total{{table={name}}}"] >= 2, name


@pytest.mark.parametrize("name", sorted(PURGES))
async def test_by_batches(runtime: Runtime, ada: Person, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A turn that is over stops after its batch, and goes on in another: one worker's rest is another's."""
    monkeypatch.setattr(purging, "BATCH", 2)
    await fill(runtime, ada, 5, AGES)
    work, turns = PURGES[name].work, 0
    before = await left()
    while await work(runtime, Turn({}, lambda: True)) is not None:
        turns += 1
    assert turns >= 2
    assert sum(before) - sum(await left()) == 5
    assert await work(runtime, Turn({}, lambda: False)) is None


async def test_two_workers(runtime: Runtime, clock: Clock, ada: Person) -> None:
    """One of them does each run, a day apart; what a killed one has left is another's when its lease is over."""
    ours = kinds("statistics.purge", "events.purge")
    await fill(runtime, ada, 3, AGES)
    await runtime.jobs.schedule({"statistics.purge": DAILY.every})
    assert len(await runtime.jobs.take(["statistics.purge"], 1)) == 1  # by one that dies with it in hand
    before = here()
    await asyncio.gather(*(work_off(runtime, ours) for _ in range(3)))
    assert (await Statistic.all().count(), await SecurityEvent.filter(type="session.logged_out").count()) == (3, 0)
    clock.advance(31)
    await asyncio.gather(*(work_off(runtime, ours) for _ in range(3)))
    assert await Statistic.all().count() == 0
    for table, number in (("statistics", 3), ("security_events", 3)):
        assert (here() - before)[f"latchkey_purged_rows_total{{table={table}}}"] == number
    done = await last_runs()
    clock.advance(86_400)
    await work_off(runtime, ours)
    for kind, at in (await last_runs()).items():
        before_at = done[kind]
        assert at is not None
        assert before_at is not None
        assert at > before_at


async def test_stale_is_seen(runtime: Runtime, clock: Clock) -> None:
    """When each was last done is a number; one that fails doesn't move it."""
    name = "latchkey_jobs_last_done_timestamp_seconds{kind=statistics.purge}"

    async def fails(_: Runtime, __: Turn) -> Again | None:
        raise ValueError

    await sample_jobs(runtime)
    assert here()[name] == 0
    await work_off(runtime, kinds("statistics.purge"))
    await sample_jobs(runtime)
    done = here()[name]
    assert abs(done - clock.timestamp()) < 30
    for _ in range(3):
        clock.advance(86_400)
        await work_off(runtime, [Kind("statistics.purge", fails, PURGES["statistics.purge"].schedule, at_once=1)])
    await sample_jobs(runtime)
    assert here()[name] == done
    assert clock.timestamp() - done > 2 * 86_400


@pytest.mark.real_only
async def test_what_somebody_has_locked(runtime: Runtime, ada: Person) -> None:
    """A row that is locked is left for the next time: nobody waits, so there is no deadlock; several at once share."""
    await fill(runtime, ada, 4, AGES)
    old = SecurityEvent.filter(created_at__lt=runtime.clock.now() - AGES + timedelta(days=1))
    first = await old.first()
    assert first is not None
    locked, free = asyncio.Event(), asyncio.Event()

    async def holds() -> None:
        async with transaction():
            await SecurityEvent.filter(id=first.id).select_for_update()
            locked.set()
            await free.wait()

    holder = asyncio.create_task(holds())
    await asyncio.wait_for(locked.wait(), 30)
    assert sum(await asyncio.gather(*(purging.purge(old, batch=1) for _ in range(3)))) >= 1
    assert await old.filter(id=first.id).exists()
    free.set()
    await holder
    while await purging.purge(old):
        pass
    assert not await old.exists()
