"""Say how many of a sample of small mistakes the tests notice, and show the others."""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter
from collections.abc import Sequence
from functools import cache
from itertools import islice
from pathlib import Path

from tools.mutants import lua, python, record, trial
from tools.mutants.mutant import Mutant
from tools.mutants.trial import Verdict

# What a mistake would cost the most in: the door, credentials, sessions and their scripts, budgets, keys, events, mail.
SUBJECTS = (
    "service/signin", "service/credentials", "service/accounts", "service/sessions", "service/stores/sessions",
    "service/stores/throttle.py", "service/stores/throttle_scripts.py", "service/stores/keyring.py",
    "service/stores/access_tokens.py", "service/jwks", "service/audit", "service/core/windows.py", "service/letters",
    "service/mail_login",
)  # fmt: skip


def main(arguments: Sequence[str]) -> int:
    """Do what is asked for; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.mutants", description=__doc__)
    parser.add_argument("modules", nargs="*", help="files or folders of the service; file.py:10-20 for some lines only")
    parser.add_argument("--seed", type=int, default=1, help="another one, another sample")
    parser.add_argument("--number", type=int, default=40, help="how many; 0 for all")
    parser.add_argument("--patience", type=float, default=120, help="seconds of tests that are enough for one of them")
    parser.add_argument("--stores", choices=("both", *record.BOTH), default="both", help="which tests may look")
    parser.add_argument("--list", action="store_true", help="only say which they are")
    parser.add_argument("--record", action="store_true", help="first note which tests run what: twice the whole suite")
    parser.add_argument("--jobs", type=int, default=2, help="processes for that")
    given = parser.parse_args(arguments)
    if given.record:
        record.take([], given.jobs)
    mutants = sample(given.modules or SUBJECTS, given.seed, given.number)
    if given.list:
        print(*(mutant.title(_source(mutant)) for mutant in mutants), sep="\n")
        return 0
    verdicts: list[Verdict] = []
    records = [record.Record(stores) for stores in record.BOTH if given.stores in (stores, "both")]
    with trial.copied() as tree:
        trial.sound(tree, mutants, records)
        try:
            for mutant in mutants:
                verdicts.append(trial.judge(tree, mutant, records, given.patience))
                print(f"{len(verdicts)}/{len(mutants)} {_line(verdicts[-1])}", flush=True)
        except KeyboardInterrupt:
            print("Stopped.")
    print(summary(verdicts))
    return 0


def sample(modules: Sequence[str], seed: int, number: int) -> list[Mutant]:
    """Return some of the mutants of `modules`: with the same seed the same ones. All with a `number` of 0."""
    found = sorted({mutant for module in modules for mutant in _mutants(module)})
    random.Random(seed).shuffle(found)  # noqa: S311 - nobody is to be surprised
    good = (mutant for mutant in found if mutant.is_python(_source(mutant)))
    return sorted(islice(good, number or None))


def _mutants(module: str) -> list[Mutant]:
    name, _, lines = module.partition(":")
    place = record.ROOT / name
    if not place.exists():
        raise SystemExit(f"There is no {name}.")
    first, _, last = (lines or f"1-{sys.maxsize}").partition("-")
    return [
        mutant
        for path in (sorted(place.rglob("*.py")) if place.is_dir() else [place])
        for mutant in _of_file(path)
        if int(first) <= mutant.line <= int(last or first)
    ]


@cache
def _of_file(path: Path) -> list[Mutant]:
    source, name = path.read_bytes(), path.relative_to(record.ROOT).as_posix()
    return python.mutants_of(name, source) + lua.mutants_of(name, source)


def _source(mutant: Mutant) -> bytes:
    return (record.ROOT / mutant.path).read_bytes()


def _line(verdict: Verdict) -> str:
    by = f" by {verdict.by}" if verdict.by else f" by {verdict.tests} tests"
    return f"{verdict.outcome}{by} ({verdict.seconds:.0f} s): {verdict.mutant.title(_source(verdict.mutant))}"


def summary(verdicts: Sequence[Verdict]) -> str:
    """Return what came of it: the numbers, and each survivor as a diff, to be judged by a reader."""
    counts = Counter(verdict.outcome for verdict in verdicts)
    seen = sum(counts[outcome] for outcome in trial.SEEN)
    parts = [f"{seen} of {len(verdicts)} noticed ({counts['timed out']} of them by taking too long)."]
    for verdict in verdicts:
        if verdict.outcome not in trial.SEEN:
            rest = f"; no time for {verdict.left_out} others" if verdict.left_out else ""
            looked = f"{verdict.tests} tests looked{rest}" if verdict.tests else "no test runs it"
            parts.append(f"{_line(verdict)}\n{looked}\n{verdict.mutant.diff(_source(verdict.mutant))}")
    return "\n\n".join(parts)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
