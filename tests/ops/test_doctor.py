"""`latchkey doctor` on real servers: it finds what is wrong, and its advice mends it."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from typing import Any

import pytest

from service.core.clock import Clock
from service.core.redis import client as redis
from service.core.sql import database
from service.feature.findings import Level
from service.ops.doctor import examine
from service.ops.facts import gather
from tests.servers import Postgres, Redis, RedisCluster
from tests.support.process import latchkey
from tests.support.stores import PRODUCTION, SECRET, Stores
from tests.support.tls import Door, tls_door

pytestmark = pytest.mark.real_only

SAMPLE = "your-secret-key-generate-a-secure-one"
WEAK = "0f3a8c1d5e7a92b46f03d7e9a1c4f58b"  # random, and half as long as it should be
GOOD = "J4pXw0q9VfYd2mKZrT7uBcE1nGhS8aLoQi5xWvRyPz3D6tFk"


@pytest.fixture(scope="module")
def bad_redis() -> Iterator[Redis]:
    """A Redis as it comes, and worse."""
    with Redis.start("--maxmemory-policy", "allkeys-lru", "--maxclients", "60") as server:
        yield server


@pytest.fixture(scope="module")
def door(bad_redis: Redis, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with tls_door(tmp_path_factory.mktemp("tls"), bad_redis.port) as found:
        yield found


@pytest.fixture
def empty_database(stores: Stores) -> Iterator[str]:
    assert isinstance(stores.postgres, Postgres)
    name = f"doctor{os.urandom(4).hex()}"
    yield stores.postgres.create_database(name)
    stores.postgres.drop_database(name)


def doctor(**environment: str) -> tuple[int, dict[str, dict[str, str]]]:
    """The exit code, and the findings by check."""
    done = latchkey("doctor", "--json", **environment)
    assert "Traceback" not in done.stderr, done.stderr
    for secret in (SECRET, GOOD, SAMPLE):
        assert secret not in done.stdout
    return done.returncode, {found["check"]: found for found in json.loads(done.stdout)}


def levels(found: dict[str, dict[str, str]]) -> dict[str, str]:
    return {name: finding["level"] for name, finding in found.items()}


async def _examined(stores: Stores, clock: Clock, **changes: object) -> dict[str, Any]:
    settings = stores.settings(**changes)
    connection = redis.connect(settings)
    try:
        return {found.check: found for found in examine(await gather(settings, connection, clock, {}))}
    finally:
        await connection.close()


def test_ten_misconfigurations(empty_database: str, bad_redis: Redis, door: Door) -> None:
    """R66, R72: each of ten mistakes is found and says how to mend it; mended as told, all is well."""
    planted = {
        "ENVIRONMENT": "production", "SECRET_KEY": SAMPLE, "DATABASE_URL": empty_database,
        "REDIS_URL": f"rediss://127.0.0.1:{door.port}/0", "REDIS_TLS_VERIFY": "off", "DYNO": "web.1",
        "PUBLIC_URL": "http://id.example.com", "BACKEND_CORS_ORIGINS": "http://app.example.com",
        "INSTANCES": "4", "WEB_CONCURRENCY": "8",
    }  # fmt: skip
    done = latchkey("doctor", "--json", **planted)
    assert done.returncode == 1
    refused = [finding["says"].partition(":")[0] for finding in json.loads(done.stdout)]
    assert refused == ["SECRET_KEY", "PUBLIC_URL", "BACKEND_CORS_ORIGINS"]  # with these no service would start
    planted |= {
        "SECRET_KEY": WEAK, "PUBLIC_URL": "https://id.example.com", "BACKEND_CORS_ORIGINS": "https://localhost:3000",
    }  # fmt: skip
    code, found = doctor(**planted)
    assert code == 1
    assert {name: level for name, level in levels(found).items() if level != "ok"} == {
        "migrations": "error",
        "database_connections": "error",
        "redis_tls": "warning",
        "redis_eviction": "warning",
        "redis_persistence": "warning",
        "redis_connections": "error",
        "secret": "error",
        "cors": "warning",
        "proxies": "error",
        "factors": "warning",
    }
    assert all(bool(finding["fix"]) == (finding["level"] != "ok") for finding in found.values())

    def told(check: str, pattern: str) -> str:
        """What the advice says, taken from it."""
        said = re.search(pattern, found[check]["fix"])
        assert said, found[check]
        return said[1]

    assert latchkey(*told("migrations", "`latchkey ([a-z ]+)`").split(), **planted).returncode == 0
    for check in ("redis_eviction", "redis_persistence"):
        bad_redis.call(*told(check, "`redis-cli ([a-z -]+)`").split())
    pin = told("redis_tls", "REDIS_TLS_FINGERPRINT=([0-9a-f]+)")
    assert pin == door.fingerprint
    planted |= {
        "REDIS_TLS_VERIFY": "", "REDIS_TLS_FINGERPRINT": pin, "SECRET_KEY": GOOD,
        "PROXIES_COUNT": told("proxies", "PROXIES_COUNT=([0-9])"),
        "BACKEND_CORS_ORIGINS": told("cors", "(https://[a-z.]+)"), "INSTANCES": "1", "WEB_CONCURRENCY": "1",
        "DATABASE_POOL_SIZE": told("database_connections", "Set DATABASE_POOL_SIZE to ([0-9]+)"),
        "REDIS_POOL_SIZE": "30",
    }  # fmt: skip
    code, found = doctor(**planted)
    assert set(levels(found).values()) == {"ok"}, found
    assert code == 0


def test_stores_that_are_away(bad_redis: Redis) -> None:
    """Both are named with what the connection said, and nothing else is guessed at; passwords stay unsaid."""
    code, found = doctor(DATABASE_URL="postgres://u:hunter2@127.0.0.1:1/x", REDIS_URL="redis://:hunter2@127.0.0.1:1")
    assert code == 1
    assert (found["database"]["level"], found["redis"]["level"]) == ("error", "error")
    assert "migrations" not in found
    assert "redis_eviction" not in found
    assert "hunter2" not in str(found)


def test_wrong_settings() -> None:
    """Settings that the service would refuse are findings too, each with its name."""
    code, found = doctor(**PRODUCTION, SECRET_KEY="short")
    assert (code, found["settings"]["level"]) == (1, "error")
    assert found["settings"]["says"].startswith("SECRET_KEY: ")


async def test_warnings_stop_no_release(stores: Stores, runtime: object) -> None:
    """The release phase ends with 0 while there are only warnings: here, a Redis without persistence."""
    done = latchkey("doctor", "--new-secret", **stores.environment(**PRODUCTION, SECRET_KEY=GOOD))
    assert done.returncode == 0, done.stdout
    assert "warning redis_persistence: Redis keeps nothing on disk" in done.stdout


async def test_tls(stores: Stores, runtime: object, door: Door) -> None:
    """A certificate is checked by default, by a given authority or by its fingerprint; a wrong one is no way in."""
    url = f"rediss://127.0.0.1:{door.port}/0"

    async def tls(url: str = url, **more: object) -> tuple[Level, Level]:
        found = await _examined(stores, Clock(), REDIS_URL=url, **more)
        return found["redis"].level, found["redis_tls"].level

    found = await _examined(stores, Clock(), REDIS_URL=url)
    assert found["redis"].level is found["redis_tls"].level is Level.ERROR
    assert door.fingerprint in found["redis_tls"].fix
    good, bad = (Level.OK, Level.OK), (Level.ERROR, Level.ERROR)
    assert await tls(REDIS_TLS_CA=str(door.certificate)) == good
    assert await tls(REDIS_TLS_CA=door.certificate.read_text().replace("\n", "\\n")) == good
    colons = ":".join(re.findall("..", door.fingerprint.upper()))
    assert await tls(REDIS_TLS_FINGERPRINT=f"{'0' * 64},{colons}") == good
    assert await tls(REDIS_TLS_FINGERPRINT="0" * 64) == bad
    assert await tls(REDIS_TLS_VERIFY="off") == (Level.OK, Level.WARNING)
    assert await tls(f"{url}?ssl_cert_reqs=none") == (Level.OK, Level.WARNING)


async def test_questions_that_are_refused(stores: Stores, runtime: object) -> None:
    """A managed Redis without CONFIG: what can't be known is said to be unknown, and stops nothing."""
    with Redis.start("--rename-command", "CONFIG", "") as managed:
        code, found = doctor(**stores.environment(REDIS_URL=managed.url))
    assert code == 0
    assert found["redis_eviction"]["level"] == "ok"  # INFO has it
    assert "could not be checked" in found["redis_persistence"]["says"]


