"""Real stores that are really away, seen by who speaks OAuth 2: 503 in its form, and all goes on afterwards."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from tests.http.support import hold_oauth
from tests.outages.conftest import Caller, calling
from tests.outages.test_postgres import ROLE, database
from tests.outages.test_redis import PROVOKED, Operator, answering, operator
from tests.servers import Postgres
from tests.support.process import serving
from tests.support.waiting import unless_shed

__all__ = ["operator"]  # a fixture

pytestmark = pytest.mark.real_only


async def token(caller: Caller) -> httpx.Response:
    return await caller.http.post("/oauth/token", data={"grant_type": "password", **caller.form})


async def refresh(caller: Caller) -> httpx.Response:
    data = {"grant_type": "refresh_token", "refresh_token": caller.refresh}
    return await caller.http.post("/oauth/token", data=data)


async def revoke(caller: Caller) -> httpx.Response:
    return await caller.http.post("/oauth/revoke", data={"token": caller.refresh})


def hold_away(answer: httpx.Response) -> None:
    hold_oauth(answer, 503, "temporarily_unavailable")
    assert 1 <= int(answer.headers["retry-after"]) <= 30


async def well(caller: Caller) -> None:
    """The session that there was goes on, and can be ended."""
    await caller.well()
    assert (await unless_shed(lambda: token(caller))).status_code == 200
    tokens = (await unless_shed(lambda: refresh(caller))).json()
    caller.refresh = tokens["refresh_token"]
    assert (await revoke(caller)).status_code == 200
    hold_oauth(await refresh(caller), 400, "invalid_grant")


async def test_redis(caller: Caller, operator: Operator) -> None:
    """No call of the three does without it."""
    async with answering(operator, *PROVOKED["max number of clients"]):
        for call in (token, refresh, revoke):
            hold_away(await call(caller))
    await well(caller)


async def test_postgres(postgres: Postgres, env: dict[str, str], tmp_path: Path) -> None:
    """Nobody gets a token; whoever ends a session needs no row."""
    async with database(postgres, env) as given:
        with serving(tmp_path / "service.log", **given.env) as service:
            async with calling(service) as caller, calling(service) as other:
                await given.do(f"ALTER ROLE {ROLE} CONNECTION LIMIT 0")
                await given.cut()
                try:
                    for call in (token, refresh):
                        hold_away(await call(caller))
                    assert (await revoke(other)).status_code == 200
                finally:
                    await given.do(f"ALTER ROLE {ROLE} CONNECTION LIMIT -1")
                    await given.cut()
                await well(caller)
                hold_oauth(await unless_shed(lambda: refresh(other)), 400, "invalid_grant")
