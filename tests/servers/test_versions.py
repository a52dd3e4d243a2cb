"""Each installed version has its turn, in few runs, and by name."""

from __future__ import annotations

from pathlib import Path

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


def test_one_of_each_version() -> None:
    """What is there twice, in the system and in a wheel, is met once, and the first stays the first."""
    assert [one.path for one in one_of_each_version(of("a/15", "b/18", "c/15"))] == [Path("a/15"), Path("b/18")]


def test_what_asks_is_there() -> None:
    """Every file that is named is there, and whatever is in the contract asks one of the two."""
    named = {*ASKS_POSTGRES, *ASKS_REDIS, *ASKS_EITHER, *ASKS_BOTH}
    assert all((ROOT / name).is_file() for name in named)
    contract = {f"tests/contract/{path.name}" for path in (ROOT / "tests" / "contract").glob("test_*.py")}
    assert contract <= named
