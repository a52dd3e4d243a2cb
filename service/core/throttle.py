"""Throttles: budgets in Redis, shared by every instance, each step one atomic script (SECURITY.md R12, R13).

A *bucket* counts what was taken of one budget (`login` of one account, say). There are two kinds of budget. A *window*
(`Budget.wait_ms` 0) gives `quota` attempts, and again when the window is over. A *growing* one is for guesses: after
`quota` of them each costs a wait, twice as long as the last one up to `longest_ms`, and `ceiling` is the end.

An attempt is taken *before* the work it stands for, so that parallel ones can't all be the first; it is given back when
the work shows that there was no guess. Where several share a bucket each has a *part* of it: all of it counts for all,
and whoever is done with guessing takes out their own part, and nobody else's (R75).

    throttle:<budget>:<keyed hash of whom it is about>    HASH  taken opens_at ends_at [of:<keyed hash of a part>]...

A part below zero has that many attempts in advance.

The key's name holds no address and no e-mail, and is outside of `user:{…}:*`, so revoking leaves it alone.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final, cast

from service.core.clock import Clock
from service.core.networks import networks_of
from service.core.redis import RedisScripts
from service.core.secrets import derive_keys
from service.core.throttle_scripts import FORGET, GIVE_BACK, PARDON, TAKE
from service.errors import RateLimited, Unavailable
from service.settings import Settings

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


class Throttle:
    """Takes from budgets. `RATE_LIMITS_ENABLED=false` makes every budget endless."""

    def __init__(self, redis: RedisScripts, settings: Settings, clock: Clock) -> None:
        self._redis = redis
        self._clock = clock
        self._enabled = settings.RATE_LIMITS_ENABLED
        self._stem = f"{settings.REDIS_KEY_PREFIX}throttle:"
        self._key = derive_keys(settings.secrets, "throttle")[0]
        self._local = LocalWindows(clock)

    async def take(self, budget: Budget, subject: str, part: str = "") -> Taken | Refused:
        """Take one attempt of `subject`'s budget, or nothing when there is none. Raises `Unavailable`."""
        if not self._enabled:
            return Taken(0)
        reply = await self._redis.run(
            TAKE,
            [self.key(budget, subject)],
            self._clock.shift_ms,
            self._hashed(part),
            budget.quota,
            budget.wait_ms,
            budget.longest_ms,
            budget.most,
            budget.keep_ms,
        )
        granted, taken, *rest = (int(number) for number in cast("list[int]", reply))
        if not granted:
            return _refused(budget, taken, rest[0])
        return Taken(taken, Charge(budget, subject, part), (rest[0], rest[1], rest[2]))

    async def take_all(self, charges: Sequence[Charge]) -> tuple[Taken, ...] | Refused:
        """Take of each, or of none: what the first one refuses leaves the others as they were. Raises `Unavailable`."""
        taken: list[Taken] = []
        for charge in charges:
            found = await self.take(charge.budget, charge.subject, charge.part)
            if isinstance(found, Refused):
                for earlier in taken:
                    await self.give_back(earlier)
                return found
            taken.append(found)
        return tuple(taken)

    async def take_or_emergency(self, *charges: Charge) -> Taken | Refused:
        """Do as `take_all` with windows; while Redis is away, with budgets of this process: never without any."""
        try:
            found = await self.take_all(charges)
        except Unavailable:
            return self.take_local(*charges)
        return found if isinstance(found, Refused) else found[0]

    async def give_back(self, taken: Taken) -> None:
        """Give one attempt back: it was none. Raises `Unavailable`."""
        await self._give_back(taken, over=False)

    async def was_right(self, taken: Taken) -> None:
        """The guess was right, so it was none, and the row of wrong ones is over.

        Of a budget that others share only one's own part is; of a window only this one attempt. Raises `Unavailable`.
        """
        if taken.charge is None or taken.charge.part or not taken.charge.budget.wait_ms:
            await self._give_back(taken, over=taken.charge is not None and taken.charge.part != "")
        else:
            await self.forget(taken.charge.budget, taken.charge.subject)

    async def pardon(self, budget: Budget, subject: str, part: str) -> None:
        """Take a part out of the bucket that it shares, and let its next attempts pass, whatever the others have used.

        There are as many of these as the ceiling: what others use up is never in this part's way again. Whoever
        pardons counts the attempts elsewhere, too. Raises `Unavailable`.
        """
        if self._enabled:
            key = self.key(budget, subject)
            await self._redis.run(PARDON, [key], self._clock.shift_ms, self._hashed(part), budget.quota, budget.most)

    async def forget(self, budget: Budget, subject: str) -> None:
        """Make `subject`'s budget whole again. Raises `Unavailable`."""
        if self._enabled:
            await self._redis.run(FORGET, [self.key(budget, subject)])

    def take_local(self, *charges: Charge) -> Taken | Refused:
        """Take from windows that this process keeps for itself: no round trip, and no sharing with other processes."""
        found = self.look_local(*charges)
        for charge in charges if self._enabled and isinstance(found, Taken) else ():
            found = self._local.take(charge.budget, self.key(charge.budget, charge.subject))
            if isinstance(found, Refused):
                break
        return found

    def look_local(self, *charges: Charge) -> Taken | Refused:
        """Say what `take_local` would, and take nothing."""
        found: Taken | Refused = Taken(0)
        for charge in charges if self._enabled else ():
            found = self._local.look(charge.budget, self.key(charge.budget, charge.subject))
            if isinstance(found, Refused):
                break
        return found

    async def _give_back(self, taken: Taken, *, over: bool) -> None:
        if self._enabled and taken.charge is not None:
            budget, subject, part = taken.charge.budget, taken.charge.subject, self._hashed(taken.charge.part)
            await self._redis.run(
                GIVE_BACK,
                [self.key(budget, subject)],
                self._clock.shift_ms,
                part,
                budget.quota,
                budget.wait_ms,
                *taken.mark,
                "1" if over else "0",
                budget.most,
            )

    def key(self, budget: Budget, subject: str) -> str:
        """Return the name of `subject`'s bucket."""
        return f"{self._stem}{budget.name}:{self._hashed(subject)}"

    def _hashed(self, text: str) -> str:
        return text and hmac.digest(self._key, text.encode("utf-8", "replace"), "sha256").hex()[:32]


class LocalWindows:
    """Windows in this process, at most 10,000. When all are in use, newcomers are refused: never open."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._windows: dict[str, tuple[int, float]] = {}

    def look(self, budget: Budget, key: str) -> Taken | Refused:
        """Say whether there is anything left."""
        taken, ends_at = self._window(budget, key)
        if taken >= budget.quota:
            return _refused(budget, taken, self._left(ends_at))
        return Taken(taken)

    def take(self, budget: Budget, key: str) -> Taken | Refused:
        """Take one, if there is any."""
        found = self.look(budget, key)
        if isinstance(found, Refused):
            return found
        if key not in self._windows and not self._make_room():
            return _refused(budget, budget.quota, budget.keep_ms)
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


def _refused(budget: Budget, taken: int, wait_ms: int) -> Refused:
    if not budget.wait_ms:
        return Refused(budget.name, budget.quota, budget.keep_ms, wait_ms)
    if taken >= budget.ceiling:
        return Refused(budget.name, budget.ceiling, taken * budget.keep_ms, wait_ms)
    # While it grows, the policy in force is one attempt for each wait.
    window = min(budget.wait_ms << min(max(taken - budget.quota, 0), 40), budget.longest_ms)
    return Refused(budget.name, 1, window, wait_ms)


def _seconds(milliseconds: int) -> int:
    return max(1, -(-milliseconds // 1000))
