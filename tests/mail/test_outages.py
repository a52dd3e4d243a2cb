"""The mail server refuses, hangs, is dead; the database is away: letters wait, and each arrives once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from email.message import EmailMessage
from typing import Any

import httpx
import pytest

from models import Job, OutboxMail
from service.core.sql.leases import MOST_ATTEMPTS
from service.errors import Unavailable
from service.jobs import polling
from service.runtime import Runtime
from service.stores import mailer as transport
from service.stores.mailer import SmtpTransport, Unreachable
from service.stores.outbox import LEASE
from service.work import worker as work
from service.work.letters import send_due
from tests.mail.conftest import only, write
from tests.support.brought import KINDS
from tests.support.people import register
from tests.support.smtp import PostOffice
from tests.support.waiting import eventually

BUSY = "451 4.7.1 try again later"
NOBODY = "550 5.1.1 no such user"


@asynccontextmanager
async def working(runtime: Runtime) -> AsyncIterator[None]:
    """Run a worker, with a pulse that tests can wait for."""
    stop = asyncio.Event()
    task = asyncio.create_task(work.run(runtime, stop))
    try:
        yield
    finally:
        stop.set()
        await task


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that looks often."""
    monkeypatch.setattr(polling, "POLL_SECONDS", 0.01)
    monkeypatch.setattr(polling, "LONGEST_PAUSE_SECONDS", 0.02)


async def test_refused_for_now(sender: Runtime, office: PostOffice) -> None:
    """A letter that is put off is tried again, ten seconds later and then twice as late each time, and arrives once."""
    await write(sender)
    office.recipient = lambda _: BUSY
    for attempt, delay in enumerate((10, 20, 40), start=1):
        assert await send_due(sender) == 1
        row = await only()
        assert (row.state, row.attempts, office.received) == ("pending", attempt, [])
        assert "451" in str(row.last_error)
        assert row.values_sealed is not None
        sender.clock.advance(delay * 0.99)
        assert await send_due(sender) == 0
        sender.clock.advance(delay * 0.22)
    office.recipient = lambda _: "250 OK"
    assert await send_due(sender) == 1
    sender.clock.advance(86_400)
    assert await send_due(sender) == 0
    assert len(office.received) == 1


@pytest.mark.parametrize("where", ["recipient", "data"])
async def test_refused_for_good(sender: Runtime, office: PostOffice, where: str) -> None:
    """A letter that the server will never take is dead at once, with the reason; the one behind it arrives."""
    await write(sender, "gone@example.com")
    if where == "recipient":
        office.recipient = lambda address: NOBODY if address.startswith("gone") else "250 OK"
        await write(sender)
        assert await send_due(sender) == 2
        assert [message["To"] for message in office.received] == ["ada@example.com"]
    else:
        office.data = NOBODY
        assert await send_due(sender) == 1
    dead = await OutboxMail.get(recipient="gone@example.com")
    assert (dead.state, dead.attempts) == ("dead", 1)
    assert "no such user" in str(dead.last_error)


async def test_given_up_at_last(sender: Runtime, office: PostOffice) -> None:
    """After the last attempt, more than two days after the first, a letter is dead; an operator can have it tried."""
    await write(sender)
    office.recipient = lambda _: BUSY
    began = sender.clock.now()
    for _ in range(MOST_ATTEMPTS):
        assert (await only()).state == "pending"
        sender.clock.advance(6 * 3600 * 1.21)
        assert await send_due(sender) == 1
    assert (await only()).state == "dead"
    assert (sender.clock.now() - began).days >= 2
    sender.clock.advance(86_400)
    assert await send_due(sender) == 0
    office.recipient = lambda _: "250 OK"
    assert await sender.outbox.retry() == 1
    assert await send_due(sender) == 1
    assert len(office.received) == 1


