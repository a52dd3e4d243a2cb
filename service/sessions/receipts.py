"""Ending many sessions at once, with a receipt: what was ended, and the proof that none of it is left (R31).

Redis goes on serving meanwhile: keys are scanned in small steps, sessions are ended a few at a time. A refresh that
races with it brings nothing back. Only sessions that existed at the start are meant: who logs in meanwhile stays.
"""

from __future__ import annotations

import asyncio
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
from service.core.process.interrupts import to_its_end
from service.core.redis.sweep import literally, scan_hashes
from service.core.sql.transactions import transaction
from service.core.text.moments import Moment, milliseconds
from service.core.text.ranges import Range, holds, read_ranges
from service.errors import Unavailable
from service.errors.end_reasons import EndReason
from service.letters import onetime
from service.runtime import Runtime
from service.sessions import endings
from service.stores.sessions import scanned
from service.stores.sessions.layout import AGENT_FIELDS

AT_ONCE = 8
USERS_AT_ONCE = 1000
REST = 2.0  # after each step, as a multiple of its own time
_NOBODY = UUID(int=0)

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which sessions: all that fit every given member. `user_agent` is a part of it, whatever the case.

    `ip` are addresses and ranges, parted by commas. `since` and `until` are times of the log-in.
    """

    user_id: UUID | None = None
    session_id: UUID | None = None
    keep: UUID | None = None
    ip: str | None = None
    user_agent: str | None = None
    older_than: timedelta | None = None
    since: Moment | None = None
    until: Moment | None = None

    @property
    def ranges(self) -> tuple[Range, ...]:
        """What `ip` says. Raises ValueError for what is no address."""
        return read_ranges(self.ip) if self.ip is not None else ()

    def fits(self, ranges: tuple[Range, ...], ip: str, user_agent: str) -> bool:
        """Return whether a session from there, and of such a browser, is meant; `ranges` are those of `ip`."""
        if self.ip is not None and not holds(ranges, ip):
            return False
        return self.user_agent is None or self.user_agent.casefold() in user_agent.casefold()

    def between(self, now: int) -> tuple[int, int]:
        """Return the first and the last ms in which a session that is meant began, by the clock that says `now`."""
        latest = [now] + [milliseconds(moment, now) for moment in (self.until, self.older_than) if moment is not None]
        return milliseconds(self.since, now) if self.since is not None else 0, min(latest)

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
            "since": self.since,
            "until": self.until,
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

    `left` is None when Redis went away before that was known: what was ended is over, and it has to be run again, but
    where `cut_off` is given: then every one that is meant and began before it is over for certain, and what Redis still
    holds of them is dead. `unrecorded` are ended sessions whose event the database could not take.
    """

    ended: int
    users: int
    left: int | None
    unrecorded: int = 0
    cut_off: datetime | None = None


async def count(runtime: Runtime, wanted: Wanted, progress: Progress = lambda _: None) -> Counted:
    """Count the sessions that would be ended."""
    before = await runtime.sessions.now(_NOBODY)
    users: Counter[UUID] = Counter()
    async for batch in _matching(runtime, wanted, before, progress):
        users.update(uid for uid, _ in batch)
    return Counted(users.total(), len(users))


async def revoke(
    runtime: Runtime, wanted: Wanted, progress: Progress = lambda _: None, told: Progress = lambda _: None
) -> Receipt:
    """End the sessions, record it for each user, and look whether any is left. `told` hears how many have ended.

    Whoever interrupts it does so between two batches: what has ended is on record.

    Where all sessions of a user, or of the service, are meant, the cut-off is moved first, so that not even a Redis
    that loses its last writes brings one back. That much needs no Redis, unless one is to be kept.
    """
    before = await _before(runtime, wanted)
    moment = await _cut_off(runtime, wanted, before)
    ended: Counter[UUID] = Counter()
    unrecorded = 0
    left: int | None = None
    try:
        async for batch in _matching(runtime, wanted, before, progress):
            gone, lost = await to_its_end(_end_and_record(runtime, wanted, batch, told))
            ended.update({uid: len(sids) for uid, sids in gone.items()})
            unrecorded += lost
        left = 0
        async for batch in _matching(runtime, wanted, before, progress):
            left += len(batch)
    except Unavailable:
        if not ended and moment is None:
            raise
        left = None
        if not ended and wanted.user_id is not None:  # who has none on record is told of the cut-off by itself
            await events.record(runtime, events.SESSIONS_REVOKED, user_id=wanted.user_id, way=wanted.way)
    return Receipt(ended.total(), len(ended), left, unrecorded, moment if left is None else None)


