"""Deleting what is too old: so much at a time that nobody has to wait for it, however much there is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from tortoise.models import Model
from tortoise.queryset import QuerySet

from service.core.sql.transactions import transaction
from service.core.telemetry import metrics

BATCH: Final = 1000

Row = TypeVar("Row", bound=Model)


def never() -> bool:
    """Go on until nothing is left."""
    return False


async def purge(rows: QuerySet[Row], *, enough: Callable[[], bool] = never, batch: int | None = None) -> int:
    """Delete `rows`, a batch at a time and each in a transaction of its own, until it is `enough`; return how many.

    A row that somebody else has locked is left for the next time: nobody waits for another here, so that neither two
    that purge nor a request can get in each other's way. Raises `Unavailable`; what was deleted by then stays so.
    """
    size = batch or BATCH
    table = rows.model._meta  # Tortoise has no public name for it
    deleted, went = metrics.purged.labels(table.db_table), 0
    while True:
        async with transaction():
            found = await rows.limit(size).select_for_update(skip_locked=True).only(table.pk_attr)
            gone = await rows.filter(pk__in=[row.pk for row in found]).delete() if found else 0
        went += gone
        deleted.inc(gone)
        if len(found) < size or enough():
            return went