async def test_requests_know_nothing_of_it(client: httpx.AsyncClient, sender: Runtime, office: PostOffice) -> None:
    """R18: whether the mail server takes, refuses, hangs or is dead, answers are the same; then letters come once."""
    answers = {}

    async def ask(number: int) -> None:
        # Were anything to wait for the hanging server, this would be the client's time-out.
        await register(client, f"user{number}@example.com")
        forgot = await client.post("/api/auth/password/forgot", json={"email": f"user{number}@example.com"})
        answers[number] = (forgot.status_code, forgot.content)

    await ask(0)
    office.recipient = lambda _: BUSY
    assert await send_due(sender) == 2
    await ask(1)
    office.recipient = lambda _: "250 OK"
    office.gate.clear()
    hanging = asyncio.create_task(send_due(sender))
    await office.held.wait()
    await ask(2)
    await office.close()
    with pytest.raises(Unreachable):
        await hanging
    with pytest.raises(Unreachable):
        await send_due(sender)
    await ask(3)
    assert set(answers.values()) == {(202, answers[0][1])}

    await office.open()
    sender.clock.advance(60)
    while await send_due(sender):
        pass
    arrived = sorted((str(message["To"]), str(message["Subject"])) for message in office.received)
    assert arrived == sorted(
        (f"user{number}@example.com", subject)
        for number in range(4)
        for subject in ("Confirm your e-mail address", "Set a new password")
    )
    assert await OutboxMail.filter(values_sealed__isnull=False).count() == 0


async def test_an_outage_is_no_letters_fault(sender: Runtime, office: PostOffice) -> None:
    """However long the mail server is away, letters that were not begun keep all their attempts, and wait no longer."""
    await office.close()
    await write(sender)
    for _ in range(MOST_ATTEMPTS + 1):
        with pytest.raises(Unreachable):
            await send_due(sender)
    row = await only()
    assert (row.state, row.attempts) == ("pending", 0)
    await office.open()
    assert await send_due(sender) == 1


async def test_one_that_cuts_the_line_holds_up_nobody(sender: Runtime, office: PostOffice) -> None:
    """A letter over which the connection breaks waits its turn: the one behind it is sent first."""
    await write(sender, "first@example.com")
    sender.clock.advance(1)
    await write(sender, "second@example.com")
    office.recipient = lambda _: "421 4.3.2 closing"
    with pytest.raises(Unreachable):
        await send_due(sender)
    office.recipient = lambda _: "250 OK"
    assert await send_due(sender) == 1
    assert [message["To"] for message in office.received] == ["second@example.com"]
    attempts = dict(await OutboxMail.all().values_list("recipient", "attempts"))
    assert attempts == {"first@example.com": 1, "second@example.com": 1}


async def test_a_server_that_hangs_up_between_letters(sender: Runtime, office: PostOffice) -> None:
    """A server that closes the connection after a letter gets another connection; the next letter isn't to blame."""
    mailer, message = SmtpTransport(office.url), EmailMessage()
    message["From"], message["To"] = "a@example.com", "b@example.com"
    await mailer.connect()
    await mailer.deliver(message)
    office.cut()

    async def noticed() -> bool:
        return mailer._client is None or not mailer._client.is_connected

    await eventually(noticed, 10)
    await mailer.deliver(message)
    await mailer.rest()
    assert (len(office.received), office.connections) == (2, 2)


async def test_too_slow_a_server(sender: Runtime, office: PostOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    """A whole letter has a limit, not each of its commands: a batch must be over before its lease is."""
    await write(sender)
    office.gate.clear()
    assert sender.mailer is not None
    connect = sender.mailer.connect

    async def connected() -> None:
        await connect()
        monkeypatch.setattr(transport, "SECONDS", 0.05)

    monkeypatch.setattr(sender.mailer, "connect", connected)
    with pytest.raises(Unreachable):
        await send_due(sender)
    assert (await only()).last_error == "TimeoutError"
    office.gate.set()


async def test_a_worker_outlives_its_mail_server(
    sender: Runtime, office: PostOffice, impatient: None, caplog: pytest.LogCaptureFixture
) -> None:
    """R73: a worker whose server is away says so once, goes on trying, and sends when it is back."""
    await office.close()
    await write(sender)
    looks = 0
    take = sender.outbox.take

    async def counted(*args: Any) -> Any:
        nonlocal looks
        looks += 1
        return await take(*args)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sender.outbox, "take", counted)
        async with working(sender):

            async def tried() -> bool:
                return looks >= 4

            async def arrived() -> bool:
                return len(office.received) == 1

            await eventually(tried, 10)
            await office.open()
            await eventually(arrived, 10)
    said = [record.message for record in caplog.records]
    assert said.count("mail.server_away") == 1
    assert said.count("mail.recovered") == 1