async def _before(runtime: Runtime, wanted: Wanted) -> int | None:
    """Return Redis's time; None where nobody can say it, and nobody needs it to know which sessions are meant."""
    try:
        return await runtime.sessions.now(wanted.user_id or _NOBODY)
    except Unavailable:
        if wanted.keep is None and (wanted.whole_user or wanted.everyone):
            return None
        raise


async def _end_and_record(
    runtime: Runtime, wanted: Wanted, batch: Sequence[tuple[UUID, UUID]], told: Progress
) -> tuple[dict[UUID, list[UUID]], int]:
    gone = await _end(runtime, batch)
    told(sum(map(len, gone.values())))
    return gone, await _record(runtime, wanted, gone)


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
    unfinished = 0
    if named:
        try:
            await endings.end_moves(runtime, gone)
        except (Unavailable, IntegrityError):
            unfinished = sum(map(len, gone.values()))
    lost = await events.record_for(runtime, events.SESSIONS_REVOKED, gone, way=wanted.way, **kept)
    return max(unfinished, lost)


async def _cut_off(runtime: Runtime, wanted: Wanted, before: int | None) -> datetime | None:
    """Move the cut-off of whom it is about, and return it; None where single sessions are meant."""
    if wanted.everyone:
        moment = from_ms(1 + (await endings.now_or_beyond(runtime, _NOBODY) if before is None else before))
        await _cut_everyone_off(runtime, moment)
        return moment
    if wanted.whole_user and wanted.user_id is not None:
        return await _cut_user_off(runtime, wanted.user_id, wanted.keep)
    return None


async def _cut_user_off(runtime: Runtime, user_id: UUID, keep: UUID | None) -> datetime | None:
    """Move the user's cut-off under the lock, where what a session has under way can't get past it."""
    async with transaction():
        user = await User.filter(id=user_id).select_for_update().first()
        if user is None:
            return None
        # One that is to be kept and is over has nothing to be kept.
        living = keep is not None and await runtime.sessions.permits.standing(user_id, keep) is not None
        return from_ms(await endings.end_all(runtime, user, keep=keep if living else None))


async def _cut_everyone_off(runtime: Runtime, moment: datetime) -> None:
    """Move everyone's cut-off, some users at a time: one statement for millions would run into the time-out."""
    earlier, last = Q(sessions_valid_after__isnull=True) | Q(sessions_valid_after__lt=moment), _NOBODY
    while users := await User.filter(id__gt=last).order_by("id").limit(USERS_AT_ONCE).only("id"):
        last = users[-1].id
        await User.filter(earlier, id__in=[user.id for user in users]).update(sessions_valid_after=moment)
        await onetime.revoke_moves(runtime, *(user.id for user in users))


async def _matching(
    runtime: Runtime, wanted: Wanted, before: int | None, progress: Progress
) -> AsyncIterator[list[tuple[UUID, UUID]]]:
    if before is None:  # there was no Redis to say when: whoever began since isn't meant
        raise Unavailable("redis")
    prefix = literally(runtime.settings.REDIS_KEY_PREFIX)
    user, session = wanted.user_id or "*", wanted.session_id or "*"
    pattern = f"{prefix}user:{{{user}}}:session:{session}"
    ranges, (earliest, latest) = wanted.ranges, wanted.between(before)
    seen: set[UUID] = set()
    started = perf_counter()
    async for batch in scan_hashes(runtime.redis, pattern, ("created_at", "ip", *AGENT_FIELDS)):
        found = []
        for key, (created_at, ip, *pieces) in batch:
            ids = scanned.owner(key)
            if ids is None or not (created_at or b"").isdigit() or not earliest <= int(created_at or b"") <= latest:
                continue
            uid, sid = ids
            at = (ip or b"").decode(errors="replace")
            if sid not in seen and sid != wanted.keep and wanted.fits(ranges, at, scanned.agent(pieces)):
                seen.add(sid)
                found.append((uid, sid))
        progress(len(batch))
        if found:
            yield found
        # Whoever else needs the stores and the processor comes first, for longer than this took.
        await asyncio.sleep((perf_counter() - started) * REST)
        started = perf_counter()
