"""Several workers, and workers that die: each letter is sent once, at worst twice, never not at all."""

from __future__ import annotations

import asyncio
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from models import OutboxMail
from service.runtime import Runtime
from service.stores.mailer import SmtpTransport, Unreachable
from service.stores.outbox import BATCH, LEASE
from service.work.letters import send_due
from tests.mail.conftest import only, write
from tests.support.process import LATCHKEY, environment, running
from tests.support.smtp import PostOffice
from tests.support.stores import Stores


async def test_many_workers_send_each_letter_once(runtime: Runtime, office: PostOffice) -> None:
    """Workers that look at the same moment share what is due: on PostgreSQL each takes other rows (SKIP LOCKED)."""
    for number in range(4 * BATCH):
        await write(runtime, f"user{number}@example.com")
    workers = [replace(runtime, mailer=SmtpTransport(office.url)) for _ in range(4)]

    async def work(worker: Runtime) -> None:
        while await send_due(worker):
            pass

    await asyncio.gather(*map(work, workers))
    assert sorted(message["To"] for message in office.received) == sorted(
        f"user{number}@example.com" for number in range(4 * BATCH)
    )
    assert await OutboxMail.filter(state="sent", attempts=1).count() == 4 * BATCH


@pytest.mark.real_only
async def test_rows_that_another_worker_looks_at_are_skipped(runtime: Runtime) -> None:
    """SKIP LOCKED: a worker doesn't wait for one that is in the middle of taking letters, it takes others."""
    from service.core.sql.transactions import transaction

    await write(runtime, "first@example.com")
    runtime.clock.advance(1)
    await write(runtime, "second@example.com")
    locked, taken = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        async with transaction():
            await OutboxMail.filter(recipient="first@example.com").select_for_update()
            locked.set()
            await taken.wait()

    holding = asyncio.create_task(hold())
    await locked.wait()
    assert [letter.recipient for letter in await runtime.outbox.take()] == ["second@example.com"]
    taken.set()
    await holding
    assert [letter.recipient for letter in await runtime.outbox.take()] == ["first@example.com"]


async def test_killed_between_sending_and_marking(
    stores: Stores, sender: Runtime, office: PostOffice, tmp_path: Path
) -> None:
    """SIGKILL when the server has the letter and the database doesn't know: one duplicate, with the same Message-ID."""
    await write(sender)
    variables = environment(**stores.environment(SMTP_URL=office.url))
    with running([*LATCHKEY, "worker"], tmp_path / "log", env=variables) as worker:
        office.on_data = worker.kill
        assert await asyncio.to_thread(worker.wait, 30) == -signal.SIGKILL
    office.on_data = lambda: None
    row = await only()
    assert (row.state, row.attempts) == ("pending", 1)
    assert await send_due(sender) == 0  # the dead worker's lease
    sender.clock.advance(LEASE.total_seconds() + 1)
    assert await send_due(sender) == 1
    sender.clock.advance(86_400)
    assert await send_due(sender) == 0
    first, second = office.received
    assert first["Message-ID"] == second["Message-ID"]
    assert first["Message-ID"] == f"<{row.id}@localhost>"


async def test_killed_before_sending(sender: Runtime, office: PostOffice) -> None:
    """A worker that dies with letters in hand loses none of them."""
    for number in range(3):
        await write(sender, f"user{number}@example.com")
    assert len(await sender.outbox.take()) == 3
    assert await send_due(sender) == 0
    sender.clock.advance(LEASE.total_seconds() + 1)
    assert await send_due(sender) == 3
    assert len(office.received) == 3


async def test_who_lost_a_letter_has_no_say(sender: Runtime) -> None:
    """A worker that comes back after its lease neither ends another's hold nor changes what the other made of it."""
    await write(sender)
    (late,) = await sender.outbox.take()
    sender.clock.advance(LEASE.total_seconds() + 1)
    (held,) = await sender.outbox.take()
    before = await OutboxMail.all().values()
    await sender.outbox.failed(late, "too late", final=True)
    await sender.outbox.release(late)
    assert await OutboxMail.all().values() == before
    await sender.outbox.done(held.id)
    for each in (late, held):
        await sender.outbox.failed(each, "too late", final=False)
        await sender.outbox.release(each)
    row = await only()
    assert (row.state, row.attempts, row.last_error) == ("sent", 2, None)


async def test_nothing_is_begun_twice_in_one_lease(runtime: Runtime, office: PostOffice) -> None:
    """A worker in the middle of a letter keeps it to itself until the lease is over."""
    await write(runtime)
    office.gate.clear()
    slow = asyncio.create_task(send_due(replace(runtime, mailer=SmtpTransport(office.url))))
    await office.held.wait()
    other = replace(runtime, mailer=SmtpTransport(office.url))
    runtime.clock.advance(LEASE.total_seconds() - 1)
    assert await send_due(other) == 0
    office.gate.set()
    assert await slow == 1
    assert len(office.received) == 1


async def test_given_back_at_once(sender: Runtime, office: PostOffice) -> None:
    """Letters that a worker couldn't begin are there for the next one, without waiting for a lease."""
    await write(sender)
    await office.close()
    with pytest.raises(Unreachable):
        await send_due(sender)
    assert len(await sender.outbox.take()) == 1
