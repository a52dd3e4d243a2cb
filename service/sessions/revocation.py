"""Revocation with a receipt: end sessions, record it, and look whether any is accepted still (R31).

Where all of a user's sessions end, the cut-off in the database comes first: not even a Redis that fails over, or comes
back from a backup, brings them back. Where only some end, the deletion of their keys is all there is, and as durable
as Redis: the receipt says so.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID, uuid4

from tortoise.exceptions import IntegrityError
from tortoise.expressions import Q

from models import SecurityEvent, User
from service.audit import events
from service.core.clock import from_ms
from service.core.database import transaction
from service.core.telemetry import log_event
from service.directory import endings, notices
from service.errors import NotFound, Unavailable
from service.runtime import Runtime
from service.sessions.sweep import Criteria, Step, sweep

USERS_BATCH: Final = 1000

Progress = Callable[[Step], None]
"""Told of every step of a sweep."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many sessions of how many users fit."""

    sessions: int
    users: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a revocation did.

    `left` is how many of those that were to end are accepted still: 0, or something is wrong; None when Redis went
    away before they could be counted, and the revocation has to be repeated. `certain` says that cut-offs in the
    database back it up. `unrecorded` are ended sessions whose event the database could not take.
    """

    id: UUID
    way: str
    sessions: int
    users: int
    left: int | None
    certain: bool
    unrecorded: int = 0


async def count(runtime: Runtime, criteria: Criteria, progress: Progress, keep: UUID | None = None) -> Tally:
    """Count the sessions that fit, and their users. Raises `Unavailable`."""
    sessions, users = set[UUID](), set[UUID]()
    async for step in sweep(runtime, criteria, began=await _now(runtime), end=False, keep=keep):
        users |= {uid for uid, _ in step.found}
        sessions |= {sid for _, sid in step.found}
        progress(step)
    return Tally(len(sessions), len(users))


async def revoke_user(runtime: Runtime, user: User, *, keep: UUID | None = None) -> Receipt:
    """End all of a user's sessions, all but `keep`. Raises `NotFound` when that one is over, and `Unavailable`."""
    cut_off = await (runtime.sessions.keep(user.id, keep) if keep else endings.cut_off_now(runtime, user.id))
    if cut_off is None:
        raise NotFound("There is no such session to keep.")
    async with transaction():
        await endings.set_cut_off(user.id, cut_off)
        await notices.sessions_ended(runtime, user)
    ended = await endings.delete_sessions(runtime, user.id, keep=keep)
    receipt = Receipt(uuid4(), "user", ended, min(ended, 1), None, certain=True)
    await events.record(
        runtime,
        events.SESSIONS_ENDED,
        user_id=user.id,
        ended=ended,
        way="user",
        by="operator",
        kept=str(keep) if keep else None,
        receipt=str(receipt.id),
    )
    try:
        living = await runtime.sessions.list_living(user.id)
    except Unavailable:
        return receipt
    return replace(receipt, left=sum(one.valid_from < cut_off and one.sid != keep for one in living))


async def revoke(runtime: Runtime, criteria: Criteria, progress: Progress, keep: UUID | None = None) -> Receipt:
    """End the sessions that fit, of whoever they are, all but `keep`.

    Raises `Unavailable` only before anything was ended: after that, the receipt says how far it came.
    """
    began = await _now(runtime)
    receipt = Receipt(uuid4(), way_of(criteria), 0, 0, None, certain=criteria.everyone)
    if criteria.everyone:
        await _cut_everyone_off(began)
    users, ended, unrecorded = set[UUID](), 0, 0
    try:
        async for step in sweep(runtime, criteria, began=began, end=True, keep=keep):
            ended += len(step.found)
            users |= {uid for uid, _ in step.found}
            if step.found and not criteria.everyone:
                unrecorded += await _record(runtime, step.found, receipt)
            progress(step)
        left = 0
        async for step in sweep(runtime, criteria, began=began, end=False, keep=keep):
            left += len(step.found)
            progress(step)
    except Unavailable:
        return await _sum_up(runtime, replace(receipt, sessions=ended, users=len(users), unrecorded=unrecorded))
    done = replace(receipt, sessions=ended, users=len(users), left=left, unrecorded=unrecorded)
    return await _sum_up(runtime, done)


def way_of(criteria: Criteria) -> str:
    """Return the names of what was asked for: `ip user_agent`, or `all`."""
    names = ("uid", "sid", "ip", "user_agent", "older_than")
    return " ".join(name for name in names if getattr(criteria, name) is not None) or "all"


async def _now(runtime: Runtime) -> int:
    # Any user's node will do: nodes of a cluster are in step as far as anyone needs here.
    return await runtime.sessions.now(UUID(int=0))


async def _cut_everyone_off(began: int) -> None:
    """Set everyone's cut-off, some users at a time: one statement for millions would run into the time-out."""
    moment, last = from_ms(began + 1), UUID(int=0)
    earlier = Q(sessions_valid_after__isnull=True) | Q(sessions_valid_after__lt=moment)
    while True:
        users = await User.filter(id__gt=last).order_by("id").limit(USERS_BATCH).only("id")
        if not users:
            return
        ids = [user.id for user in users]
        last = ids[-1]
        await User.filter(earlier, id__in=ids).update(sessions_valid_after=moment)


async def _record(runtime: Runtime, found: Sequence[tuple[UUID, UUID]], receipt: Receipt) -> int:
    """Record the end of each session; return how many events the database could not take."""
    now, detail = runtime.clock.now(), {"by": "operator", "way": receipt.way, "receipt": str(receipt.id)}
    try:
        known = set(await User.filter(id__in={uid for uid, _ in found}).values_list("id", flat=True))
        await SecurityEvent.bulk_create(
            SecurityEvent(
                id=uuid4(),
                type=events.SESSION_ENDED,
                created_at=now,
                user_id=uid if uid in known else None,
                session_id=sid,
                detail=detail,
            )
            for uid, sid in found
        )
    except (Unavailable, IntegrityError):
        log_event("security_event.not_stored", logging.ERROR, type=events.SESSION_ENDED, count=len(found))
        return len(found)
    return 0


async def _sum_up(runtime: Runtime, receipt: Receipt) -> Receipt:
    event = events.SESSIONS_ENDED if receipt.certain else events.SESSIONS_REVOKED
    await events.record(
        runtime,
        event,
        user_id=None,
        ended=receipt.sessions,
        users=receipt.users,
        way=receipt.way,
        by="operator",
        receipt=str(receipt.id),
    )
    return receipt
