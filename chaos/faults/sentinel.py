"""What happens to a master that Sentinels watch (it dies, freezes, is told to step down), and to these."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from chaos.faults.fault import SENTINEL, Fault
from chaos.redises import Node, until
from chaos.scene import Scene
from chaos.sentinel import Watched
from tests.servers.sentinel import PAUSE_MILLISECONDS


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
async def master_frozen(scene: Scene) -> AsyncIterator[None]:
    """SIGSTOP to the master. Healed is it when the Sentinels name the other; then it goes on as if it still were."""
    watched = scene.watched
    master = await watched.master()
    await asyncio.to_thread(master.server.freeze)
    try:
        yield
        await _taken_over(watched, master)
    finally:
        await asyncio.to_thread(master.server.thaw)
    await watched.whole()


@asynccontextmanager
async def sentinels_killed(scene: Scene) -> AsyncIterator[None]:
    """SIGKILL to all Sentinels: the master goes on."""
    sentinels = scene.watched.sentinels
    await asyncio.gather(*(asyncio.to_thread(sentinel.kill) for sentinel in sentinels))
    try:
        yield
    finally:
        await asyncio.gather(*(asyncio.to_thread(sentinel.start_again) for sentinel in sentinels))
    await scene.watched.whole()


@asynccontextmanager
async def sentinel_frozen(scene: Scene) -> AsyncIterator[None]:
    """SIGSTOP to the first of three."""
    sentinel = scene.watched.sentinels[0]
    await asyncio.to_thread(sentinel.freeze)
    try:
        yield
    finally:
        await asyncio.to_thread(sentinel.thaw)
    await scene.watched.whole()


@asynccontextmanager
async def failed_over(scene: Scene) -> AsyncIterator[None]:
    """The Sentinels are told to make a replica the master; this one takes no writes any more, or they would be lost."""
    master = await scene.watched.master()
    await master.call("CLIENT", "PAUSE", str(PAUSE_MILLISECONDS), "WRITE")
    await asyncio.to_thread(scene.watched.sentinels[0].promote)
    await _taken_over(scene.watched, master)
    await master.call("CLIENT", "UNPAUSE")
    yield
    await scene.watched.whole()


async def _taken_over(watched: Watched, former: Node) -> None:
    async def named() -> bool:
        return await watched.master() is not former

    await until(named, "the Sentinels name no other master")


FAULTS = (
    Fault("the master killed, the Sentinels name another", "Redis", master_killed, 1.0, SENTINEL, SENTINEL),
    Fault("the master frozen (SIGSTOP), the Sentinels name another", "Redis", master_frozen, 1.0, SENTINEL),
    Fault("all Sentinels killed and started again", "Redis", sentinels_killed, 2.0, SENTINEL, felt=False),
    Fault("a Sentinel frozen (SIGSTOP)", "Redis", sentinel_frozen, 2.0, SENTINEL, felt=False),
    Fault("writes paused, the Sentinels told to fail over", "Redis", failed_over, 1.0, SENTINEL, felt=False),
)
