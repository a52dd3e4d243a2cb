"""Budgets, what an attempt takes of them, and windows that one process counts for itself."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Final

from service.core.clock import Clock
from service.core.http.networks import networks_of
from service.errors import RateLimited

LOCAL_BUCKETS = 10_000
WIDER: Final = 10  # what all of a /48 may, for each that one /64 of it may


@dataclass(frozen=True, slots=True)
class Budget:
    """How much of something there is. `keep_ms` is a window's length, or how long one guess is remembered."""

    name: str
    quota: int
    keep_ms: int
    wait_ms: int = 0
    longest_ms: int = 0
    ceiling: int = 0

    @property
    def most(self) -> int:
        """How many can be taken before the bucket ends."""
        return self.ceiling if self.wait_ms else self.quota


@dataclass(frozen=True, slots=True)
class Charge:
    """What one attempt takes: one of `subject`'s budget, in which it is a `part` of what several share."""

    budget: Budget
    subject: str
    part: str = ""


@lru_cache(maxsize=4096)  # whoever calls once calls again
def by_network(budget: Budget, address: str) -> tuple[Charge, ...]:
    """Return what an attempt from `address` takes: one of its network's budget, and one of ten times that for the /48.

    Each budget of networks goes this way. The narrow one is first: what it refuses takes nothing of the neighbours'.
    """
    own, *around = networks_of(address)
    wider = replace(budget, quota=WIDER * budget.quota)
    return (Charge(budget, own), *(Charge(wider, network) for network in around))


@dataclass(frozen=True, slots=True)
class Taken:
    """There was enough; `taken` of it is used now. The rest is for giving it back."""

    taken: int
    charge: Charge | None = field(default=None, compare=False)
    mark: tuple[int, int, int] = field(default=(0, 0, 0), compare=False)


@dataclass(frozen=True, slots=True)
class Refused:
    """There was nothing left: again in `wait_ms`. Until then the policy is `quota` in `window_ms`."""

    budget: str
    quota: int
    window_ms: int
    wait_ms: int

    def error(self) -> RateLimited:
        """Return the answer."""
        return RateLimited(
            self.budget, quota=self.quota, window=_seconds(self.window_ms), retry_after=_seconds(self.wait_ms)
        )


class LocalWindows:
    """Windows in this process, at most 10,000. When all are in use, newcomers are refused: never open."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._windows: dict[str, tuple[int, float]] = {}

    def look(self, budget: Budget, key: str) -> Taken | Refused:
        """Say whether there is anything left."""
        taken, ends_at = self._window(budget, key)
        if taken >= budget.quota:
            return refusal(budget, taken, self._left(ends_at))
        return Taken(taken)

    def take(self, budget: Budget, key: str) -> Taken | Refused:
        """Take one, if there is any."""
        found = self.look(budget, key)
        if isinstance(found, Refused):
            return found
        if key not in self._windows and not self._make_room():
            return refusal(budget, budget.quota, budget.keep_ms)
        taken, ends_at = self._window(budget, key)
        self._windows[key] = (taken + 1, ends_at)
        return Taken(taken + 1)

    def _window(self, budget: Budget, key: str) -> tuple[int, float]:
        now = self._clock.timestamp()
        taken, ends_at = self._windows.get(key, (0, 0.0))
        return (taken, ends_at) if now < ends_at else (0, now + budget.keep_ms / 1000)

    def _left(self, ends_at: float) -> int:
        return max(1, int((ends_at - self._clock.timestamp()) * 1000))

    def _make_room(self) -> bool:
        if len(self._windows) >= LOCAL_BUCKETS:
            now = self._clock.timestamp()
            self._windows = {key: window for key, window in self._windows.items() if now < window[1]}
        return len(self._windows) < LOCAL_BUCKETS


def refusal(budget: Budget, taken: int, wait_ms: int) -> Refused:
    """Say when there is some again, `taken` being what was used up."""
    if not budget.wait_ms:
        return Refused(budget.name, budget.quota, budget.keep_ms, wait_ms)
    if taken >= budget.ceiling:
        return Refused(budget.name, budget.ceiling, taken * budget.keep_ms, wait_ms)
    # While it grows, the policy in force is one attempt for each wait.
    window = min(budget.wait_ms << min(max(taken - budget.quota, 0), 40), budget.longest_ms)
    return Refused(budget.name, 1, window, wait_ms)


def _seconds(milliseconds: int) -> int:
    return max(1, -(-milliseconds // 1000))
