"""A burst on an instance that has just said it is ready waits for its turn: nothing is wrong, so nobody is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.burst import BURSTS, burst, get, tokens
from tests.support.process import Service, serving

pytestmark = pytest.mark.real_only


@pytest.fixture(scope="module")
async def requests(service: Service) -> list[bytes]:
    return [get("/api/users/me", token) for token in await tokens(service.url)]


@pytest.mark.parametrize("connections", BURSTS)
async def test_a_burst_on_a_cold_instance(
    connections: int, requests: list[bytes], env: dict[str, str], tmp_path: Path
) -> None:
    """With the pools of the default settings, and many more connections than these have places."""
    pools = {"DATABASE_POOL_SIZE": "10", "REDIS_POOL_SIZE": "20"}
    with serving(tmp_path / "service.log", **{**env, **pools}) as service:
        found = await burst(service.port, requests, connections, calls=2)
    assert set(found.statuses) == {200}, str(found)
