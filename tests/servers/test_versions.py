"""Each installed version has its turn, in few runs, and by name."""

from __future__ import annotations

from pathlib import Path
from subprocess import CompletedProcess
from threading import Barrier

import pytest

from tests.servers.binaries import Found, one_of_each_version
from tools import versions
from tools.versions import ASKS_BOTH, ASKS_EITHER, ASKS_POSTGRES, ASKS_REDIS, runs

ROOT = Path(__file__).parents[2]


class Pretended(Found):
    """A server that isn't there, of the version that its path names."""

    @property
    def version(self) -> str:
        return self.path.name


def of(*names: str) -> list[Found]:
    return [Pretended("here", Path(name)) for name in names]


def paired(*found: versions.Run) -> list[tuple[str, str]]:
    return [(run.postgres.version, run.redis.version) for run in found]


def test_each_version_has_its_turn() -> None:
    """The first of both have had theirs; others are paired, what is left over meets what asks its kind or either."""
    pair, single = runs(of("15", "18", "16"), of("7", "6"), everything=False)
    assert paired(pair, single) == [("18", "6"), ("16", "7")]
    assert pair.tests == (*ASKS_POSTGRES, *ASKS_REDIS, *ASKS_EITHER, *ASKS_BOTH)
    assert single.tests == (*ASKS_POSTGRES, *ASKS_EITHER)
    assert not runs(of("15"), of("7"), everything=False)
    assert not runs([], of("7"), everything=False)
    (only,) = runs(of("15"), of("7", "6"), everything=False)
    assert (paired(only), only.tests) == ([("15", "6")], (*ASKS_REDIS, *ASKS_EITHER))
    assert paired(*runs(of("15", "18", "16"), of("7", "6"), everything=True)) == [("15", "7"), ("18", "6"), ("16", "7")]


def test_at_once(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """What asks a version goes on beside another's, each shown whole; one that fails is named, and fails all."""
    both = Barrier(2)

    def play(run: versions.Run, jobs: str, *, kept: bool) -> versions.Came:
        both.wait(20)  # a run that waits for the other to be over never gets here
        return versions.Came(
            run, run.postgres.version == "16", 1.0, f"on {run.postgres.version}\n" * (jobs == "3") * kept
        )

    monkeypatch.setattr(versions, "play", play)
    monkeypatch.setattr(versions, "every_postgres", lambda: of("15", "18", "16"))
    monkeypatch.setattr(versions, "every_redis", lambda: of("7"))
    monkeypatch.setattr("sys.argv", ["versions", "--jobs", "3"])
    assert versions.main() == 1
    assert capsys.readouterr().out.splitlines() == [
        "on 18", "on 16",
        "FAILED: PostgreSQL 18 (here), Redis 7 (here), 1 s", "passed: PostgreSQL 16 (here), Redis 7 (here), 1 s",
    ]  # fmt: skip


def test_what_is_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run of its own servers, by name, and of these tests; it has passed if pytest says so."""
    (run,) = runs(of("15", "18"), of("7"), everything=False)
    asked = []

    def pretended(command: list[str], *, env: dict[str, str], **_: object) -> CompletedProcess[bytes]:
        asked.append((command[1:], env["LATCHKEY_TEST_PG"], env["LATCHKEY_TEST_REDIS"], env["EXAMPLES"]))
        return CompletedProcess(command, len(asked) - 1, b"said\n")

    monkeypatch.setattr("tools.versions.subprocess.run", pretended)
    first, second = (versions.play(run, "2", kept=True) for _ in range(2))
    assert (first.passed, second.passed) == (True, False)
    assert first.said == "== PostgreSQL 18 (here), Redis 7 (here)\nsaid\n"
    words = [
        "-m",
        "pytest",
        "--stores=real",
        "-q",
        "-n",
        "2",
        "--dist",
        "loadfile",
        "--no-loadscope-reorder",
        *run.tests,
    ]
    assert asked == [(words, "18", "7", versions.EXAMPLES)] * 2


def test_one_of_each_version() -> None:
    """What is there twice, in the system and in a wheel, is met once, and the first stays the first."""
    assert [one.path for one in one_of_each_version(of("a/15", "b/18", "c/15"))] == [Path("a/15"), Path("b/18")]


def test_what_asks_is_there() -> None:
    """Every file that is named is there, and whatever is in the contract asks one of the two."""
    named = {*ASKS_POSTGRES, *ASKS_REDIS, *ASKS_EITHER, *ASKS_BOTH}
    assert all((ROOT / name).is_file() for name in named)
    contract = {f"tests/contract/{path.name}" for path in (ROOT / "tests" / "contract").glob("test_*.py")}
    assert contract <= named
