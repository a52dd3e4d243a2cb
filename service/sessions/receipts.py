"""Ending many sessions at once, with a receipt: what was ended, and the proof that none of it is left (R31).

Redis goes on serving meanwhile: keys are scanned in small steps, sessions are ended a few at a time. A refresh that
races with it brings nothing back. Only sessions that existed at the start are meant: who logs in meanwhile stays.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import perf_counter
from uuid import UUID

from tortoise.exceptions import IntegrityError
from tortoise.expressions import Q

from models import User
from service.audit import events
from service.core.clock import from_ms
from service.core.redis.sweep import literally, scan_hashes
from service.core.sql.transactions import transaction
from service.errors import Unavailable
from service.errors.end_reasons import EndReason
from service.letters import onetime
from service.runtime import Runtime
from service.sessions import endings

AT_ONCE = 8
USERS_AT_ONCE = 1000
REST = 2.0  # after each step, as a multiple of its own time
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
    """What was ended, and how many of the same were still there afterwards: zero.

    `left` is None when Redis went away before that was known: what was ended is over, and it has to be run again.
    `unrecorded` are ended sessions whose event the database could not take.
    """

    ended: int
    users: int
    left: int | None
    unrecorded: int = 0


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
    unrecorded = 0
    left: int | None = None
    try:
        async for batch in _matching(runtime, wanted, before, progress):
            gone = await _end(runtime, batch)
            ended.update({uid: len(sids) for uid, sids in gone.items()})
            unrecorded += await _record(runtime, wanted, gone)
        left = 0
        async for batch in _matching(runtime, wanted, before, progress):
            left += len(batch)
    except Unavailable:
        if not ended:
            raise
        left = None
    return Receipt(ended.total(), len(ended), left, unrecorded)


async def _end(runtime: Runtime, batch: Sequence[tuple[UUID, UUID]]) -> dict[UUID, list[UUID]]:
    """End the sessions; return those that were there, by user. Those of a Redis that goes away are left out."""
    free = asyncio.Semaphore(AT_ONCE)
    gone: dict[UUID, list[UUID]] = {}

    async def end(uid: UUID, sid: UUID) -> None:
        async with free:
            if await runtime.sessions.end(uid, sid, EndReason.REVOKED):
                gone.setdefault(uid, []).append(sid)

    results = await asyncio.gather(*(end(uid, sid) for uid, sid in batch), return_exceptions=True)
    failures = [result for result in results if isinstance(result, BaseException)]
    if failures and not (gone and isinstance(failures[0], Unavailable)):
        raise failures[0]
    return gone


async def _record(runtime: Runtime, wanted: Wanted, gone: Mapping[UUID, Sequence[UUID]]) -> int:
    """Record the ends at once, so that whatever comes later takes none away; return how many could not be."""
    if not gone:
        return 0
    named = not (wanted.whole_user or wanted.everyone)
    kept = {"kept": str(wanted.keep)} if wanted.keep else {}
    try:
        if named:
            await endings.end_moves(runtime, gone)
        await events.record_for(runtime, events.SESSIONS_REVOKED, gone, name=named, way=wanted.way, **kept)
    except (Unavailable, IntegrityError):
        return sum(map(len, gone.values()))
    return 0


async def _cut_off(runtime: Runtime, wanted: Wanted, before: int) -> None:
    if wanted.everyone:
        await _cut_everyone_off(runtime, from_ms(before + 1))
    elif wanted.whole_user and wanted.user_id is not None:
        await _cut_user_off(runtime, wanted.user_id, wanted.keep)


async def _cut_user_off(runtime: Runtime, user_id: UUID, keep: UUID | None) -> None:
    """Move the user's cut-off under the lock, where what a session has under way can't get past it."""
    async with transaction():
        user = await User.filter(id=user_id).select_for_update().first()
        if user is None:
            return
        # One that is to be kept and is over has nothing to be kept.
        living = keep is not None and await runtime.sessions.permits.standing(user_id, keep) is not None
        await endings.end_all(runtime, user, keep=keep if living else None)


async def _cut_everyone_off(runtime: Runtime, moment: datetime) -> None:
    """Move everyone's cut-off, some users at a time: one statement for millions would run into the time-out."""
    earlier, last = Q(sessions_valid_after__isnull=True) | Q(sessions_valid_after__lt=moment), _NOBODY
    while users := await User.filter(id__gt=last).order_by("id").limit(USERS_AT_ONCE).only("id"):
        last = users[-1].id
        await User.filter(earlier, id__in=[user.id for user in users]).update(sessions_valid_after=moment)
        await onetime.revoke_moves(runtime, *(user.id for user in users))


async def _matching(
    runtime: Runtime, wanted: Wanted, before: int, progress: Progress
) -> AsyncIterator[list[tuple[UUID, UUID]]]:
    prefix = literally(runtime.settings.REDIS_KEY_PREFIX)
    user, session = wanted.user_id or "*", wanted.session_id or "*"
    pattern = f"{prefix}user:{{{user}}}:session:{session}"
    latest = before - wanted.older_than // timedelta(milliseconds=1) if wanted.older_than else before
    seen: set[UUID] = set()
    started = perf_counter()
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
        # Whoever else needs the stores and the processor comes first, for longer than this took.
        await asyncio.sleep((perf_counter() - started) * REST)
        started = perf_counter()


def _fits(wanted: Wanted, ip: bytes, user_agent: bytes) -> bool:
    if wanted.ip is not None and ip.decode(errors="replace") != wanted.ip:
        return False
    text = user_agent.decode(errors="replace").casefold()
    return wanted.user_agent is None or wanted.user_agent.casefold() in text
