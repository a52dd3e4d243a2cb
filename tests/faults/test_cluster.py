"""Redis Cluster: a node dies, freezes, steps down, gives its slots away: 503 in time, never 500, and nothing lost."""

from __future__ import annotations

import asyncio
import json
import subprocess
import time
from base64 import urlsafe_b64decode
from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest

from tests.faults.invariants import Pools, fault
from tests.faults.operators import ended_by_a_command, said_by
from tests.faults.traffic import Traffic, traffic
from tests.servers import Postgres, Redis, RedisCluster
from tests.servers.process import clean_environment
from tests.support.process import Service, serving, starting

pytestmark = pytest.mark.real_only

MOVED_SLOTS = 2000


@pytest.fixture(scope="module")
def started() -> Iterator[RedisCluster]:
    with RedisCluster.start(replicas=True) as found:
        yield found


@pytest.fixture
def cluster(started: RedisCluster) -> RedisCluster:
    """All of it well: whoever was away in the test before is back, and follows."""
    started.wait()
    return started


@pytest.fixture(scope="module")
def clusters_service(env: dict[str, str], started: RedisCluster, directory: Path) -> Iterator[Service]:
    with serving(directory / "cluster.log", **{**env, "REDIS_URL": started.url_of(*started.nodes[:2])}) as found:
        yield found


@pytest.fixture
async def found(clusters_service: Service, emails: list[str], cluster: RedisCluster) -> AsyncIterator[Traffic]:
    async with traffic(clusters_service, emails[:4]) as calls:  # as many as it takes: they run for a minute
        yield calls


@pytest.fixture
def pools_here(postgres: Postgres, started: RedisCluster) -> Pools:
    return Pools(postgres, started.nodes[0])


@pytest.fixture
async def master(found: Traffic, cluster: RedisCluster) -> Redis:
    """The node that has the first client's sessions."""
    claims = json.loads(urlsafe_b64decode(found.devices[0].access.split(".")[1] + "=="))
    return await asyncio.to_thread(cluster.master_of, f"user:{{{claims['sub']}}}:sessions")


async def test_a_node_dies(found: Traffic, pools_here: Pools, cluster: RedisCluster, master: Redis) -> None:
    """503 for those who have their sessions there, until its replica has taken over."""
    async with fault(found, pools_here, unready=False) as happening:
        await asyncio.to_thread(master.kill)
        happening.away = time.monotonic()
        await asyncio.to_thread(cluster.wait_for_another, master)
        happening.ended = time.monotonic()
    await asyncio.to_thread(master.start_again)


async def test_a_node_freezes(found: Traffic, pools_here: Pools, cluster: RedisCluster, master: Redis) -> None:
    """The same of one that keeps its connections open, and says nothing; back, it follows."""
    async with fault(found, pools_here, unready=False) as happening:
        await asyncio.to_thread(master.freeze)
        happening.away = time.monotonic()
        await asyncio.to_thread(cluster.wait_for_another, master)
        happening.ended = time.monotonic()
    await asyncio.to_thread(master.thaw)
    await found.steady(time.monotonic() + 30)


async def test_a_node_steps_down(found: Traffic, pools_here: Pools, cluster: RedisCluster, master: Redis) -> None:
    """A replica is told to take over, and nobody has to notice."""
    async with fault(found, pools_here, refuses=False, unready=False) as happening:
        await asyncio.to_thread(cluster.hand_over, master)
        happening.ended = time.monotonic()


async def test_slots_move(found: Traffic, pools_here: Pools, cluster: RedisCluster, master: Redis) -> None:
    """While they are used, from one node to another."""
    masters = [node for node in cluster.nodes if "role:master" in node.call("INFO", "replication")]
    taking = next(node for node in masters if node is not master)
    assert master.redis_cli is not None
    async with fault(found, pools_here, refuses=False, unready=False) as happening:
        command = [
            master.redis_cli, "--cluster", "reshard", f"127.0.0.1:{master.port}", "--cluster-yes",
            "--cluster-from", master.call("CLUSTER", "MYID"), "--cluster-to", taking.call("CLUSTER", "MYID"),
            "--cluster-slots", str(MOVED_SLOTS),
        ]  # fmt: skip
        done = await asyncio.to_thread(
            subprocess.run, command, capture_output=True, env=clean_environment(), check=False
        )
        assert done.returncode == 0, done.stdout[-2000:]
        happening.ended = time.monotonic()


