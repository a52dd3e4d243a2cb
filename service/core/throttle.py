"""Throttles: budgets in Redis, shared by every instance, each step one atomic script (SECURITY.md R12, R13).

A *bucket* counts what was taken of one budget (`login` of one account, say). There are two kinds of budget. A *window*
(`Budget.wait_ms` 0) gives `quota` attempts, and again when the window is over. A *growing* one is for guesses: after
`quota` of them each costs a wait, twice as long as the last one up to `longest_ms`, and `ceiling` is the end.

An attempt is taken *before* the work it stands for, so that parallel ones can't all be the first; it is given back, or
the bucket forgotten, when the work shows that there was no guess.

    throttle:<budget>:<keyed hash of whom it is about>    HASH  taken opens_at ends_at

The key's name holds no address and no e-mail, and is outside of `user:{…}:*`, so revoking leaves it alone.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import cast

from service.core.clock import Clock
from service.core.redis import NOW, RedisScripts, Script
from service.core.secrets import derive_keys
from service.errors import RateLimited, Unavailable
from service.settings import Settings

LOCAL_BUCKETS = 10_000

# KEYS bucket. ARGV shift, quota, first wait ms, longest wait ms, ceiling, ms until it is forgotten.
# Returns {1, taken} or {0, taken, ms to wait}.
TAKE = Script(
    NOW
    + """
local quota, wait, longest, ceiling, keep = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]),
                                            tonumber(ARGV[6])
local raw = redis.call('HMGET', KEYS[1], 'taken', 'opens_at', 'ends_at')
local taken, opens_at, ends_at = tonumber(raw[1] or nil), tonumber(raw[2] or nil), tonumber(raw[3] or nil)
if not taken or not opens_at or not ends_at or now >= ends_at then taken, opens_at, ends_at = 0, 0, 0 end
if taken >= ceiling then return {0, taken, ends_at - now} end
if now < opens_at then return {0, taken, opens_at - now} end
taken = taken + 1
if wait > 0 then
  -- A guess is remembered the longer, the more there have been: coming back slowly is no way around.
  ends_at = now + taken * keep
  if taken >= quota then opens_at = now + math.min(wait * 2 ^ math.min(taken - quota, 40), longest) end
elseif taken == 1 then
  ends_at = now + keep
end
redis.call('HSET', KEYS[1], 'taken', text(taken), 'opens_at', text(opens_at), 'ends_at', text(ends_at))
redis.call('PEXPIRE', KEYS[1], text(ends_at - now))
return {1, taken}
"""
)

# KEYS bucket. ARGV shift. One attempt was none. It had found the bucket open, so it is open again.
GIVE_BACK = Script(
    """
local taken = tonumber(redis.call('HGET', KEYS[1], 'taken') or nil)
if not taken then return 0 end
if taken <= 1 then return redis.call('UNLINK', KEYS[1]) end
redis.call('HSET', KEYS[1], 'taken', taken - 1, 'opens_at', '0')
return 1
"""
)

# KEYS bucket.
FORGET = Script("return redis.call('UNLINK', KEYS[1])")


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
class Taken:
    """There was enough; `taken` of it is used now."""

    taken: int


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

    async def take(self, budget: Budget, subject: str) -> Taken | Refused:
        """Take one attempt of `subject`'s budget, or nothing when there is none. Raises `Unavailable`."""
        if not self._enabled:
            return Taken(0)
        reply = await self._redis.run(
            TAKE,
            [self.key(budget, subject)],
            self._clock.shift_ms,
            budget.quota,
            budget.wait_ms,
            budget.longest_ms,
            budget.most,
            budget.keep_ms,
        )
        granted, taken, *wait = (int(number) for number in cast("list[int]", reply))
        return Taken(taken) if granted else _refused(budget, taken, wait[0])

    async def take_or_emergency(self, budget: Budget, subject: str) -> Taken | Refused:
        """Do as `take`, but for a window, and while Redis is away from a budget of this process: never without any."""
        try:
            return await self.take(budget, subject)
        except Unavailable:
            return self._local.take(budget, self.key(budget, subject))

    async def give_back(self, budget: Budget, subject: str) -> None:
        """Give one attempt back: it was none. Raises `Unavailable`."""
        if self._enabled:
            await self._redis.run(GIVE_BACK, [self.key(budget, subject)], self._clock.shift_ms)

    async def forget(self, budget: Budget, subject: str) -> None:
        """Make `subject`'s budget whole again. Raises `Unavailable`."""
        if self._enabled:
            await self._redis.run(FORGET, [self.key(budget, subject)])

    def take_local(self, budget: Budget, subject: str) -> Taken | Refused:
        """Take from a window that this process keeps for itself: no round trip, and no sharing with other processes."""
        return self._local.take(budget, self.key(budget, subject)) if self._enabled else Taken(0)

    def look_local(self, budget: Budget, subject: str) -> Taken | Refused:
        """Say what `take_local` would, and take nothing."""
        return self._local.look(budget, self.key(budget, subject)) if self._enabled else Taken(0)

    def key(self, budget: Budget, subject: str) -> str:
        """Return the name of `subject`'s bucket."""
        hashed = hmac.digest(self._key, subject.encode("utf-8", "replace"), "sha256").hex()[:32]
        return f"{self._stem}{budget.name}:{hashed}"


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
