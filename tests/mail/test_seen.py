"""Mail that doesn't go is seen: how many letters are in which state, and for how long the oldest has been due."""

from __future__ import annotations

from dataclasses import replace

import pytest

from models import OutboxMail
from service.core.telemetry import metrics
from service.ops.sampling_work import sample_jobs
from service.runtime import Runtime
from service.stores import letters_waiting
from service.stores.letters_waiting import STATES
from service.stores.mailer import SmtpTransport, Unreachable
from service.stores.outbox import LEASE
from service.work.letters import send_due
from tests.mail.conftest import write
from tests.ops.test_metrics import here
from tests.support.smtp import PostOffice

NO_MAIL_SERVER = "smtp://127.0.0.1:1"


async def states(runtime: Runtime) -> dict[str, int]:
    """How many letters are in which state, of those that have any."""
    await sample_jobs(runtime)
    page, found = here(), await letters_waiting.standing(runtime.clock)
    counts = {state: getattr(found, state) for state in STATES}
    assert counts == {state: page[f"latchkey_letters{{state={state}}}"] for state in STATES}
    return {state: count for state, count in counts.items() if count}


def oldest(state: str = "due") -> float:
    return here()[f"latchkey_letters_oldest_seconds{{state={state}}}"]


async def test_a_server_that_is_away(runtime: Runtime) -> None:
    """A worker that takes letters and gives them back, again and again, makes none of them younger."""
    away = replace(runtime, mailer=SmtpTransport(NO_MAIL_SERVER))
    await write(runtime)
    for minutes in range(10, 41, 10):
        runtime.clock.advance(600)
        with pytest.raises(Unreachable):
            await send_due(away)
        runtime.clock.advance(1)  # else it is due from this very moment
        assert await states(runtime) == {"due": 1}
        assert minutes * 60 <= oldest() < minutes * 60 + 30
        assert here()["latchkey_jobs_oldest_seconds{kind=letters}"] == pytest.approx(oldest(), abs=1)


async def test_no_worker_at_all(runtime: Runtime) -> None:
    """Letters that nobody looks at are as old as they are."""
    for number in range(3):
        await write(runtime, f"user{number}@example.com")
    runtime.clock.advance(3600)
    assert await states(runtime) == {"due": 3}
    assert 3600 - 10 <= oldest() < 3630


async def test_every_state(sender: Runtime, office: PostOffice) -> None:
    """Due, in a worker's hands, put off after a try, waiting for the mailbox's budget, dead; sent ones are none."""
    counted = here()
    assert await states(sender) == {}
    assert (oldest(), oldest("delayed")) == (0, 0)
    for name in ("delayed", "dead", "held", "due"):
        await write(sender, f"{name}@example.com")
    office.recipient = lambda to: {"delayed": "451 later", "dead": "550 nobody"}.get(to.partition("@")[0], "250 OK")
    held = await OutboxMail.get(recipient="held@example.com")
    due = await OutboxMail.get(recipient="due@example.com")
    await OutboxMail.filter(id__in=[held.id, due.id]).update(due_at=sender.clock.now() + LEASE * 2)
    assert await send_due(sender) == 2
    await OutboxMail.filter(id=held.id).update(due_at=held.due_at)
    assert [letter.id for letter in await sender.outbox.take()] == [held.id]
    await OutboxMail.filter(id=due.id).update(due_at=due.due_at)
    assert await states(sender) == {"due": 1, "in_hand": 1, "delayed": 1, "dead": 1}

    # One that waits for its mailbox is nobody's fault, however long: it has neither been due nor been tried.
    await OutboxMail.filter(id__in=[held.id, due.id]).delete()
    await write(sender, "full@example.com")
    (full,) = await sender.outbox.take()
    await sender.outbox.postpone(full, sender.clock.now() + LEASE)
    sender.clock.advance(5)
    assert await states(sender) == {"delayed": 1, "waiting": 1, "dead": 1}
    assert oldest() == 0
    assert 5 <= oldest("delayed") < 30
    counted = here() - counted
    for outcome in ("failed", "dead"):
        assert counted[f"latchkey_letters_handled_total{{letter=sessions_ended,outcome={outcome}}}"] == 1

    office.recipient = lambda _: "250 OK"
    sender.clock.advance(LEASE.total_seconds())
    while await send_due(sender):
        pass
    assert await states(sender) == {"dead": 1}
    # A worker that dies with a letter leaves it to the others: it has been due all the while.
    await write(sender)
    await sender.outbox.take()
    sender.clock.advance(LEASE.total_seconds() + 1)
    assert await states(sender) == {"due": 1, "dead": 1}
    assert oldest() > LEASE.total_seconds()


async def test_without_its_database(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page stays what it was; nothing breaks."""
    await write(runtime)
    before = await states(runtime)

    async def away(_: object) -> None:
        from service.errors import Unavailable

        raise Unavailable("database")

    monkeypatch.setattr("service.ops.sampling_work.standing", away)
    await OutboxMail.all().delete()
    await sample_jobs(runtime)
    assert here()["latchkey_letters{state=due}"] == before["due"] == 1
    assert b"latchkey_letters{" in metrics.page(metrics.REGISTRY)
