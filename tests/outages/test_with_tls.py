"""Servers that speak TLS by themselves, with Sentinels and as a cluster: who is named is named by its port for TLS."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from service.core.redis import client
from service.core.redis.client import RedisScripts, connect
from service.core.redis.scripts import Script
from service.errors import Unavailable
from service.settings import load_settings
from tests.servers import Redis, Sentinel
from tests.servers.binaries import find_redis, speaks_tls
from tests.servers.process import wait_for
from tests.servers.sentinel import HOST, MASTER
from tests.support.stores import SECRET
from tests.support.tls import self_signed
from tests.support.waiting import eventually

pytestmark = pytest.mark.real_only
WRITE = Script("write", "return redis.call('INCR', KEYS[1])")


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    if not speaks_tls(find_redis()):
        pytest.skip("this Redis was built without TLS")
    self_signed(tmp_path)
    return tmp_path


@asynccontextmanager
async def connected(url: str, keys: Path | None) -> AsyncIterator[RedisScripts]:
    trusted = str(keys / "certificate.pem") if keys else ""
    redis = connect(load_settings(REDIS_URL=url, REDIS_TLS_CA=trusted, SECRET_KEY=SECRET, _env_file=None))
    try:
        yield redis
    finally:
        await redis.close()


async def test_sentinels(keys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are asked over TLS, name the master by its port for TLS, and after a change the next one by its own."""
    monkeypatch.setattr(client, "ROUTED_SECONDS", 30.0)
    replicated = ("--repl-diskless-sync-delay", "0", "--requirepass", "of-redis", "--masterauth", "of-redis")
    with (
        Redis.start(*replicated, tls=keys) as first,
        Redis.start(*replicated, "--replicaof", f"{HOST} {first.tls_port}", tls=keys) as second,
        Sentinel.watching(first.tls_port, f"sentinel auth-pass {MASTER} of-redis", tls=keys) as sentinel,
    ):
        wait_for(lambda: "num-slaves\n1" in sentinel.call("SENTINEL", "MASTER", MASTER), 30, "no replica is seen")
        url = f"rediss+sentinel://:of-redis@{HOST}:{sentinel.tls_port}/{MASTER}"
        async with connected(url, keys) as redis:
            assert await redis.run(WRITE, ["key"]) == 1
            assert [name for name, _ in await redis.servers()] == [f"{HOST}:{first.tls_port}"]
            sentinel.promote()
            wait_for(lambda: sentinel.master() == second.tls_port, 30, "nobody takes over")

            async def is_with_the_second() -> bool:
                try:
                    await redis.run(WRITE, ["key"])
                except Unavailable:
                    return False
                return [name for name, _ in await redis.servers()] == [f"{HOST}:{second.tls_port}"]

            await eventually(is_with_the_second)
        async with connected(url, None) as redis:  # whom it was not told to trust
            with pytest.raises(Unavailable):
                await redis.run(WRITE, ["key"])


async def test_a_cluster(keys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nodes name one another by the port for TLS to whoever asks over TLS."""
    monkeypatch.setattr(client, "ROUTED_SECONDS", 30.0)
    with Redis.start("--cluster-enabled", "yes", tls=keys) as node:
        node.call("CLUSTER", "ADDSLOTS", *map(str, range(16384)))
        await asyncio.to_thread(
            wait_for, lambda: "cluster_state:ok" in node.call("CLUSTER", "INFO"), 30, "the cluster isn't up"
        )
        async with connected(f"rediss+cluster://{HOST}:{node.tls_port}", keys) as redis:
            assert await redis.run(WRITE, ["user:{a}:key"]) == 1
            assert [name for name, _ in await redis.servers()] == [f"{HOST}:{node.tls_port}"]
