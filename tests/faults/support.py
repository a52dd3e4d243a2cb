"""The service as a process of its own, clients that keep calling it, and what every answer must be during a fault."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from tests.servers import Postgres, Redis
from tests.servers.process import free_port
from tests.support.people import PASSWORD
from tests.support.stores import SECRET

ROOT = Path(__file__).parents[2]
LIMIT_SECONDS = 2.0
RECOVERY_SECONDS = 5.0
DATABASE_POOL = 4
REDIS_POOL = 6
CLIENTS = 8


def environment(database_url: str, redis_url: str, **changes: str) -> dict[str, str]:
    """Return the environment of a service with small pools, which show a leak sooner."""
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR", "COVERAGE_PROCESS_START") if name in os.environ}
    return {
        **kept,
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "SECRET_KEY": SECRET,
        "DATABASE_POOL_SIZE": str(DATABASE_POOL),
        "REDIS_POOL_SIZE": str(REDIS_POOL),
        "MAX_SESSIONS_PER_USER": "1000",
        "RATE_LIMITS_ENABLED": "false",
        "PYTHONPATH": str(ROOT),
        **changes,
    }


def latchkey(*arguments: str, env: dict[str, str], cwd: Path, timeout: float = 30) -> subprocess.CompletedProcess[str]:
    """Run one command to its end; what it prints is in one piece, `stdout`."""
    return subprocess.run(
        [sys.executable, "-m", "service", *arguments],
        env=env,
        cwd=cwd,  # no .env file of a developer's
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=timeout,
        check=False,
    )


@dataclass
class Service:
    """A running service."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def said(self) -> str:
        return self.log.read_text(errors="replace")


@contextmanager
def serving(env: dict[str, str], directory: Path) -> Iterator[Service]:
    """Start a service; kill it at the end if SIGTERM doesn't."""
    port = free_port()
    log = directory / f"service-{port}.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "service", "serve"],
            env={**env, "PORT": str(port)},
            cwd=directory,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield Service(f"http://127.0.0.1:{port}", process, log)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)


async def up(service: Service, http: httpx.AsyncClient) -> None:
    """Wait until the service listens."""
    deadline = time.monotonic() + 15
    while True:
        assert service.process.poll() is None, service.said()
        with suppress(httpx.TransportError):
            if (await http.get("/api/health")).status_code == 200:
                return
        assert time.monotonic() < deadline, service.said()
        await asyncio.sleep(0.02)


@dataclass(frozen=True)
class Call:
    """One call and its answer; status 0 is none at all."""

    name: str
    at: float
    seconds: float
    status: int
    headers: httpx.Headers
    text: str

    @property
    def end(self) -> float:
        return self.at + self.seconds

    def __str__(self) -> str:
        return f"{self.name} {self.status} after {self.seconds:.2f} s: {self.text[:300]}"


GOOD = {"me": 200, "refresh": 200, "login": 200, "logout": 204, "register": 200, "health": 200, "ready": 200}
SIGNED_OUT = {"me": 401, "refresh": 400}


@dataclass
class Device:
    """A client: one user, one chain of refresh tokens, and log-ins that end by logging out."""

    traffic: Traffic
    email: str
    access: str = ""
    refresh: str = ""
    ended: list[dict[str, str]] = field(default_factory=list)
    good: set[str] = field(default_factory=set)
    lost: bool = False

    async def call(self, name: str, method: str, path: str, **options: Any) -> Call:
        call = await self.traffic.call(name, method, path, **options)
        if call.status == GOOD[name]:
            self.good.add(name)
        else:
            self.good.clear()
        return call

    async def start(self) -> None:
        call = await self.traffic.call("login", "POST", "/auth/login", data=self.credentials)
        assert call.status == 200, str(call)
        self._keep(call)

    async def loop(self) -> None:
        steps = (self.read, self.spend, self.read, self.come_and_go)
        for step in cycle(steps):
            await step()
            await asyncio.sleep(0.08)

    async def read(self) -> None:
        call = await self.call("me", "GET", "/users/me", headers={"Authorization": f"Bearer {self.access}"})
        self.lost |= call.status == 401

    async def spend(self) -> None:
        if self.lost:
            await self._log_in_again()
            return
        call = await self.call("refresh", "POST", "/auth/refresh", json={"refresh_token": self.refresh})
        if call.status == 200:
            self._keep(call)
        self.lost |= call.status == 400

    async def come_and_go(self) -> None:
        call = await self.call("login", "POST", "/auth/login", data=self.credentials)
        if call.status != 200:
            return
        tokens: dict[str, str] = _json(call)
        call = await self.call(
            "logout", "POST", "/auth/logout", headers={"Authorization": f"Bearer {tokens['access_token']}"}
        )
        if call.status == 204:
            self.ended.append(tokens)

    async def _log_in_again(self) -> None:
        call = await self.call("login", "POST", "/auth/login", data=self.credentials)
        if call.status == 200:
            self._keep(call)
            self.lost = False

    def _keep(self, call: Call) -> None:
        tokens = _json(call)
        self.access, self.refresh = tokens["access_token"], tokens["refresh_token"]

    @property
    def credentials(self) -> dict[str, str]:
        return {"username": self.email, "password": PASSWORD}


