"""Turns on threads: everybody gets their own answer and soon enough, whoever leaves, and however many there are."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import pytest

from service.core.passwords import turns as module
from service.core.passwords.turns import LATE_SECONDS, MOST_AT_ONCE, TurnGivenUp, Turns
from service.errors import Unavailable
from tests.support.waiting import eventually

MANY = MOST_AT_ONCE + 4  # as two threads see it


async def outcome(turns: Turns, work: Callable[[], object]) -> object:
    """What comes of a turn; of a task that is cancelled `gather` only says that it was."""
    try:
        return await turns.run(work)
    except asyncio.CancelledError as error:
        return type(error)


class Counting:
    """How often a turn was over."""

    def __init__(self) -> None:
        self.freed = 0

    def __call__(self) -> None:
        asyncio.get_running_loop()  # it is called in a loop
        self.freed += 1


@contextmanager
def opened(threads: int = 2, queue_per_thread: int = 64) -> Iterator[tuple[Turns, Counting]]:
    counting = Counting()
    turns = Turns(threads, queue_per_thread, counting)
    try:
        yield turns, counting
    finally:
        turns.close()


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("number", [1, 2, MANY - 1, MANY, MANY + 1, 3 * MANY + 5])
async def test_everybody_gets_their_own(threads: int, number: int) -> None:
    """However many there are, none is forgotten at the end."""
    with opened(threads) as (turns, counting):
        for _ in range(20):
            async with asyncio.timeout(20):
                found = await asyncio.gather(*(turns.run(lambda mine=mine: mine) for mine in range(number)))  # type: ignore[misc]
            assert found == list(range(number))
            assert turns.pending == 0
        assert counting.freed == 20 * number


async def test_many_go_on_together() -> None:
    """Where enough others are there; and where they are few, each by itself."""
    gate, orders = threading.Semaphore(0), list[int]()

    async def one(turns: Turns, number: int) -> None:
        await turns.run(partial(gate.acquire, timeout=20))
        orders.append(number)

    with opened() as (turns, _):
        waiting = [asyncio.create_task(one(turns, number)) for number in range(MANY + 2)]
        await eventually(lambda: turns.pending == MANY + 2)
        gate.release(MOST_AT_ONCE - 1)
        await eventually(lambda: len(turns._gathered) == MOST_AT_ONCE - 1)
        assert orders == []
        gate.release()
        await eventually(lambda: len(orders) == MOST_AT_ONCE)
        assert turns.pending == MANY + 2 - MOST_AT_ONCE
        gate.release()
        await eventually(lambda: len(orders) == MOST_AT_ONCE + 1)  # there are few by now
        gate.release(MANY)
        await asyncio.gather(*waiting)


async def test_nobody_is_kept_for_long() -> None:
    """Whose work is done doesn't wait for the others, if theirs takes long."""
    gate = threading.Event()
    with opened() as (turns, _):
        slow = [asyncio.create_task(turns.run(partial(gate.wait, 20))) for _ in range(1)]
        quick = asyncio.create_task(turns.run(lambda: "done"))
        await asyncio.sleep(0)
        slow += [asyncio.create_task(turns.run(partial(gate.wait, 20))) for _ in range(MANY)]
        began = time.monotonic()
        assert await quick == "done"
        assert time.monotonic() - began < 50 * LATE_SECONDS, "it hasn't waited for what takes for ever"
        gate.set()
        await asyncio.gather(*slow)
        assert turns.pending == 0


