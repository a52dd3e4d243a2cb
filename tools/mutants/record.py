"""Which tests run which lines: noted once (`make mutants RECORD=1`), and kept in `.mutants/`."""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from hashlib import sha256
from itertools import zip_longest
from pathlib import Path
from typing import Literal

from coverage import CoverageData

from tools.mutants.mutant import Mutant

ROOT = Path(__file__).resolve().parents[2]
PLACE = ROOT / ".mutants"

Stores = Literal["embedded", "real"]
BOTH: tuple[Stores, ...] = ("embedded", "real")
SLOW = 1.0  # seconds of one test: meanwhile many others look
Place = tuple[str, int, int]  # path, first and last line


def take(paths: Sequence[str], jobs: int) -> None:
    """Run the suite, or `paths` of it, on both kinds of stores, and note what each test runs."""
    for stores in BOTH:
        place = PLACE / stores
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        command = [sys.executable, "-m", "pytest", f"--stores={stores}", "-q", "-p", "tools.mutants.plugin"]
        command += [f"--mutants-record={place}", "-n", str(jobs), "--dist", "loadfile", *paths]
        subprocess.run(command, cwd=ROOT, check=False)  # a test that fails is left out of the record
        keep(stores)


def keep(stores: Stores) -> None:
    """Make one record of what the processes noted."""
    found = CoverageData(str(PLACE / f"{stores}.coverage"))
    found.erase()
    seconds: dict[str, float] = {}
    for part in sorted((PLACE / stores).glob("*.coverage")):
        noted = CoverageData(str(part))
        noted.read()
        found.update(noted)
    for part in sorted((PLACE / stores).glob("*.json")):
        seconds |= json.loads(part.read_text(encoding="utf-8"))
    if not seconds:
        raise RuntimeError(f"No test passed with --stores={stores}.")
    found.write()
    files = [*(ROOT / "service").rglob("*.py"), *(ROOT / "tests").rglob("test_*.py")]
    digests = {path.relative_to(ROOT).as_posix(): digest(path) for path in files}
    (PLACE / f"{stores}.json").write_text(json.dumps({"seconds": seconds, "digests": digests}), encoding="utf-8")
    shutil.rmtree(PLACE / stores)


def digest(path: Path) -> str:
    """Return what tells a file from what it was."""
    return sha256(path.read_bytes()).hexdigest()


