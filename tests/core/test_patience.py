"""Waiting for stores: measured in turns of our own loop, in the order of coming, and bounded for a whole request."""

from __future__ import annotations

import asyncio
import time
from typing import Any, cast

import asyncpg
import pytest

from service.core import patience
from service.core.patience import PATIENCE, TURN, Limited
from service.core.sql import pool
from service.core.sql.pool import TurnQueue


async def test_a_limit() -> None:
    """What takes too long is given up; what doesn't isn't, and leaves nothing behind."""
    began = time.monotonic()
    with pytest.raises(TimeoutError), Limited(0.2):
        await asyncio.Event().wait()
    assert time.monotonic() - began >= 0.19
    with Limited(0.2):
        await asyncio.sleep(0)
    await asyncio.sleep(0.25)  # nothing is cancelled afterwards


async def test_being_cancelled_is_no_time_out() -> None:
    """Who hangs up is no slow store."""

    async def wait() -> None:
        with Limited(5):
            await asyncio.Event().wait()

    task = asyncio.create_task(wait())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_busy_loop_blames_no_store() -> None:
    """The answer came at once; that we had no time to read it is not the store's fault."""
    loop = asyncio.get_running_loop()
    answer = loop.create_future()

    async def busy() -> None:
        for turn in range(4):
            time.sleep(0.3)  # noqa: ASYNC251 - this is what is looked at
            if turn == 2:
                answer.set_result("well")
            await asyncio.sleep(0)

    hog = asyncio.create_task(busy())
    with Limited(0.5):  # by the clock more than a second passes
        assert await answer == "well"
    await hog


async def test_a_request_has_one_patience() -> None:
    """However many waits there are: all together they end."""

    async def request() -> float:
        patience.begin()
        began = time.monotonic()
        for _ in range(3):
            with pytest.raises(TimeoutError), Limited(0.9):
                await asyncio.Event().wait()
        return time.monotonic() - began

    turns = (PATIENCE + 3 * TURN) / TURN
    took = await asyncio.create_task(request())
    assert took + 0.01 >= PATIENCE
    assert took < 2.7 or took / turns > 1.5 * TURN  # three whole limits; unless the machine was away


class _Place:
    def __init__(self, *, connected: bool) -> None:
        self._connected = connected

    def is_connected(self) -> bool:
        return self._connected


async def test_turns_are_in_the_order_of_coming() -> None:
    """A place that comes free goes to the first who waits, and nobody who comes just then passes by."""
    first, second = _Place(connected=True), _Place(connected=False)
    queue = TurnQueue(cast(Any, [second, first]))
    assert await queue.turn() is first  # one with a connection, before one without
    assert await queue.turn() is second
    order: list[int] = []

    async def take(number: int) -> None:
        place = await queue.turn()
        order.append(number)
        queue.put_nowait(place)

    waiting = [asyncio.create_task(take(number)) for number in range(5)]
    await asyncio.sleep(0)
    queue.put_nowait(cast(Any, first))
    late = asyncio.create_task(take(9))
    await asyncio.gather(*waiting, late)
    assert order == [0, 1, 2, 3, 4, 9]


async def test_a_place_given_to_one_who_has_left() -> None:
    """It goes to the next: none is lost."""
    place = _Place(connected=True)
    queue = TurnQueue(cast(Any, [place]))
    await queue.turn()
    gone, stays = asyncio.create_task(queue.turn()), asyncio.create_task(queue.turn())
    await asyncio.sleep(0)
    queue.put_nowait(cast(Any, place))  # given to the first, who is cancelled before it could take it
    gone.cancel()
    assert await stays is place
    with pytest.raises(asyncio.CancelledError):
        await gone


async def test_too_many_are_refused_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A queue without an end would make everybody late."""
    monkeypatch.setattr(pool, "MOST_WAITING", 2)
    queue = TurnQueue([])
    waiting = [asyncio.create_task(queue.turn()) for _ in range(2)]
    await asyncio.sleep(0)
    began = time.monotonic()
    with pytest.raises(asyncpg.InterfaceError):
        await queue.turn()
    assert time.monotonic() - began < pool.WAIT_SECONDS / 2
    for task in waiting:
        task.cancel()
    await asyncio.wait(waiting)
