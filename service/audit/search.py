"""Finding security events, and deleting those that are too old to keep."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from tortoise.queryset import QuerySet

from models import SecurityEvent
from service.audit.events import before
from service.core.pagination import Cursor
from service.runtime import Runtime

PURGE_BATCH: Final = 1000  # a statement that the time-out of the pool leaves time for


@dataclass(frozen=True, slots=True)
class EventFilter:
    """What events must be like; None asks nothing. `since` is included, `until` is not."""

    user_id: UUID | None = None
    session_id: UUID | None = None
    actor_id: UUID | None = None
    type: str | None = None
    ip: str | None = None
    request_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None


async def find(
    runtime: Runtime, wanted: EventFilter, limit: int, after: Cursor | None = None
) -> Sequence[SecurityEvent]:
    """Return a page of events, newest first. Raises `Unavailable`."""
    found = _matching(wanted)
    if after is not None:
        found = found.filter(before(after))
    return await found.order_by("-created_at", "-id").limit(limit)


def _matching(wanted: EventFilter) -> QuerySet[SecurityEvent]:
    found = SecurityEvent.all()
    for name in ("user_id", "session_id", "actor_id", "type", "ip", "request_id"):
        value = getattr(wanted, name)
        if value is not None:
            found = found.filter(**{name: value})
    if wanted.since is not None:
        found = found.filter(created_at__gte=wanted.since)
    if wanted.until is not None:
        found = found.filter(created_at__lt=wanted.until)
    return found


def retention_end(runtime: Runtime) -> datetime | None:
    """Return the time before which events are not kept; None when they are kept for ever."""
    days = runtime.settings.EVENT_RETENTION_DAYS
    return runtime.clock.now() - timedelta(days=days) if days else None


async def count_before(runtime: Runtime, moment: datetime) -> int:
    """Return how many events are older than `moment`."""
    return await SecurityEvent.filter(created_at__lt=moment).count()


async def purge_before(runtime: Runtime, moment: datetime) -> AsyncIterator[int]:
    """Delete the events older than `moment`, the oldest first, a batch at a time; yield the size of each.

    Each batch is on its own: one that is interrupted goes on where it was, and two at once do no harm.
    """
    while True:
        ids = (
            await SecurityEvent.filter(created_at__lt=moment)
            .order_by("created_at")
            .limit(PURGE_BATCH)
            .values_list("id", flat=True)
        )
        if not ids:
            return
        yield await SecurityEvent.filter(id__in=ids).delete()