async def test_a_worker_outlives_its_database(
    sender: Runtime, office: PostOffice, impatient: None, caplog: pytest.LogCaptureFixture
) -> None:
    """R73: so does one whose database is away, or who meets what nobody thought of."""
    await write(sender)
    troubles = iter([Unavailable("database"), Unavailable("database"), RuntimeError("of ours"), None])
    take = sender.outbox.take

    async def troubled(*args: Any) -> Any:
        if (trouble := next(troubles, None)) is not None:
            raise trouble
        return await take(*args)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sender.outbox, "take", troubled)
        async with working(sender):

            async def arrived() -> bool:
                return len(office.received) == 1

            await eventually(arrived, 10)
    said = [record.message for record in caplog.records]
    assert said.count("mail.outbox_away") == 1
    assert "mail.worker_failed" in said


async def test_sent_and_then_no_database(sender: Runtime, office: PostOffice, impatient: None) -> None:
    """A letter that was sent while the database went away is marked when it is back: no duplicate."""
    await write(sender)
    await write(sender, "second@example.com")
    refusals = iter([Unavailable("database")] * 3)
    done = sender.outbox.done

    async def refused(letter_id: Any) -> None:
        if (refusal := next(refusals, None)) is not None:
            raise refusal
        await done(letter_id)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sender.outbox, "done", refused)
        assert await send_due(sender) == 2
    sender.clock.advance(LEASE.total_seconds() + 1)
    assert await send_due(sender) == 0
    assert len(office.received) == 2


async def test_stopped_while_sending(sender: Runtime, office: PostOffice) -> None:
    """A worker that is told to stop finishes the letter in hand, and leaves the others as they were."""
    for number in range(3):
        await write(sender, f"user{number}@example.com")
        sender.clock.advance(1)
    office.gate.clear()
    stop = asyncio.Event()
    running = asyncio.create_task(work.run(sender, stop))
    await office.held.wait()
    stop.set()
    office.gate.set()
    await running
    assert [message["To"] for message in office.received] == ["user0@example.com"]
    rows = await OutboxMail.all().order_by("created_at")
    assert [(row.state, row.attempts) for row in rows] == [("sent", 1), ("pending", 0), ("pending", 0)]
    assert await send_due(sender) == 2


async def test_the_service_stops_with_a_letter_in_hand(
    sender: Runtime, office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R73: a hanging mail server holds up the end of the serving process for no longer than it is given."""
    monkeypatch.setattr(work, "STOP_SECONDS", 0.05)
    monkeypatch.setattr(transport, "GOODBYE_SECONDS", 0.05)
    await write(sender)
    office.gate.clear()
    async with work.working_beside(sender):
        await office.held.wait()
    row = await only()
    assert (row.state, row.attempts, row.last_error) == ("pending", 1, None)  # cut off, and left to its lease
    office.gate.set()


async def test_without_a_mail_server(runtime: Runtime, impatient: None, caplog: pytest.LogCaptureFixture) -> None:
    """In production without SMTP_URL letters wait; the worker says so once, and still tidies up."""
    await write(runtime)

    async def tidied() -> bool:
        return await Job.filter(done_at__isnull=False).count() == len([kind for kind in KINDS if kind.schedule])

    async with working(replace(runtime, mailer=transport.transport_for("", production=True))):
        await eventually(tidied, 10)
    assert (await only()).state == "pending"
    assert [record.message for record in caplog.records].count("mail.no_server") == 1
