"""Who waits for a connection and goes away leaves the queue as it was: no place is lost, and nobody is passed by."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import asyncpg
import pytest

from service.core.redis import client
from service.core.redis.client import RedisScripts, connect
from service.core.redis.scripts import Script
from service.core.sql import pool as sql_pool
from service.core.sql.pool import BoundedPool
from tests.support.stores import Stores, small_pool
from tests.support.waiting import eventually

pytestmark = pytest.mark.real_only
SIZE = 2
ECHO = Script("echo", "return tonumber(ARGV[1])")


@dataclass
class Queue:
    """A store with two places: `use` takes one, and the store answers nobody until `go_on`.

    `places` has the method, named `giving`, that gives a place to the next.
    """

    use: Callable[[int], Awaitable[int]]
    waiting: Callable[[], int]
    go_on: Callable[[], Awaitable[None]]
    places: object
    giving: str


@pytest.fixture(params=["postgres", "redis"])
async def queue(
    request: pytest.FixtureRequest, stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Queue]:
    """Nobody's patience ends in these tests but by being cancelled, whatever the machine does meanwhile."""
    for module, name in (
        (client, "ANSWER_SECONDS"), (client, "WAIT_SECONDS"), (sql_pool, "STATEMENT_SECONDS"),
        (sql_pool, "WAIT_SECONDS"), (sql_pool, "OPEN_SECONDS"),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, 60.0)
    if request.param == "redis":
        assert stores.redis is not None
        scripts = connect(stores.settings(REDIS_POOL_SIZE=SIZE))
        stores.redis.call("CLIENT", "PAUSE", "60000", "WRITE")
        yield _of_redis(scripts, stores)
        stores.redis.call("CLIENT", "UNPAUSE")
        await scripts.close()
    else:
        assert stores.postgres is not None
        pool = await small_pool(stores.postgres, SIZE)
        holder = await asyncpg.connect(stores.postgres.url)
        await holder.execute("SELECT pg_advisory_lock(20)")
        yield _of_postgres(pool, holder)
        await holder.close()
        await pool.close()


def _of_redis(scripts: RedisScripts, stores: Stores) -> Queue:
    async def use(number: int) -> int:
        reply = await scripts.run(ECHO, ["anything"], number)
        assert isinstance(reply, int)
        return reply

    async def go_on() -> None:
        assert stores.redis is not None
        stores.redis.call("CLIENT", "UNPAUSE")

    return Queue(use, lambda: len(scripts._slots._waiters or ()), go_on, scripts._slots, "release")


def _of_postgres(pool: BoundedPool, holder: asyncpg.Connection) -> Queue:
    async def use(number: int) -> int:
        connection = await pool.acquire()
        try:
            await connection.fetchrow("SELECT pg_advisory_xact_lock_shared(20)")
            found = await connection.fetchrow("SELECT $1::int AS number", number)
            return int(found["number"])
        finally:
            await pool.release(connection)

    async def go_on() -> None:
        await holder.execute("SELECT pg_advisory_unlock_all()")

    return Queue(use, lambda: len(pool._queue._waiting), go_on, pool._queue, "put_nowait")


async def crowd(queue: Queue, many: int) -> list[asyncio.Task[int]]:
    """Begin so many uses, of which all but two wait for a place."""
    tasks = [asyncio.ensure_future(queue.use(number)) for number in range(many)]
    await eventually(lambda: queue.waiting() == many - SIZE)
    return tasks


async def test_those_who_stay_are_served(queue: Queue) -> None:
    """Cancelled with a place, at the head of the queue, in its middle and at its end: the others have their turn."""
    tasks = await crowd(queue, 8)
    gone = [tasks[number] for number in (0, 2, 4, 7)]
    for task in gone:
        task.cancel()
    await asyncio.gather(*gone, return_exceptions=True)
    assert all(task.cancelled() for task in gone)
    await queue.go_on()
    assert await asyncio.gather(*(task for task in tasks if task not in gone)) == [1, 3, 5, 6]
    assert sorted(await asyncio.gather(*map(queue.use, range(6)))) == list(range(6))
    assert queue.waiting() == 0


async def test_gone_in_the_moment_of_ones_turn(queue: Queue, monkeypatch: pytest.MonkeyPatch) -> None:
    """The place has been given, and its taker is cancelled before it knows: the next one has it."""
    tasks = await crowd(queue, 6)
    give, leaving = getattr(queue.places, queue.giving), [tasks[2], tasks[3]]

    def given(*place: object) -> None:
        give(*place)
        if leaving:
            leaving.pop(0).cancel()

    monkeypatch.setattr(queue.places, queue.giving, given)
    await queue.go_on()
    served = await asyncio.gather(*tasks, return_exceptions=True)
    assert [found if isinstance(found, int) else type(found) for found in served] == [
        0, 1, asyncio.CancelledError, asyncio.CancelledError, 4, 5,
    ]  # fmt: skip
    assert sorted(await asyncio.gather(*map(queue.use, range(6)))) == list(range(6))
    assert queue.waiting() == 0


async def test_all_are_gone(queue: Queue) -> None:
    """Also those whose questions the store has: their connections are of use to others again."""
    for _ in range(3):
        for task in (tasks := await crowd(queue, 6)):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    await queue.go_on()
    assert sorted(await asyncio.gather(*map(queue.use, range(6)))) == list(range(6))
    assert queue.waiting() == 0
