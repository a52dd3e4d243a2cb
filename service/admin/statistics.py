"""Numbers by hour: written by every process about once a minute, read for the administrators' charts."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from tortoise.expressions import F
from tortoise.queryset import QuerySet

from models import Statistic
from service.core.sql.transactions import transaction
from service.core.telemetry.logs import log_event
from service.errors import Unavailable
from service.runtime import Runtime
from service.stores.tally import HOUR, Slot

ACTIVE: Final = "sessions.active"
NAMES: Final = (
    "login.succeeded", "login.failed", "refresh.rotated", "refresh.replayed", "refresh.reused", "refresh.expired",
    "refresh.revoked", ACTIVE,
)  # fmt: skip
SECONDS: Final = 60.0  # between two times that a process writes what it has counted

Step = Literal["hour", "day"]


@dataclass(frozen=True, slots=True)
class Point:
    """A value and the beginning of the hour or day it is of."""

    at: datetime
    value: int


@dataclass(frozen=True, slots=True)
class Series:
    """One line of a chart."""

    name: str
    points: list[Point]


async def flush(runtime: Runtime) -> None:
    """Add what this process has counted to what the others have. Kept for the next time where a store is away.

    An outage in the middle of the commit may count a minute twice: these are charts, no accounts.
    """
    taken = runtime.tally.take()
    if not taken:
        return
    try:
        active = {hour: await runtime.attendance.note(hour, sids) for hour, sids in taken.sessions.items()}
        async with transaction():
            # In one order everywhere: two processes must not wait for each other.
            for slot, count in sorted(taken.counts.items()):
                await _row(slot)
                await _at(slot).update(value=F("value") + count)
            for hour, sessions in sorted(active.items()):
                await _row((hour, ACTIVE))
                await _at((hour, ACTIVE)).filter(value__lt=sessions).update(value=sessions)
    except Unavailable as error:
        runtime.tally.give_back(taken)
        log_event("statistics.not_written", logging.WARNING, what=error.what)


async def read(runtime: Runtime, since: datetime, until: datetime, step: Step) -> list[Series]:
    """Return every series from `since` (rounded down to a step) to `until`, with a point, maybe 0, for each step.

    A day's `sessions.active` is that of its busiest hour: sessions of several hours can't be told apart any more.
    """
    width = timedelta(hours=1) if step == "hour" else timedelta(days=1)
    begin = _floor(since, step)
    found: dict[tuple[str, datetime], int] = {}
    rows = await Statistic.filter(hour__gte=begin, hour__lt=until).values_list("hour", "name", "value")
    for hour, name, value in rows:
        key = (name, _floor(hour, step))
        before = found.get(key, 0)
        found[key] = max(before, value) if name == ACTIVE else before + value
    moments = [begin + number * width for number in range(-((begin - until) // width))]  # none is after the last year
    return [Series(name, [Point(at, found.get((name, at), 0)) for at in moments]) for name in NAMES]


def _at(slot: Slot) -> QuerySet[Statistic]:
    return Statistic.filter(hour=_moment(slot[0]), name=slot[1])


async def _row(slot: Slot) -> None:
    """Make sure that there is a row to add to; the unique constraint decides who makes it."""
    row = Statistic(hour=_moment(slot[0]), name=slot[1], value=0)
    await Statistic.bulk_create([row], ignore_conflicts=True)


def _moment(hour: int) -> datetime:
    return datetime.fromtimestamp(hour * HOUR, UTC)


def _floor(moment: datetime, step: Step) -> datetime:
    hour = moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return hour if step == "hour" else hour.replace(hour=0)