class Record:
    """What was noted with one kind of stores."""

    def __init__(self, stores: Stores) -> None:
        """Read it. Raises RuntimeError when there is none."""
        if not (PLACE / f"{stores}.json").exists():
            raise RuntimeError("Nobody knows yet which test runs what: make mutants RECORD=1")
        self.stores = stores
        said = json.loads((PLACE / f"{stores}.json").read_text(encoding="utf-8"))
        self.seconds: dict[str, float] = said["seconds"]
        self._digests: dict[str, str] = said["digests"]
        self._data = CoverageData(str(PLACE / f"{stores}.coverage"))
        self._data.read()
        self._lines = cache(self._lines_of)

    def tests_for(self, mutant: Mutant) -> list[str]:
        """Return the tests that run what is changed, those first that are likeliest to be about it.

        That is said by their names, and by what else of the same functions few others run: of the tests that run a
        condition, those are about it that are led somewhere by it. What is run when the module is imported can be
        noticed by any other as well, by one that looks through a whole catalogue, say: the quickest. All take turns.
        """
        places = list(_uses(mutant.name)) if mutant.name else [(mutant.path, mutant.first, mutant.last)]
        found = {test for place in places for test in self._running(*place) if test in self.seconds}
        words = _words(mutant.path)
        named = {test: -len(words & _words(test.partition("::")[0])) for test in found}
        others = sorted(self.seconds.keys() - found, key=lambda test: (self.seconds[test], test)) if mutant.name else []
        turns = zip_longest(self._in_turns(named), self._in_turns(self._crowds(found, places)), others)
        return list(dict.fromkeys(test for turn in turns for test in turn if test))

    def _in_turns(self, ranks: Mapping[str, int]) -> list[str]:
        """Return tests by rank, the slow ones last; files take turns: the tests of one look at similar things."""
        turns: dict[str, int] = {}
        ordered: list[tuple[bool, int, int, float, str]] = []
        for test in sorted(ranks, key=lambda test: (ranks[test], self.seconds[test], test)):
            file, seconds = test.partition("::")[0], self.seconds[test]
            turns[file] = turns.get(file, 0) + 1
            ordered.append((seconds > SLOW, ranks[test], turns[file], seconds, test))
        return [test for *_, test in sorted(ordered)]

    def _crowds(self, found: set[str], places: Sequence[Place]) -> dict[str, int]:
        """Return for each test about how many run the line that the fewest do of those that it runs around `places`."""
        crowds = dict.fromkeys(found, len(found))
        for path, first, last in {_around(*place) for place in places}:
            for line, tests in self._lines(path).items():
                if first <= line <= last:
                    running = found & set(tests)
                    crowds |= {test: min(crowds[test], len(running)) for test in running}
        return {test: crowd.bit_length() for test, crowd in crowds.items()}

    def written_since(self) -> list[str]:
        """Return the test files that are new or other ones now: what they run isn't known."""
        names = {path.relative_to(ROOT).as_posix(): path for path in (ROOT / "tests").rglob("test_*.py")}
        return sorted(name for name, path in names.items() if self._digests.get(name) != digest(path))

    def knows(self, file: str) -> bool:
        """Return whether a test file was there when this was noted."""
        return file in self._digests

    def _running(self, path: str, first: int, last: int) -> set[str]:
        lines = self._lines(path)
        if self._digests.get(path) != digest(ROOT / path):  # the lines are others now
            first, last = 0, sys.maxsize
        return {test for line, tests in lines.items() if first <= line <= last for test in tests}

    def _lines_of(self, path: str) -> dict[int, list[str]]:
        return self._data.contexts_by_lineno(str(ROOT / path))


def _words(path: str) -> set[str]:
    return {word.removesuffix("s") for word in re.findall(r"[a-z]+", path)} - {"service", "test", "py", "core"}


def _around(path: str, first: int, last: int) -> Place:
    """Return the function that lines are in; the lines where they are in none."""
    inner = [(begin, end) for begin, end in _functions(path) if begin <= first and last <= end]
    return (path, *max(inner)) if inner else (path, first, last)


@cache
def _functions(path: str) -> list[tuple[int, int]]:
    nodes = ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8")))
    functions = [node for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return [(node.body[0].lineno, node.end_lineno or 0) for node in functions]


def _uses(name: str) -> Iterator[Place]:
    """Return the statements of functions in which a name of a module is used, through other such names as well."""
    names, waiting = {name}, [name]
    while waiting:
        wanted = waiting.pop()
        for used, path, line, last, target in _names():
            if used == wanted:
                if target is None:
                    yield path, line, last
                elif target not in names:
                    names.add(target)
                    waiting.append(target)


@cache
def _names() -> list[tuple[str, str, int, int, str | None]]:
    return [
        (used, path.relative_to(ROOT).as_posix(), line, last, target)
        for path in sorted((ROOT / "service").rglob("*.py"))
        for used, line, last, target in _in_body(ast.parse(path.read_text(encoding="utf-8")).body)
    ]


def _in_body(body: Sequence[ast.stmt]) -> Iterator[tuple[str, int, int, str | None]]:
    for statement in body:
        match statement:
            case ast.ClassDef():
                yield from _in_body(statement.body)
            case ast.Assign(targets=[ast.Name(id=target)]) | ast.AnnAssign(target=ast.Name(id=target)):
                for node in ast.walk(statement):
                    if isinstance(node, ast.Name | ast.Attribute) and (used := _name(node)) != target:
                        yield used, 0, 0, target
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                for node in ast.walk(statement):
                    if isinstance(node, ast.Name | ast.Attribute):
                        yield _name(node), node.lineno, node.end_lineno or node.lineno, None


def _name(node: ast.Name | ast.Attribute) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr
