"""A mark in each store, written together every few minutes: where they are apart, one of them was set back.

Sessions are in Redis, and what may end them is in the database. Whoever sets one of the two back to an earlier state,
a restored backup or a Redis that has come up with an old snapshot, has the two say what was never true at one time.
The database's mark is when its job was last done; the one in Redis is a key of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, cast
from uuid import UUID

from service.core.clock import from_ms, to_ms
from service.core.redis.client import RedisScripts
from service.core.redis.scripts import Script
from service.settings import Settings

EVERY: Final = timedelta(minutes=5)
TOLERANCE: Final = timedelta(minutes=12)
"""For the database: a worker that is cut off between the two marks leaves Redis's ahead, once or twice."""

SLACK: Final = timedelta(minutes=2)
"""For Redis, whose mark is there before the job is done, within a minute: one that is behind was lost."""

KEPT: Final = timedelta(days=30)
_NONE: Final = "-"

_CURE: Final = Script("cure_mark", "redis.call('UNLINK', KEYS[1])")  # a mark is a string, and so is much else
# KEYS mark.
_READ: Final = Script("read_mark", "return redis.call('GET', KEYS[1])", _CURE)
# KEYS mark. ARGV what it says, ms to keep it.
_WRITE: Final = Script("write_mark", "redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) return 1", _CURE)


@dataclass(frozen=True, slots=True)
class Mark:
    """What Redis's mark says: when it was written, and the last restore that was finished on these stores.

    While it is being made up for that Redis was set back, `resume` is how far that has come.
    """

    at: datetime
    restore: UUID | None = None
    resume: datetime | None = None


@dataclass(frozen=True, slots=True)
class SetBack:
    """A store holds what it held at `since`, and the other is `by` so much ahead of it."""

    store: Literal["database", "redis"]
    since: datetime
    by: timedelta


class Marks:
    """Read and write the mark in Redis. Raises `Unavailable`."""

    def __init__(self, redis: RedisScripts, settings: Settings) -> None:
        self._redis = redis
        self.in_memory: Final = settings.REDIS_URL.startswith("memory:")  # each process has a mark of its own, or none
        self._key = f"{settings.REDIS_KEY_PREFIX}statistics:mark"

    async def read(self) -> Mark | None:
        """Return the mark; None where there is none: a new Redis, one that has lost everything, or another's key."""
        reply = cast("bytes | None", await self._redis.run(_READ, [self._key]))
        try:
            at, restore, resume = (reply or b"").decode(errors="replace").split(" ")
            return Mark(
                from_ms(int(at)),
                UUID(restore) if restore != _NONE else None,
                from_ms(int(resume)) if resume != _NONE else None,
            )
        except (ValueError, OverflowError):
            return None

    async def write(self, mark: Mark) -> None:
        """Put the mark into Redis in the place of the one before."""
        resume = to_ms(mark.resume) if mark.resume else _NONE
        text = f"{to_ms(mark.at)} {mark.restore or _NONE} {resume}"
        await self._redis.run(_WRITE, [self._key], text, KEPT // timedelta(milliseconds=1))


def set_back(in_redis: Mark | None, in_database: datetime | None) -> SetBack | None:
    """Return which store was set back, None where the marks agree or there are no two to be compared."""
    if in_redis is None or in_database is None:
        return None
    ahead = in_database - in_redis.at
    if ahead > SLACK:
        return SetBack("redis", in_redis.at, ahead)
    return SetBack("database", in_database, -ahead) if -ahead > TOLERANCE else None
