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
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final

from tests.servers.binaries import Found, every_postgres, every_redis, one_of_each_version

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
    "tests/contract/test_user_agents.py", "tests/sessions/test_memory.py", "tests/faults/test_redis.py",
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


def _passed(run: Run, jobs: str) -> bool:
    environment = os.environ | {"LATCHKEY_TEST_PG": run.postgres.version, "LATCHKEY_TEST_REDIS": run.redis.version}
    examples = {} if run.tests == ("tests",) else {"EXAMPLES": EXAMPLES}
    command = [sys.executable, "-m", "pytest", "--stores=real", "-q", "-n", jobs, "--dist", "loadfile"]
    return subprocess.run([*command, *run.tests], env=environment | examples, check=False).returncode == 0  # noqa: S603


def main() -> int:
    """Run them one after the other; say which versions, how long, and what came of it."""
    parser = argparse.ArgumentParser(description="The tests on every version of the stores that is installed.")
    parser.add_argument("--all", action="store_true", help="the whole suite, on each version")
    parser.add_argument("--jobs", default="2", help="processes")
    given = parser.parse_args()
    planned = runs(one_of_each_version(every_postgres()), one_of_each_version(every_redis()), everything=given.all)
    told = []
    for run in planned:
        print(f"== {run.name}", flush=True)
        began = time.monotonic()
        passed = _passed(run, given.jobs)
        told.append((passed, f"{'passed' if passed else 'FAILED'}: {run.name}, {time.monotonic() - began:.0f} s"))
    print("\n".join(line for _, line in told) or "No other versions of PostgreSQL or Redis are installed.")
    return int(not all(passed for passed, _ in told))


if __name__ == "__main__":
    sys.exit(main())
