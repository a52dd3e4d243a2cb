"""Rows that workers take for a while: the one mechanism behind letters and every other job.

A row that is due is taken for a lease: its `due_at` is moved on, and `attempts` counts the taking. Whoever dies with it
leaves it to the others once the lease is over, so what is done with a row must bear to be done again. Only who holds a
row may say what became of it: a hold is known by its attempt and by the very moment its lease ends, and a worker that
is late finds nothing under its own.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Generic, Protocol, TypeVar
from uuid import UUID

from tortoise.queryset import QuerySet

from models.leased import Leased
from service.core.clock import Clock
from service.core.sql.transactions import transaction

PENDING: Final = "pending"
DEAD: Final = "dead"

MOST_ATTEMPTS: Final = 20  # the last one more than two days after the first
FIRST_DELAY: Final = timedelta(seconds=10)
LONGEST_DELAY: Final = timedelta(hours=6)
OTHER_SECRET: Final = "sealed under a SECRET_KEY that is not given any more"  # noqa: S105 - a reason

Row = TypeVar("Row", bound=Leased)

_jitter = random.SystemRandom()


class Held(Protocol):
    """A row in somebody's hands."""

    @property
    def id(self) -> UUID:
        """Which row."""

    @property
    def attempt(self) -> int:
        """How often it has been taken, this time included."""

    @property
    def until(self) -> datetime:
        """When the lease ends."""


@dataclass(frozen=True, slots=True)
class Hold:
    """A row in somebody's hands, and nothing of what it says."""

    id: UUID
    attempt: int
    until: datetime


@dataclass(frozen=True, slots=True)
class Backlog:
    """How a kind of work stands: how much is due, since when the oldest, how much nobody will try again."""

    kind: str
    waiting: int
    oldest: datetime | None
    failed: int


def backoff(attempt: int) -> timedelta:
    """Return how long to wait after an attempt that failed: twice as long each time."""
    return min(LONGEST_DELAY, FIRST_DELAY * float(2 ** (attempt - 1)))


class Leases(Generic[Row]):
    """Take rows of one table, give them back, put them off, revive the dead.

    `placed` says what else of a row goes with another `due_at`: a place in an order, for one.
    """

    def __init__(
        self,
        table: type[Row],
        clock: Clock,
        lease: timedelta,
        placed: Callable[[datetime], Mapping[str, int]] = lambda _: {},
    ) -> None:
        self._table = table
        self._clock = clock
        self._lease = lease
        self._placed = placed

    def due(self) -> QuerySet[Row]:
        """Return what could be taken now."""
        return self._table.filter(state=PENDING, due_at__lte=self._clock.now())

    def held(self, held: Held) -> QuerySet[Row]:
        """Return the row as long as this hold is the last: who lost it has no say in what another made of it."""
        return self._table.filter(id=held.id, state=PENDING, attempts=held.attempt, due_at=held.until)

    async def take(self, ids: Sequence[UUID], limit: int) -> list[Row]:
        """Take the first of these that are due, `limit` at most, in this order. No other worker takes the same."""
        rows = list[Row]()
        while ids and len(rows) < limit:
            # Another worker may be taking the very same: then it is those after them.
            next_ones, ids = ids[: limit - len(rows)], ids[limit - len(rows) :]
            rows += sorted(await self._take_all(next_ones), key=lambda row: next_ones.index(row.id))
        return rows

    async def give_back(self, held: Held, due_at: datetime, **changes: object) -> bool:
        """Give a row back as if it had not been taken; False if it is in other hands by now, or gone."""
        return await self.held(held).update(due_at=due_at, attempts=held.attempt - 1, **changes) == 1

    async def put_off(self, held: Held, reason: str, *, dead: bool, due_at: datetime | None = None) -> None:
        """Put a row back after an attempt that failed: to be tried again at `due_at`, by itself later and later.

        Of a dead one that is only when it would have been.
        """
        later = due_at or self._clock.now() + backoff(held.attempt) * (1 + 0.2 * _jitter.random())
        await self.held(held).update(
            state=DEAD if dead else PENDING, due_at=later, last_error=reason[:200], **self._placed(later)
        )

    async def revive(self, rows: QuerySet[Row]) -> int:
        """Make those of `rows` that are dead due again, from the first attempt on; return how many."""
        now = self._clock.now()
        dead = rows.filter(state=DEAD)
        return await dead.update(state=PENDING, attempts=0, due_at=now, **self._placed(now))

    async def backlog(self, kind: str, rows: QuerySet[Row]) -> Backlog:
        """Return how `rows` stand. Raises `Unavailable`."""
        due = rows.filter(state=PENDING, due_at__lte=self._clock.now())
        first = await due.order_by("due_at").first()
        waiting = await due.count() if first else 0
        return Backlog(kind, waiting, first.due_at if first else None, await rows.filter(state=DEAD).count())

    async def _take_all(self, ids: Sequence[UUID]) -> list[Row]:
        async with transaction():
            rows = await self.due().filter(id__in=ids).select_for_update(skip_locked=True)
            for row in rows:
                row.due_at, row.attempts = self._clock.now() + self._lease, row.attempts + 1
                await row.save(update_fields=["due_at", "attempts"])
        return rows


def hold_of(row: Leased) -> Hold:
    """Return the hold on a row that was just taken."""
    return Hold(row.id, row.attempts, row.due_at)
