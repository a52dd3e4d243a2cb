"""What happens to a cluster: a master dies and its replica takes over, slots move, the network of a node fails."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from chaos.faults.fault import CLUSTER, Fault
from chaos.proxy import HOST, Mode
from chaos.redises import UP_SECONDS, Cluster, Node
from chaos.scene import Scene
from tests.servers import ServerFailed
from tests.servers.process import clean_environment

MOVED_SLOTS = 300


@asynccontextmanager
async def master_killed(scene: Scene) -> AsyncIterator[None]:
    """SIGKILL to a master. Healed is it when another serves its slots; then it comes back as a replica."""
    cluster = scene.cluster
    master = (await cluster.masters())[0]
    await asyncio.to_thread(master.server.kill)
    try:
        yield
        await _taken_over(cluster, master)
    finally:
        coming = asyncio.create_task(asyncio.to_thread(master.server.start_again))
        await coming
    await cluster.whole()


@asynccontextmanager
async def master_frozen(scene: Scene) -> AsyncIterator[None]:
    """SIGSTOP to a master. Healed is it when another serves its slots; then it goes on, as if it still had them."""
    cluster = scene.cluster
    master = (await cluster.masters())[0]
    await asyncio.to_thread(master.server.freeze)
    try:
        yield
        await _taken_over(cluster, master)
    finally:
        await asyncio.to_thread(master.server.thaw)
    await cluster.whole()


@asynccontextmanager
async def all_killed(scene: Scene) -> AsyncIterator[None]:
    """SIGKILL to all nodes, and a start with the data that they had kept."""
    nodes = scene.cluster.nodes
    await asyncio.gather(*(asyncio.to_thread(found.server.kill) for found in nodes))
    try:
        yield
    finally:
        await asyncio.gather(*(asyncio.to_thread(found.server.start_again) for found in nodes))
        await scene.cluster.whole()


@asynccontextmanager
async def master_silent(scene: Scene) -> AsyncIterator[None]:
    """Nothing from clients reaches the master with the most keys, though its cluster finds it well."""
    masters = await scene.cluster.masters()
    sizes = [int(await found.call("DBSIZE")) for found in masters]
    proxy = masters[sizes.index(max(sizes))].proxy
    await proxy.become(Mode.BLACK_HOLE)
    try:
        yield
    finally:
        await proxy.become(Mode.PASS)


async def _taken_over(cluster: Cluster, dead: Node) -> None:
    """Wait until those who are left serve all slots."""
    deadline = time.monotonic() + UP_SECONDS
    others = [found for found in cluster.nodes if found is not dead]
    while True:
        facts = [await cluster.facts(found, "CLUSTER INFO") for found in others]
        said = [await cluster.call_or_nothing(found, "CLUSTER", "SLOTS") for found in others]
        gone = all(str(dead.proxy.port) not in text.split() for text in said)
        if gone and all(found.get("cluster_state") == "ok" for found in facts):
            return
        if time.monotonic() > deadline:
            raise ServerFailed("no replica takes over")
        await asyncio.sleep(0.05)


@asynccontextmanager
async def resharded(scene: Scene) -> AsyncIterator[None]:
    """Slots move from one master to another while they are used."""
    giving, taking = (await scene.cluster.masters())[:2]
    cli = giving.server.redis_cli
    if cli is None:
        raise ServerFailed("moving slots needs redis-cli")
    source, target = await giving.call("CLUSTER", "MYID"), await taking.call("CLUSTER", "MYID")
    process = await asyncio.create_subprocess_exec(
        cli, "--cluster", "reshard", f"{HOST}:{giving.proxy.port}", "--cluster-from", source, "--cluster-to", target,
        "--cluster-slots", str(MOVED_SLOTS), "--cluster-yes",
        env=clean_environment(), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said, _ = await process.communicate()
    if process.returncode:
        raise ServerFailed(f"slots didn't move:\n{said.decode(errors='replace')[-1000:]}")
    yield


FAULTS = (
    Fault("a master killed, its replica takes over", "Redis", master_killed, 1.0, CLUSTER, CLUSTER),
    Fault("a master frozen (SIGSTOP), its replica takes over", "Redis", master_frozen, 1.0, CLUSTER),
    Fault("a master's network: nothing arrives (black hole)", "Redis", master_silent, 2.5, CLUSTER),
    Fault("all nodes killed and started again", "Redis", all_killed, 1.0, CLUSTER),
    Fault(f"{MOVED_SLOTS} slots move to another master", "Redis", resharded, 0.5, CLUSTER, CLUSTER, felt=False),
)
