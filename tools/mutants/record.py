"""Which tests run which lines: noted once (`make mutants RECORD=1`), and kept in `.mutants/`."""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Literal

from coverage import CoverageData

from tools.mutants.mutant import Mutant

ROOT = Path(__file__).resolve().parents[2]
PLACE = ROOT / ".mutants"

Stores = Literal["embedded", "real"]
BOTH: tuple[Stores, ...] = ("embedded", "real")


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
        """Return the tests that run what is changed, those first that are likeliest to be about it."""
        places = list(_uses(mutant.name)) if mutant.name else [(mutant.path, mutant.first, mutant.last)]
        found = {test for place in places for test in self._running(*place) if test in self.seconds}
        words = _words(mutant.path)
        turns: dict[str, int] = {}
        ordered: list[tuple[int, int, str]] = []
        for test in sorted(found, key=lambda test: (self.seconds[test], test)):
            file = test.partition("::")[0]
            turns[file] = turns.get(file, 0) + 1  # the files take turns: the tests of one look at similar things
            ordered.append((-len(words & _words(file)), turns[file], test))
        return [test for _, _, test in sorted(ordered)]

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


def _uses(name: str) -> Iterator[tuple[str, int, int]]:
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
