"""What every Redis must do for the throttles: the same script, on the fake, on one server and on a cluster."""

from __future__ import annotations

import asyncio
import os
from typing import Any
from uuid import uuid4

import hypothesis
import pytest
from hypothesis import strategies as st

import service.stores.throttle as throttle_module
from service.core.clock import Clock
from service.core.redis.client import RedisScripts
from service.core.windows import Budget, Charge, Refused, Taken, by_network
from service.settings import Settings
from service.stores.throttle import Throttle
from tests.contract.conftest import stand_at
from tests.support.commands import commands

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


@pytest.mark.parametrize(("early", "passes"), [(1, False), (0, True)])
async def test_the_millisecond_at_which_a_wait_ends(
    throttle: Throttle, who: str, monkeypatch: pytest.MonkeyPatch, early: int, passes: bool
) -> None:
    """A window's end is the next one's beginning; when a wait is over the next guess passes, and not before."""
    begun = 1_900_000_000_000
    stand_at(monkeypatch, begun, throttle_module)
    for budget in (WINDOW, GROWING):
        assert [await take(throttle, budget, who) for _ in range(3)] == [0, 0, 0]
        found = await throttle.take(budget, who)
        assert isinstance(found, Refused)
        assert found.wait_ms == (budget.wait_ms or budget.keep_ms)
    stand_at(monkeypatch, begun + GROWING.wait_ms - early, throttle_module)
    assert isinstance(await throttle.take(GROWING, who), Taken) == passes
    stand_at(monkeypatch, begun + HOUR - early, throttle_module)
    assert isinstance(await throttle.take(WINDOW, who), Taken) == passes


@pytest.mark.parametrize(("early", "passes"), [(1, False), (0, True)])
async def test_the_millisecond_at_which_guesses_are_forgotten(
    throttle: Throttle, who: str, monkeypatch: pytest.MonkeyPatch, early: int, passes: bool
) -> None:
    """At the ceiling it is over until the guesses are forgotten: as many hours as each of them is remembered."""
    moment = 1_900_000_000_000
    for _ in range(9):
        stand_at(monkeypatch, moment, throttle_module)
        assert await take(throttle, GROWING, who) == 0
        last, moment = moment, moment + GROWING.longest_ms
    stand_at(monkeypatch, last + 9 * GROWING.keep_ms - early, throttle_module)
    assert isinstance(await throttle.take(GROWING, who), Taken) == passes


async def test_parallel_takers(throttle: Throttle, who: str) -> None:
    """R13: of 200 at once exactly the quota gets through."""
    for budget in (WINDOW, GROWING):
        found = await asyncio.gather(*(throttle.take(budget, who) for _ in range(200)))
        assert sum(isinstance(one, Taken) for one in found) == 3
        assert isinstance(await throttle.take(budget, who), Refused)


async def granted(throttle: Throttle, budget: Budget, who: str, part: str = "") -> Taken:
    found = await throttle.take(budget, who, part)
    assert isinstance(found, Taken), found
    return found


async def test_giving_back(throttle: Throttle, who: str) -> None:
    """What is given back can be taken again, and no more than that; a forgotten bucket is whole."""
    for budget in (WINDOW, GROWING):
        last = [await granted(throttle, budget, who) for _ in range(3)][-1]
        await throttle.give_back(last)
        assert await throttle.take(budget, who) == Taken(3)
        assert await take(throttle, budget, who) > 0
        await throttle.forget(budget, who)
        last = await granted(throttle, budget, who)
        assert last == Taken(1)
        await throttle.give_back(last)
        await throttle.give_back(last)  # there is nothing to give back to
        assert await throttle.take(budget, who) == Taken(1)


async def test_giving_back_opens_no_wait_of_others(throttle: Throttle, clock: Clock, who: str) -> None:
    """R75: an attempt that was none leaves the wait that a later one has earned, and what is remembered of it."""
    first = await granted(throttle, GROWING, who, "own")
    for _ in range(2):
        await granted(throttle, GROWING, who, "victim")
    await throttle.clear(first)
    assert await throttle.take(GROWING, who, "victim") == Taken(3)
    for _ in range(3):
        clock.advance(61)
        await granted(throttle, GROWING, who, "victim")
    clock.advance(61)
    own = await granted(throttle, GROWING, who, "own")
    clock.advance(61)
    await granted(throttle, GROWING, who, "victim")
    await throttle.clear(own)
    assert await take(throttle, GROWING, who) > 0
    clock.advance(61)
    assert await throttle.take(GROWING, who, "victim") == Taken(8)


