"""One mutant at a time, in a copy of the tree, before the tests that can notice it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from tools.mutants.forking import Runner, of_others
from tools.mutants.mutant import Mutant
from tools.mutants.record import ROOT, Record, Stores

FIRST_SECONDS = 25.0  # of tests, as they take without a mutant: most mutants are noticed by then
LEAST = 0.1  # seconds that a test costs, if only to be found
SLOWER = 4.0  # times as long as it was may a run take, and the time to start
START_SECONDS = 60.0
_NOTHING_TO_RUN = 5  # the tests have other names now
_FAILED = re.compile(r"^(?:FAILED|ERROR) ([\w/]+\.py.*?)(?: - .*)?$", re.MULTILINE)

Outcome = Literal["noticed", "timed out", "unnoticed", "unreached"]
SEEN: tuple[Outcome, ...] = ("noticed", "timed out")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a mutant; `by` is the test that noticed it, `tests` how many looked, `seconds` how long."""

    mutant: Mutant
    outcome: Outcome
    by: str
    tests: int
    seconds: float
    left_out: int = 0  # tests that could have looked, and for which there was no time


class Tree:
    """A copy of the project to change."""

    def __init__(self, root: Path, runner: Runner) -> None:
        """Take the copy's directory, and what runs pytest."""
        self.root = root
        self.runner = runner
        self._moment = time.time() - 1_000_000

    def write(self, path: str, content: bytes) -> None:
        """Write a file. Its time is one that no earlier one had: else Python could take what it compiled before."""
        self._moment += 10
        (self.root / path).write_bytes(content)
        os.utime(self.root / path, (self._moment, self._moment))

    @contextmanager
    def changed(self, mutant: Mutant) -> Iterator[None]:
        """Change the copy for a block."""
        source = (self.root / mutant.path).read_bytes()
        self.write(mutant.path, mutant.of(source))
        try:
            yield
        finally:
            self.write(mutant.path, source)

    def run(
        self, stores: Stores, tests: Sequence[str], files: Sequence[str], seconds: float
    ) -> tuple[bool | None, str]:
        """Run tests, or whole files of them, to the first that fails; return whether all passed, None out of time.

        And what the failing one is called. `seconds` is how long they take without a mutant.
        """
        names = self.root / ".mutants-tests"
        names.write_text(json.dumps(list(tests)), encoding="utf-8")
        log = self.root / ".mutants-log"
        arguments = [f"--stores={stores}", "-q", "-x", "-p", "no:cacheprovider"]
        if tests:
            arguments += ["-p", "tools.mutants.plugin", f"--mutants-tests={names}"]
        arguments += [f"--timeout={30 + SLOWER * seconds:.0f}"]
        arguments += sorted({test.partition("::")[0] for test in tests}) or list(files)
        code = self.runner.run(self.root, arguments, log, START_SECONDS + SLOWER * seconds)
        if code is None:
            return None, ""
        said = log.read_text(encoding="utf-8", errors="replace")
        found = _FAILED.search(said)
        return code in (0, _NOTHING_TO_RUN), found[1] if found else f"pytest, which ended with {code}"


@contextmanager
def copied() -> Iterator[Tree]:
    """Copy what git knows or would take in, as it is now, for a block."""
    with TemporaryDirectory(prefix="mutants-") as directory:
        root = Path(directory)
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607 - the developer's
            cwd=ROOT, capture_output=True, text=True, check=True,
        )  # fmt: skip
        for name in filter(None, listed.stdout.split("\0")):
            if (ROOT / name).is_file():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, root / name)
        (root / ".venv").symlink_to(ROOT / ".venv")
        with Runner(of_others(root)) as runner:
            yield Tree(root, runner)


def judge(tree: Tree, mutant: Mutant, records: Sequence[Record], patience: float) -> Verdict:
    """Run the tests that can notice `mutant` until one does: some first, then the rest, then on the other stores.

    `patience` is how many seconds of tests, as they take without a mutant, are enough of each.
    """
    begun, looked = time.monotonic(), 0
    with tree.changed(mutant):
        for record in records:
            for tests, files in _stages(record, mutant, patience):
                looked += len(tests)
                expected = sum(max(record.seconds[test], LEAST) for test in tests) or patience
                passed, by = tree.run(record.stores, tests, files, expected)
                if not passed:
                    outcome: Outcome = "timed out" if passed is None else "noticed"
                    return Verdict(mutant, outcome, by, looked, time.monotonic() - begun)
    left_out = sum(len(record.tests_for(mutant)) for record in records) - looked
    return Verdict(mutant, "unnoticed" if looked else "unreached", "", looked, time.monotonic() - begun, left_out)


def sound(tree: Tree, mutants: Sequence[Mutant], records: Sequence[Record]) -> None:
    """Raise RuntimeError when tests that are to notice mutants fail without one."""
    for record in records:
        tests = next((tests for mutant in mutants if (tests := record.tests_for(mutant))), [])[:10]
        passed, by = tree.run(record.stores, tests, [], FIRST_SECONDS) if tests else (True, "")
        if not passed:
            raise RuntimeError(f"Fails as things are, with --stores={record.stores}: {by}")


def _stages(record: Record, mutant: Mutant, patience: float) -> Iterator[tuple[list[str], list[str]]]:
    tests = record.tests_for(mutant)
    first = _worth(record, tests, FIRST_SECONDS)
    if first:
        yield first, []
    files = {test.partition("::")[0] for test in tests}
    if since := [file for file in record.written_since() if file in files or not record.knows(file)]:
        yield [], since
    if rest := _worth(record, tests[len(first) :], patience):
        yield rest, []


def _worth(record: Record, tests: Sequence[str], seconds: float) -> list[str]:
    found: list[str] = []
    for test in tests:
        seconds -= max(record.seconds[test], LEAST)
        if seconds < 0 and found:
            break
        found.append(test)
    return found
