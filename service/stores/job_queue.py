"""The jobs: work that no request waits for, as rows, written in the transaction that wants it done.

A job is done at least once: a worker that dies between the work and its mark leaves the job to another, once the lease
is over. What it needs to know is sealed while it waits, and goes with its row. A job that a schedule repeats is one row
for good, put back with the time of its next run: so each run that is due is one worker's, and one that was missed is
made up for, once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, cast
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

import orjson
from tortoise.expressions import Q

from models import Job
from service.core.clock import Clock
from service.core.crypto.sealing import Sealer
from service.core.sql import purging
from service.core.sql.leases import DEAD, OTHER_SECRET, PENDING, Backlog, Leases, hold_of
from service.core.sql.resealing import Resealed, in_batches, reseal

LEASE: Final = timedelta(seconds=30)  # longer than a job may take: LIMIT_SECONDS in jobs/worker.py
LOOKED_AT: Final = 20  # of those that are due: other workers take the first of them at the same time
KEPT: Final = timedelta(days=30)

_NAMES: Final = uuid5(NAMESPACE_URL, "latchkey:jobs")


@dataclass(frozen=True, slots=True)
class HeldJob:
    """A job that a worker holds. `attempt` and `until` tell this hold from another worker's later one."""

    id: UUID
    kind: str
    payload: Mapping[str, str]
    attempt: int
    until: datetime
    repeated: bool


