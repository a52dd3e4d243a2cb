"""How full the pools are and how much work waits, for Prometheus: looked at now and then, at no cost to any request."""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from service.core.process.channel import first_of_its_instance
from service.core.sql import database
from service.core.sql.leases import Backlog
from service.core.telemetry import metrics
from service.errors import Unavailable
from service.runtime import Runtime

SECONDS = 5.0
JOBS_SECONDS = 15.0

_sampled: Final = set[str]()  # kinds: one set for the process, as the numbers are


async def sample(runtime: Runtime) -> None:
    """Publish how many connections are in use, and how many there may be."""
    settings = runtime.settings
    metrics.pool_size.labels("redis").set(settings.REDIS_POOL_SIZE)
    metrics.pool_size.labels("database").set(settings.DATABASE_POOL_SIZE)
    metrics.pool_used.labels("redis").set(runtime.redis.in_use)
    metrics.pool_used.labels("database").set(database.in_use())


async def sample_jobs_once(runtime: Runtime) -> None:
    """Do so in one process of an instance: the numbers are the same for all of them."""
    if runtime.settings.publishes_metrics and first_of_its_instance():
        await sample_jobs(runtime)


async def sample_jobs(runtime: Runtime) -> None:
    """Publish what waits for workers, and what failed for good, by kind. Without its database: what it was before."""
    with suppress(Unavailable):
        found = {one.kind: one for one in [await runtime.outbox.backlog(), *await runtime.jobs.backlog()]}
        now = runtime.clock.now()
        for kind in _sampled - set(found):  # nothing of it is left
            found[kind] = Backlog(kind, 0, None, 0)
        for kind, one in found.items():
            metrics.jobs_waiting.labels(kind).set(one.waiting)
            metrics.jobs_oldest_seconds.labels(kind).set((now - one.oldest).total_seconds() if one.oldest else 0)
            metrics.jobs_failed.labels(kind).set(one.failed)
        _sampled.update(found)
