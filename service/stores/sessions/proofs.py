"""How a session stands while it changes something, and the proofs that its user is there.

With FRESH_SESSION_MINUTES=0 no log-in and no while counts: each time the password is given makes one proof, for one
call. `spend` is the one atomic step that decides which call gets it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, cast
from uuid import UUID

from service.core.clock import Clock
from service.core.redis.client import RedisScripts
from service.stores.sessions import scripts

PROOF_LIFE: Final = timedelta(minutes=2)
MOST_PROOFS: Final = 10  # of one session; one more takes the place of the oldest


@dataclass(frozen=True, slots=True)
class Standing:
    """A living session as it is now; `proven` says whether a proof is left. Times are milliseconds."""

    now: int
    valid_from: int
    auth_at: int
    proven: bool


class Proofs:
    """The part of the session store that changes look at. All methods raise `Unavailable` when Redis is away."""

    def __init__(
        self, redis: RedisScripts, clock: Clock, idle_ms: int, keys: Callable[[UUID, UUID], list[str]]
    ) -> None:
        """`keys` names a session's keys, its own the first."""
        self._redis = redis
        self._clock = clock
        self._idle = idle_ms
        self._keys = keys

    async def standing(self, uid: UUID, sid: UUID) -> Standing | None:
        """Return how the session stands, None when it is over. It counts as no use of it."""
        reply = await self._redis.run(scripts.LOOK, self._key(uid, sid), self._clock.shift_ms, self._idle)
        if reply is None:
            return None
        now, valid_from, auth_at, proofs = (int(number) for number in cast("list[bytes]", reply))
        return Standing(now, valid_from, auth_at, proofs > 0)

    async def add(self, uid: UUID, sid: UUID) -> bool:
        """Note that the password was given, for one call in the next `PROOF_LIFE`. False when the session is over."""
        life = PROOF_LIFE // timedelta(milliseconds=1)
        return await self._redis.run(scripts.PROVE, self._key(uid, sid), self._clock.shift_ms, life, MOST_PROOFS) == 1

    async def spend(self, uid: UUID, sid: UUID) -> bool:
        """Use a proof up. False when there is none: of many calls at once, as many get one as there are."""
        return await self._redis.run(scripts.SPEND_PROOF, self._key(uid, sid), self._clock.shift_ms) == 1

    def _key(self, uid: UUID, sid: UUID) -> list[str]:
        return self._keys(uid, sid)[:1]
