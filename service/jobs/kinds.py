"""What a kind of work says of itself, and what it is told when it is done.

The rooms whose work it is say it, and features bring it (`Feature.jobs`).
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol, runtime_checkable

from service.core.sql.leases import MOST_ATTEMPTS
from service.runtime import Runtime

HANDS: Final = 4  # jobs that one worker does at a time
SHORTEST: Final = timedelta(minutes=1)
_NAME: Final = re.compile(r"[a-z][a-z0-9_.]{0,63}")  # as much as the column takes
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Turn:
    """One worker's turn at a job: what it knows, and when it has to make room for others."""

    payload: Mapping[str, str]
    over: Callable[[], bool]
    """Whether to stop at the next good place and say `Again`: the worker is to end, or has been at it for seconds."""

    def more(self, did: int) -> Again | None:
        """Say of work by batches that it goes on in another turn: where this one is over, and there was something."""
        return Again() if did and self.over() else None


@dataclass(frozen=True, slots=True)
class Again:
    """There is more to do, and nothing has failed: the job is due again `after` a while."""

    after: timedelta = timedelta()


Work = Callable[[Runtime, Turn], Awaitable[Again | None]]
"""Does a job. It may be done twice, and be cut off anywhere: then it must come out the same.

What it raises counts as a failed attempt. Its text is never logged or stored, for it may say what the job knows.
"""


@dataclass(frozen=True, slots=True)
class Schedule:
    """How often something is due, counted from midnight UTC, and how long after."""

    every: timedelta
    past: timedelta = timedelta()

    def __post_init__(self) -> None:
        """Raise ValueError for what no worker could keep to."""
        if self.every < SHORTEST or not timedelta() <= self.past < self.every:
            raise ValueError(f"a schedule is every {SHORTEST} or more seldom, and less than that `past` midnight")

    def next_after(self, moment: datetime) -> datetime:
        """Return when it is due next, after `moment`."""
        return moment + self.every - (moment - _EPOCH - self.past) % self.every


HOURLY: Final = Schedule(timedelta(hours=1))
DAILY: Final = Schedule(timedelta(days=1), past=timedelta(hours=3))  # in most places few are about


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of work. Its name is what operators see, and what its rows are found by: it doesn't change.

    `attempts` is after how many failed ones a job is dead; a repeated one then waits for its next run. `at_once` is how
    many of the kind one worker does at a time: fewer than it has hands, so that no kind can be in all others' way.
    """

    name: str
    work: Work
    schedule: Schedule | None = None
    attempts: int = MOST_ATTEMPTS
    at_once: int = 2

    def __post_init__(self) -> None:
        """Raise ValueError for what the queue has no room for."""
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"a kind of work can't be called {self.name!r}: use at most 64 of a-z, 0-9, _ and .")
        if self.attempts < 1 or not 1 <= self.at_once < HANDS:
            raise ValueError(f"{self.name} has one attempt at least, and goes 1 to {HANDS - 1} times at once")


def repeated(name: str, schedule: Schedule, work: Work) -> Kind:
    """Return a kind that a schedule repeats. It is tried for a while, and not into its next run."""
    return Kind(name, work, schedule, attempts=8 if schedule.every <= HOURLY.every else 12, at_once=1)


@runtime_checkable
class BringsJobs(Protocol):
    """A feature, as far as workers are concerned."""

    @property
    def jobs(self) -> tuple[Kind, ...]:
        """What they do for it."""


def kinds_of(runtime: Runtime) -> tuple[Kind, ...]:
    """Return the work that the features of a runtime have workers do."""
    return tuple(kind for feature in runtime.features if isinstance(feature, BringsJobs) for kind in feature.jobs)
