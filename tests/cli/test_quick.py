"""Help, version and completion: at once, without the service, and just what the commands say of themselves."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from service import __version__
from service.cli import commands, quick
from tests.support.process import LATCHKEY, ROOT, environment, latchkey
from tools.commands import main as take_picture

HEAVY = {
    "tortoise", "sanic", "sanic_ext", "asyncpg", "redis", "cryptography", "pydantic", "pydantic_settings", "models",
    "argon2", "rich", "httpx", "jinja2", "orjson", "service.console", "service.features", "service.runtime",
}  # fmt: skip
SEEN = "import sys; from service.cli import main; sys.argv[1:] = {arguments}\ntry: main()\nfinally: print(*sys.modules)"


def paths(group: typer.Typer, before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield before
    for command in group.registered_commands:
        assert command.callback is not None
        yield (*before, command.name or command.callback.__name__.replace("_", "-"))
    for one in group.registered_groups:
        assert one.typer_instance is not None
        yield from paths(one.typer_instance, (*before, str(one.name)))


def helped(
    app: typer.Typer, path: tuple[str, ...], capsys: pytest.CaptureFixture[str], *, of: tuple[str, ...] = ()
) -> str:
    with pytest.raises(SystemExit) as ended:
        app([*path[len(of) :], "--help"], prog_name=" ".join(("latchkey", *of)))
    assert ended.value.code == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("columns", ["80", "40"])
def test_it_is_what_the_commands_say(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], columns: str
) -> None:
    """Of every command and group, in any width; and the picture is of today."""
    monkeypatch.setattr(sys, "argv", ["tools.commands", "--check"])
    assert take_picture() == 0
    monkeypatch.setenv("COLUMNS", columns)
    picture = json.loads(quick.PICTURE.read_text(encoding="utf-8"))
    app = quick.stand_in(picture)
    found = list(paths(commands.app))
    assert ("sessions", "revoke") in found
    for path in found:
        said = helped(commands.app, path, capsys)
        assert helped(app, path, capsys) == said
        assert helped(quick.stand_in(picture, path), path, capsys, of=path) == said
        assert said.startswith(f"Usage: {' '.join(('latchkey', *path))}"[: int(columns)])


def test_nothing_heavy_is_loaded() -> None:
    """That is what makes it quick: not even what draws tables."""
    for arguments in (["--help"], ["sessions", "revoke", "--ip", "x", "-h"], ["--version"], ["users"]):
        code = SEEN.format(arguments=arguments)
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, env=environment(), capture_output=True, text=True, check=False
        )
        loaded = set(done.stdout.splitlines()[-1].split())
        assert "typer" in loaded, done.stderr
        assert not HEAVY & {name.split(".")[0] for name in loaded} | HEAVY & loaded
        assert "Traceback" not in done.stderr


def test_what_it_answers(tmp_path: Path) -> None:
    """`-h` anywhere, the version; a command that is to be run isn't taken for a question."""
    assert latchkey("--version").stdout == f"latchkey {__version__}\n"
    assert latchkey("-h").stdout == latchkey("--help").stdout
    assert latchkey("users", "list", "--limit", "3", "-h").stdout.startswith("Usage: latchkey users list [OPTIONS]\n")
    done = latchkey("users", "show", "--email", "--help", DATABASE_URL=f"sqlite://{tmp_path / 'x.sqlite3'}")
    assert (done.returncode, done.stderr) == (1, "There is no such user.\n")  # it is the address
    done = latchkey("sessions")
    assert (done.returncode, done.stdout) == (2, "")
    assert "revoke" in done.stderr


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("latchkey ses", ["sessions"]),
        ("latchkey sessions revoke --u", ["--user-id", "--user-agent", "--until"]),
        ("latchkey mail list --state ", ["pending", "sent", "dead"]),
    ],
)
def test_completion(words: str, offered: list[str]) -> None:
    """What the shell's script asks for is there at once."""
    asked = {"_LATCHKEY_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(len(words.split(" ")) - 1)}
    assert latchkey(**asked).stdout.split() == offered


def test_features_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where FEATURES names some, or a feature of ours was taken out, the commands answer for themselves."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FEATURES", raising=False)
    assert not quick.others_may_add()
    for written, expected in (("# FEATURES=mine\n", False), ("\nexport features = mine", True), ("FEATURES=\n", False)):
        (tmp_path / ".env").write_text(written)
        assert quick.others_may_add() == expected
    (tmp_path / ".env").write_bytes(b"\xff")
    assert quick.others_may_add()
    (tmp_path / ".env").unlink()
    monkeypatch.setenv("Features", "mine")
    assert quick.others_may_add()
    assert not quick.answer(["--help"])
    monkeypatch.delenv("Features")
    monkeypatch.setattr(quick, "features_here", lambda: "others")
    assert not quick.answer(["--help"])
    monkeypatch.setattr(quick, "PICTURE", tmp_path / "none")
    assert not quick.answer(["--help"])


def test_as_a_process_of_its_own() -> None:
    """Also where nobody reads it to its end, or standard output is closed."""
    line = f"{' '.join(LATCHKEY)} --help | head -1; {' '.join(LATCHKEY)} --version >&-"
    done = subprocess.run(line, shell=True, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "Usage: latchkey [OPTIONS] COMMAND [ARGS]...\n"
