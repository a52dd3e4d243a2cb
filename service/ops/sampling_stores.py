"""How the stores stand, for Prometheus: their clocks beside ours, how full Redis is, how old the signing key."""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import Final

from service.core.process.channel import first_of_its_instance
from service.core.redis.facts import RedisLoad, redis_load
from service.core.sql import database
from service.core.telemetry import metrics
from service.core.telemetry.logs import log_event
from service.errors import Unavailable
from service.ops.flows import readiness
from service.ops.store_checks import CLOCK_WARNING
from service.runtime import Runtime

SECONDS: Final = 60.0
READY_SECONDS: Final = 15.0

# One set for the process, as the numbers are.
_off: Final = set[str]()  # stores whose clock was not ours when last looked at
_nodes: Final = set[str]()  # of Redis


async def sample_readiness_once(runtime: Runtime) -> None:
    """Publish whether the instance can work with its stores, also where no balancer asks it."""
    if runtime.settings.publishes_metrics and first_of_its_instance():
        await readiness(runtime)


async def sample_stores_once(runtime: Runtime) -> None:
    """Do so in one process of an instance."""
    if runtime.settings.publishes_metrics and first_of_its_instance():
        await sample_stores(runtime)


async def sample_stores(runtime: Runtime) -> None:
    """Publish it; of a store that is away, what it was before."""
    with suppress(Unavailable):
        facts = await database.server_facts(runtime.clock)
        if facts is not None:
            _note_clock("database", facts.ahead)
        await runtime.keyring.load()
        if times := runtime.keyring.times:
            metrics.key_since.set(times.since.timestamp())
            metrics.key_next.set(times.next_at.timestamp() if times.next_at else 0)
    if runtime.settings.REDIS_URL.startswith("memory:"):
        return
    with suppress(Unavailable):
        nodes = await redis_load(runtime.redis, runtime.clock)
        for name in _nodes - {node.node for node in nodes}:  # after a fail-over: it says nothing any more
            _publish(RedisLoad(name, 0, 0, 0, 0, None))
        _nodes.update(node.node for node in nodes)
        for node in nodes:
            _publish(node)
        clocks = [node.ahead for node in nodes if node.ahead is not None]
        if clocks:
            _note_clock("redis", max(clocks, key=abs))


def _publish(node: RedisLoad) -> None:
    for gauge, labels, number in (
        (metrics.redis_memory, ("used",), node.used),
        (metrics.redis_memory, ("limit",), node.limit),
        (metrics.redis_evicted, (), node.evicted),
        (metrics.redis_keys, (), node.keys),
    ):
        if number is not None:  # else it doesn't say, and neither do we
            gauge.labels(node.node, *labels).set(number)


def _note_clock(store: str, ahead: float) -> None:
    """Publish by how much a clock is ahead of ours. The log has a line when it begins to differ, and when it ends."""
    metrics.clock_offset_seconds.labels(store).set(ahead)
    off = abs(ahead) >= CLOCK_WARNING
    if off != (store in _off):
        level = logging.WARNING if off else logging.INFO
        log_event("clock.off" if off else "clock.right", level, store=store, seconds=round(ahead, 1))
    (_off.add if off else _off.discard)(store)
