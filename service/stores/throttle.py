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
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import cast

from service.core.clock import Clock
from service.core.crypto.derivation import derive_keys
from service.core.redis.client import RedisScripts
from service.core.redis.sweep import literally, scan_hashes
from service.core.windows import Budget, Charge, LocalWindows, Refused, Taken, refusal
from service.errors import Unavailable
from service.settings import Settings
from service.stores.throttle_scripts import FORGET, GIVE_BACK, LOOK, PARDON, TAKE


@dataclass(frozen=True, slots=True)
class Bucket:
    """What is in a bucket: how much is `taken`, and when (ms, by Redis's clock) it opens again and is forgotten."""

    key: str
    budget: str
    taken: int
    opens_at: int
    ends_at: int


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
            return refusal(budget, taken, rest[0])
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

    async def clear(self, taken: Taken) -> None:
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

    async def look(self, budget: Budget, subject: str) -> Bucket | None:
        """Return what is in `subject`'s bucket, None where nothing is; take nothing. Raises `Unavailable`."""
        key = self.key(budget, subject)
        taken, opens_at, ends_at = cast(
            "tuple[int, bytes, bytes]", await self._redis.run(LOOK, [key], self._clock.shift_ms, "")
        )
        return Bucket(key, budget.name, taken, int(opens_at), int(ends_at)) if int(ends_at) else None

    async def buckets(self) -> AsyncIterator[list[Bucket]]:
        """Yield every bucket there is, some at a time. One may come twice. Raises `Unavailable`."""
        now, first = self._clock.timestamp() * 1000, len(self._stem)
        async for batch in scan_hashes(self._redis, f"{literally(self._stem)}*", ("taken", "opens_at", "ends_at")):
            found = [(key, [int(value) for value in values if value and value.isdigit()]) for key, values in batch]
            yield [
                Bucket(key, key[first:].partition(":")[0], *numbers)
                for key, numbers in found
                if len(numbers) == 3 and numbers[2] > now
            ]

    async def forget_bucket(self, key: str) -> int:
        """Make the budget whole again whose bucket has this name; return 1, or 0 where there was none.

        Raises `Unavailable`.
        """
        return int(cast(int, await self._redis.run(FORGET, [key])))

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
