"""A connection is given back at once where nothing has to be waited for, and as asyncpg does it everywhere else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from service.core.sql.pool import BoundedPool
from tests.support.stores import Stores, small_pool

pytestmark = pytest.mark.real_only


@pytest.fixture
async def pool(stores: Stores) -> AsyncIterator[BoundedPool]:
    assert stores.postgres is not None
    found = await small_pool(stores.postgres, 1)
    yield found
    await found.close()


async def test_without_a_turn_of_the_loop(pool: BoundedPool) -> None:
    """So no cancellation can come in between: the place is free as soon as it is said, and the connection the same."""
    connection = await pool.acquire()
    process = await connection.fetchval("SELECT pg_backend_pid()")
    turned = False

    def turn() -> None:
        nonlocal turned
        turned = True

    asyncio.get_running_loop().call_soon(turn)
    await pool.release(connection)
    assert not turned
    assert (pool.get_size(), pool.get_idle_size()) == (1, 1)
    await pool.release(connection)  # again: that is nothing
    with pytest.raises(asyncpg.InterfaceError):
        await connection.fetchval("SELECT 1")
    async with pool.acquire() as again:
        assert await again.fetchval("SELECT pg_backend_pid()") == process


async def test_a_transaction_that_was_left_open_is_rolled_back(pool: BoundedPool) -> None:
    """Whoever has the connection next is in none."""
    connection = await pool.acquire()
    process = await connection.fetchval("SELECT pg_backend_pid()")
    await connection.execute("BEGIN")
    reported: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: reported.append(context))
    await pool.release(connection)
    asyncio.get_running_loop().set_exception_handler(None)
    assert len(reported) == 1
    async with pool.acquire() as again:
        assert await again.fetchval("SELECT pg_backend_pid()") == process
        assert not again.is_in_transaction()


async def test_a_statement_that_was_cut_off_is_waited_for(pool: BoundedPool) -> None:
    """Its cancellation is confirmed, or the connection is cut: nobody gets the answer of another's statement."""
    connection = await pool.acquire()
    asking = asyncio.ensure_future(connection.fetchval("SELECT pg_sleep(5)"))
    await asyncio.sleep(0.05)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    await pool.release(connection)
    async with pool.acquire() as again:
        assert await again.fetchval("SELECT 7") == 7


async def test_of_an_older_generation_it_is_closed(pool: BoundedPool) -> None:
    """After a failover each connection is to be opened anew."""
    connection = await pool.acquire()
    process = await connection.fetchval("SELECT pg_backend_pid()")
    await pool.expire_connections()
    await pool.release(connection)
    async with pool.acquire() as again:
        assert await again.fetchval("SELECT pg_backend_pid()") != process
