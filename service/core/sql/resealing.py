"""Sealing anew what rows hold sealed: under the first secret, before the others go."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final, TypeVar
from uuid import UUID

from tortoise.queryset import QuerySet

from models.leased import Leased
from service.core.crypto.sealing import Sealer

BATCH: Final = 500

Row = TypeVar("Row", bound=Leased)


@dataclass(frozen=True, slots=True)
class Resealed:
    """How many rows are sealed under the first secret now, and how many none of the secrets opens."""

    done: int
    lost: int


async def in_batches(rows: QuerySet[Row]) -> AsyncIterator[list[Row]]:
    """Yield `rows` in the order of their ids, so many at a time. Raises `Unavailable`."""
    last = UUID(int=0)
    while found := await rows.filter(id__gt=last).order_by("id").limit(BATCH):
        yield found
        last = found[-1].id


async def reseal(rows: QuerySet[Row], column: str, sealer: Sealer) -> Resealed:
    """Seal `column` of `rows` anew. It may be cut off anywhere, and run again beside workers. Raises `Unavailable`."""
    done, lost = 0, 0
    async for batch in in_batches(rows.filter(**{f"{column}__isnull": False})):
        for row in batch:
            sealed: bytes = getattr(row, column)
            plain = sealer.open(sealed, row.id.bytes)
            if plain is None:
                lost += 1
            else:  # a worker that has changed it meanwhile has sealed it anew
                changed = {column: sealer.seal(plain, row.id.bytes)}
                done += await rows.filter(id=row.id, **{column: sealed}).update(**changed)
    return Resealed(done, lost)
