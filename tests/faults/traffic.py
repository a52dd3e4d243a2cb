"""Clients that keep calling the service, and note every answer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

import httpx

from tests.support.people import PASSWORD
from tests.support.process import Service
from tests.support.waiting import eventually


@dataclass(frozen=True)
class Call:
    """One call and its answer; status 0 is none at all."""

    name: str
    at: float
    seconds: float
    status: int
    headers: httpx.Headers
    text: str
    denied: float = 0.0  # seconds of it in which the service wanted a processor, and the machine had none

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
        tokens: dict[str, str] = body_of(call)
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
        tokens = body_of(call)
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
    settled: float = 0.0  # seconds until all went well, before there was any fault

    async def call(self, name: str, method: str, path: str, **options: Any) -> Call:
        began, denied = time.monotonic(), self.service.denied()
        try:
            response = await self.http.request(method, f"/api{path}", **options)
        except httpx.HTTPError as error:
            seconds = time.monotonic() - began
            status, headers, text = 0, httpx.Headers(), repr(error)
        else:
            seconds = time.monotonic() - began
            status, headers, text = response.status_code, response.headers, response.text
        found = Call(name, began, seconds, status, headers, text, self.service.denied() - denied)
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
        """Wait until every client has had each of its calls answered well in a row.

        Time in which the machine gave the service no processor doesn't count.
        """
        began = self.service.denied()
        for device in self.devices:
            device.good.clear()
        while any(len(device.good) < 4 for device in self.devices):
            denied = self.service.denied() - began
            assert time.monotonic() < deadline + denied, "not back: " + "; ".join(map(str, self.calls[-12:]))
            await asyncio.sleep(0.01)

    async def felt(self, since: float) -> None:
        """Wait a little, and until somebody has asked whether the service is ready, and been answered."""
        await asyncio.sleep(0.7)
        await eventually(lambda: any(call.name == "ready" and call.at >= since for call in self.calls), 30)


@asynccontextmanager
async def traffic(service: Service, emails: list[str]) -> AsyncIterator[Traffic]:
    """Let a client for each address call the service, and two look at its health, until the block ends."""
    limits = httpx.Limits(max_connections=64, max_keepalive_connections=64)
    async with httpx.AsyncClient(base_url=service.url, limits=limits, timeout=10, trust_env=False) as http:
        found = Traffic(service, http)
        await service.ready()
        for email in emails:
            device = Device(found, email)
            await device.start()
            found.devices.append(device)
        tasks = [asyncio.create_task(device.loop()) for device in found.devices]
        tasks.append(asyncio.create_task(found.watch("health", "/health")))
        tasks.append(asyncio.create_task(found.watch("ready", "/health/ready")))
        tasks.append(asyncio.create_task(found.measure_lag()))
        try:
            began = time.monotonic()
            await found.steady(began + 60)
            found.settled, found.lag = time.monotonic() - began, 0.0
            yield found
        finally:
            for task in tasks:
                task.cancel()
            for result in await asyncio.gather(*tasks, return_exceptions=True):
                if isinstance(result, Exception):
                    raise result


def body_of(call: Call) -> Any:
    return httpx.Response(call.status, text=call.text).json()
