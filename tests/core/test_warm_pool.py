"""A pool that is warm has all its connections, whatever others were doing with it meanwhile."""

from __future__ import annotations

import asyncio

import pytest

from tests.support.stores import Stores, small_pool
from tests.support.waiting import eventually

pytestmark = pytest.mark.real_only
SIZE = 4


async def test_places_that_come_back_empty(stores: Stores) -> None:
    """Two were held by somebody whose connections failed: they are opened, too, before the pool calls itself warm."""
    assert stores.postgres is not None
    pool = await small_pool(stores.postgres, SIZE)
    try:
        held = [await pool._queue.turn() for _ in range(2)]
        warming = asyncio.ensure_future(pool.warm())
        await eventually(lambda: pool.get_size() == SIZE - len(held))
        await asyncio.wait({warming}, timeout=0.2)  # those two could have been used twice by now
        for place in held:
            pool._queue.put_nowait(place)
        await warming
        assert pool.get_size() == SIZE
        assert not pool.cold
    finally:
        await pool.close()
