"""Two instances behind nginx with the configuration that we ship: restarted in turn under load, and one killed."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from service.features import read_settings
from tests.servers import Nginx, Postgres, find_nginx, free_port
from tests.servers.nginx import SHIPPED
from tests.support.people import PASSWORD
from tests.support.process import Service, latchkey, starting
from tests.support.stores import PRODUCTION, Stores
from tests.support.waiting import eventually

pytestmark = [
    pytest.mark.real_only,
    pytest.mark.timeout(600),
    pytest.mark.skipif(find_nginx() is None, reason="no nginx is installed (apt install nginx-light)"),
]

CLIENTS = 4
RESTARTS = int(os.environ.get("RESTARTS", "2"))  # by hand: RESTARTS=6
PAUSE_SECONDS = float(os.environ.get("PAUSE_SECONDS", "0.03"))
READY_SECONDS = 120.0  # of a start on a busy machine
SOMEWHERE_ELSE = "127.0.0.2"  # as Linux has them


class Instances:
    """Two instances, which come back on their ports."""

    def __init__(self, stack: AsyncExitStack, directory: Path, environment: dict[str, str]) -> None:
        """Take what ends them, where their logs are to be, and their settings."""
        self.ports = [free_port(), free_port()]
        self._stack = stack
        self._directory = directory
        self._environment = environment
        self._running: dict[int, Service] = {}

    async def start(self, number: int) -> None:
        """Start one, and wait until it is ready."""
        log, port = self._directory / f"{number}.log", str(self.ports[number])
        service = self._stack.enter_context(starting(log, **self._environment, PORT=port))
        self._running[number] = service
        await service.ready(READY_SECONDS)

    async def stop(self, number: int, *, kill: bool = False) -> None:
        """End one, in order or at once."""
        process = self._running[number].process
        process.kill() if kill else process.terminate()
        code = await asyncio.to_thread(process.wait, 60)
        assert kill or code == 0, self._running[number].said()


class Load:
    """Clients that keep their connections to nginx, and never ask twice; what they were told."""

    def __init__(self, url: str) -> None:
        """Take nginx's address."""
        self._url = url
        self._going = True
        self.failed: Counter[str] = Counter()
        self.answered: Counter[str] = Counter()
        self.after: set[str] = set()

    async def _ask(self, client: httpx.AsyncClient, method: str, path: str, **options: Any) -> dict[str, Any] | None:
        try:
            answer = await client.request(method, path, **options)
        except httpx.TransportError as error:
            self.failed[f"{method} {error!r}"] += 1
            return None
        self.answered[method] += 1
        if answer.status_code != 200:
            self.failed[f"{method} {answer.status_code} {answer.json().get('code')}"] += 1
            return None
        found: dict[str, Any] = answer.json()
        return found

    async def client(self, number: int) -> None:
        """Read and refresh until it is enough."""
        async with httpx.AsyncClient(base_url=self._url, timeout=60, trust_env=False) as client:
            credentials = await registered(client, f"client{number}")
            tokens = await self._ask(client, "POST", "/api/auth/login", data=credentials)
            while self._going and tokens:
                headers = {"Authorization": f"Bearer {tokens['access_token']}"}
                await self._ask(client, "GET", "/api/users/me", headers=headers)
                given = {"refresh_token": tokens["refresh_token"]}
                tokens = await self._ask(client, "POST", "/api/auth/refresh", json=given) or tokens
                await asyncio.sleep(PAUSE_SECONDS)

    async def during(self, story: Callable[[], Awaitable[None]]) -> None:
        """Have the clients ask while something happens, and for a while before and after."""
        async with asyncio.TaskGroup() as group:
            for number in range(CLIENTS):
                group.create_task(self.client(number))
            try:
                await self.more()
                await story()
                await self.more()
            finally:
                self._going = False

    async def more(self) -> None:
        """Wait for some more answers."""
        before = self.answered.total()
        await eventually(lambda: self.answered.total() >= before + 40, READY_SECONDS, why=lambda: self.failed)


