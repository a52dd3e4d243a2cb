"""Ending many sessions at once, with a receipt: what was ended, and the proof that none of it is left (R31).

Redis goes on serving meanwhile: keys are scanned in small steps, sessions are ended a few at a time. A refresh that
races with it brings nothing back. Only sessions that existed at the start are meant: who logs in meanwhile stays.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from tortoise.expressions import Q

from models import User
from service.audit import events
from service.core.clock import from_ms
from service.core.sweep import literally, scan_hashes
from service.directory import endings
from service.runtime import Runtime

AT_ONCE = 8
_NOBODY = UUID(int=0)
_KEY = re.compile(r"user:\{([0-9a-f-]{36})\}:session:([0-9a-f-]{36})$")

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which sessions: all that fit every given member. `user_agent` is a part of it, whatever the case."""

    user_id: UUID | None = None
    session_id: UUID | None = None
    keep: UUID | None = None
    ip: str | None = None
    user_agent: str | None = None
    older_than: timedelta | None = None

    @property
    def way(self) -> str:
        """How they were chosen, for the record."""
        names = {
            "user": self.user_id,
            "session": self.session_id,
            "all but one": self.keep,
            "ip": self.ip,
            "user agent": self.user_agent,
            "age": self.older_than,
        }
        return ", ".join(name for name, value in names.items() if value is not None) or "all"

    @property
    def whole_user(self) -> bool:
        """Whether all sessions of a user are meant, or all but one: then the database can back the deletion up."""
        return self.user_id is not None and self == Wanted(user_id=self.user_id, keep=self.keep)

    @property
    def everyone(self) -> bool:
        """Whether all sessions of the service are meant."""
        return self == Wanted()


@dataclass(frozen=True, slots=True)
class Counted:
    """How many sessions, of how many users."""

    sessions: int
    users: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was ended, and how many of the same were still there afterwards: zero."""

    ended: int
    users: int
    left: int


async def count(runtime: Runtime, wanted: Wanted, progress: Progress = lambda _: None) -> Counted:
    """Count the sessions that would be ended."""
    before = await runtime.sessions.now(_NOBODY)
    users: Counter[UUID] = Counter()
    async for batch in _matching(runtime, wanted, before, progress):
        users.update(uid for uid, _ in batch)
    return Counted(users.total(), len(users))


async def revoke(runtime: Runtime, wanted: Wanted, progress: Progress = lambda _: None) -> Receipt:
    """End the sessions, record it for each user, and look whether any is left.

    Where all sessions of a user, or of the service, are meant, the cut-off is moved first, so that not even a Redis
    that loses its last writes brings one back.
    """
    before = await runtime.sessions.now(_NOBODY)
    await _cut_off(runtime, wanted, before)
    ended: Counter[UUID] = Counter()
    free = asyncio.Semaphore(AT_ONCE)

    async def end(uid: UUID, sid: UUID) -> None:
        async with free:
            gone = await runtime.sessions.end(uid, sid)  # first: others count meanwhile
        ended[uid] += gone

    async for batch in _matching(runtime, wanted, before, progress):
        await asyncio.gather(*(end(uid, sid) for uid, sid in batch))
    users = {uid: number for uid, number in ended.items() if number}
    await events.record_for(runtime, events.SESSIONS_REVOKED, users, way=wanted.way)
    left = 0
    async for batch in _matching(runtime, wanted, before, progress):
        left += len(batch)
    return Receipt(sum(users.values()), len(users), left)


async def _cut_off(runtime: Runtime, wanted: Wanted, before: int) -> None:
    if wanted.everyone:
        moment = from_ms(before + 1)
        earlier = Q(sessions_valid_after__isnull=True) | Q(sessions_valid_after__lt=moment)
        await User.filter(earlier).update(sessions_valid_after=moment)
    elif wanted.whole_user and wanted.user_id is not None:
        # By the clock of the user's own node, and past the session that is kept.
        own = await runtime.sessions.now(wanted.user_id) + 1
        kept = await runtime.sessions.keep(wanted.user_id, wanted.keep) if wanted.keep else own
        if kept is not None:
            await endings.set_cut_off(wanted.user_id, kept)


async def _matching(
    runtime: Runtime, wanted: Wanted, before: int, progress: Progress
) -> AsyncIterator[list[tuple[UUID, UUID]]]:
    prefix = literally(runtime.settings.REDIS_KEY_PREFIX)
    user, session = wanted.user_id or "*", wanted.session_id or "*"
    pattern = f"{prefix}user:{{{user}}}:session:{session}"
    latest = before - wanted.older_than // timedelta(milliseconds=1) if wanted.older_than else before
    seen: set[UUID] = set()
    async for batch in scan_hashes(runtime.redis, pattern, ("created_at", "ip", "user_agent")):
        found = []
        for key, (created_at, ip, user_agent) in batch:
            name = _KEY.search(key)
            if name is None or created_at is None or int(created_at) > latest:
                continue
            uid, sid = UUID(name[1]), UUID(name[2])
            if sid not in seen and sid != wanted.keep and _fits(wanted, ip or b"", user_agent or b""):
                seen.add(sid)
                found.append((uid, sid))
        progress(len(batch))
        if found:
            yield found


def _fits(wanted: Wanted, ip: bytes, user_agent: bytes) -> bool:
    if wanted.ip is not None and ip.decode(errors="replace") != wanted.ip:
        return False
    text = user_agent.decode(errors="replace").casefold()
    return wanted.user_agent is None or wanted.user_agent.casefold() in text