@dataclass
class Traffic:
    """All the clients, and every call they made."""

    service: Service
    http: httpx.AsyncClient
    calls: list[Call] = field(default_factory=list)
    devices: list[Device] = field(default_factory=list)
    lag: float = 0.0

    async def call(self, name: str, method: str, path: str, **options: Any) -> Call:
        began = time.monotonic()
        try:
            response = await self.http.request(method, f"/api{path}", **options)
        except httpx.HTTPError as error:
            found = Call(name, began, time.monotonic() - began, 0, httpx.Headers(), repr(error))
        else:
            seconds = time.monotonic() - began
            found = Call(name, began, seconds, response.status_code, response.headers, response.text)
        self.calls.append(found)
        return found

    async def register(self, email: str) -> Call:
        return await self.call("register", "POST", "/auth/register", json={"email": email, "password": PASSWORD})

    async def watch(self, name: str, path: str) -> None:
        while True:
            await self.call(name, "GET", path)
            await asyncio.sleep(0.1)

    async def measure_lag(self) -> None:
        """Note how late this process itself is: that is no fault of the service's."""
        while True:
            began = time.monotonic()
            await asyncio.sleep(0.01)
            self.lag = max(self.lag, time.monotonic() - began - 0.01)

    async def steady(self, deadline: float) -> None:
        """Wait until every client has had each of its calls answered well in a row."""
        for device in self.devices:
            device.good.clear()
        while any(len(device.good) < 4 for device in self.devices):
            assert time.monotonic() < deadline, "not back: " + "; ".join(map(str, self.calls[-12:]))
            await asyncio.sleep(0.01)


@asynccontextmanager
async def traffic(service: Service, emails: list[str]) -> AsyncIterator[Traffic]:
    """Let a client for each address call the service, and two look at its health, until the block ends."""
    limits = httpx.Limits(max_connections=64, max_keepalive_connections=64)
    async with httpx.AsyncClient(base_url=service.url, limits=limits, timeout=10, trust_env=False) as http:
        found = Traffic(service, http)
        await up(service, http)
        await eventually(lambda: _ready(http), 5)
        for email in emails:
            device = Device(found, email)
            await device.start()
            found.devices.append(device)
        tasks = [asyncio.create_task(device.loop()) for device in found.devices]
        tasks.append(asyncio.create_task(found.watch("health", "/health")))
        tasks.append(asyncio.create_task(found.watch("ready", "/health/ready")))
        tasks.append(asyncio.create_task(found.measure_lag()))
        try:
            await found.steady(time.monotonic() + RECOVERY_SECONDS)
            found.lag = 0.0
            yield found
        finally:
            for task in tasks:
                task.cancel()
            for result in await asyncio.gather(*tasks, return_exceptions=True):
                if isinstance(result, Exception):
                    raise result


@dataclass
class Fault:
    """When it began, from when on the store is away for certain, and until when."""

    began: float
    away: float = 0.0
    ended: float = 0.0


@asynccontextmanager
async def fault(
    found: Traffic, pool: Pools, *, empties: bool = False, refuses: bool = True, unready: bool = True
) -> AsyncIterator[Fault]:
    """Hold the invariants around a fault, which is the block.

    `empties`: the sessions are really gone. `refuses`: somebody must have been answered 503. `unready`: while the store
    is away /health/ready must say so.
    """
    happening = Fault(time.monotonic())
    yield happening
    happening.ended = happening.ended or time.monotonic()
    await found.steady(happening.ended + RECOVERY_SECONDS)
    recovered = time.monotonic()
    await asyncio.sleep(0.2)
    report(found, happening, recovered)
    hold(found, happening, recovered, empties=empties, refuses=refuses, unready=unready)
    await ended_stay_ended(found)
    await pool.whole(found)


