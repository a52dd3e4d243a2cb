"""The service starts without its stores, and refuses to start with wrong settings."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AsyncExitStack
from pathlib import Path
from subprocess import CompletedProcess

import httpx
import pytest

from tests.faults.support import LIMIT_SECONDS, RECOVERY_SECONDS
from tests.servers import Postgres, Redis, free_port
from tests.support.people import PASSWORD
from tests.support.process import latchkey, starting
from tests.support.stores import SECRET

pytestmark = pytest.mark.real_only


@pytest.mark.parametrize("how", ["dead", "frozen"])
async def test_both_stores_away_at_start(
    postgres: Postgres, redis: Redis, env: dict[str, str], emails: list[str], directory: Path, how: str
) -> None:
    """R73: the service boots without its stores, says that it isn't ready, and is soon after their return."""
    stores = (postgres, redis)
    for store in stores:
        await asyncio.to_thread(store.kill if how == "dead" else store.freeze)
    async with AsyncExitStack() as stack:
        try:
            service = stack.enter_context(starting(directory / f"{how}.log", **env))
            http = await stack.enter_async_context(httpx.AsyncClient(base_url=service.url, timeout=10, trust_env=False))
            await service.ready(path="/api/health")
            # More at once than the pools are large: a queue for the one that connects would show here.
            paths = ["/api/health/ready"] * 3 + ["/.well-known/jwks.json"] * 3
            logins = [{"username": emails[0], "password": PASSWORD}] * 6
            began = time.monotonic()
            answers = await asyncio.gather(
                *(http.get(path) for path in paths), *(http.post("/api/auth/login", data=form) for form in logins)
            )
            assert time.monotonic() - began < LIMIT_SECONDS
            assert {answer.status_code for answer in answers} == {503}
            assert all(1 <= int(answer.headers["retry-after"]) <= 30 for answer in answers)
            assert (await http.get("/api/health")).status_code == 200
        finally:
            for store in stores:
                await asyncio.to_thread(store.start_again if how == "dead" else store.thaw)

        await service.ready(RECOVERY_SECONDS)
        answer = await http.post("/api/auth/login", data={"username": emails[0], "password": PASSWORD})
        assert answer.status_code == 200


WRONG: dict[str, tuple[str, Callable[[str], str]]] = {
    "database-password": ("DATABASE_URL", lambda url: url.replace(":latchkey@", ":hunter2@")),
    "missing-database": ("DATABASE_URL", lambda url: url.removesuffix("latchkey") + "nowhere"),
    "malformed-database": ("DATABASE_URL", lambda url: url.replace(":latchkey@", ":hun/ter2@")),
    "redis-password": ("REDIS_URL", lambda url: url.replace("://", "://nobody:hunter2@")),
    "missing-redis-database": ("REDIS_URL", lambda url: url.removesuffix("0") + "9999"),
    "malformed-redis": ("REDIS_URL", lambda _: "redis://:hunter2@localhost:port/0"),
}


@pytest.fixture(scope="module")
def attempts(env: dict[str, str]) -> Iterator[dict[str, Future[CompletedProcess[str]]]]:
    """Starts with each of the wrong settings, side by side."""

    def attempt(variable: str, change: Callable[[str], str]) -> CompletedProcess[str]:
        wrong = {**env, variable: change(env[variable]), "PORT": str(free_port())}
        return latchkey("serve", **wrong)

    with ThreadPoolExecutor(2) as pool:
        yield {name: pool.submit(attempt, *what) for name, what in WRONG.items()}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_settings(attempts: dict[str, Future[CompletedProcess[str]]], name: str) -> None:
    """R66, R73: settings that no waiting can mend end the start with one clear line, and without a secret."""
    done = attempts[name].result()
    said = done.stdout + done.stderr
    assert done.returncode not in (0, 75), said
    lines = [line for line in said.splitlines() if WRONG[name][0] in line]
    assert len(lines) == 1, said
    for never in ("Traceback", "ter2", SECRET):
        assert never not in said
