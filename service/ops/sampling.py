"""How full the pools are, for Prometheus: looked at now and then, at no cost to any request."""

from __future__ import annotations

from service.core.sql import database
from service.core.telemetry import metrics
from service.runtime import Runtime

SECONDS = 5.0


async def sample(runtime: Runtime) -> None:
    """Publish how many connections are in use, and how many there may be."""
    settings = runtime.settings
    metrics.pool_size.labels("redis").set(settings.REDIS_POOL_SIZE)
    metrics.pool_size.labels("database").set(settings.DATABASE_POOL_SIZE)
    metrics.pool_used.labels("redis").set(runtime.redis.in_use)
    metrics.pool_used.labels("database").set(database.in_use())
