"""Letters that were sealed under a SECRET_KEY that isn't given any more: nobody is told that they will go."""

from __future__ import annotations

from dataclasses import replace

import pytest

from models import Job, OutboxMail
from service.jwks import rotation
from service.post import rewriting
from service.runtime import Runtime
from service.stores.job_queue import JobQueue
from service.stores.keyring import Keyring
from service.stores.letter_kinds import ACCOUNT_DELETED, CONFIRM_NEW_ADDRESS, NEW_DEVICE, RESET_PASSWORD
from service.stores.outbox import Outbox
from service.work.letters import send_due
from tests.cli.test_commands import Shell
from tests.mail.conftest import write
from tests.support.letters import Mailbox
from tests.support.people import Person
from tests.support.stores import Stores

OLD = "the secret that has leaked, of more than 32 letters"


@pytest.fixture
def shell(stores: Stores) -> Shell:
    return Shell(stores)


@pytest.fixture
def before(runtime: Runtime) -> Runtime:
    """The service as it was with the secret that has leaked."""
    return replace(runtime, outbox=Outbox((OLD,), runtime.clock), jobs=JobQueue((OLD,), runtime.clock))


async def test_retry_promises_nothing(shell: Shell, runtime: Runtime, before: Runtime) -> None:
    """`retry` leaves alone what would only die again, says how many that are, and what to do; and so for jobs."""
    await write(before, "lost@example.com")
    await write(runtime)
    await before.jobs.add("removal", account="somebody's id")
    assert len(await runtime.outbox.take()) == 1
    assert await runtime.jobs.take(["removal"], 1) == []
    await OutboxMail.filter(state="pending").update(state="dead", last_error="550 no such user")

    said = await shell.fails("mail", "retry", "--all-dead")
    assert "1 letter can't be sent: sealed under a SECRET_KEY that isn't given any more." in said
    assert "`latchkey keys reseal`" in said
    lost, ours = [await OutboxMail.get(recipient=f"{name}@example.com") for name in ("lost", "ada")]
    assert (lost.state, ours.state) == ("dead", "pending")
    assert "can't be sent" in await shell.fails("mail", "retry", str(lost.id))
    assert "1 job can't be done" in await shell.fails("jobs", "retry", "--all-dead")
    assert (await Job.get(kind="removal")).state == "dead"
    status = await shell.ok("mail", "status")
    assert {name: status[name] for name in ("due", "dead", "unreadable")} == {"due": 1, "dead": 1, "unreadable": 1}
    assert "can't be sent" not in await shell.text("mail", "list")


async def test_both_secrets_save_them(runtime: Runtime, before: Runtime) -> None:
    """`keys reseal` with both secrets: what waits and what died goes, also the farewell to somebody who is gone."""
    secrets = runtime.settings.secrets
    await write(before, "waits@example.com")
    await write(before, "died@example.com")
    await before.outbox.post(ACCOUNT_DELETED, to="gone@example.com", language="en", name="", at="now", confirmed="yes")
    await before.jobs.add("removal", account="somebody's id")
    await OutboxMail.filter(recipient="waits@example.com").update(due_at=runtime.clock.now().replace(year=2100))
    assert await runtime.outbox.take() == []
    assert await runtime.jobs.take(["removal"], 1) == []
    assert await OutboxMail.filter(state="dead").count() == 2  # the farewell is kept

    both = replace(
        runtime, outbox=Outbox((*secrets, OLD), runtime.clock), jobs=JobQueue((*secrets, OLD), runtime.clock)
    )
    assert (await runtime.outbox.reseal()).lost == 3
    assert (await both.outbox.reseal()).done == 3
    assert (await both.jobs.reseal()).done == 1
    assert await runtime.outbox.unreadable() == []
    await OutboxMail.all().update(due_at=runtime.clock.now())
    assert await send_due(runtime) == 3
    assert [job.payload for job in await runtime.jobs.take(["removal"], 1)] == [{"account": "somebody's id"}]
    # Again, by itself: it changes nothing that is right.
    assert (await runtime.outbox.reseal()).lost == 0


async def test_reseal_beside_a_worker(runtime: Runtime, before: Runtime) -> None:
    """A letter that a worker has in hand meanwhile is marked all the same, and what it noted last counts."""
    await write(runtime)
    (held,) = await runtime.outbox.take()
    assert (await runtime.outbox.reseal()).done == 1
    assert await runtime.outbox.holds(held)
    assert await runtime.outbox.remember(held, paid="yes")
    await runtime.outbox.done(held.id)
    assert (await OutboxMail.get()).state == "sent"


async def test_written_anew(
    shell: Shell, runtime: Runtime, before: Runtime, ada: Person, grace: Person, mailbox: Mailbox
) -> None:
    """Where the old secret is gone: a letter that is but a link comes with another one, once; the others are named."""
    await before.outbox.post(RESET_PASSWORD, to=ada.email, language="de", token="x" * 20, device="")
    await before.outbox.post(
        CONFIRM_NEW_ADDRESS, to="new@example.com", language="en", user_id=grace.id, token="y" * 20
    )  # fmt: skip
    await before.outbox.post(NEW_DEVICE, to=ada.email, language="en", user_id=ada.id, at="then", confirmed="yes")
    await OutboxMail.filter(letter="reset_password").update(state="dead")
    await rotation.list_keys(runtime)  # there is a key that the secret opens

    done = await shell.ok("mail", "rewrite")
    assert done["written"] == 2
    assert [(row["letter"], row["recipient"]) for row in done["left"]] == [("new_device", ada.email)]
    assert (await shell.ok("mail", "rewrite"))["written"] == 0
    letters = await mailbox.letters()
    assert sorted(letter.to for letter in letters) == [ada.email, "new@example.com"]
    reset = next(letter for letter in letters if letter.to == ada.email)
    assert reset.link


async def test_a_shell_with_the_wrong_secret(runtime: Runtime) -> None:
    """Whoever has the wrong secret themselves destroys nothing: no letter is written anew, none is touched."""
    await rotation.list_keys(runtime)
    await write(runtime)
    row = await OutboxMail.get()
    wrong = replace(runtime, outbox=Outbox((OLD,), runtime.clock), keyring=Keyring((OLD,), runtime.clock))
    assert await rewriting.rewrite(wrong) == rewriting.WrongSecret()
    assert (await OutboxMail.get()).values_sealed == row.values_sealed
    assert await runtime.outbox.unreadable() == []
