"""Servers that may be broken: one PostgreSQL and one Redis for this folder, and a service on them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.faults.invariants import Pools
from tests.faults.support import CLIENTS, settings_of
from tests.servers import Postgres, Redis
from tests.support.people import PASSWORD
from tests.support.process import Service, latchkey, serving


@pytest.fixture(scope="package")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("faults")


@pytest.fixture(scope="package")
def postgres() -> Iterator[Postgres]:
    with Postgres.start(settings={"max_connections": "20"}) as server:
        yield server


@pytest.fixture(scope="package")
def redis() -> Iterator[Redis]:
    """A Redis that forgets nothing."""
    with Redis.start("--appendonly", "yes", "--appendfsync", "always") as server:
        yield server


@pytest.fixture(scope="package")
def pools(postgres: Postgres, redis: Redis) -> Pools:
    return Pools(postgres, redis)


@pytest.fixture(scope="package")
def env(postgres: Postgres, redis: Redis) -> dict[str, str]:
    found = settings_of(postgres.url, redis.url)
    done = latchkey("db", "upgrade", **found)
    assert done.returncode == 0, done.stderr
    return found


@pytest.fixture(scope="package")
def service(env: dict[str, str], directory: Path) -> Iterator[Service]:
    with serving(directory / "service.log", **env) as found:
        yield found


@pytest.fixture(scope="package")
async def emails(service: Service) -> list[str]:
    """Registered users, one for each client."""
    found = [f"client{number}@example.com" for number in range(CLIENTS)]
    async with httpx.AsyncClient(base_url=service.url, timeout=10, trust_env=False) as http:
        for email in found:
            answer = await http.post("/api/auth/register", json={"email": email, "password": PASSWORD})
            assert answer.status_code == 200, answer.text
    return found