async def registered(client: httpx.AsyncClient, name: str) -> dict[str, str]:
    """Return the form with which somebody new logs in."""
    email = f"{name}-{os.urandom(4).hex()}@example.com"
    answer = await client.post("/api/auth/register", json={"email": email, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    return {"username": email, "password": PASSWORD}


@asynccontextmanager
async def behind_nginx(stores: Stores, directory: Path) -> AsyncIterator[tuple[Instances, Nginx]]:
    """Start both, on a database of their own."""
    assert isinstance(stores.postgres, Postgres)
    url = stores.postgres.create_database("behind_nginx")
    given = stores.environment(
        **PRODUCTION, DATABASE_URL=url, DATABASE_POOL_SIZE="4", PROXIES_COUNT="1", REFRESH_GRACE_SECONDS="0"
    )
    try:
        done = await asyncio.to_thread(latchkey, "db", "upgrade", **given)
        assert done.returncode == 0, done.stderr
        async with AsyncExitStack() as stack:
            instances = Instances(stack, directory, given)
            await asyncio.gather(instances.start(0), instances.start(1))
            yield instances, stack.enter_context(await asyncio.to_thread(Nginx.start, instances.ports))
    finally:
        stores.postgres.drop_database("behind_nginx")


async def test_restarts_in_turn_and_one_that_is_killed(stores: Stores, tmp_path: Path) -> None:
    """None of all requests fails while both are restarted. One that is killed takes along what it had to answer."""
    async with behind_nginx(stores, tmp_path) as (instances, nginx):
        restarts = Load(nginx.url)

        async def restart_in_turn() -> None:
            for number in range(RESTARTS):
                await instances.stop(number % 2)
                await instances.start(number % 2)
                await restarts.more()

        await restarts.during(restart_in_turn)
        print(f"{restarts.answered} answers, {restarts.failed or 'none'} failed")
        assert restarts.failed == {}, nginx.log[-2000:]

        await what_passes_through(nginx.url)

        killed = Load(nginx.url)

        async def kill_one() -> None:
            await instances.stop(0, kill=True)
            await killed.more()  # by the other one alone

        await killed.during(kill_one)
        # A POST that it may have had is sent to nobody else: each client had one at most. What only reads is.
        assert killed.failed.total() <= CLIENTS, killed.failed
        assert not [what for what in killed.failed if not what.startswith("POST 503 ")], killed.failed

        await instances.stop(1, kill=True)
        async with httpx.AsyncClient(base_url=nginx.url, trust_env=False) as client:
            nobody = await client.get("/api/health")
            told = await client.post("/oauth/token", data={"grant_type": "password"})
        assert (nobody.status_code, nobody.headers["content-type"]) == (503, "application/problem+json")
        assert nobody.json()["code"] == "unavailable"
        assert nobody.headers["retry-after"]
        assert (told.status_code, told.headers["content-type"]) == (503, "application/json")
        assert told.json()["error"] == "temporarily_unavailable"
        assert told.headers["retry-after"]


async def what_passes_through(url: str) -> None:
    """The client's address, whatever it claims; its cookies; what is too long in our words; events as they happen."""
    away = httpx.AsyncHTTPTransport(local_address=SOMEWHERE_ELSE if sys.platform == "linux" else None)
    async with httpx.AsyncClient(base_url=url, transport=away, timeout=60) as client:
        credentials = await registered(client, "passing")
        forged = {"X-Forwarded-For": "203.0.113.7"}
        tokens = (await client.post("/api/auth/login", data=credentials, headers=forged)).json()
        headers = {"Authorization": f"Bearer {tokens['access_token']}"}
        (session,) = (await client.get("/api/sessions", headers=headers)).json()
        assert session["ip"] == (SOMEWHERE_ELSE if sys.platform == "linux" else "127.0.0.1")

        me = await client.get("/api/users/me", headers=headers | {"Cookie": f"other={'x' * 30_000}"})
        assert me.status_code == 200
        assert re.fullmatch(r"[0-9a-f]{32}", me.headers["x-request-id"])
        by_form = await client.post("/oauth/token", data={"grant_type": "password", **credentials})
        assert (by_form.status_code, by_form.json()["token_type"]) == (200, "Bearer")
        assert (await client.post("/oauth/revoke", data={"token": by_form.json()["refresh_token"]})).status_code == 200
        long = await client.post("/api/auth/refresh", content=b" " * 100_000, headers={"Content-Type": "text/plain"})
        assert (long.status_code, long.headers["content-type"]) == (413, "application/problem+json")

        async with client.stream("GET", "/api/sessions/stream", headers=headers) as stream:
            lines = stream.aiter_lines()
            assert await anext(lines) == "retry: 1000"
            assert (await client.post("/api/auth/logout", headers=headers)).status_code == 204
            assert "event: ended" in [line async for line in lines]


def test_it_lets_go_of_connections_before_they_are_closed() -> None:
    """Else a request could be on its way when an instance that was idle stops."""
    (seconds,) = re.findall(r"^    keepalive_timeout (\d+)s;", SHIPPED.read_text(encoding="utf-8"), re.MULTILINE)
    assert int(seconds) < read_settings(_env_file=None).STOP_DELAY_SECONDS
