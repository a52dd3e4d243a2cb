"""Numbers by hour: written by every process about once a minute, read for the administrators' charts."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal, cast

from tortoise.expressions import F
from tortoise.queryset import QuerySet

from models import Statistic
from service.core.process.channel import first_of_its_instance
from service.core.sql import purging
from service.core.sql.database import dialect
from service.core.sql.leisure import at_leisure
from service.core.sql.rows import rows_of
from service.core.sql.transactions import transaction
from service.core.telemetry import metrics
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

_BY_DAY: Final = """
SELECT date_trunc('day', hour AT TIME ZONE 'UTC') AS day, name,
    CASE name WHEN $3 THEN max(value) ELSE sum(value)::bigint END AS value
FROM statistics WHERE hour >= $1 AND hour < $2 GROUP BY 1, 2
"""


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


async def flush_and_show(runtime: Runtime) -> None:
    """Write what was counted; and publish, in one process of an instance, how many sessions this hour has had."""
    await flush(runtime)
    if runtime.settings.publishes_metrics and first_of_its_instance():
        with suppress(Unavailable):
            row = await _at((int(runtime.clock.timestamp()) // HOUR, ACTIVE)).first()
            metrics.sessions_active.set(row.value if row else 0)


async def purge(runtime: Runtime, *, enough: Callable[[], bool] = purging.never) -> int:
    """Delete numbers of hours that are longer ago than STATISTICS_RETENTION_DAYS; return how many."""
    limit = runtime.clock.now() - timedelta(days=runtime.settings.STATISTICS_RETENTION_DAYS)
    return await purging.purge(Statistic.filter(hour__lt=limit), enough=enough)


async def read(runtime: Runtime, since: datetime, until: datetime, step: Step) -> list[Series]:
    """Return every series from `since` (rounded down to a step) to `until`, with a point, maybe 0, for each step.

    A day's `sessions.active` is that of its busiest hour: sessions of several hours can't be told apart any more.
    """
    width = timedelta(hours=1) if step == "hour" else timedelta(days=1)
    begin = _floor(since, step)
    found: dict[tuple[str, datetime], int] = {}
    async with at_leisure():
        rows = await _stored(begin, until, step)
    for hour, name, value in rows:
        key = (name, _floor(hour, step))
        before = found.get(key, 0)
        found[key] = max(before, value) if name == ACTIVE else before + value
    moments = [begin + number * width for number in range(-((begin - until) // width))]  # none is after the last year
    return [Series(name, [Point(at, found.get((name, at), 0)) for at in moments]) for name in NAMES]


async def _stored(begin: datetime, until: datetime, step: Step) -> Sequence[tuple[datetime, str, int]]:
    """Return what is stored, by hour; where the database can add it up, by day: a quarter of a year is many hours."""
    if step == "day" and dialect() == "postgres":
        rows = await rows_of(_BY_DAY, begin, until, ACTIVE)
        return [(row["day"].replace(tzinfo=UTC), row["name"], row["value"]) for row in rows]
    found = Statistic.filter(hour__gte=begin, hour__lt=until).values_list("hour", "name", "value")
    return cast("list[tuple[datetime, str, int]]", await found)


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
