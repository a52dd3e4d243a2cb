"""What an account leaves behind, taken when it is deleted (R83): all of it but what says nothing of anybody.

What that is stands in personal_data.py. An account may have very many events, so they are seen to in batches after it
is gone: some of them before the answer, the rest by a job, whichever process is stopped meanwhile. Several processes
may do it at once: none waits for another.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from tortoise.expressions import Q

from models import OneTimeToken, OutboxMail, SecurityEvent, UnfinishedRemoval, User
from service.accounts import personal_data
from service.audit.catalogue import catalogue_of
from service.core.sql.database import forget_deleted
from service.core.sql.transactions import transaction
from service.core.telemetry.logs import log_event
from service.core.text.email_address import parse_email
from service.errors import Unavailable
from service.errors.end_reasons import EndReason
from service.letters import onetime
from service.runtime import Runtime
from service.sessions.endings import delete_sessions

REMOVAL: Final = "removal"
"""The kind of job that takes what is left of one account."""
AFTER: Final = timedelta(seconds=5)  # before that the request itself is at it
BATCH: Final = 500
BATCHES_AT_ONCE: Final = 4  # before the answer
MOST_UNSENT: Final = 10_000
RECENT: Final = timedelta(hours=3)  # a worker sweeps a few times an hour
GONE: Final = UUID(int=0)
"""Who did it, in events of others: an administrator whose account is gone."""


async def begin(runtime: Runtime, user: User) -> None:
    """Take the letters, and note that the rest is to be taken. Part of the transaction that deletes the user."""
    own, asked_for = await _addresses(user)
    nobodys = Q(user_id__isnull=True, recipient__in=list(asked_for))
    await OutboxMail.filter(Q(user_id=user.id) | Q(recipient__in=list(own)) | nobodys).delete()
    async for batch in _unsent():
        spelt = [row.id for row in batch if _canonical(row.recipient) in (own if row.user_id else own | asked_for)]
        await OutboxMail.filter(id__in=spelt).delete()
    await UnfinishedRemoval.create(id=user.id, created_at=runtime.clock.now())
    await _ask_for(runtime, user.id, after=AFTER)


async def follow_up(runtime: Runtime, user_id: UUID) -> None:
    """End the sessions of a deleted account and take its traces, as far as that is quickly done. Never raises."""
    await delete_sessions(runtime, user_id, EndReason.USER_DELETED)
    try:
        for _ in range(BATCHES_AT_ONCE):
            if not await _take_batch(runtime, user_id):
                await _conclude(runtime, user_id)
                return
    except Unavailable as error:
        log_event("removal.left_to_the_worker", logging.WARNING, user_id=user_id, what=error.what)


async def finish(runtime: Runtime, user_id: UUID, *, enough: Callable[[], bool] = lambda: False) -> bool:
    """Take what is left of a deleted account, until it is `enough`; return whether nothing is left.

    Raises `Unavailable` where a store is away.
    """
    while not enough():
        if not await _take_batch(runtime, user_id):
            return await _conclude(runtime, user_id)
    return False


async def sweep(runtime: Runtime) -> None:
    """Note accounts that are gone and have events all the same: of requests that were under way when they went.

    And see to it that every removal has its job: instances of the version before note them only.
    """
    now = runtime.clock.now()
    recent = SecurityEvent.filter(created_at__gte=now - RECENT, user_id__isnull=False, user__created_at__isnull=True)
    found = await recent.limit(BATCH).values_list("user_id", flat=True)
    rows = [UnfinishedRemoval(id=user_id, created_at=now) for user_id in set(found)]
    await UnfinishedRemoval.bulk_create(rows, ignore_conflicts=True)
    for removal in await UnfinishedRemoval.all().order_by("created_at").limit(BATCH):
        await _ask_for(runtime, removal.id)
    await forget_deleted()


async def _take_batch(runtime: Runtime, user_id: UUID) -> int:
    """Make events anonymous: the account's own, then those of what it did to others; return how many."""
    async with transaction():
        own = await SecurityEvent.filter(user_id=user_id).limit(BATCH).select_for_update(skip_locked=True)
        if own:
            await _anonymise(runtime, own)
            return len(own)
        done = await SecurityEvent.filter(actor_id=user_id).limit(BATCH).select_for_update(skip_locked=True)
        ids = [row.id for row in done]
        await SecurityEvent.filter(id__in=ids).update(**dict.fromkeys(personal_data.OF_THE_ACTOR), actor_id=GONE)
        return len(done)


async def _anonymise(runtime: Runtime, rows: Sequence[SecurityEvent]) -> None:
    cleared = dict.fromkeys(personal_data.cleared("security_events"))
    await SecurityEvent.filter(id__in=[row.id for row in rows]).update(**cleared)
    known, changed = catalogue_of(runtime), []
    for row in rows:
        kept = personal_data.kept_detail(known.get(row.type), row.detail)
        if kept != row.detail:
            row.detail = kept
            changed.append(row)
    if changed:
        await SecurityEvent.bulk_update(changed, fields=["detail"])


async def _ask_for(runtime: Runtime, user_id: UUID, after: timedelta = timedelta()) -> None:
    await runtime.jobs.add(REMOVAL, once=str(user_id), after=after, account=str(user_id))


async def _conclude(runtime: Runtime, user_id: UUID) -> bool:
    """Forget the account, and return True, if nothing of it is left: another process may hold some of its events."""
    if await SecurityEvent.filter(Q(user_id=user_id) | Q(actor_id=user_id)).exists():
        return False
    # Redis may have been away; until this works it is tried again.
    await runtime.sessions.end_all(user_id, EndReason.USER_DELETED)
    async with transaction():
        await UnfinishedRemoval.filter(id=user_id).delete()
        await runtime.jobs.cancel(REMOVAL, once=str(user_id))
    await forget_deleted()
    return True


async def _addresses(user: User) -> tuple[set[str], set[str]]:
    """Return the addresses that the user has and can go back to, and those that letters and links went to besides.

    As given and as compared; none that is somebody else's by now.
    """
    own, other = {user.email}, set[str]()
    async for token in OneTimeToken.filter(user_id=user.id, subject__isnull=False):
        (own if token.purpose == onetime.UNDO else other).add(str(token.subject))
    other.update(row.recipient for row in await OutboxMail.filter(user_id=user.id).only("id", "recipient"))
    canonical = {address: _canonical(address) for address in own | other}
    others = User.filter(email_canonical__in=list(canonical.values())).exclude(id=user.id)
    taken = {row.email_canonical for row in await others.only("id", "email_canonical")}

    def spellings(given: set[str]) -> set[str]:
        return {text for one in given if canonical[one] not in taken for text in (one, canonical[one])}

    return spellings(own), spellings(other)


async def _unsent() -> AsyncIterator[list[OutboxMail]]:
    """Yield letters that wait: their recipients are in whatever spelling somebody asked for them in.

    Not all of very many, while a mail server is away: the worker deletes what turns out to be nobody's.
    """
    waiting, last = OutboxMail.filter(values_sealed__isnull=False), GONE
    for _ in range(MOST_UNSENT // BATCH):
        found = await waiting.filter(id__gt=last).order_by("id").limit(BATCH).only("id", "recipient", "user_id")
        if not found:
            return
        last = found[-1].id
        yield found


def _canonical(address: str) -> str:
    try:
        return parse_email(address).canonical
    except ValueError:
        return address