async def test_it_is_looked_for_who_is_late_as_long_as_there_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Again and again, and not where nobody waits."""
    monkeypatch.setattr(module, "LATE_SECONDS", 0.01)
    gate = threading.Semaphore(0)
    with opened(1) as (turns, _):
        waiting = [asyncio.create_task(turns.run(partial(gate.acquire, timeout=20))) for _ in range(MANY)]
        await eventually(lambda: turns.pending == MANY)
        for left in range(MANY - 1, 0, -1):
            gate.release()
            await eventually(lambda left=left: turns.pending == left)  # type: ignore[misc]
        gate.release()
        await asyncio.gather(*waiting)
        await eventually(lambda: turns._looking is None)


async def test_what_work_raises_is_raised() -> None:
    def fail() -> None:
        raise LookupError("mine")

    with opened() as (turns, counting):
        found = await asyncio.gather(*(turns.run(fail) for _ in range(MANY + 3)), return_exceptions=True)
        assert [type(error) for error in found] == [LookupError] * (MANY + 3)
        assert turns.pending == 0
        assert counting.freed == MANY + 3


async def test_past_the_limit() -> None:
    """Refused at once; and there is room again when turns are over."""
    gate = threading.Event()
    with opened(2, 10) as (turns, counting):
        waiting = [asyncio.create_task(turns.run(partial(gate.wait, 20))) for _ in range(20)]
        await eventually(lambda: turns.pending == 20)
        with pytest.raises(Unavailable):
            await turns.run(lambda: None)
        gate.set()
        await asyncio.gather(*waiting)
        assert await turns.run(lambda: 1) == 1
        assert counting.freed == 21


async def test_whoever_leaves_leaves_room() -> None:
    """In the queue they give their turn up; at it, the turn is over when the thread is."""
    gate = threading.Event()
    with opened() as (turns, counting):
        waiting = [asyncio.create_task(outcome(turns, partial(gate.wait, 20))) for _ in range(MANY + 4)]
        await eventually(lambda: turns.pending == MANY + 4)
        for task in waiting[::2]:
            task.cancel()
        assert await asyncio.gather(*waiting[::2]) == [asyncio.CancelledError] + [TurnGivenUp] * (MANY // 2 + 1)
        gate.set()
        assert await asyncio.gather(*waiting[1::2]) == [True] * (MANY // 2 + 2)
        await eventually(lambda: turns.pending == 0)
        assert counting.freed == MANY + 4


async def test_at_the_end_the_queue_is_dropped() -> None:
    """Who waits hears of it, and what was begun is done."""
    gate = threading.Event()
    with opened() as (turns, _):
        waiting = [asyncio.create_task(outcome(turns, partial(gate.wait, 20))) for _ in range(MANY + 4)]
        await eventually(lambda: turns.pending == MANY + 4)
        turns.close()
        gate.set()
        async with asyncio.timeout(20):
            found = await asyncio.gather(*waiting)
        assert found == [True, True] + [TurnGivenUp] * (MANY + 2)


def test_one_loop_after_another() -> None:
    """Each answer goes to the loop that waits for it."""
    found: list[list[int]] = []

    async def many() -> None:
        found.append(await asyncio.gather(*(turns.run(lambda mine=mine: mine) for mine in range(60))))  # type: ignore[misc]

    with opened() as (turns, _):
        for _ in range(2):
            thread = threading.Thread(target=asyncio.run, args=(many(),))
            thread.start()
            thread.join(20)
    assert found == [list(range(60))] * 2


async def test_chance() -> None:
    """Any number at any time, some of whom leave: all others have their answer, and nothing is left over."""
    chance = random.Random(7)
    with opened(3, 400) as (turns, counting):
        began = 0

        def work(seconds: float, mine: int) -> int:
            time.sleep(seconds)
            return mine

        for _ in range(30):
            number = chance.randint(1, 60)
            began += number
            tasks = [
                asyncio.create_task(turns.run(lambda mine=mine: work(chance.choice([0, 0, 0.001]), mine)))  # type: ignore[misc]
                for mine in range(number)
            ]
            await asyncio.sleep(chance.choice([0, 0, 0.002]))
            leaving = set(chance.sample(range(number), chance.randint(0, number)))
            for mine in leaving:
                tasks[mine].cancel()
            async with asyncio.timeout(20):
                found = await asyncio.gather(*tasks, return_exceptions=True)
            for mine, answer in enumerate(found):
                assert answer == mine or mine in leaving
        await eventually(lambda: turns.pending == 0)
        assert counting.freed == began
        assert turns._gathered == []