def hold(found: Traffic, happening: Fault, recovered: float, *, empties: bool, refuses: bool, unready: bool) -> None:
    """The invariants of SECURITY.md, "Faults: what must hold"."""
    limit = LIMIT_SECONDS + found.lag
    refused = [call for call in found.calls if call.status == 503]
    for call in found.calls:
        assert call.seconds <= limit, f"too late (this process was late by {found.lag:.2f} s): {call}"
        if call.status == GOOD[call.name]:
            continue
        assert call.end >= happening.began, f"before the fault: {call}"
        assert call.at <= recovered, f"after the recovery: {call}"
        assert call.name != "health", str(call)
        if empties and call.status == SIGNED_OUT.get(call.name):
            continue
        assert call.status == 503, str(call)
        assert 1 <= int(call.headers["retry-after"]) <= 30, str(call)
        if call.name != "ready":
            assert call.headers["content-type"] == "application/problem+json", str(call)
            assert _json(call)["code"] == "unavailable", str(call)
    if refuses:
        assert any(call.name != "ready" for call in refused), "the fault was not felt"
    if unready:
        during = [c for c in found.calls if c.name == "ready" and happening.away <= c.at and c.end <= happening.ended]
        assert during
        assert all(call.status == 503 for call in during), "ready without a store"
    assert found.service.process.poll() is None
    if not empties:
        assert not any(device.lost for device in found.devices)


def report(found: Traffic, happening: Fault, recovered: float) -> None:
    """Print the latencies; pytest shows them with -s, and when a test fails."""
    during = [call for call in found.calls if call.end >= happening.began and call.at <= happening.ended]
    print(f"\n{happening.ended - happening.began:.2f} s of fault, steady {recovered - happening.ended:.2f} s later")
    for name in GOOD:
        times = sorted(call.seconds for call in during if call.name == name)
        statuses = {status: sum(c.name == name and c.status == status for c in during) for status in (200, 204, 503)}
        if times:
            median, slowest = times[len(times) // 2], times[-1]
            print(f"  {name:8} {len(times):4} calls  median {median:.3f}  max {slowest:.3f}  {statuses}")
    print(f"  this process was late by {found.lag:.3f} s at most")


async def ended_stay_ended(found: Traffic) -> None:
    """R29: a session that was logged out with 204 stays dead, whatever happened to Redis since."""
    for device in found.devices:
        for tokens in device.ended[-4:]:
            spent = await found.http.post("/api/auth/refresh", json={"refresh_token": tokens["refresh_token"]})
            assert (spent.status_code, spent.json()["reason"]) == (400, "revoked")
            headers = {"Authorization": f"Bearer {tokens['access_token']}"}
            assert (await found.http.get("/api/users/me", headers=headers)).status_code == 401


@dataclass
class Pools:
    """The stores, seen from behind: how many of the service's connections can work at once."""

    postgres: Postgres
    redis: Redis

    async def whole(self, found: Traffic) -> None:
        """R72: no connection is lost: as many calls as the pool is large wait in PostgreSQL at once, then all succeed.

        They are three times as many as the pool is large, but a pool that has lost a few would manage that too.
        """
        device = found.devices[0]
        headers = {"Authorization": f"Bearer {device.access}"}
        connection = await asyncpg.connect(self.postgres.url, ssl=False)
        try:
            for _ in range(5):  # other clients' calls, and a check that the machine delays, may spoil one try
                async with connection.transaction():
                    await connection.execute("LOCK TABLE users IN ACCESS EXCLUSIVE MODE", timeout=5)
                    calls = [
                        asyncio.create_task(found.http.get("/api/users/me", headers=headers))
                        for _ in range(3 * max(DATABASE_POOL, REDIS_POOL))
                    ]
                    waiting = 0
                    deadline = time.monotonic() + 0.4
                    while waiting < DATABASE_POOL and time.monotonic() < deadline:
                        waiting = await connection.fetchval(
                            "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)"
                            " WHERE NOT granted AND application_name = 'latchkey'"
                        )
                        await asyncio.sleep(0.005)
                answers = [answer.status_code for answer in await asyncio.gather(*calls)]
                if waiting == DATABASE_POOL and set(answers) == {200}:
                    return
            raise AssertionError(f"{waiting} of {DATABASE_POOL} connections work; answers {answers}")
        finally:
            await connection.close()


async def eventually(condition: Any, seconds: float) -> None:
    """Wait until an asynchronous condition holds."""
    deadline = time.monotonic() + seconds
    while not await condition():
        assert time.monotonic() < deadline, "not in time"
        await asyncio.sleep(0.02)


async def _ready(http: httpx.AsyncClient) -> bool:
    return (await http.get("/api/health/ready")).status_code == 200


def _json(call: Call) -> Any:
    return httpx.Response(call.status, text=call.text).json()