async def test_giving_back_to_a_later_window(throttle: Throttle, clock: Clock, who: str) -> None:
    """R75: an attempt of a window that is over is none of the next one's."""
    early = await granted(throttle, WINDOW, who)
    clock.advance(3601)
    assert [await take(throttle, WINDOW, who) for _ in range(3)] == [0, 0, 0]
    await throttle.give_back(early)
    assert await take(throttle, WINDOW, who) > 0


async def test_parts(throttle: Throttle, who: str) -> None:
    """R75: a right guess takes its own part out of a shared bucket and nobody else's, however many were under way."""
    for _ in range(2):
        await granted(throttle, GROWING, who, "victim")
    for _ in range(20):
        own = await granted(throttle, GROWING, who, "own")
        assert own == Taken(3)
        await throttle.clear(own)
    await granted(throttle, GROWING, who, "victim")
    assert await take(throttle, GROWING, who) > 0


async def test_parts_in_parallel(throttle: Throttle, who: str) -> None:
    """R13, R75: of two that were right at once the second takes out no more; nor one that a pardon has taken out."""
    wide = Budget("wide", 20, 6 * HOUR, wait_ms=15_000, longest_ms=60_000, ceiling=30)
    for _ in range(5):
        await granted(throttle, wide, who, "victim")
    own = [await granted(throttle, wide, who, "own") for _ in range(6)]
    await asyncio.gather(*(throttle.clear(one) for one in own[:3]))
    assert await throttle.take(wide, who, "victim") == Taken(6)
    own += [await granted(throttle, wide, who, "own") for _ in range(3)]
    await throttle.pardon(wide, who, "own")
    for one in own:
        await throttle.give_back(one)
    assert await throttle.take(wide, who, "victim") == Taken(7)


async def test_a_pardon(throttle: Throttle, who: str) -> None:
    """R12, R75: a pardon lets one part pass, up to the ceiling, whatever others use, and gives them nothing."""
    for part in ("victim", "other", "other"):
        await granted(throttle, GROWING, who, part)
    assert await take(throttle, GROWING, who) > 0
    await throttle.pardon(GROWING, who, "victim")
    assert await throttle.take(GROWING, who, "other") == Taken(3)
    for _ in range(GROWING.ceiling - 1):
        assert await throttle.take(GROWING, who, "victim") == Taken(3)
    again = await granted(throttle, GROWING, who, "victim")
    await throttle.give_back(again)
    assert await throttle.take(GROWING, who, "victim") == Taken(3)
    assert isinstance(await throttle.take(GROWING, who, "victim"), Refused)
    assert isinstance(await throttle.take(GROWING, who, "other"), Refused)
    await throttle.pardon(GROWING, who + "x", "victim")  # there is none
    assert await throttle.take(GROWING, who + "x", "victim") == Taken(1)


async def test_what_has_run_out_leaves_nothing(throttle: Throttle, redis: RedisScripts, clock: Clock, who: str) -> None:
    """R75: of a bucket that is over no part is left for the next one: nobody takes out what was counted before."""
    for _ in range(2):
        await granted(throttle, GROWING, who, "other")
    clock.advance(2 * 6 * 3600 + 1)
    await granted(throttle, GROWING, who, "own")
    assert len(await commands(redis).hkeys(throttle.key(GROWING, who))) == 4


async def test_given_back_when_others_are_counted(throttle: Throttle, who: str) -> None:
    """R75: an attempt that was there in advance, given back late, leaves one that was counted since."""
    await granted(throttle, GROWING, who, "own")
    await throttle.pardon(GROWING, who, "own")
    early = await granted(throttle, GROWING, who, "own")
    for _ in range(GROWING.ceiling - 1):
        await granted(throttle, GROWING, who, "own")
    counted = await granted(throttle, GROWING, who, "own")
    assert counted == Taken(1)
    await throttle.give_back(early)
    await throttle.clear(counted)
    assert await throttle.take(GROWING, who, "other") == Taken(1)


async def test_what_stays_of_a_bucket(throttle: Throttle, redis: RedisScripts, who: str) -> None:
    """One in which nothing is counted goes; not one in which somebody has attempts in advance."""
    client, key = commands(redis), throttle.key(GROWING, who)
    await throttle.give_back(await granted(throttle, GROWING, who, "own"))
    assert not await client.exists(key)
    await granted(throttle, GROWING, who, "own")
    await throttle.pardon(GROWING, who, "own")
    await throttle.give_back(await granted(throttle, GROWING, who, "own"))
    for _ in range(3):
        await granted(throttle, GROWING, who, "other")
    assert isinstance(await throttle.take(GROWING, who, "other"), Refused)
    assert await throttle.take(GROWING, who, "own") == Taken(3)


