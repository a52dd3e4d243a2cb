"""`latchkey serve` without the command line's library: it takes what the library would take, as the library does."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

import pytest
import typer
from typer.testing import CliRunner

from service.cli import quick, serve, serving
from service.cli.straight import plainly
from service.core.process.exits import fail

TAKEN: Final[tuple[list[str], ...]] = (
    [],
    ["--port", "0"],
    ["--port=8080", "--host=::1"],
    ["--host", "0.0.0.0", "--new-secret", "--port", "007"],
    ["--host", "a=b"],
    ["--host=a=b"],
    ["--new-secret"],
)
LEFT: Final[tuple[list[str], ...]] = (
    ["--port"],
    ["--port", "x"],
    ["--port", "-1"],
    ["--port", ""],
    ["--port="],
    ["--port", "\u0663"],
    ["--port", "1", "--port", "2"],
    ["--host", "--port", "1"],
    ["--host="],
    ["--host", "a", "--host", "b"],
    ["--new-secret", "--new-secret"],
    ["--new-secret=yes"],
    ["--new"],
    ["--help"],
    ["-h"],
    ["--"],
    ["0.0.0.0"],
    ["--port", "1", "more"],
)


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, object]]:
    """What the command was called with, which serves nothing."""
    calls: list[dict[str, object]] = []

    def note(host: str | None = None, port: int | None = None, *, new_secret: bool = False) -> int:
        calls.append({"host": host, "port": port, "new_secret": new_secret})
        return 7

    monkeypatch.setattr(serving, "serve", note)
    return calls


@pytest.mark.parametrize("words", TAKEN)
def test_what_is_taken(served: list[dict[str, object]], words: Sequence[str]) -> None:
    """As the library takes it, and with the same exit code."""
    given = plainly(words)
    assert given is not None
    with pytest.raises(SystemExit) as ended:
        serving.run(given)
    app = typer.Typer()
    app.command()(serve.serve)
    assert CliRunner().invoke(app, list(words)).exit_code == ended.value.code == 7
    straight, by_the_library = served
    assert straight == by_the_library


@pytest.mark.parametrize("words", LEFT)
def test_what_is_left_to_the_library(words: Sequence[str]) -> None:
    """All that it refuses, asks back for, or would have to choose from."""
    assert plainly(words) is None


def test_every_option_is_known() -> None:
    """One that isn't would load the library again, for everybody who gives it."""
    picture = json.loads(quick.PICTURE.read_text(encoding="utf-8"))
    options = picture["commands"]["serve"]["parameters"]
    assert options
    for option in options:
        for name in option["names"]:
            assert plainly([name] if option["type"] == "bool" else [name, "1"]) == {
                option["name"]: {"bool": True, "int": 1, "str": "1"}[option["type"]]
            }


def test_a_refusal_has_its_code(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """What ends a command ends this one too; anything else is passed on."""

    def refuse(*_: object, **__: object) -> int:
        fail("no such place", 2)

    monkeypatch.setattr(serving, "serve", refuse)
    with pytest.raises(SystemExit) as ended:
        serving.run({})
    assert (ended.value.code, capsys.readouterr().err) == (2, "no such place\n")

    def break_down(*_: object, **__: object) -> int:
        raise ZeroDivisionError

    monkeypatch.setattr(serving, "serve", break_down)
    with pytest.raises(ZeroDivisionError):
        serving.run({})
