"""Going through all keys of a cluster while they move from one server to another."""

from __future__ import annotations

import asyncio
import re
import subprocess

import pytest

from service.core.redis.client import connect
from service.core.redis.sweep import scan_hashes
from tests.servers import Redis, RedisCluster
from tests.servers.process import clean_environment
from tests.support.commands import commands
from tests.support.process import ROOT
from tests.support.stores import Stores

pytestmark = pytest.mark.real_only


def give(key: str, giving: Redis, taking: Redis, nodes: tuple[Redis, ...], *, whole: bool) -> None:
    """Move the key to another server; and, if `whole`, its slot with it, as the end of a migration does."""
    slot, [from_, to] = (
        giving.call("CLUSTER", "KEYSLOT", key),
        [node.call("CLUSTER", "MYID") for node in (giving, taking)],
    )
    taking.call("CLUSTER", "SETSLOT", slot, "IMPORTING", from_)
    giving.call("CLUSTER", "SETSLOT", slot, "MIGRATING", to)
    giving.call("MIGRATE", "127.0.0.1", str(taking.port), key, "0", "5000")
    for node in nodes if whole else ():
        node.call("CLUSTER", "SETSLOT", slot, "NODE", to)


@pytest.mark.parametrize("whole", [True, False], ids=["moved", "moving"])
async def test_a_key_that_moves_to_where_we_have_been(cluster: RedisCluster, stores: Stores, *, whole: bool) -> None:
    """An operator ends a thief's sessions while the cluster is resharded: none is passed over."""
    redis = connect(stores.settings(REDIS_URL=cluster.url))
    first, _, last = sorted(cluster.nodes, key=lambda node: node.port)
    there = _key_of(last, cluster)
    await commands(redis).hset(there, "field", "value")
    seen = set[str]()
    try:
        await commands(redis).hset(here := _key_of(first, cluster), "field", "value")
        async for batch in scan_hashes(redis, "sweep:*", ["field"]):
            assert all(values == [b"value"] for _, values in batch)
            if not seen:
                assert {key for key, _ in batch} == {here}  # that server has been gone through
                await asyncio.to_thread(give, there, last, first, cluster.nodes, whole=whole)
            seen |= {key for key, _ in batch}
        assert seen == {here, there}
    finally:
        await commands(redis).delete(here)
        await commands(redis).delete(there)
        if not whole:
            _end_of(there, last, cluster)
        else:
            await asyncio.to_thread(give, there, first, last, cluster.nodes, whole=True)
        await redis.close()


def test_everyones_sessions_by_hand(cluster: RedisCluster) -> None:
    """The runbook's line, for each master in turn: keys of users of all slots, one in a command. Others stay."""
    if cluster.nodes[0].redis_cli is None:
        pytest.skip("no redis-cli is installed (apt install redis-tools)")
    runbook = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    (line,) = re.findall(r"^\| everyone's \| `(.+?)` \|", runbook, re.MULTILINE)
    names = [
        f"user:{{everyone-{number}}}:{kind}" for number in range(12) for kind in ("session:1", "sessions", "other")
    ]
    for name in names:
        cluster.master_of(name).call("SET", name, "x")
    for node in cluster.nodes:
        here = f"{node.redis_cli} -h 127.0.0.1 -p {node.port}"
        done = subprocess.run(
            line.replace("\\|", "|").replace("redis-cli", here),
            shell=True, check=True, capture_output=True, text=True, env=clean_environment(),
        )  # fmt: skip
        assert re.fullmatch(r" *\d+ 1\n", done.stdout), "so many, each ended"
    left = [name for node in cluster.nodes for name in node.call("KEYS", "user:{everyone*").splitlines()]
    assert sorted(left) == sorted(name for name in names if name.endswith(":other"))
    for name in left:
        cluster.master_of(name).call("DEL", name)


def _key_of(node: Redis, cluster: RedisCluster) -> str:
    found = (f"sweep:{number}" for number in range(1000))
    return next(key for key in found if cluster.master_of(key) is node)


def _end_of(key: str, owner: Redis, cluster: RedisCluster) -> None:
    slot = owner.call("CLUSTER", "KEYSLOT", key)
    for node in cluster.nodes:
        node.call("CLUSTER", "SETSLOT", slot, "STABLE")