STEPS = st.lists(st.sampled_from(["guess", "own", "wrong", "right", "none", "pardon"]), min_size=5, max_size=60)


async def test_nothing_of_ones_own_helps(throttle: Throttle, redis: RedisScripts) -> None:
    """R12, R13, R75: whatever one does with one's own part, in whatever order, the guesses at another's are no more."""
    client, loop = commands(redis), asyncio.get_running_loop()

    async def play(steps: list[str]) -> None:
        who, under_way, looked_at = uuid4().hex, list[Taken](), 0
        for number, step in enumerate(steps):
            if step == "pardon":
                await throttle.pardon(GROWING, who, "own")
            elif step in ("guess", "own", "wrong"):
                found = await throttle.take(GROWING, who, "victim" if step == "guess" else "own")
                looked_at += step == "guess" and isinstance(found, Taken)
                under_way += [found] if step == "own" and isinstance(found, Taken) else []
            elif under_way:
                settle = throttle.clear if step == "right" else throttle.give_back
                await settle(under_way.pop(number % len(under_way)))
            fields = await client.hgetall(throttle.key(GROWING, who))
            parts = [int(value) for name, value in fields.items() if name.startswith(b"of:")]
            assert int(fields.get(b"taken", 0)) == sum(part for part in parts if part > 0)
            assert all(part >= -GROWING.ceiling for part in parts)
            assert int(fields.get(b"taken", 0)) >= looked_at
        assert looked_at <= GROWING.quota

    @hypothesis.settings(
        max_examples=int(os.environ.get("EXAMPLES", "150")),
        deadline=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(STEPS)
    def property_holds(steps: list[str]) -> None:
        asyncio.run_coroutine_threadsafe(play(steps), loop).result()

    await asyncio.to_thread(property_holds)


async def test_all_or_none(throttle: Throttle, who: str) -> None:
    """R13: what one budget refuses takes nothing of the others."""
    await granted(throttle, WINDOW, who)
    for _ in range(3):
        await granted(throttle, GROWING, who)
    charges = (Charge(WINDOW, who), Charge(GROWING, who))
    for _ in range(5):
        assert isinstance(await throttle.take_all(charges), Refused)
    assert await throttle.take(WINDOW, who) == Taken(2)
    local, full = Charge(WINDOW, who), Charge(WINDOW, who + "full")
    assert [throttle.take_local(full) for _ in range(3)] == [Taken(1), Taken(2), Taken(3)]
    for _ in range(5):
        assert isinstance(throttle.take_local(local, full), Refused)
    assert throttle.look_local(local) == Taken(0)


async def test_a_network_and_the_one_around_it(throttle: Throttle, who: str) -> None:
    """R75: of one /48, parallel attempts from 65 networks get ten times the quota of one, and leave nothing behind."""
    stem = f"2001:db8:{who[:4]}"
    once = Budget(f"once-{who}", 2, HOUR)
    found = await asyncio.gather(*(throttle.take_all(by_network(once, f"{stem}:{n:x}::1")) for n in range(65)))
    assert sum(not isinstance(one, Refused) for one in found) == 20
    for one in found:
        for taken in one if isinstance(one, tuple) else ():
            await throttle.give_back(taken)
    assert await throttle.take_all(by_network(once, f"{stem}:1::1")) == (Taken(1), Taken(1))


async def test_keys(throttle: Throttle, redis: RedisScripts, who: str) -> None:
    """Keys carry the prefix, end by themselves, name nobody, and are none that revoking deletes."""
    await throttle.take(GROWING, f"{who}@example.com")
    key = throttle.key(GROWING, f"{who}@example.com")
    client: Any = commands(redis)
    assert key.startswith("contract:throttle:growing:")
    assert who not in key
    assert 0 < await client.pttl(key) <= 6 * HOUR
    assert {name.decode() for name in await client.hkeys(key)} == {"taken", "opens_at", "ends_at"}
    await throttle.take(GROWING, f"{who}@example.com", f"user {who}")
    part = ({name.decode() for name in await client.hkeys(key)} - {"taken", "opens_at", "ends_at"}).pop()
    assert part.startswith("of:")
    assert who not in part


async def test_subjects_are_apart(throttle: Throttle, who: str) -> None:
    """Nobody's attempts count for another, nor for another budget."""
    for _ in range(3):
        await throttle.take(WINDOW, who)
    assert await throttle.take(WINDOW, who + "x") == Taken(1)
    assert await throttle.take(GROWING, who) == Taken(1)
