"""What happens to a master that Sentinels watch: it dies, it is told to step down, and its replica takes over."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from chaos.faults.fault import SENTINEL, Fault
from chaos.redises import UP_SECONDS, Node
from chaos.scene import Scene
from chaos.sentinel import MASTER, Watched
from tests.servers import ServerFailed


@asynccontextmanager
async def master_killed(scene: Scene) -> AsyncIterator[None]:
    """SIGKILL to the master. Healed is it when the Sentinels name the other; then it comes back as a replica."""
    watched = scene.watched
    master = await watched.master()
    await asyncio.to_thread(master.server.kill)
    try:
        yield
        await _taken_over(watched, master)
    finally:
        await asyncio.to_thread(master.server.start_again)
    await watched.whole()


@asynccontextmanager
async def failed_over(scene: Scene) -> AsyncIterator[None]:
    """The Sentinels are told to make the replica the master."""
    master = await scene.watched.master()
    await asyncio.to_thread(scene.watched.sentinels[0].call, "SENTINEL", "FAILOVER", MASTER)
    await _taken_over(scene.watched, master)
    yield


async def _taken_over(watched: Watched, former: Node) -> None:
    deadline = time.monotonic() + UP_SECONDS
    while await watched.master() is former:
        if time.monotonic() > deadline:
            raise ServerFailed("the Sentinels name no other master")
        await asyncio.sleep(0.05)


FAULTS = (
    Fault("the master killed, the Sentinels name another", "Redis", master_killed, 1.0, SENTINEL, SENTINEL),
    Fault("the Sentinels told to fail over", "Redis", failed_over, 1.0, SENTINEL, felt=False),
)
