"""Events that the database could not take when they happened: kept, and stored later, each once (decision 095).

Whatever the outage is (PostgreSQL away, its table locked, an INSERT refused), the request that an event tells of isn't
failed by it, and waits for no more than Redis's answer. Any process stores what any has kept, as soon as the database
takes rows again: an event has its id from the start, so storing it twice is storing it once.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, cast
from uuid import UUID, uuid5

from models import SecurityEvent, UnfinishedRemoval, User
from service.audit.catalogue.gaps import EVENTS_LOST
from service.core.clock import from_ms, to_ms
from service.core.sql.transactions import transaction
from service.core.telemetry import metrics
from service.core.telemetry.logs import log_event
from service.errors import Unavailable
from service.runtime import Runtime
from service.stores.event_kinds import Event
from service.stores.waiting_events import MOST, Lost

SECONDS: Final = 3.0
"""Between two looks at what waits."""

REST: Final = timedelta(seconds=5)
"""A database that has just refused an event isn't asked again at once."""

BATCH: Final = 200
_IDS: Final = ("id", "user_id", "session_id", "actor_id")
_TEXTS: Final = ("type", "ip", "user_agent", "request_id")
_NAMESPACE: Final = UUID("6f1d7e0a-3a0c-4c55-9d57-0f6a52b7a9c1")


async def keep(runtime: Runtime, event: Event, row: SecurityEvent) -> bool:
    """Keep an event that could not be stored; return False where it is lost. The log says which. Never raises."""
    where = await runtime.waiting_events.keep(written(row), to_ms(row.created_at), anybodys=event.anybodys)
    metrics.events_not_stored.labels("kept" if where else "lost").inc()
    log_event(
        "security_event.not_stored",
        logging.ERROR,
        type=row.type,
        user_id=row.user_id,  # type: ignore[attr-defined]  # Tortoise adds it
        session_id=row.session_id,
        kept=where or "no",
    )
    return where is not None


def set_aside(runtime: Runtime, event: Event, row: SecurityEvent) -> None:
    """Have an event stored with the next that are stored later: it is nobody's to wait for. Never raises."""
    runtime.waiting_events.set_aside(written(row), to_ms(row.created_at), anybodys=event.anybodys)


async def store_later(runtime: Runtime) -> None:
    """Store what waits, as a process does beside its requests. A database that is still away leaves it where it is."""
    await store(runtime, rest=REST)


async def store(runtime: Runtime, *, rest: timedelta = timedelta()) -> int:
    """Store what waits and has done so for `rest`; return how many events that were. Never raises `Unavailable`.

    What this process keeps goes to the database, or to Redis where that is back first.
    """
    stored = 0
    try:
        stored += await _store_here(runtime, rest)
        stored += await _store_shared(runtime, rest)
    except Unavailable:
        pass  # what waits goes on waiting
    finally:
        metrics.events_waiting_here.set(len(runtime.waiting_events.here))
        if stored:
            log_event("security_events.stored_late", logging.WARNING, events=stored)
    return stored


async def leave(runtime: Runtime) -> None:
    """Store what only this process keeps, for it ends; the log says how much can't be, and is lost. Never raises."""
    if runtime.waiting_events.here:
        await store(runtime)
        if left := len(runtime.waiting_events.here):
            log_event("security_events.left_behind", logging.ERROR, events=left)


async def waiting_of(runtime: Runtime, about: UUID) -> list[SecurityEvent]:
    """Return events that are not stored yet, of a user or a session, as far as this process can know them.

    Raises `Unavailable`.
    """
    found = await runtime.waiting_events.read(1)
    kept = [text for _, text in runtime.waiting_events.here]
    if found.number:
        kept += (await runtime.waiting_events.read(MOST)).oldest
    rows = [row for text in kept if str(about) in text and (row := read(text)) is not None]
    return [row for row in rows if about in (row.user_id, row.session_id)]  # type: ignore[attr-defined]


def written(row: SecurityEvent) -> str:
    """Return an event as it is kept."""
    told = {name: str(value) for name in _IDS if (value := getattr(row, name)) is not None}
    told |= {name: value for name in _TEXTS if (value := getattr(row, name)) is not None}
    return json.dumps({**told, "created_at": row.created_at.isoformat(), "detail": row.detail}, default=str)


