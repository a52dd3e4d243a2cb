"""Ending, or counting, the sessions of all users that fit a description.

Every step looks at a few hundred keys, and then leaves Redis alone for longer than it took: whoever else needs Redis
hardly notices, however many keys there are. Nothing that runs meanwhile can bring an ended session back: no script but
the one of a log-in creates a session.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from time import perf_counter
from typing import Final, cast
from uuid import UUID

from service.core.redis import Script
from service.core.redis_nodes import nodes_of
from service.runtime import Runtime
from service.sessions.scripts import NOW, READ

REST: Final = 2.0  # how long to rest after a step, as a multiple of its own time

# KEYS sessions, in one slot. ARGV shift, idle ms, 'end' or 'count', created not after ms, ip or '', part of a user
# agent in lower case or ''. Returns the numbers (from 1) of the sessions that live and fit; with 'end' they are over.
SWEEP = Script(
    NOW
    + READ
    + """
local found = {}
for number, key in ipairs(KEYS) do
  local session = read(key)
  if session and now < ends_at(session, tonumber(ARGV[2])) and session.created_at <= tonumber(ARGV[4]) then
    local where = redis.call('HMGET', key, 'ip', 'user_agent')
    local agent = string.lower(where[2] or '')
    if (ARGV[5] == '' or where[1] == ARGV[5]) and (ARGV[6] == '' or string.find(agent, ARGV[6], 1, true)) then
      found[#found + 1] = number
      if ARGV[3] == 'end' then
        local stem, sid = string.match(key, '^(.*):session:([^:]*)$')
        redis.call('UNLINK', key)
        redis.call('ZREM', stem .. ':sessions', sid)
      end
    end
  end
end
return found
"""
)


@dataclass(frozen=True, slots=True)
class Criteria:
    """What sessions must be like; None asks nothing. `user_agent` is a part of it, in any case.

    `older_than` is counted from the log-in.
    """

    uid: UUID | None = None
    sid: UUID | None = None
    ip: str | None = None
    user_agent: str | None = None
    older_than: timedelta | None = None

    @property
    def everyone(self) -> bool:
        """Whether every session fits."""
        return self == Criteria()


@dataclass(frozen=True, slots=True)
class Step:
    """What one step did: about how many keys it looked at, `of` all, and which sessions fitted, with their owners."""

    looked_at: int
    of: int
    found: tuple[tuple[UUID, UUID], ...]


async def sweep(
    runtime: Runtime, criteria: Criteria, *, began: int, end: bool, keep: UUID | None = None
) -> AsyncIterator[Step]:
    """Go through all sessions of before `began` (ms, by Redis's clock), and `end` those that fit, all but `keep`.

    Raises `Unavailable`; what was ended until then is over.
    """
    nodes = await nodes_of(runtime.redis)
    of = sum([await node.size() for node in nodes])
    arguments = (
        runtime.clock.shift_ms,
        runtime.sessions.idle_ms,
        "end" if end else "count",
        began - (criteria.older_than or timedelta()) // timedelta(milliseconds=1),
        criteria.ip or "",
        (criteria.user_agent or "").lower(),
    )
    pattern = runtime.sessions.pattern(criteria.uid, criteria.sid)
    for node in nodes:
        started = perf_counter()
        async for looked_at, keys in node.scan(pattern):
            sought = [key for key in keys if keep is None or not key.endswith(f":{keep}")]
            found: list[tuple[UUID, UUID]] = []
            for group, reply in await node.run(SWEEP, sought, *arguments) if sought else ():
                found += [_ids(group[number - 1]) for number in cast("list[int]", reply)]
            yield Step(looked_at, of, tuple(found))
            await asyncio.sleep((perf_counter() - started) * REST)
            started = perf_counter()


def _ids(key: str) -> tuple[UUID, UUID]:
    """Return the owner and the id of the session of a key."""
    owner, _, sid = key.rpartition(":session:")
    return UUID(owner.rpartition("{")[2].rstrip("}")), UUID(sid)
