"""Security events of all users, with the people whom they are about."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast
from uuid import UUID

from tortoise.queryset import QuerySet

from models import SecurityEvent, User
from service.accounts import accounts
from service.admin.catalogue import EVENTS_EXPORTED
from service.audit import events as recorded
from service.core.http.pagination import Cursor
from service.core.sql.keyset import before
from service.core.sql.leisure import at_leisure
from service.runtime import Runtime
from service.sessions.acting import acting
from service.sessions.callers import Caller

AT_ONCE: Final = 500


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


@dataclass(frozen=True, slots=True)
class Someone:
    """A person, as events name them."""

    email: str
    full_name: str | None


@dataclass(frozen=True, slots=True)
class Told:
    """An event, whom it is about, and who did it; None where there is none, or the account is gone."""

    event: SecurityEvent
    user: Someone | None
    actor: Someone | None


async def find_events(runtime: Runtime, wanted: EventFilter, limit: int, after: Cursor | None) -> list[Told]:
    """Return a page of events, the newest first. An address that has no account has no events."""
    async with at_leisure():
        found = await matching(wanted)
        if found is None:
            return []
        if after is not None:
            found = found.filter(before(after))
        return await told(await found.order_by("-created_at", "-id").limit(limit))


async def export_events(runtime: Runtime, wanted: EventFilter, *, actor: Caller) -> AsyncIterator[list[Told]]:
    """Record who takes the list away, and yield all events that fit, the newest first, so many at a time that memory
    doesn't grow with their number. What isn't recorded isn't given. Raises what `acting` raises, before the first.
    """
    async with acting(runtime, actor, superuser=True):
        await recorded.record(runtime, EVENTS_EXPORTED, user_id=None, actor_id=actor.user.id, client=actor.client)
    after: Cursor | None = None
    while page := await find_events(runtime, wanted, AT_ONCE, after):
        yield page
        last = page[-1].event
        after = Cursor(last.created_at, last.id)


async def matching(wanted: EventFilter) -> QuerySet[SecurityEvent] | None:
    """Return the events that fit, in no order; None where there can't be any."""
    user_id = wanted.user_id
    if wanted.email is not None:
        user = await accounts.find_by_email(wanted.email)
        if user is None or user_id not in (None, user.id):
            return None
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
    return SecurityEvent.filter(**{name: value for name, value in exact.items() if value is not None})


async def told(events: Sequence[SecurityEvent]) -> list[Told]:
    """Name the people of these events: all in one query."""
    named = [(event, cast("UUID | None", event.user_id)) for event in events]  # type: ignore[attr-defined]  # Tortoise adds it
    ids = {person for event, user_id in named for person in (user_id, event.actor_id) if person}
    rows = await User.filter(id__in=list(ids)).values_list("id", "email", "full_name") if ids else []
    people = cast("list[tuple[UUID, str, str | None]]", rows)
    known: dict[UUID | None, Someone] = {person: Someone(email, name) for person, email, name in people}
    return [Told(event, known.get(user_id), known.get(event.actor_id)) for event, user_id in named]