def read(text: str) -> SecurityEvent | None:
    """Return a kept event; None for what is none of ours."""
    try:
        told = cast("Mapping[str, object]", json.loads(text))
        ids = {name: UUID(str(told[name])) for name in _IDS if told.get(name) is not None}
        texts = {name: str(told[name]) for name in _TEXTS if told.get(name) is not None}
        at, detail = datetime.fromisoformat(str(told["created_at"])), told["detail"]
        if "id" not in ids or "type" not in texts or at.tzinfo is None or not isinstance(detail, dict):
            return None
        return SecurityEvent(**ids, **texts, created_at=at, detail=detail)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


async def _store_here(runtime: Runtime, rest: timedelta) -> int:
    waiting, stored = runtime.waiting_events, 0
    limit = to_ms(runtime.clock.now() - rest)
    while batch := [one for one in waiting.here if one[0] <= limit][:BATCH]:
        try:
            lost = await _put(runtime, [text for _, text in batch])
            waiting.lose(lost)
            stored += len(batch) - lost.number
        except Unavailable:
            for at, text in batch:  # whoever stores them then
                await waiting.share(text, at, anybodys=False)
                waiting.here.remove((at, text))
            continue
        waiting.here = [one for one in waiting.here if one not in batch]
    lost, waiting.lost_here = waiting.lost_here, Lost()
    try:
        await _note(runtime, lost)
    except Unavailable:
        waiting.lose(lost)
        raise
    return stored


async def _store_shared(runtime: Runtime, rest: timedelta) -> int:
    waiting, stored, more = runtime.waiting_events, 0, True
    while more:
        found = await waiting.read(BATCH)
        metrics.events_waiting.set(found.number)
        texts = [text for text in found.oldest if _is_due(runtime, text, rest)]
        more = len(texts) == BATCH
        if not texts and not found.lost.number:
            break
        lost = await _put(runtime, texts)
        await _note(runtime, found.lost + lost)
        await waiting.done(texts, found.lost)
        stored += len(texts) - lost.number
        metrics.events_waiting.set(found.number - len(texts))
    return stored


def _is_due(runtime: Runtime, text: str, rest: timedelta) -> bool:
    row = read(text)
    return row is None or row.created_at <= runtime.clock.now() - rest


async def _put(runtime: Runtime, texts: Sequence[str]) -> Lost:
    """Store kept events; return those that the database doesn't take whatever it is given. Raises `Unavailable`."""
    rows = [row for text in texts if (row := read(text)) is not None]
    try:
        await _insert(runtime, rows)
    except Unavailable:
        raise
    except Exception:  # noqa: BLE001 - one of them can't be stored; the others must not wait behind it for ever
        return sum([await _put_alone(runtime, row) for row in rows], Lost())
    return Lost()


async def _put_alone(runtime: Runtime, row: SecurityEvent) -> Lost:
    try:
        await _insert(runtime, [row])
    except Unavailable:
        raise
    except Exception as error:  # noqa: BLE001 - as above
        log_event("security_event.refused", logging.ERROR, type=row.type, cause=type(error).__name__)
        return Lost(1, to_ms(row.created_at), to_ms(row.created_at))
    return Lost()


async def _insert(runtime: Runtime, rows: Sequence[SecurityEvent]) -> None:
    """Insert events, but for those that are there. Accounts that are gone by now are noted: nothing stays of them."""
    people = {
        person
        for row in rows
        for person in (cast("UUID | None", row.user_id), row.actor_id)  # type: ignore[attr-defined]
        if person is not None and person.int
    }
    async with transaction():
        await SecurityEvent.bulk_create(list(rows), ignore_conflicts=True)
        known = set(await User.filter(id__in=list(people)).values_list("id", flat=True)) if people else set()
        gone = [UnfinishedRemoval(id=person, created_at=runtime.clock.now()) for person in people - known]
        await UnfinishedRemoval.bulk_create(gone, ignore_conflicts=True)


async def _note(runtime: Runtime, lost: Lost) -> None:
    """Put on record that events are lost: of that time nobody can say any more that nothing happened."""
    if not lost.number:
        return
    since, until = (from_ms(at).isoformat(timespec="milliseconds") for at in (lost.since, lost.until))
    row = SecurityEvent(
        id=uuid5(_NAMESPACE, f"{lost.number} {since} {until}"),  # whoever else notes the same notes it once
        type=EVENTS_LOST.name,
        created_at=runtime.clock.now(),
        detail={"lost": lost.number, "since": since, "until": until},
    )
    await SecurityEvent.bulk_create([row], ignore_conflicts=True)
    log_event(EVENTS_LOST.name, logging.ERROR, lost=lost.number, since=since, until=until)
