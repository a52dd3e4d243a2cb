"""How the work that no request waits for stands, for Prometheus: letters, and jobs of every kind."""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from service.core.process.channel import first_of_its_instance
from service.core.sql.leases import Backlog
from service.core.sql.leisure import at_leisure
from service.core.telemetry import metrics
from service.errors import Unavailable
from service.jobs.kinds import kinds_of
from service.runtime import Runtime
from service.stores.job_queue import last_runs
from service.stores.letters_waiting import Standing, standing
from service.stores.outbox import KIND

SECONDS: Final = 15.0

_sampled: Final = set[str]()  # kinds: one set for the process, as the numbers are


async def sample_jobs_once(runtime: Runtime) -> None:
    """Do so in one process of an instance: the numbers are the same for all of them."""
    if runtime.settings.publishes_metrics and first_of_its_instance():
        await sample_jobs(runtime)


async def sample_jobs(runtime: Runtime) -> None:
    """Publish what waits for workers, what failed for good, and what was last done when, by kind.

    Without the database: what it was before.
    """
    with suppress(Unavailable):
        async with at_leisure():  # however much waits, to count it may neither fail a request nor pass for an outage
            letters, jobs = await standing(runtime.clock), await runtime.jobs.backlog()
            last = await last_runs()
        _publish_letters(letters)
        now = runtime.clock.now()
        found = {one.kind: one for one in jobs}
        found[KIND] = letters.backlog(now)
        for kind in _sampled - set(found):  # nothing of it is left
            found[kind] = Backlog(kind, 0, None, 0)
        for kind, one in found.items():
            metrics.jobs_waiting.labels(kind).set(one.waiting)
            metrics.jobs_oldest_seconds.labels(kind).set((now - one.oldest).total_seconds() if one.oldest else 0)
            metrics.jobs_failed.labels(kind).set(one.failed)
        _sampled.update(found)
        for work in kinds_of(runtime):
            if work.schedule is not None:
                done_at = last.get(work.name)
                metrics.jobs_last_done.labels(work.name).set(done_at.timestamp() if done_at else 0)
                metrics.jobs_every_seconds.labels(work.name).set(work.schedule.every.total_seconds())


def _publish_letters(found: Standing) -> None:
    for state, number in (
        ("due", found.due),
        ("in_hand", found.in_hand),
        ("delayed", found.delayed),
        ("waiting", found.waiting),
        ("dead", found.dead),
    ):
        metrics.letters_standing.labels(state).set(number)
    metrics.letters_oldest_seconds.labels("due").set(found.oldest_due.total_seconds())
    metrics.letters_oldest_seconds.labels("delayed").set(found.oldest_delayed.total_seconds())
