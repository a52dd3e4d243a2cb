"""Who is logged in: the living sessions of everyone, as they are found, whatever their number."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Final
from uuid import UUID

from models import User
from service.core.redis.sweep import literally, scan_hashes
from service.runtime import Runtime
from service.sessions.callers import cut_off
from service.sessions.flows import list_sessions
from service.sessions.receipts import Progress, Wanted
from service.stores.sessions import scanned
from service.stores.sessions.layout import Layout
from service.stores.sessions.outcomes import ListedSession

REST: Final = 0.5  # after each step, as a multiple of its own time: looking costs Redis less than ending
_NOBODY: Final = UUID(int=0)
_SHORT: Final = (1 << 63) - 1  # of an id, so that a million that were seen take a few dozen MB


@dataclass(frozen=True, slots=True)
class Found:
    """One session, and whose it is: a row of which the id, the address and the cut-off were read."""

    user: User
    session: ListedSession


async def list_everyones(
    runtime: Runtime, wanted: Wanted, progress: Progress = lambda _: None, *, only_count: bool = False
) -> AsyncIterator[list[Found]]:
    """Yield the living sessions that are meant, in batches and in no order; each once. Raises `Unavailable`.

    `only_count`: nobody reads how they were proven and by which browser.
    Those that begin meanwhile may be among them. Memory is for the ids of those that were there, no more.
    """
    now = await runtime.sessions.now(_NOBODY)
    ranges, (earliest, latest) = wanted.ranges, wanted.between(now)
    idle, seen = Layout(runtime.settings).idle, set[int]()
    pattern = f"{literally(runtime.settings.REDIS_KEY_PREFIX)}user:{{*}}:session:*"
    fields = scanned.SHORT if only_count and wanted.user_agent is None else scanned.FIELDS
    started = perf_counter()
    async for batch in scan_hashes(runtime.redis, pattern, fields):
        found: list[tuple[UUID, ListedSession]] = []
        for key, values in batch:
            ids = scanned.owner(key)
            session = scanned.read(ids[1], values, idle=idle) if ids else None
            if ids is None or session is None or session.expires_at <= now or ids[1].int & _SHORT in seen:
                continue
            seen.add(ids[1].int & _SHORT)
            if earliest <= session.created_at <= latest and wanted.fits(ranges, session.ip, session.user_agent):
                found.append((ids[0], session))
        progress(len(batch))
        if living := await _living(found):
            yield living
        await asyncio.sleep((perf_counter() - started) * REST)
        started = perf_counter()


async def list_users(runtime: Runtime, user: User, wanted: Wanted) -> list[Found]:
    """Return a user's living sessions that are meant, the one used last first."""
    ranges, (earliest, latest) = wanted.ranges, wanted.between(await runtime.sessions.now(user.id))
    return [
        Found(user, session)
        for session in await list_sessions(runtime, user)
        if earliest <= session.created_at <= latest and wanted.fits(ranges, session.ip, session.user_agent)
    ]


async def _living(found: Sequence[tuple[UUID, ListedSession]]) -> list[Found]:
    """Leave out those that the database knows to be over: from before the cut-off, or of somebody who is gone."""
    ids = list({uid for uid, _ in found})
    columns = ("id", "email", "sessions_valid_after")
    users = {user.id: user for user in await User.filter(id__in=ids).only(*columns)} if ids else {}
    return [
        Found(users[uid], session)
        for uid, session in found
        if uid in users and session.valid_from >= cut_off(users[uid])
    ]
