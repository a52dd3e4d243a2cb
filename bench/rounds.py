"""The workloads, measured in interleaved rounds: A B C, C B A, and so on, so that a drift of the machine hits all."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from statistics import median

from bench import limits
from bench.generator import Outcome, Plan
from bench.machine import Usage
from bench.stage import Stage, limit_requests

WARM_UP_SECONDS = 0.4


@dataclass(frozen=True)
class Round:
    """One workload, measured once."""

    outcome: Outcome
    usage: Usage


@dataclass
class Workload:
    """Something to measure, and its rounds so far. `server` is one of the stage's, or None for the hash alone."""

    name: str
    title: str
    server: str | None
    requests: list[str]
    follow: bool = False
    rounds: list[Round] = field(default_factory=list)

    @property
    def counted(self) -> list[Round]:
        """The rounds that count: the undisturbed ones, all of them if there is none."""
        return [found for found in self.rounds if not found.usage.disturbed] or self.rounds

    @property
    def disturbed(self) -> int:
        """How many rounds were disturbed."""
        return sum(found.usage.disturbed for found in self.rounds)

    @property
    def failures(self) -> list[str]:
        """Every failure of every round."""
        return [failure for found in self.rounds for failure in found.outcome.failures]

    def median(self, value: Callable[[Round], float]) -> float:
        """Return the median of a value over the rounds that count."""
        return median(value(found) for found in self.counted)

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.median(lambda found: found.outcome.completed / found.outcome.seconds)

    def cores(self, name: str) -> float:
        """How many cores `name` (a field of Usage) kept busy."""
        return self.median(lambda found: found.usage.cores[name])

    def microseconds(self, name: str) -> float:
        """Processor time that `name` took for a request."""
        return self.median(lambda found: getattr(found.usage, name) / max(1, found.outcome.answers) * 1e6)


def workloads(stage: Stage, connections: int) -> list[Workload]:
    """Return what is measured: the limits and the service."""
    plain = limit_requests(connections)
    return [
        Workload("constant", "a constant answer", "constant", plain),
        Workload("redis-get", "one Redis GET", "redis", plain),
        Workload("postgres-read", "one PostgreSQL read", "postgres", plain),
        Workload("me", "GET /api/users/me", "service", stage.people.me),
        Workload("introspect", "POST /oauth/introspect", "service", stage.people.introspect),
        Workload("refresh", "POST /api/auth/refresh", "service", stage.people.refresh, follow=True),
        Workload("login", "POST /api/auth/login", "service", stage.people.login),
        Workload("argon2", "the password hash alone", None, []),
    ]


def measure(stage: Stage, found: list[Workload], *, seconds: float, rounds: int) -> Iterator[str]:
    """Play all rounds; yield what is measured next."""
    for workload in found:
        yield f"warming up: {workload.title}"
        _play(stage, workload, min(seconds, WARM_UP_SECONDS))
    for number in range(rounds):
        for workload in reversed(found) if number % 2 else found:
            yield f"round {number + 1} of {rounds}: {workload.title}"
            workload.rounds.append(_play(stage, workload, seconds))


def _play(stage: Stage, workload: Workload, seconds: float) -> Round:
    server = stage.servers[workload.server] if workload.server else None
    pid = server.pid if server else os.getpid()
    stage.meter.start(pid)
    if server:
        outcome = stage.generator.play(Plan(server.port, seconds, workload.requests, workload.follow))
        if workload.follow:
            workload.requests = outcome.requests  # each client goes on where its chain ended
    else:
        outcome = Outcome(**limits.hash_for(seconds), failures=[], requests=[])
    return Round(outcome, stage.meter.stop(pid))
