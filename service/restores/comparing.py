"""A store that was set back is noticed; and where it is Redis, what is on record as ended is ended again.

Redis set back holds sessions that have been ended since: by their users, as stolen, by an operator. The database has
the events of these ends, so they are done once more. Nobody else is logged out: a refresh token that Redis has
forgotten is ahead of its session, and good (docs/decisions/007). What ended a user's sessions as a whole is in the
user's row, and holds anyway.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from tortoise.expressions import Q

from models import SecurityEvent
from service.audit import events
from service.audit.catalogue import catalogue_of
from service.core.telemetry.logs import log_event
from service.errors import Unavailable
from service.jobs.kinds import Again, Kind, Schedule, Turn, repeated
from service.restores import catalogue
from service.runtime import Runtime
from service.stores.event_kinds import Ending
from service.stores.job_queue import last_run
from service.stores.marks import EVERY, TOLERANCE, Mark, Marks, set_back

KIND: Final = "stores.compare"
LATER: Final = timedelta(minutes=1)
BATCH: Final = 500


async def compare(runtime: Runtime, turn: Turn) -> Again | None:
    """Compare the stores' marks, see to what was set back, and write the mark in Redis anew.

    Without Redis there is nothing to be compared: later. The job isn't done then, so that both marks stay where they
    are, and an outage doesn't look like a Redis that was set back.
    """
    marks = Marks(runtime.redis, runtime.settings)
    try:
        mark = await marks.read()
        found = set_back(mark, await last_run(KIND))
        if mark is not None and found is not None:
            if mark.resume is None:  # else the turn before has told of it
                minutes = found.by // timedelta(minutes=1)
                await events.record(runtime, catalogue.SET_BACK, user_id=None, store=found.store, minutes=minutes)
                log_event("restore.unfinished", logging.ERROR, store=found.store, fix="latchkey restore check")
            if found.store == "redis" and not await _end_again(runtime, marks, mark, turn):
                return Again()
        await marks.write(Mark(runtime.clock.now(), mark.restore if mark else None))
    except Unavailable:
        return Again(LATER)
    return None


async def _end_again(runtime: Runtime, marks: Marks, mark: Mark, turn: Turn) -> bool:
    """End the sessions whose ends are on record since Redis's state was made; return whether that is all of them.

    Where a turn has to stop is noted in the mark, for the next one.
    """
    kinds = {name: event.ends for name, event in catalogue_of(runtime).items() if event.ends is not None}
    kinds = {name: ends for name, ends in kinds.items() if ends.scope in ("own", "named") and not ends.only_if}
    at, last, ended = mark.resume or mark.at - TOLERANCE, UUID(int=0), 0
    finished = False
    while not finished:
        rows = await _on_record(list(kinds), at, last)
        for row in rows:
            ends = kinds[row.type]
            for sid in _sessions(row, ends):
                ended += bool(await runtime.sessions.end(_user_id(row), sid, ends.reason_of(row.detail)))
        finished = len(rows) < BATCH
        if not finished:
            at, last = rows[-1].created_at, rows[-1].id
            if turn.over():
                await marks.write(replace(mark, resume=at))
                break
    log_event("sessions.ended_again", logging.WARNING, ended=ended)
    return finished


async def _on_record(kinds: list[str], at: datetime, last: UUID) -> list[SecurityEvent]:
    later = Q(created_at__gt=at) | Q(created_at=at, id__gt=last)
    found = SecurityEvent.filter(later, type__in=kinds, created_at__gte=at, user_id__isnull=False)
    return await found.order_by("created_at", "id").limit(BATCH)


def _sessions(row: SecurityEvent, ends: Ending) -> list[UUID]:
    if ends.scope == "named":
        return [UUID(sid) for sid in str(row.detail.get("sessions", "")).split()]
    return [row.session_id] if row.session_id is not None else []


def _user_id(row: SecurityEvent) -> UUID:
    return row.user_id  # type: ignore[attr-defined, no-any-return]  # Tortoise adds it


KINDS: Final[tuple[Kind, ...]] = (repeated(KIND, Schedule(EVERY), compare),)
