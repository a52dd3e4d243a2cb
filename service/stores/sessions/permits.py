"""How a session stands while it changes something, and the permits for single calls.

With FRESH_SESSION_MINUTES=0 no log-in and no while counts: each time the user proves to be there makes one permit, for
one call. `spend` is the one atomic step that decides which call gets it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final, cast
from uuid import UUID

from service.core.clock import Clock
from service.core.redis.client import RedisScripts
from service.stores.sessions import scripts
from service.stores.sessions.assurance import Assurance, read_assurance
from service.stores.sessions.layout import Layout, ms

PERMIT_LIFE: Final = timedelta(minutes=2)
MOST_PERMITS: Final = 10  # of one session and level; one more takes the place of the oldest


@dataclass(frozen=True, slots=True)
class Standing:
    """A living session as it is now; `permitted` is the level of the best permit that is left, 0 without any.

    Times are milliseconds; `factor_at` is when a second factor was last shown, 0 for never.
    """

    now: int
    valid_from: int
    auth_at: int
    factor_at: int
    permitted: int
    assurance: Assurance


class Permits:
    """The part of the session store that changes look at. All methods raise `Unavailable` when Redis is away."""

    def __init__(self, redis: RedisScripts, clock: Clock, layout: Layout) -> None:
        self._redis = redis
        self._clock = clock
        self._layout = layout

    async def standing(self, uid: UUID, sid: UUID) -> Standing | None:
        """Return how the session stands, None when it is over. It counts as no use of it."""
        reply = await self._redis.run(scripts.LOOK, self._key(uid, sid), self._clock.shift_ms, self._layout.idle)
        if reply is None:
            return None
        now, valid_from, auth_at, factor_at, permitted, *shown = cast("list[bytes]", reply)
        return Standing(int(now), int(valid_from), int(auth_at), int(factor_at), int(permitted), read_assurance(*shown))

    async def add(self, uid: UUID, sid: UUID, level: int = 1) -> bool:
        """Permit one call in the next `PERMIT_LIFE` that asks for `level` or less. False when the session is over.

        Only `service.signin` calls it, when the user has proven to be there.
        """
        limits = ms(PERMIT_LIFE), MOST_PERMITS
        return await self._redis.run(scripts.PERMIT, self._key(uid, sid), self._clock.shift_ms, level, *limits) == 1

    async def spend(self, uid: UUID, sid: UUID, level: int = 1) -> bool:
        """Use a permit up, the least that will do. False when there is none: of many calls, as many get one as are."""
        return await self._redis.run(scripts.SPEND_PERMIT, self._key(uid, sid), self._clock.shift_ms, level) == 1

    def _key(self, uid: UUID, sid: UUID) -> list[str]:
        return self._layout.keys(uid, sid)[:1]
