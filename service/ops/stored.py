"""What the check-up counts in the database: hashes that aren't checked (R84), removals that nobody ends (R83), jobs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final, cast
from uuid import UUID

from models import Credential, Job, UnfinishedRemoval, User
from service.core.clock import Clock
from service.core.passwords.hashing import OURS
from service.core.sql.leases import DEAD, PENDING
from service.credentials.passwords import KIND

BATCH: Final = 1000
MOST: Final = 200_000  # looked at; whoever moves in logs in, and then the hash is one of ours

OVERDUE: Final = timedelta(hours=1)  # a worker takes minutes for an account with very many events
LATE: Final = timedelta(hours=1)  # past its time, while a worker takes seconds
NEW: Final = timedelta(days=1)  # a service is, and need not have had a worker yet


@dataclass(frozen=True, slots=True)
class JobFacts:
    """How the jobs stand. `scheduled`: whether a worker has ever been there, or the service is new."""

    failed: tuple[str, ...] = ()  # kinds of those that failed for good
    late: int = 0
    scheduled: bool = True


ALL_IS_WELL: Final = JobFacts()


async def job_facts(clock: Clock) -> JobFacts:
    """Look at the jobs. Raises `Unavailable`."""
    failed = await Job.filter(state=DEAD).distinct().order_by("kind").values_list("kind", flat=True)
    late = await Job.filter(state=PENDING, due_at__lt=clock.now() - LATE).count()
    scheduled = await Job.filter(every_seconds__isnull=False).exists()
    new = not await User.filter(created_at__lt=clock.now() - NEW).exists()
    return JobFacts(tuple(cast("list[str]", failed)), late, scheduled or new)


async def count_overdue(clock: Clock) -> int:
    """Count deleted accounts whose traces nobody has taken in an hour. Raises `Unavailable`."""
    return await UnfinishedRemoval.filter(created_at__lt=clock.now() - OVERDUE).count()


async def count_refused() -> int:
    """Count the hashes that this version refuses to check; older ones imported more. Raises `Unavailable`."""
    others = Credential.filter(kind=KIND).exclude(verifier__startswith=OURS)
    count, last = 0, UUID(int=0)
    for _ in range(MOST // BATCH):
        found = await others.filter(id__gt=last).order_by("id").limit(BATCH).values_list("id", "verifier")
        if not found:
            break
        from service.core.passwords.foreign_hashes import refusal  # most services have none, and look at every start

        last = found[-1][0]
        count += sum(refusal(hashed) is not None for _, hashed in found)
    return count
