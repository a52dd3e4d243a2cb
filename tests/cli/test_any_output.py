"""The command line never dies of data, nor of where its words go: pipes, locales, full disks, readers that leave."""

from __future__ import annotations

import fcntl
import io
import json
import os
import pty
import subprocess
import sys
import termios
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from struct import pack
from uuid import uuid4

import pytest
import typer

from models import User
from service import console
from service.cli import main
from service.runtime import Runtime
from tests.support.process import LATCHKEY, ROOT, environment, latchkey_beside
from tests.support.stores import Stores

NAMES = [
    "Ada",
    "Name [/]",
    "[link=http://evil.example]ok[/link]",
    ":smile:",
    "Łukasz 😀 日本",
    "a\tb\nc",
    "x" * 200,
    "\u202eevil",
]
OLD = {"PYTHONIOENCODING": "", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "LC_ALL": "C"}


@pytest.fixture
async def users(runtime: Runtime) -> None:
    for number, name in enumerate(NAMES):
        email = f"somebody.with.a.long.address{number}@example.com"
        now = runtime.clock.now()
        await User.create(id=uuid4(), email=email, email_canonical=email, full_name=name, created_at=now)


@pytest.mark.usefixtures("users")
async def test_a_pipe_has_everything(stores: Stores) -> None:
    """Whole lines, parted by tabs: what a script looks for is there, whatever somebody is called."""
    done = await latchkey_beside("users", "list", **stores.environment())
    assert (done.returncode, done.stderr) == (0, "")
    head, *lines = done.stdout.splitlines()
    assert head == "id\te-mail\tname\tactive\tsuperuser\tcreated"
    cells = [line.split("\t") for line in lines]
    assert {len(row) for row in cells} == {6}
    assert [row[1] for row in cells] == [f"somebody.with.a.long.address{number}@example.com" for number in range(8)]
    assert [row[2] for row in cells] == [*NAMES[:5], "a\\u0009b\\u000ac", "x" * 200, "\\u202eevil"]
    for command in ("show", "disable", "enable"):
        done = await latchkey_beside("users", command, "--email", cells[1][1], **stores.environment())
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.splitlines()[1].split("\t")[1:3] == [cells[1][1], "Name [/]"]


@pytest.mark.embedded_only  # what goes out is the same whatever is asked
@pytest.mark.usefixtures("users")
def test_the_export_in_any_locale(stores: Stores) -> None:
    """It is UTF-8, which the import reads, also where the terminal is in something older."""
    env = environment(**stores.environment(), **OLD)
    done = subprocess.run(
        [*LATCHKEY, "users", "export"], cwd=ROOT, env=env, capture_output=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert {json.loads(line)["full_name"] for line in done.stdout.decode().splitlines()} == set(NAMES)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "euc-jp", "utf-8"])
def test_any_locale(monkeypatch: pytest.MonkeyPatch, encoding: str) -> None:
    """What the locale has no letter for is spelt out, and ends nothing half-way; JSON is JSON in all of them."""
    written = io.BytesIO()
    for name in ("stdout", "stderr"):
        monkeypatch.setattr(sys, name, io.TextIOWrapper(written, encoding=encoding, write_through=True))
    console.use_streams_of_any_kind()
    console.print_table(("name",), [(name,) for name in NAMES])
    console.out.print("Łukasz 😀", "[/]")
    with pytest.raises(typer.Exit):
        console.fail("no Łukasz 😀")
    spelt = written.getvalue().decode(encoding)
    if encoding == "utf-8":
        assert spelt.count("Łukasz 😀") == 3
    else:
        assert "ukasz \\ud83d\\ude00" in spelt
    assert "[link=http://evil.example]ok[/link]" in spelt
    written.seek(0)
    written.truncate()
    console.print_json(NAMES)
    assert json.loads(written.getvalue()) == NAMES


@pytest.mark.parametrize("command", ["table", "text", "json"])
def test_who_looks_no_longer(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str) -> None:
    """A reader that has seen enough ends the command without a word; a full disk is one line. Neither is a success."""
    print_it: Callable[[], None] = {
        "table": lambda: console.print_table(("name",), [(name,) for name in NAMES * 1000]),
        "text": lambda: console.out.print("x" * 100_000),
        "json": lambda: console.print_json(NAMES),  # so short that it stays in the buffer until the end
    }[command]
    reader, writer = os.pipe()
    os.close(reader)
    for place, says in ((writer, ""), (os.open("/dev/full", os.O_WRONLY), "No space left on device\n")):
        with os.fdopen(place, "w") as out, monkeypatch.context() as patch:
            patch.setattr(sys, "stdout", out)
            patch.setattr(console.out, "quiet", False)  # which it is from then on
            with pytest.raises(SystemExit) as ended, console.one_line_for_all():
                print_it()
            assert ended.value.code == 1
            assert capsys.readouterr().err == says


@contextmanager
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], str]]:
    """Have a terminal of 80 columns as standard output; what comes back says what is on it."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, pack("HHHH", 24, 80, 0, 0))
    with os.fdopen(theirs, "w", encoding="utf-8") as screen, os.fdopen(ours, "rb", 0) as seen:
        monkeypatch.setattr(sys, "stdout", screen)
        monkeypatch.setattr(
            console, "out", type(console.out)(soft_wrap=True, markup=False, width=80, color_system=None)
        )

        def shown() -> str:
            screen.write("that is all")
            screen.flush()
            found = b""  # a terminal passes on what it has in pieces, as it likes
            while not found.endswith(b"that is all"):
                found += seen.read(100_000)
            return found.removesuffix(b"that is all").decode().replace("\r\n", "\n")

        yield shown


def test_a_terminal_has_everything_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Columns where they fit, with long cells folded; else a row is lines of its own. Nothing is cut."""
    address = f"{'very.' * 9}long@example.com"
    with terminal(monkeypatch) as shown:
        console.print_table(("n", "e-mail"), [("1", address), ("2", "[/] :skull:")])
        table = shown()
        console.print_table(("id", "e-mail", "name"), [(str(uuid4()), address, "[/] :skull:")])
        lines = shown()
    folded = "".join(line.split("\u2502")[2].strip() for line in table.splitlines() if line.count("\u2502") == 3)
    assert folded == f"{address}[/] :skull:"
    assert [line.split(None, 1)[1] for line in lines.splitlines()[1:3]] == [address, "[/] :skull:"]
    assert "\u2026" not in table + lines


def test_what_nobody_has_foreseen(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """One line that says what it was, and an exit code; where it was is shown to who asks."""

    def broken(*_: object) -> None:
        raise RuntimeError("some thing\nthat [/] broke \x1b[31m")

    monkeypatch.setattr("service.cli.running.named_features", broken)
    monkeypatch.setattr(sys, "argv", ["latchkey", "users", "list"])
    for level, lines in (("INFO", 1), ("DEBUG", 10)):
        monkeypatch.setenv("LOG_LEVEL", level)
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr().err
        assert ended.value.code == 1
        assert len(said.splitlines()) >= lines
        assert ("Traceback" in said) == (level == "DEBUG")
        assert "RuntimeError: some thing that [/] broke \\u001b[31m" in said
