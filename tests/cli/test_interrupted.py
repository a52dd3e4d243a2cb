"""Ctrl-C, SIGTERM, a terminal that is closed: what was done is said and on record, nothing is left half-done."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import typer

from models import SecurityEvent, User
from service import console
from service.core.process import interrupts
from service.core.process.whole_files import whole_or_not_at_all
from service.core.redis.sweep import scan_hashes
from service.runtime import Runtime
from service.sessions import receipts
from service.sessions.receipts import Wanted
from tests.support.people import Person
from tests.support.process import LATCHKEY, environment, running
from tests.support.stores import Stores
from tests.support.waiting import eventually


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_ends_where_it_waits(number: signal.Signals, tmp_path: Path) -> None:
    """What is cleared away at the end is cleared away, what can't be left half-done is done first."""
    done: list[str] = []

    async def small() -> None:
        os.kill(os.getpid(), number)
        await asyncio.sleep(0.01)
        done.append("to its end")

    async def work() -> None:
        with whole_or_not_at_all(tmp_path / "file") as target:
            target.write("half of it")
            await interrupts.to_its_end(small())
            done.append("never")

    before = signal.getsignal(number)
    with pytest.raises(interrupts.Interrupted) as ended:
        interrupts.run(work())
    assert (ended.value.number, done) == (number, ["to its end"])
    assert list(tmp_path.iterdir()) == []
    assert signal.getsignal(number) is before


def test_the_second_one_waits_for_nothing() -> None:
    """Somebody who means it needn't wait for a store that doesn't answer."""

    async def stuck() -> None:
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.sleep(0)
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.sleep(3600)

    with pytest.raises(interrupts.Interrupted):
        interrupts.run(interrupts.to_its_end(stuck()))


def test_what_was_meant_to_be_ignored() -> None:
    """`nohup` has the closing of a terminal ignored; and where nobody ended it, an error is what it was."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:

        async def work() -> str:
            os.kill(os.getpid(), signal.SIGHUP)
            await asyncio.sleep(0.01)
            return "done"

        assert interrupts.run(work()) == "done"
    finally:
        signal.signal(signal.SIGHUP, before)

    async def broken() -> None:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        interrupts.run(broken())


def test_input_that_doesnt_come() -> None:
    """Waiting for somebody's input is waiting like any other."""
    reader, writer = os.pipe()

    async def work() -> None:
        with interrupts.reading():
            asyncio.get_running_loop().run_in_executor(None, os.kill, os.getpid(), signal.SIGTERM)
            os.read(reader, 1)

    with pytest.raises(interrupts.Interrupted):
        interrupts.run(work())
    os.close(reader)
    os.close(writer)


def test_what_the_shell_hears(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The exit code of a shell, and in a line how far it had come."""

    @contextmanager
    def nothing(*_: Any) -> Any:
        yield None

    class Opened:
        async def __aenter__(self) -> None: ...
        async def __aexit__(self, *_: object) -> None: ...

    async def flow(_: Any) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.sleep(3600)

    monkeypatch.setattr(console, "settings", lambda: None)
    monkeypatch.setattr(console, "open_runtime", lambda *_, **__: Opened())
    so_far: Callable[[], str] = lambda: "7 sessions ended so far."  # noqa: E731
    with pytest.raises(typer.Exit) as ended:
        console.run(flow, so_far)
    assert ended.value.exit_code == 143
    assert capsys.readouterr().err == "Interrupted. 7 sessions ended so far.\n"


async def test_ending_sessions(ada: Person, grace: Person, runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch is ended and on record, or it is neither."""
    sessions = [await person.log_in() for person in (ada, ada, grace)]
    task: list[asyncio.Task[Any]] = []
    told: list[int] = []

    async def one_by_one(*given: Any) -> Any:
        async for batch in scan_hashes(*given):
            for one in batch:
                yield [one]

    def interrupt_after(number: int) -> None:
        told.append(number)
        if len(told) == 2:
            task[0].cancel()

    monkeypatch.setattr(receipts, "scan_hashes", one_by_one)
    task.append(asyncio.create_task(receipts.revoke(runtime, Wanted(ip="127.0.0.1"), told=interrupt_after)))
    with pytest.raises(asyncio.CancelledError):
        await task[0]
    assert [(await session.me()).status_code for session in sessions].count(401) == sum(told) == 2
    assert sum([event.detail["ended"] for event in await SecurityEvent.filter(type="sessions.revoked")]) == 2


async def test_importing_from_a_pipe(stores: Stores, runtime: Runtime, tmp_path: Path) -> None:
    """What is there is said, and recorded; a named pipe is a file like any other."""
    pipe, log = tmp_path / "pipe", tmp_path / "log"
    os.mkfifo(pipe)
    command = (*LATCHKEY, "users", "import", str(pipe), "--format", "csv")
    with running(command, log, env=environment(**stores.environment())) as process:  # noqa: SIM117 - it opens the pipe
        with await asyncio.to_thread(pipe.open, "w") as writing:
            writing.write("email\n" + "".join(f"user{number}@example.com\n" for number in range(700)))
            writing.flush()

            async def some_are_there() -> bool:
                return await User.all().count() >= 500

            await eventually(some_are_there, 30)
            process.send_signal(signal.SIGINT)
            assert await asyncio.to_thread(process.wait, 30) == 130
    (said,) = log.read_text().splitlines()
    assert said.startswith("Interrupted. 500 created and 0 updated so far. Run the same command again")
    (event,) = await SecurityEvent.filter(type="users.imported")
    assert event.detail["created"] == await User.all().count() == 500
