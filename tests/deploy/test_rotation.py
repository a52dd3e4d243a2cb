"""Two instances of two workers each: the signing key and the secret change under load, and no request fails."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import jwt as pyjwt
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.servers import Postgres, free_port
from tests.support.people import PASSWORD
from tests.support.process import Process, latchkey, starting
from tests.support.stores import PRODUCTION, SECRET, Stores
from tests.support.waiting import eventually

pytestmark = [pytest.mark.real_only, pytest.mark.timeout(600)]

NEW_SECRET = "Jw3Tq0mZpV8yXc5LrN2hGd7bKs4fUe9AoR6iHtYzWxQ1"
CLIENTS = 3
READY_SECONDS = 120.0  # of a start on a busy machine


@dataclass
class Instance:
    """An instance behind the balancer: two workers on one port."""

    log: Path
    environment: dict[str, str]
    port: int = field(default_factory=free_port)
    process: Process | None = None
    in_rotation: bool = False
    under_way: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self, stack: AsyncExitStack, **changes: str) -> None:
        given = {**self.environment, **changes, "PORT": str(self.port), "WEB_CONCURRENCY": "2"}
        service = stack.enter_context(starting(self.log, **given))
        self.process = service.process
        await service.ready(READY_SECONDS)
        self.in_rotation = True

    async def restart(self, stack: AsyncExitStack, **changes: str) -> None:
        """Restart as platforms do: no new requests first, then SIGTERM, then the new one."""
        assert self.process
        self.in_rotation = False
        await eventually(lambda: not self.under_way)
        self.process.terminate()
        assert await asyncio.to_thread(self.process.wait, 60) == 0
        await self.start(stack, **changes)


class Balancer:
    """Sends each request to the next instance in rotation, each on a connection of its own: so to any worker."""

    def __init__(self, instances: list[Instance]) -> None:
        self.instances = instances
        self.count = 0
        self.failures: list[str] = []
        self.kids: set[str] = set()
        self.latest: dict[int, str] = {}  # of each client

    async def send(self, method: str, path: str, **options: object) -> httpx.Response:
        ready = [instance for instance in self.instances if instance.in_rotation]
        instance = ready[self.count % len(ready)]
        self.count += 1
        instance.under_way += 1
        try:
            async with httpx.AsyncClient(base_url=instance.url, timeout=30) as client:
                response = await client.request(method, path, **options)  # type: ignore[arg-type]  # as httpx takes them
        finally:
            instance.under_way -= 1
        if response.status_code != 200:
            self.failures.append(f"{method} {path}: {response.status_code} {response.text[:200]}")
        return response

    async def client(self, number: int, stop: asyncio.Event) -> str:
        """Log in, then call and refresh until told to stop; return the last access token."""
        email = f"client{number}-{time.monotonic_ns()}@example.com"
        await self.send("POST", "/api/auth/register", json={"email": email, "password": PASSWORD})
        tokens = (await self.send("POST", "/api/auth/login", data={"username": email, "password": PASSWORD})).json()
        while not stop.is_set() and not self.failures:
            self.latest[number] = pyjwt.get_unverified_header(tokens["access_token"])["kid"]
            self.kids.add(self.latest[number])
            headers = {"Authorization": f"Bearer {tokens['access_token']}"}
            await self.send("GET", "/api/users/me", headers=headers)
            refreshed = await self.send("POST", "/api/auth/refresh", json={"refresh_token": tokens["refresh_token"]})
            tokens = refreshed.json() if refreshed.status_code == 200 else tokens
            await asyncio.sleep(0.02)
        return str(tokens["access_token"])


@asynccontextmanager
async def two_instances(
    stores: Stores, directory: Path
) -> AsyncIterator[tuple[Balancer, AsyncExitStack, dict[str, str]]]:
    """Start both on a database of their own."""
    assert isinstance(stores.postgres, Postgres)
    name = f"rotation{time.monotonic_ns()}"
    environment = stores.environment(
        **PRODUCTION,
        DATABASE_URL=stores.postgres.create_database(name),
        REFRESH_GRACE_SECONDS="0",  # every refresh is a rotation
        RATE_LIMITS_ENABLED="false",
    )
    assert latchkey("db", "upgrade", **environment).returncode == 0
    try:
        async with AsyncExitStack() as stack:
            instances = [Instance(directory / f"{number}.log", environment) for number in range(2)]
            await asyncio.gather(*(instance.start(stack) for instance in instances))
            yield Balancer(instances), stack, environment
    finally:
        stores.postgres.drop_database(name)


async def test_no_request_fails(stores: Stores, tmp_path: Path) -> None:
    """R44: a new signing key, then a new SECRET_KEY in its two steps, instance by instance: nobody notices."""
    async with two_instances(stores, tmp_path) as (balancer, stack, environment):
        stop = asyncio.Event()
        clients = [asyncio.create_task(balancer.client(number, stop)) for number in range(CLIENTS)]
        try:
            command = ("keys", "rotate", "--now")
            done = await asyncio.to_thread(latchkey, *command, "--json", **environment)
            assert done.returncode == 0, done.stderr
            new = re.search(r'"kid": "([^"]+)"', done.stdout)
            assert new
            for secrets in (f"{SECRET},{NEW_SECRET}", f"{NEW_SECRET},{SECRET}"):
                for instance in balancer.instances:
                    await instance.restart(stack, SECRET_KEY=secrets)
            # Until each client has a token of the new key, and not only the first of them.
            await eventually(lambda: balancer.failures or {*balancer.latest.values()} == {new[1]}, READY_SECONDS)
        finally:
            stop.set()
            last = await asyncio.gather(*clients)
        assert balancer.failures == []
        assert len(balancer.kids) == 2
        assert {pyjwt.get_unverified_header(token)["kid"] for token in last} == {new[1]}
        published = KeySet.import_key_set((await balancer.send("GET", "/.well-known/jwks.json")).json())
        for token in last:
            assert jwt.decode(token, published, algorithms=["ES256"]).claims["iss"]
        print(f"{balancer.count} requests, none failed")
