"""How many different sessions were there in an hour, over all processes: a HyperLogLog in Redis, right within 1 %."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from service.core.redis.client import RedisScripts
from service.core.redis.scripts import Script
from service.settings import Settings

_KEPT_SECONDS: Final = 2 * 24 * 3600
_AT_ONCE: Final = 1000  # Lua takes some thousands of arguments

# KEYS a HyperLogLog, of 12 kB. ARGV seconds, sids.
_SEEN = Script(
    "seen",
    """
redis.call('PFADD', KEYS[1], unpack(ARGV, 2))
redis.call('EXPIRE', KEYS[1], ARGV[1])
return redis.call('PFCOUNT', KEYS[1])
""",
    Script("cure_seen", "redis.call('UNLINK', KEYS[1])"),  # a sketch is a string, and so is much else
)


class Attendance:
    """Note who was there, and count."""

    def __init__(self, redis: RedisScripts, settings: Settings) -> None:
        self._redis = redis
        self._prefix = settings.REDIS_KEY_PREFIX

    async def note(self, hour: int, sids: Iterable[int]) -> int:
        """Note sessions that were used in an hour (its number since 1970); return how many it has had by now.

        They are given by the numbers that their ids are.

        Noting one again changes nothing. Raises `Unavailable`.
        """
        waiting, count = [str(UUID(int=sid)) for sid in sids], 0
        while waiting:
            now, waiting = waiting[:_AT_ONCE], waiting[_AT_ONCE:]
            reply = await self._redis.run(_SEEN, [f"{self._prefix}statistics:sessions:{hour}"], _KEPT_SECONDS, *now)
            count = reply if isinstance(reply, int) else 0
        return count