class JobQueue:
    """Write jobs, take them, mark what became of them."""

    def __init__(self, secrets: tuple[str, ...], clock: Clock) -> None:
        self._sealer = Sealer(secrets, "jobs")
        self._clock = clock
        self._leases = Leases(Job, clock, LEASE)

    async def add(self, kind: str, *, once: str | None = None, after: timedelta = timedelta(), **payload: str) -> None:
        """Write a job, as part of the caller's transaction; due `after` a while.

        With `once` there is one job for each value of it, however many ask: until that one is done, or its failure is
        forgotten.
        """
        job_id = uuid4() if once is None else named(kind, once)
        now = self._clock.now()
        row = Job(
            id=job_id,
            kind=kind,
            payload_sealed=self._sealer.seal(orjson.dumps(payload), job_id.bytes) if payload else None,
            state=PENDING,
            attempts=0,
            due_at=now + after,
            created_at=now,
        )
        await Job.bulk_create([row], ignore_conflicts=True)

    async def cancel(self, kind: str, *, once: str) -> None:
        """Delete the job of this name: somebody has done it already. One in hand ends by itself."""
        await Job.filter(id=named(kind, once), state=PENDING).delete()

    async def schedule(self, every: Mapping[str, timedelta]) -> None:
        """See to it that each of these kinds has its repeated job: due at once where there is none yet.

        One whose last run failed for good is due again when its next run is.
        """
        now = self._clock.now()
        rows = [
            Job(
                id=named(kind, "schedule"),
                kind=kind,
                state=PENDING,
                attempts=0,
                due_at=now,
                created_at=now,
                every_seconds=int(often.total_seconds()),
            )
            for kind, often in every.items()
        ]
        await Job.bulk_create(rows, ignore_conflicts=True)
        missed = Job.filter(every_seconds__isnull=False, state=DEAD, due_at__lte=now)
        await self._leases.revive(missed)

    async def take(self, kinds: Sequence[str], limit: int) -> list[HeldJob]:
        """Take jobs of these kinds that are due, the longest due first, for `LEASE`. No other worker takes the same."""
        due = self._leases.due().filter(kind__in=list(kinds)).order_by("due_at", "id")
        ids = cast("list[UUID]", await due.limit(limit + LOOKED_AT).values_list("id", flat=True))
        return [job for row in await self._leases.take(ids, limit) if (job := await self._opened(row))]

    async def done(self, held: HeldJob, next_at: datetime | None = None) -> None:
        """Mark a job as done: its row goes, or waits for its next run."""
        row = self._leases.held(held)
        if next_at is None:
            await row.delete()
        else:
            await row.update(attempts=0, due_at=next_at, done_at=self._clock.now(), last_error=None)

    async def failed(self, held: HeldJob, reason: str, *, final: bool, next_at: datetime | None = None) -> None:
        """Put a job back for a later try; after the `final` one it is dead, a repeated one until `next_at`."""
        await self._leases.put_off(held, reason, dead=final, due_at=next_at if final else None)

    async def release(self, held: HeldJob, after: timedelta = timedelta()) -> None:
        """Give back a job that isn't finished, and has not failed: its attempt doesn't count."""
        await self._leases.give_back(held, self._clock.now() + after)

    async def listed(self, state: str | None, kind: str | None, limit: int) -> list[Job]:
        """Return jobs, those that are due first at the head, without what they know."""
        found = Job.filter(state=state) if state else Job.all()
        return await (found.filter(kind=kind) if kind else found).order_by("due_at", "id").limit(limit)

    async def retry(self, job_id: UUID | None = None) -> int:
        """Make a dead job, or all of them, due again from the first attempt on; return how many.

        Those that no secret opens stay dead: they would only die again.
        """
        dead, count = Job.filter(state=DEAD), 0
        async for batch in in_batches(dead.filter(id=job_id) if job_id else dead):
            ids = [row.id for row in batch if self._payload(row) is not None]
            count += await self._leases.revive(Job.filter(id__in=ids))
        return count

    async def unreadable(self) -> list[Job]:
        """Return the jobs that no secret opens, in no order."""
        sealed = in_batches(Job.filter(payload_sealed__isnull=False))
        return [row async for batch in sealed for row in batch if self._payload(row) is None]

    async def reseal(self) -> Resealed:
        """Seal what jobs know anew; those that had died for want of their secret are due again."""
        resealed = await reseal(Job.all(), "payload_sealed", self._sealer)
        async for batch in in_batches(Job.filter(state=DEAD, last_error=OTHER_SECRET)):
            ids = [row.id for row in batch if self._payload(row) is not None]
            await self._leases.revive(Job.filter(id__in=ids))
        return resealed

    async def purge(self, known: Iterable[str], *, enough: Callable[[], bool] = purging.never) -> int:
        """Delete what failed for good more than `KEPT` ago, and what no version here has known for so long."""
        old = Job.filter(due_at__lt=self._clock.now() - KEPT)
        over = old.filter(Q(state=DEAD, every_seconds__isnull=True) | ~Q(kind__in=list(known)))
        return await purging.purge(over, enough=enough)

    async def backlog(self) -> list[Backlog]:
        """Return how each kind stands. Raises `Unavailable`."""
        kinds = cast("list[str]", await Job.all().distinct().order_by("kind").values_list("kind", flat=True))
        return [await self._leases.backlog(kind, Job.filter(kind=kind)) for kind in kinds]

    async def _opened(self, row: Job) -> HeldJob | None:
        payload = self._payload(row)
        if payload is None:
            await self._leases.put_off(hold_of(row), OTHER_SECRET, dead=True)
            return None
        return HeldJob(row.id, row.kind, payload, row.attempts, row.due_at, row.every_seconds is not None)

    def _payload(self, row: Job) -> dict[str, str] | None:
        """Return what a job knows; None where no secret opens it."""
        if row.payload_sealed is None:
            return {}
        plain = self._sealer.open(row.payload_sealed, row.id.bytes)
        return None if plain is None else cast("dict[str, str]", orjson.loads(plain))


def named(kind: str, once: str) -> UUID:
    """Return the id of the one job of this name. It says nothing of what it is made of."""
    return uuid5(_NAMES, f"{kind} {once}")


async def last_run(kind: str) -> datetime | None:
    """Return when the repeated job of this kind was last done, None if it never was. Raises `Unavailable`."""
    row = await Job.get_or_none(id=named(kind, "schedule"))
    return row.done_at if row else None


async def last_runs() -> dict[str, datetime | None]:
    """Return when each repeated job was last done, by kind. Raises `Unavailable`."""
    rows = await Job.filter(every_seconds__isnull=False).values_list("kind", "done_at")
    return dict(cast("list[tuple[str, datetime | None]]", rows))


async def note_run(kind: str, moment: datetime) -> None:
    """Note that the repeated job of this kind was done, by somebody else than its worker."""
    await Job.filter(id=named(kind, "schedule")).update(done_at=moment)
