"""What pretends to be Latchkey, and what a Latchkey of its own needs."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from service.runtime import Runtime
from tests.oauth.support import a_service
from tests.other_services.latchkey import LIFE_SECONDS, METRICS_TOKEN, Ground
from tests.other_services.pretender import Pretender, pretending
from tests.other_services.support import FRAMEWORKS, WAYS, Notes, ready, started
from tests.servers import Postgres
from tests.support.process import latchkey
from tests.support.stores import Stores


@pytest.fixture
async def pretender() -> AsyncIterator[Pretender]:
    async with pretending() as found:
        yield found


@pytest.fixture(params=[(framework, way) for framework in FRAMEWORKS for way in WAYS], ids="-".join)
async def notes(
    request: pytest.FixtureRequest, runtime: Runtime, base_url: str, client: httpx.AsyncClient, tmp_path: Path
) -> AsyncIterator[Notes]:
    """An example, in each of its ways."""
    framework, way = request.param
    known = await a_service(client, runtime, "Notes")
    settings = {
        "LATCHKEY_WAY": way,
        "LATCHKEY_URL": runtime.settings.PUBLIC_URL,
        "LATCHKEY_INTERNAL_URL": base_url,
        "LATCHKEY_CLIENT_ID": known.client_id,
        "LATCHKEY_CLIENT_SECRET": known.secret,
    }
    with started(framework, tmp_path / "notes", client, **settings) as found:
        yield await ready(found)
        assert known.secret not in found.said()


@pytest.fixture(scope="module")
def ground(stores: Stores) -> Iterator[Ground]:
    """A database for a Latchkey of one's own, with a client for the examples."""
    assert isinstance(stores.postgres, Postgres)
    url = stores.postgres.create_database("other_services")
    env = stores.environment(
        DATABASE_URL=url, ACCESS_TOKEN_EXPIRE_MINUTES=str(LIFE_SECONDS / 60), METRICS_TOKEN=METRICS_TOKEN
    )
    try:
        assert latchkey("db", "upgrade", **env).returncode == 0
        made = latchkey("clients", "add", "Notes", "--resource-server", "--json", **env)
        assert made.returncode == 0, made.stderr
        said = json.loads(made.stdout)
        yield Ground(
            stores,
            env,
            {
                "LATCHKEY_CLIENT_ID": said["client_id"],
                "LATCHKEY_CLIENT_SECRET": said["client_secret"],
                "LATCHKEY_URL": env["PUBLIC_URL"],
            },
        )
    finally:
        stores.postgres.drop_database("other_services")


@pytest.fixture
async def caller() -> AsyncIterator[httpx.AsyncClient]:
    """A client of nobody's in particular."""
    limits = httpx.Limits(max_connections=64, max_keepalive_connections=64)
    async with httpx.AsyncClient(trust_env=False, limits=limits, timeout=30) as found:
        yield found
