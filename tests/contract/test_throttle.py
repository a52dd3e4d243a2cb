"""What every Redis must do for the throttles: the same script, on the fake, on one server and on a cluster."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from service.core.clock import Clock
from service.core.redis import RedisScripts
from service.core.throttle import Budget, Refused, Taken, Throttle
from service.settings import Settings

HOUR = 3_600_000
WINDOW = Budget("window", 3, HOUR)
GROWING = Budget("growing", 3, 6 * HOUR, wait_ms=15_000, longest_ms=60_000, ceiling=9)


@pytest.fixture
async def clock() -> Clock:
    return Clock()


@pytest.fixture
async def throttle(redis: RedisScripts, store_settings: Settings, clock: Clock) -> Throttle:
    return Throttle(redis, store_settings, clock)


@pytest.fixture
def who() -> str:
    return uuid4().hex


async def take(throttle: Throttle, budget: Budget, who: str) -> int:
    """Return 0 for what was taken, else the seconds to wait."""
    found = await throttle.take(budget, who)
    return 0 if isinstance(found, Taken) else round(found.wait_ms / 1000)


async def test_a_window(throttle: Throttle, clock: Clock, who: str) -> None:
    """A window gives its quota, then nothing until it is over, then its quota again."""
    assert [await take(throttle, WINDOW, who) for _ in range(3)] == [0, 0, 0]
    clock.advance(1800)
    assert 1798 <= await take(throttle, WINDOW, who) <= 1800
    clock.advance(1801)
    assert [await take(throttle, WINDOW, who) for _ in range(3)] == [0, 0, 0]
    assert await throttle.take(WINDOW, who) != Taken(4)


async def test_waits_grow(throttle: Throttle, clock: Clock, who: str) -> None:
    """R12: after the quota each guess costs twice the last wait, up to the longest; at the ceiling it is over."""
    assert [await take(throttle, GROWING, who) for _ in range(3)] == [0, 0, 0]
    for wait in (15, 30, 60, 60, 60, 60):
        found = await throttle.take(GROWING, who)
        assert isinstance(found, Refused)
        assert (found.quota, found.window_ms) == (1, wait * 1000)
        assert wait - 3 <= found.wait_ms / 1000 <= wait
        clock.advance(wait + 0.1)
        assert await take(throttle, GROWING, who) == 0
    clock.advance(HOUR / 1000)
    found = await throttle.take(GROWING, who)
    assert isinstance(found, Refused)
    assert (found.quota, found.window_ms) == (9, 9 * 6 * HOUR)
    clock.advance(9 * 6 * 3600)
    assert await take(throttle, GROWING, who) == 0


async def test_parallel_takers(throttle: Throttle, who: str) -> None:
    """R13: of 200 at once exactly the quota gets through."""
    for budget in (WINDOW, GROWING):
        found = await asyncio.gather(*(throttle.take(budget, who) for _ in range(200)))
        assert sum(isinstance(one, Taken) for one in found) == 3


async def test_giving_back(throttle: Throttle, who: str) -> None:
    """What is given back can be taken again, and no more than that; a forgotten bucket is whole."""
    for budget in (WINDOW, GROWING):
        for _ in range(3):
            await throttle.take(budget, who)
        await throttle.give_back(budget, who)
        assert await throttle.take(budget, who) == Taken(3)
        assert await take(throttle, budget, who) > 0
        await throttle.forget(budget, who)
        assert await throttle.take(budget, who) == Taken(1)
        await throttle.give_back(budget, who)
        await throttle.give_back(budget, who)  # there is nothing to give back to
        assert await throttle.take(budget, who) == Taken(1)


async def test_keys(throttle: Throttle, redis: RedisScripts, who: str) -> None:
    """Keys carry the prefix, end by themselves, name nobody, and are none that revoking deletes."""
    await throttle.take(GROWING, f"{who}@example.com")
    key = throttle.key(GROWING, f"{who}@example.com")
    client: Any = redis.client
    assert key.startswith("contract:throttle:growing:")
    assert who not in key
    assert 0 < await client.pttl(key) <= 6 * HOUR
    assert {name.decode() for name in await client.hkeys(key)} == {"taken", "opens_at", "ends_at"}


async def test_subjects_are_apart(throttle: Throttle, who: str) -> None:
    """Nobody's attempts count for another, nor for another budget."""
    for _ in range(3):
        await throttle.take(WINDOW, who)
    assert await throttle.take(WINDOW, who + "x") == Taken(1)
    assert await throttle.take(GROWING, who) == Taken(1)
