"""Connections that a firewall has forgotten: nothing arrives on them, and nobody says so. New ones work."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import asyncpg
import pytest

from chaos.proxy import Mode, Proxy
from service.core.redis import line
from service.core.redis.client import connect
from service.core.sql import pool as sql_pool
from service.core.sql.pool import BoundedPool, LimitedConnection
from service.core.sql.poolers import Opening
from service.errors import Unavailable
from service.features import read_settings
from service.settings.database_url import read_database_url
from tests.servers import Postgres, Redis

pytestmark = pytest.mark.real_only

SIZE, CALLS = 4, 8


@asynccontextmanager
async def before(port: int) -> AsyncIterator[Proxy]:
    proxy = Proxy(lambda: [port])
    await proxy.open()
    try:
        yield proxy
    finally:
        await proxy.close()


def forget(proxy: Proxy) -> None:
    """Let nothing pass any more on what is open now."""
    silent = Proxy(list)
    silent.mode = Mode.BLACK_HOLE
    for link in list(proxy.links):
        link.proxy = silent


async def lost(call: Callable[[], Awaitable[object]]) -> int:
    """Make some calls, one after the other; return how many came to nothing."""
    count = 0
    for _ in range(CALLS):
        try:
            await call()
        except (TimeoutError, Unavailable):
            count += 1
    return count


async def together(call: Callable[[], Awaitable[object]]) -> None:
    await asyncio.gather(*(call() for _ in range(SIZE)))


async def test_postgres(postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    """One call at most is lost where they were used just now, none where they were silent for long."""
    async with before(postgres.port) as proxy:
        url = postgres.url.replace(str(postgres.port), str(proxy.port))
        pool = await BoundedPool.create(
            dsn=url, min_size=0, max_size=SIZE, max_queries=1_000, max_inactive_connection_lifetime=0, ssl=False,
            loop=asyncio.get_running_loop(), connection_class=LimitedConnection, statement_cache_size=0,
            record_class=asyncpg.Record,
            connect=Opening(read_database_url(url)),
        )  # fmt: skip
        try:
            for quiet, most in ((sql_pool.QUIET_SECONDS, 1), (-1.0, 0)):
                await pool.warm()
                await together(lambda: pool.fetchval("SELECT pg_sleep(0.05)"))
                monkeypatch.setattr(sql_pool, "QUIET_SECONDS", quiet)
                forget(proxy)
                assert await lost(lambda: pool.fetchrow("SELECT 1")) <= most
        finally:
            pool.terminate()


async def test_redis(redis: Redis, env: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The same."""
    async with before(redis.port) as proxy:
        url = redis.url.replace(str(redis.port), str(proxy.port))
        scripts = connect(read_settings(**{**env, "REDIS_URL": url}, _env_file=None))
        try:
            for quiet, most in ((line.IDLE_SECONDS, 1), (-1.0, 0)):
                await together(lambda: scripts.probe("silence"))
                monkeypatch.setattr(line, "IDLE_SECONDS", quiet)
                forget(proxy)
                assert await lost(lambda: scripts.probe("silence")) <= most
        finally:
            await scripts.close()
