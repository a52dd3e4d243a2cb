"""The service at a glance: out of two readings of the stores, and of what instances publish."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import NoPermissionError

from service.core.redis import usage
from service.core.redis.client import RedisScripts
from service.core.redis.usage import Memory, count_keys, memory_in_use
from service.core.sql.leases import Backlog
from service.errors import Unavailable
from service.ops.overview import Instance, Reading, look, overview, read_page
from service.runtime import Runtime
from tests.support.people import Person

NOW = datetime(2026, 11, 26, 9, 30, tzinfo=UTC)
PAGE = """
# TYPE latchkey_requests counter
latchkey_requests_total{{method="GET",route="/api/users/me",status="200"}} {good}
latchkey_requests_total{{method="GET",route="/api/users/me",status="503"}} {bad}
latchkey_requests_total{{method="POST",route="/api/auth/login",status="429"}} {late}
# TYPE latchkey_refreshes counter
latchkey_refreshes_total{{outcome="rotated"}} {refreshes}
latchkey_refreshes_total{{outcome="reused"}} 999.0
# TYPE latchkey_pool_used gauge
latchkey_pool_used{{store="redis"}} 3.0
latchkey_pool_size{{store="redis"}} 32.0
latchkey_hash_queue 2.0
"""


def page(**numbers: float) -> Instance:
    return read_page("http://one", PAGE.format(**({"good": 0, "bad": 0, "late": 0, "refreshes": 0} | numbers)))


def reading(*instances: Instance, seconds: float) -> Reading:
    queue = [Backlog("letters", 3, NOW - timedelta(seconds=40), 1), Backlog("removal", 0, None, 0)]
    return Reading(NOW, seconds, 12, 90, 6, queue, Memory(1000, None), (), instances)


def test_what_two_readings_come_to() -> None:
    """Rates between them; an instance that began anew counts from nothing, one that is new not yet."""
    before = reading(page(good=100, refreshes=10), replace(page(good=500), url="http://two"), seconds=1.0)
    new = replace(page(good=10_000), url="http://new")
    again = replace(page(good=20), url="http://two")
    found = overview(before, reading(page(good=120, bad=4, late=6, refreshes=30), again, new, seconds=3.0))
    assert (found.requests_per_second, found.errors_per_second, found.refused_per_second) == (25.0, 2.0, 3.0)
    assert (found.refreshes_per_second, found.sessions, found.log_ins_per_second) == (10.0, 12, 1.5)
    assert (found.pools, found.hash_queue, found.failed_log_ins_per_second) == ({"redis": (9, 96)}, 6, 0.1)
    assert (found.waiting, found.oldest_seconds, found.dead, found.instances_bytes) == (3, 40, 1, None)


def test_what_isnt_known() -> None:
    """Without an instance, or with one that says nothing, that is said, and nothing is taken for zero."""
    silent = [
        read_page("http://a", OSError("refused")),
        read_page("http://b", "<html>"),
        read_page("http://c", "x 1\n"),
    ]
    nothing = replace(reading(*silent, seconds=3.0), queue=None, sessions=None, away=("database",))
    found = overview(nothing, nothing)
    assert (found.requests_per_second, found.errors_per_second, found.pools, found.waiting) == (None, None, {}, None)
    assert (found.oldest_seconds, found.away) == (None, ("database",))
    assert list(found.faults) == ["http://a", "http://b", "http://c"]


async def test_the_stores(ada: Person, runtime: Runtime) -> None:
    """What they know without any instance; of sessions inside a service nothing is said."""
    await ada.log_in()
    found = await look(runtime, {})
    assert (found.logged_in, found.failed, found.away) == (1, 0, ())
    assert await count_keys(runtime.redis, f"user:{{{ada.id}}}:session:*") == 1
    embedded = runtime.settings.REDIS_URL.startswith("memory:")
    assert (found.sessions, found.memory.used is None) == ((None, True) if embedded else (1, False))


async def test_a_store_that_is_away(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is said to be, and the rest is there. A server that doesn't say how much memory it has is no outage."""

    async def gone(_: RedisScripts) -> None:
        raise RedisConnectionError("gone")

    with monkeypatch.context() as patch:
        patch.setattr(RedisScripts, "servers", gone)
        for asked in (count_keys(runtime.redis, "*"), memory_in_use(runtime.redis)):
            with pytest.raises(Unavailable):
                await asked
        if not runtime.settings.REDIS_URL.startswith("memory:"):
            found = await look(runtime, {})
            assert (found.away, found.sessions, found.logged_in) == (("redis",), None, 0)

    async def refused(*_: object) -> None:
        raise NoPermissionError("no INFO for you")

    monkeypatch.setattr(usage, "execute", refused)
    assert await memory_in_use(runtime.redis) == Memory(None, None)