async def test_clocks(stores: Stores, runtime: object) -> None:
    """A clock that is off is found, and which way: tokens allow for a minute."""
    clock = Clock()
    clock.advance(20)
    found = await _examined(stores, clock)
    assert found["redis_clock"].level is found["database_clock"].level is Level.WARNING
    assert "20 s behind" in found["redis_clock"].says
    clock.advance(-200)
    found = await _examined(stores, clock)
    assert found["redis_clock"].level is found["database_clock"].level is Level.ERROR
    assert "180 s ahead" in found["database_clock"].says


async def test_role_with_few_connections(stores: Stores, empty_database: str) -> None:
    """R72: managed plans limit the role, not the server: the smallest limit counts."""
    assert stores.postgres
    stores.postgres.query("CREATE ROLE small LOGIN PASSWORD 'small' CONNECTION LIMIT 20")
    try:
        url = empty_database.replace("latchkey:latchkey@", "small:small@")
        _, found = doctor(**stores.environment(DATABASE_URL=url, DATABASE_POOL_SIZE="11"))
        assert found["database_connections"]["level"] == "warning"
        assert "x 12 = 12 of 20 connections" in found["database_connections"]["says"], "one more listens"
    finally:
        stores.postgres.query("DROP ROLE small")


async def test_cluster(stores: Stores, runtime: object) -> None:
    """Every node of a cluster is asked; one that differs is enough."""
    with RedisCluster.start() as cluster:
        cluster.nodes[2].call("CONFIG", "SET", "maxmemory-policy", "volatile-lru")
        found = await _examined(stores, Clock(), REDIS_URL=cluster.url)
        for node in cluster.nodes:  # whichever of them lets us do less
            node.call("ACL", "SETUSER", "default", "-pfcount")
            less = await _examined(stores, Clock(), REDIS_URL=cluster.url)
            assert (less["redis"].level, "PFCOUNT" in less["redis"].says) == (Level.ERROR, True)
            node.call("ACL", "SETUSER", "default", "+@all")
    assert "3 node(s)" in found["redis"].says
    assert "volatile-lru" in found["redis_eviction"].says
    assert found["redis_version"].level is Level.OK
    assert database.dialect() == "postgres"
