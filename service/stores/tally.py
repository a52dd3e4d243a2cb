"""Counts for the administrators' charts, kept in memory until they are written, about once a minute.

On a request's path there is nothing but an increment or a set's add. What is here when a process is killed is lost:
the charts are a picture, the security events are the record.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args
from uuid import UUID

from service.core.clock import Clock
from service.core.telemetry import metrics

HOUR = 3600

Outcome = Literal["rotated", "replayed", "reused", "unproven", "expired", "revoked"]
Slot = tuple[int, str]
"""An hour (its number since 1970, UTC) and the name of a series."""


@dataclass(slots=True)
class Taken:
    """What has been counted since the last time: how often, and which sessions were seen in which hour."""

    counts: Counter[Slot] = field(default_factory=Counter)
    sessions: dict[int, set[int]] = field(default_factory=dict)  # by the numbers that their ids are

    def __bool__(self) -> bool:
        """Whether there is anything to write."""
        return bool(self.counts or self.sessions)


class Tally:
    """Count log-ins and refreshes, for Prometheus and for the charts, and remember who was there."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._taken = Taken()
        self._refreshes = {outcome: metrics.refreshes.labels(outcome) for outcome in get_args(Outcome)}

    def login(self, result: str, method: str = "") -> None:
        """Count a log-in: `succeeded`, and what it began with; or why it failed."""
        metrics.logins.labels(result, method).inc()
        self._count("login.succeeded" if result == "succeeded" else "login.failed")

    def refresh(self, outcome: Outcome) -> None:
        """Count a refresh with a token that this service issued."""
        self._refreshes[outcome].inc()
        self._count(f"refresh.{outcome}")

    def seen(self, sid: UUID) -> None:
        """Remember that a session was used in this hour."""
        hour = int(self._clock.timestamp()) // HOUR
        try:
            self._taken.sessions[hour].add(sid.int)
        except KeyError:
            self._taken.sessions[hour] = {sid.int}

    def take(self) -> Taken:
        """Return what was counted since the last time, and start anew."""
        taken, self._taken = self._taken, Taken()
        return taken

    def give_back(self, taken: Taken) -> None:
        """Keep for the next time what could not be written."""
        self._taken.counts.update(taken.counts)
        self._keep_sessions(taken.sessions)

    def _keep_sessions(self, sessions: Mapping[int, set[int]]) -> None:
        for hour, sids in sessions.items():
            self._taken.sessions.setdefault(hour, set()).update(sids)

    def _count(self, name: str) -> None:
        self._taken.counts[self._hour(), name] += 1

    def _hour(self) -> int:
        return int(self._clock.timestamp()) // HOUR