async def test_a_slot_on_its_way(found: Traffic, pools_here: Pools, cluster: RedisCluster, master: Redis) -> None:
    """A key that is gone may be at either node until the slot has moved: 503, and all is well afterwards."""
    device = found.devices[0]
    claims = json.loads(urlsafe_b64decode(device.access.split(".")[1] + "=="))
    index = f"user:{{{claims['sub']}}}:sessions"
    masters = [node for node in cluster.nodes if "role:master" in node.call("INFO", "replication")]
    taking = next(node for node in masters if node is not master)
    slot = await asyncio.to_thread(master.call, "CLUSTER", "KEYSLOT", index)
    await asyncio.to_thread(master.call, "ZADD", index, "1", str(uuid4()))  # of which there is no key any more
    headers = {"Authorization": f"Bearer {device.access}"}
    async with fault(found, pools_here, refuses=False, unready=False) as happening:
        taking.call("CLUSTER", "SETSLOT", slot, "IMPORTING", master.call("CLUSTER", "MYID"))
        master.call("CLUSTER", "SETSLOT", slot, "MIGRATING", taking.call("CLUSTER", "MYID"))
        on_its_way = await found.http.get("/api/sessions", headers=headers)
        for node in (taking, master):
            node.call("CLUSTER", "SETSLOT", slot, "STABLE")
        happening.ended = time.monotonic()
    assert (on_its_way.status_code, on_its_way.json()["code"]) == (503, "unavailable"), on_its_way.text
    headers = {"Authorization": f"Bearer {device.access}"}
    assert (await found.http.get("/api/sessions", headers=headers)).status_code == 200


async def test_a_slot_that_nobody_serves(found: Traffic, pools_here: Pools, cluster: RedisCluster) -> None:
    """CLUSTERDOWN: all of the cluster stops by its own rule, and comes back."""
    owner = await asyncio.to_thread(cluster.master_of, "anything")
    slot = await asyncio.to_thread(owner.call, "CLUSTER", "KEYSLOT", "anything")
    async with fault(found, pools_here, unready=False) as happening:
        for node in cluster.nodes:
            await asyncio.to_thread(node.call, "CLUSTER", "DELSLOTS", slot)
        happening.away = time.monotonic()
        await found.felt(happening.away)
        await asyncio.to_thread(owner.call, "CLUSTER", "ADDSLOTS", slot)
        await asyncio.to_thread(cluster.wait)
        happening.ended = time.monotonic()


async def test_what_operators_do(found: Traffic, env: dict[str, str], cluster: RedisCluster, master: Redis) -> None:
    """After a failover: a session that ends by a command, its open stream that says so, and the check-up."""
    settings = {**env, "REDIS_URL": cluster.url_of(*cluster.nodes[2:4])}
    await ended_by_a_command(found, settings, partial(cluster.hand_over, master))
    findings = {finding["check"]: finding for finding in await said_by("doctor", "--json", **settings)}
    assert findings["redis"]["level"] == "ok"
    assert "3 node(s)" in findings["redis"]["says"]


async def test_a_start_while_a_node_is_away(
    env: dict[str, str], cluster: RedisCluster, directory: Path, emails: list[str]
) -> None:
    """Any node of the URL that is there is enough; who has no sessions on the one that is away notices nothing."""
    away = await asyncio.to_thread(cluster.master_of, "anything")
    other = next(node for node in cluster.nodes if node is not away)
    await asyncio.to_thread(away.freeze)
    with starting(directory / "late.log", **{**env, "REDIS_URL": cluster.url_of(away, other)}) as service:
        await service.ready(path="/api/health")
        await service.ready()
        assert "Traceback" not in service.said()
    await asyncio.to_thread(cluster.wait_for_another, away)
    await asyncio.to_thread(away.thaw)
