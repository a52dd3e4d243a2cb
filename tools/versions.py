"""The tests on other versions of the stores than the one that is taken first: `python -m tools.versions`.

`make test` runs everything on one PostgreSQL and one Redis. What asks the stores for something that another version may
answer differently runs on all others that are installed as well: the contract of the stores, the faults, the outages,
the races. `--all` runs the whole suite for real stores on each version instead.

Versions are paired, so that each has its turn and few runs do: the first of the others with one another; what is left
over of one kind runs beside the first of the other kind, and only what asks that kind.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final

from tests.servers.binaries import Found, every_postgres, every_redis, one_of_each_version

AT_ONCE: Final = 2  # with servers of their own; more would only stand in each other's way
EXAMPLES: Final = "20"  # of what hypothesis makes up, where the whole suite has 150 and more: the logic is the same

ASKS_POSTGRES: Final = (
    "tests/contract/test_one_time_tokens.py", "tests/contract/test_password_column.py",
    "tests/faults/test_postgres.py", "tests/outages/test_postgres.py", "tests/outages/test_poolers.py",
    "tests/outages/test_refused_upgrades.py", "tests/outages/test_whom_to_trust.py",
    "tests/users/test_known_users.py", "tests/users/test_many.py", "tests/admin/test_at_leisure.py",
    "tests/upgrade/test_locks.py",
)  # fmt: skip
ASKS_REDIS: Final = (
    "tests/contract/test_end_reasons.py", "tests/contract/test_pending.py", "tests/contract/test_permits.py",
    "tests/contract/test_session_store.py", "tests/contract/test_survey.py", "tests/contract/test_throttle.py",
    "tests/contract/test_rotation_model.py", "tests/contract/test_two_holders.py", "tests/contract/test_assurance.py",
    "tests/contract/test_sweep.py", "tests/contract/test_names.py", "tests/contract/test_second_factors.py",
    "tests/contract/test_bindings.py", "tests/contract/test_user_agents.py", "tests/sessions/test_memory.py",
    "tests/contract/test_doubted.py", "tests/contract/test_proof_uses.py", "tests/faults/test_redis.py",
    "tests/outages/test_redis.py",
    "tests/outages/test_sentinel_rights.py", "tests/outages/test_with_tls.py",
)  # fmt: skip
ASKS_EITHER: Final = ("tests/races/test_races.py",)
ASKS_BOTH: Final = (
    "tests/races/test_after_the_cure.py", "tests/restores/test_set_back.py", "tests/restores/test_backups.py",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Run:
    """A run of tests on one version of each."""

    postgres: Found
    redis: Found
    tests: tuple[str, ...]

    @property
    def name(self) -> str:
        """Which versions, for whoever reads."""
        named = ("PostgreSQL", self.postgres), ("Redis", self.redis)
        return ", ".join(f"{title} {found.version} ({found.source})" for title, found in named)


def runs(postgres: Sequence[Found], redis: Sequence[Found], *, everything: bool) -> list[Run]:
    """Return the runs that give each version its turn; without `everything` the first of both has had its."""
    if not (postgres and redis):
        return []
    if everything:
        return [Run(p or postgres[0], r or redis[0], ("tests",)) for p, r in zip_longest(postgres, redis)]
    others = zip_longest(postgres[1:], redis[1:])
    return [Run(p or postgres[0], r or redis[0], _that_ask(p, r)) for p, r in others]


def _that_ask(postgres: Found | None, redis: Found | None) -> tuple[str, ...]:
    of_both = ASKS_BOTH if postgres and redis else ()
    return (*(ASKS_POSTGRES if postgres else ()), *(ASKS_REDIS if redis else ()), *ASKS_EITHER, *of_both)


@dataclass(frozen=True, slots=True)
class Came:
    """What came of a run."""

    run: Run
    passed: bool
    seconds: float
    said: str

    @property
    def told(self) -> str:
        """A line for whoever reads."""
        return f"{'passed' if self.passed else 'FAILED'}: {self.run.name}, {self.seconds:.0f} s"


def play(run: Run, jobs: str, *, kept: bool) -> Came:
    """Run the tests of a run to their end; what they say is `kept` to be shown then, or shown as they say it."""
    if not kept:
        print(f"== {run.name}", flush=True)
    began = time.monotonic()
    environment = os.environ | {"LATCHKEY_TEST_PG": run.postgres.version, "LATCHKEY_TEST_REDIS": run.redis.version}
    examples = {} if run.tests == ("tests",) else {"EXAMPLES": EXAMPLES}
    command = [
        sys.executable,
        "-m",
        "pytest",
        "--stores=real",
        "-q",
        "-n",
        jobs,
        "--dist",
        "loadfile",
        "--no-loadscope-reorder",
    ]
    out = subprocess.PIPE if kept else None
    done = subprocess.run(  # noqa: S603
        [*command, *run.tests], env=environment | examples, stdout=out, stderr=subprocess.STDOUT, check=False
    )
    said = f"== {run.name}\n{done.stdout.decode(errors='replace')}" if kept else ""
    return Came(run, done.returncode == 0, time.monotonic() - began, said)


def main() -> int:
    """Run them; say which versions, how long, and what came of it.

    What asks a version waits for most of the time, so these runs go on at once, each shown when it is over.
    Whole suites are run one after the other.
    """
    parser = argparse.ArgumentParser(description="The tests on every version of the stores that is installed.")
    parser.add_argument("--all", action="store_true", help="the whole suite, on each version")
    parser.add_argument("--jobs", default="2", help="processes")
    given = parser.parse_args()
    planned = runs(one_of_each_version(every_postgres()), one_of_each_version(every_redis()), everything=given.all)
    came = []
    with ThreadPoolExecutor(1 if given.all else AT_ONCE) as pool:
        for one in pool.map(lambda run: play(run, given.jobs, kept=not given.all), planned):
            print(one.said, end="", flush=True)
            came.append(one)
    print("\n".join(one.told for one in came) or "No other versions of PostgreSQL or Redis are installed.")
    return int(not all(one.passed for one in came))


if __name__ == "__main__":
    sys.exit(main())
