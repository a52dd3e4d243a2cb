"""How full the pools are, and how late the loop is, for Prometheus: looked at now and then, at no cost to requests."""

from __future__ import annotations

import asyncio
from typing import Final

from prometheus_client import Counter

from service.core.sql import database
from service.core.telemetry import metrics
from service.runtime import Runtime

SECONDS: Final = 5.0
LAG_SECONDS: Final = 1.0
_NAP: Final = 0.05

_counted: Final = dict[Counter, float]()


async def sample(runtime: Runtime) -> None:
    """Publish how many connections are in use, and how many there may be."""
    settings = runtime.settings
    metrics.pool_size.labels("redis").set(settings.REDIS_POOL_SIZE)
    metrics.pool_size.labels("database").set(settings.DATABASE_POOL_SIZE)
    metrics.pool_used.labels("redis").set(runtime.redis.in_use)
    metrics.pool_used.labels("database").set(database.in_use())
    if memory := runtime.sessions.memory:  # which count for themselves: what every request does has to cost nothing
        _grown(metrics.session_cache.labels("hit"), memory.hits)
        _grown(metrics.session_cache.labels("miss"), memory.misses)
        _grown(metrics.session_cache_heard, memory.heard)
        _grown(metrics.session_cache_deaf_seconds, memory.deaf_seconds)
        _grown(metrics.user_cache.labels("hit"), runtime.users.hits)
        _grown(metrics.user_cache.labels("miss"), runtime.users.misses)


async def sample_lag(_: Runtime) -> None:
    """Sleep for a moment, and publish by how much later than that the loop has come back."""
    loop = asyncio.get_running_loop()
    due = loop.time() + _NAP
    await asyncio.sleep(_NAP)
    metrics.loop_lag_seconds.observe(max(0.0, loop.time() - due))


def _grown(counter: Counter, number: float) -> None:
    """Have a counter say what was counted elsewhere."""
    before, _counted[counter] = _counted.get(counter, 0), number
    counter.inc(max(0.0, number - before))
