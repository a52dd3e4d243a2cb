"""The service at a glance: how many are logged in, what comes in, what waits; from the stores, and from its instances.

An instance's numbers are those that it publishes for Prometheus. Nothing here is on a request's path.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, TypeVar

from prometheus_client.parser import text_string_to_metric_families

from models import SecurityEvent
from service.audit import events
from service.core.clock import steady_seconds
from service.core.redis.sweep import literally
from service.core.redis.usage import Memory, count_keys, memory_in_use
from service.core.sql.leases import Backlog
from service.errors import Unavailable
from service.runtime import Runtime
from service.stores.letters_waiting import standing

MINUTE: Final = timedelta(minutes=1)  # over which log-ins are counted, from their events
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Instance:
    """What one instance publishes: its page's numbers, by name and labels. Without an answer, `fault` says why."""

    url: str
    numbers: Mapping[tuple[str, frozenset[tuple[str, str]]], float] = field(default_factory=dict)
    fault: str = ""

    def sum(self, name: str, **labels: str) -> float | None:
        """Return the sum of what is called so and has these labels; None where there is nothing of it."""
        wanted = frozenset(labels.items())
        found = [value for (known, given), value in self.numbers.items() if known == name and wanted <= given]
        return sum(found) if found else None

    def errors(self) -> float | None:
        """Return how many answers there were of 500 and above."""
        return self._answers(lambda status: status >= "500")

    def refused(self) -> float | None:
        """Return how many there were of 429: somebody was to wait."""
        return self._answers(lambda status: status == "429")

    def _answers(self, meant: Callable[[str], bool]) -> float | None:
        if self.sum("latchkey_requests_total") is None:
            return None
        return sum(
            value
            for (name, given), value in self.numbers.items()
            if name == "latchkey_requests_total" and meant(dict(given).get("status", ""))
        )


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything at one moment. What is None isn't known; `away` are the stores that are out of reach."""

    at: datetime
    seconds: float  # a time that only goes on
    sessions: int | None
    logged_in: int | None  # within the last minute
    failed: int | None
    queue: Sequence[Backlog] | None
    memory: Memory
    away: tuple[str, ...]
    instances: tuple[Instance, ...]


async def look(runtime: Runtime, pages: Mapping[str, str | Exception], sessions: int | None = None) -> Reading:
    """Look at the stores, and at the `pages` of instances, or why there is none. `sessions` where they are known."""
    away: list[str] = []

    async def known(asked: Callable[[], Awaitable[_T]]) -> _T | None:
        try:
            return await asked()
        except Unavailable as error:
            away.append(error.what or "store")
            return None

    now = runtime.clock.now()
    seen = not runtime.settings.REDIS_URL.startswith("memory:")
    if sessions is None and seen:
        sessions = await known(lambda: count_sessions(runtime))
    recent = SecurityEvent.filter(created_at__gte=now - MINUTE)
    return Reading(
        at=now,
        seconds=steady_seconds(),
        sessions=sessions if seen else None,
        logged_in=await known(lambda: recent.filter(type=events.LOGIN_SUCCEEDED.name).count()),
        failed=await known(lambda: recent.filter(type=events.LOGIN_FAILED.name).count()),
        queue=await known(lambda: _queue(runtime)),
        memory=(await known(lambda: memory_in_use(runtime.redis)) if seen else None) or Memory(None, None),
        away=tuple(dict.fromkeys(away)),
        instances=tuple(read_page(url, page) for url, page in pages.items()),
    )


async def count_sessions(runtime: Runtime) -> int:
    """Return how many sessions there are in Redis. Raises `Unavailable`."""
    prefix = literally(runtime.settings.REDIS_KEY_PREFIX)
    return await count_keys(runtime.redis, f"{prefix}user:{{*}}:session:*")


async def _queue(runtime: Runtime) -> list[Backlog]:
    letters = await standing(runtime.clock)
    return [letters.backlog(runtime.clock.now()), *await runtime.jobs.backlog()]


def read_page(url: str, page: str | Exception) -> Instance:
    """Return what an instance's page says, or why it says nothing."""
    if isinstance(page, Exception):
        return Instance(url, fault=str(page) or type(page).__name__)
    try:
        numbers = {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in text_string_to_metric_families(page)
            for sample in family.samples
        }
    except ValueError:
        return Instance(url, fault="what answers there publishes no metrics")
    if not any(name.startswith("latchkey_") for name, _ in numbers):
        return Instance(url, fault="what answers there publishes no metrics of Latchkey")
    return Instance(url, numbers)


@dataclass(frozen=True, slots=True)
class Overview:
    """What two readings come to. What is None isn't known: an instance has to be read for it."""

    at: datetime
    sessions: int | None
    log_ins_per_second: float | None
    failed_log_ins_per_second: float | None
    refreshes_per_second: float | None
    requests_per_second: float | None
    errors_per_second: float | None
    refused_per_second: float | None
    store_errors_per_second: float | None
    pools: Mapping[str, tuple[int, int]]
    hash_queue: int | None
    waiting: int | None
    oldest_seconds: int | None
    dead: int | None
    redis: Memory
    instances_bytes: int | None
    away: tuple[str, ...]
    faults: Mapping[str, str]


def overview(before: Reading, now: Reading) -> Overview:
    """Return what there is now, and what came to pass in between."""

    def rate(asked: Callable[[Instance], float | None]) -> float | None:
        return _grown(before, now, asked)

    def total(name: str, **labels: str) -> int | None:
        found = [value for one in now.instances if (value := one.sum(name, **labels)) is not None]
        return round(sum(found)) if found else None

    queue = now.queue
    due = [one.oldest for one in queue or () if one.oldest is not None]
    pools = {
        store: (used, size)
        for store in ("database", "redis")
        if (used := total("latchkey_pool_used", store=store)) is not None
        and (size := total("latchkey_pool_size", store=store)) is not None
    }
    return Overview(
        at=now.at,
        sessions=now.sessions,
        log_ins_per_second=_a_second(now.logged_in),
        failed_log_ins_per_second=_a_second(now.failed),
        refreshes_per_second=rate(lambda one: one.sum("latchkey_refreshes_total", outcome="rotated")),
        requests_per_second=rate(lambda one: one.sum("latchkey_requests_total")),
        errors_per_second=rate(Instance.errors),
        refused_per_second=rate(Instance.refused),
        store_errors_per_second=rate(lambda one: one.sum("latchkey_store_errors_total")),
        pools=pools,
        hash_queue=total("latchkey_hash_queue"),
        waiting=sum(one.waiting for one in queue) if queue is not None else None,
        oldest_seconds=round((now.at - min(due)).total_seconds()) if due else None if queue is None else 0,
        dead=sum(one.failed for one in queue) if queue is not None else None,
        redis=now.memory,
        instances_bytes=total("process_resident_memory_bytes"),
        away=now.away,
        faults={one.url: one.fault for one in now.instances if one.fault},
    )


def _a_second(within_a_minute: int | None) -> float | None:
    return None if within_a_minute is None else round(within_a_minute / MINUTE.total_seconds(), 2)


def _grown(before: Reading, now: Reading, asked: Callable[[Instance], float | None]) -> float | None:
    """Return by how much a count has grown in a second, over the instances that both readings have."""
    earlier = {one.url: asked(one) for one in before.instances}
    grown = [
        # One that has begun anew counts from nothing.
        value - old if value >= old else value
        for one in now.instances
        if (value := asked(one)) is not None and (old := earlier.get(one.url)) is not None
    ]
    seconds = now.seconds - before.seconds
    return round(sum(grown) / seconds, 2) if grown and seconds > 0 else None
