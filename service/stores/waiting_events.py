"""Security events that the database could not take: kept until it can, in the order in which they happened.

They are kept in Redis, which every process shares and which outlives ours; where that is away as well, in this process.
Both have a bound, for an outage may be long and its events many: what is beyond is lost, and counted. What anybody can
cause without an account, a log-in that fails for one, gets half of the room: nobody pushes the end of a session out.

    statistics:{events}:waiting    ZSET  an event as JSON, by when it happened (ms)
    statistics:{events}:lost       HASH  number since until

No key ends by itself, as no outage does. They hold what rows hold: never a password or a token.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, cast

from service.core.redis.client import RedisScripts
from service.core.redis.scripts import MUST_BE, Script
from service.errors import Unavailable
from service.settings import Settings

MOST: Final = 10_000
"""In Redis: 5 to 8 MB."""

MOST_HERE: Final = 1000
"""In this process."""

Where = Literal["redis", "memory"]

_CURE: Final = Script("cure_events", MUST_BE + "must_be(KEYS[1], 'zset')\nmust_be(KEYS[2], 'hash')")

# KEYS waiting, lost. ARGV how many there may be, when it happened, the event. Returns 1 where it is kept.
_KEEP: Final = Script(
    "events_keep",
    """
if redis.call('ZCARD', KEYS[1]) < tonumber(ARGV[1]) then
  redis.call('ZADD', KEYS[1], ARGV[2], ARGV[3])
  return 1
end
redis.call('HINCRBY', KEYS[2], 'number', 1)
local at, span = tonumber(ARGV[2]), redis.call('HMGET', KEYS[2], 'since', 'until')
if at < (tonumber(span[1] or nil) or math.huge) then redis.call('HSET', KEYS[2], 'since', ARGV[2]) end
if at > (tonumber(span[2] or nil) or 0) then redis.call('HSET', KEYS[2], 'until', ARGV[2]) end
return 0
""",
    _CURE,
)

# KEYS waiting, lost. ARGV how many to return. Returns how many there are, number, since and until of the lost, events.
_READ: Final = Script(
    "events_read",
    """
local lost = redis.call('HMGET', KEYS[2], 'number', 'since', 'until')
return {redis.call('ZCARD', KEYS[1]), lost[1] or '0', lost[2] or '0', lost[3] or '0',
        redis.call('ZRANGE', KEYS[1], 0, tonumber(ARGV[1]) - 1)}
""",
    _CURE,
)

# KEYS waiting, lost. ARGV the lost that are on record now, events that are.
_DONE: Final = Script(
    "events_done",
    """
if #ARGV > 1 then redis.call('ZREM', KEYS[1], unpack(ARGV, 2)) end
if ARGV[1] ~= '0' and redis.call('HGET', KEYS[2], 'number') == ARGV[1] then redis.call('UNLINK', KEYS[2]) end
return 1
""",
    _CURE,
)


@dataclass(frozen=True, slots=True)
class Lost:
    """How many events are gone for good, and when (ms) they had happened."""

    number: int = 0
    since: int = 0
    until: int = 0

    def __add__(self, other: Lost) -> Lost:
        """Return both together."""
        if not (self.number and other.number):
            return self if self.number else other
        return Lost(self.number + other.number, min(self.since, other.since), max(self.until, other.until))


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many events wait in Redis, the oldest of them, and what is lost."""

    number: int
    oldest: tuple[str, ...]
    lost: Lost


class WaitingEvents:
    """Keep, read, and forget. `here` are those of this process, with when they happened (ms), `lost_here` its lost."""

    def __init__(self, redis: RedisScripts, settings: Settings) -> None:
        self._redis = redis
        stem = f"{settings.REDIS_KEY_PREFIX}statistics:{{events}}:"
        self._keys = [f"{stem}waiting", f"{stem}lost"]
        self.here: list[tuple[int, str]] = []
        self.lost_here = Lost()

    async def keep(self, text: str, at: int, *, anybodys: bool) -> Where | None:
        """Keep an event that happened `at` (ms); return where, None where it is lost. `anybodys`: it needs no account.

        An event that is kept already isn't kept twice. Never raises.
        """
        try:
            return "redis" if await self.share(text, at, anybodys=anybodys) else None
        except Unavailable:
            return "memory" if self.set_aside(text, at, anybodys=anybodys) else None

    def set_aside(self, text: str, at: int, *, anybodys: bool) -> bool:
        """Keep an event in this process; return False where there was no room: it is lost."""
        if len(self.here) >= (MOST_HERE // 2 if anybodys else MOST_HERE):
            self.lose(Lost(1, at, at))
            return False
        self.here.append((at, text))
        return True

    async def share(self, text: str, at: int, *, anybodys: bool) -> bool:
        """Keep an event in Redis; return False where there was no room: it is lost. Raises `Unavailable`."""
        most = MOST // 2 if anybodys else MOST
        return await self._redis.run(_KEEP, self._keys, most, at, text) == 1

    async def read(self, most: int) -> Waiting:
        """Return what waits in Redis, at `most` so many of the oldest. Raises `Unavailable`."""
        reply = await self._redis.run(_READ, self._keys, most)
        number, lost, since, until, texts = cast("tuple[int, bytes, bytes, bytes, list[bytes]]", reply)
        oldest = tuple(text.decode(errors="replace") for text in texts)
        return Waiting(number, oldest, Lost(int(lost), int(float(since)), int(float(until))))

    async def done(self, texts: Sequence[str], lost: Lost) -> None:
        """Forget what is stored by now: events, and the tally where none was lost since. Raises `Unavailable`."""
        await self._redis.run(_DONE, self._keys, lost.number, *texts)

    def lose(self, lost: Lost) -> None:
        """Note that events are gone for good."""
        self.lost_here += lost
