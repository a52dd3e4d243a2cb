"""An operator looks after letters."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner

from models import OutboxMail
from service.cli.commands import app
from service.runtime import Runtime
from service.work.letters import send_due
from tests.cli.test_commands import Shell
from tests.mail.conftest import only, write
from tests.support.process import LATCHKEY, environment, running
from tests.support.smtp import post_office
from tests.support.stores import Stores


@pytest.fixture
def shell(stores: Stores) -> Shell:
    return Shell(stores)


async def test_list_and_retry(shell: Shell, runtime: Runtime) -> None:
    """What waits, what was sent, what is dead and why, never what it says; the dead are tried again when told to."""
    for number, state in enumerate(("sent", "dead", "dead", "pending")):
        await write(runtime, f"user{number}@example.com", "Grace Hopper")
        await OutboxMail.filter(recipient=f"user{number}@example.com").update(
            state=state, attempts=3, last_error="550 no such user" if state == "dead" else None
        )
        runtime.clock.advance(1)
    listed = await shell.ok("mail", "list")
    assert [letter["recipient"] for letter in listed] == [f"user{number}@example.com" for number in (3, 2, 1, 0)]
    assert [letter["last_error"] for letter in listed] == [None, "550 no such user", "550 no such user", None]
    assert "values_sealed" not in listed[0]
    table = await shell.text("mail", "list", "--state", "dead", "--limit", "1")
    assert listed[1]["id"] in table
    assert listed[2]["id"] not in table
    assert "Grace" not in table

    assert await shell.text("mail", "retry", listed[1]["id"]) == "1 letter will be tried again.\n"
    assert await shell.ok("mail", "retry", "--all-dead") == {"retried": 1, "sealed": 0}
    assert await shell.fails("mail", "retry", listed[1]["id"], code=3) == "There is no such dead letter."
    assert await OutboxMail.filter(state="pending", attempts=0).count() == 2
    assert await send_due(runtime) == 3


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        ((), "Give either a letter's id or --all-dead."),
        (("x", "--all-dead"), "Give either a letter's id or --all-dead."),
        (("x",), "x is not an id."),
    ],
)
def test_retry_wants_to_know_what(arguments: tuple[str, ...], answer: str) -> None:
    """Exactly one of an id and `--all-dead`, and an id that is one: else exit code 2, before any store is asked."""
    result = CliRunner().invoke(app, ["mail", "retry", *arguments])
    assert (result.exit_code, result.stderr.strip()) == (2, answer)


async def test_a_worker_finishes_its_letter(stores: Stores, runtime: Runtime, tmp_path: Path) -> None:
    """`latchkey worker` sends what is due; at SIGTERM the letter in hand is finished and marked; exit code 0."""
    await write(runtime)
    async with post_office() as office:
        office.gate.clear()
        variables, log = environment(**stores.environment(SMTP_URL=office.url)), tmp_path / "log"
        with running([*LATCHKEY, "worker"], log, env=variables) as worker:
            await asyncio.wait_for(office.held.wait(), 30)
            worker.terminate()
            office.gate.set()
            assert await asyncio.to_thread(worker.wait, 30) == 0, log.read_text()
    assert "worker.started" in log.read_text()
    assert len(office.received) == 1
    row = await only()
    assert (row.state, row.attempts) == ("sent", 1)
