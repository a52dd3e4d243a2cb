"""Security events of all users."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from models import SecurityEvent
from service.accounts import accounts
from service.core.http.pagination import Cursor
from service.core.sql.keyset import before
from service.runtime import Runtime


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events: those that fit every given member; `since` is in, `until` is out."""

    user_id: UUID | None = None
    email: str | None = None
    session_id: UUID | None = None
    actor_id: UUID | None = None
    type: str | None = None
    ip: str | None = None
    request_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None


async def find_events(
    runtime: Runtime, wanted: EventFilter, limit: int, after: Cursor | None
) -> Sequence[SecurityEvent]:
    """Return a page of events, the newest first. An address that has no account has no events."""
    user_id = wanted.user_id
    if wanted.email is not None:
        user = await accounts.find_by_email(wanted.email)
        if user is None or user_id not in (None, user.id):
            return []
        user_id = user.id
    exact = {
        "user_id": user_id,
        "session_id": wanted.session_id,
        "actor_id": wanted.actor_id,
        "type": wanted.type,
        "ip": wanted.ip,
        "request_id": wanted.request_id,
        "created_at__gte": wanted.since,
        "created_at__lt": wanted.until,
    }
    found = SecurityEvent.filter(**{name: value for name, value in exact.items() if value is not None})
    if after is not None:
        found = found.filter(before(after))
    return await found.order_by("-created_at", "-id").limit(limit)
