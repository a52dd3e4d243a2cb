"""Redis dies, freezes, is full, fails over: 503 in time, and nobody is logged out whose keys are there."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.invariants import Pools, fault
from tests.faults.traffic import traffic
from tests.servers import Postgres, Redis, free_port
from tests.support.process import Service, serving

pytestmark = pytest.mark.real_only


async def test_killed_and_started_again(service: Service, emails: list[str], pools: Pools, redis: Redis) -> None:
    """R73: a Redis that keeps its data (appendonly, fsync always) may die, and nobody is logged out."""
    async with traffic(service, emails) as found, fault(found, pools) as happening:
        await asyncio.to_thread(redis.kill)
        happening.away = time.monotonic()
        await found.felt(happening.away)
        happening.ended = time.monotonic()
        await asyncio.to_thread(redis.start_again)


async def test_frozen_and_thawed(service: Service, emails: list[str], pools: Pools, redis: Redis) -> None:
    """R72, R73: a rotation that timed out may have been applied: the retry with the same token succeeds."""
    async with traffic(service, emails) as found, fault(found, pools) as happening:
        await asyncio.to_thread(redis.freeze)
        happening.away = time.monotonic()
        await asyncio.sleep(3)
        await found.felt(happening.away)
        happening.ended = time.monotonic()
        await asyncio.to_thread(redis.thaw)


async def test_full(service: Service, emails: list[str], pools: Pools, redis: Redis) -> None:
    """R73: a full Redis takes no log-in and no refresh, but reading and logging out go on."""
    async with traffic(service, emails) as found, fault(found, pools) as happening:
        before = await found.http.post("/api/auth/login", data=found.devices[0].credentials)
        await asyncio.to_thread(redis.call, "CONFIG", "SET", "maxmemory", "1")
        happening.away = time.monotonic()
        try:
            headers = {"Authorization": f"Bearer {before.json()['access_token']}"}
            assert (await found.http.get("/api/users/me", headers=headers)).status_code == 200
            assert (await found.http.post("/api/auth/logout", headers=headers)).status_code == 204
            assert (await found.http.get("/api/users/me", headers=headers)).status_code == 401
            await found.felt(happening.away)
            assert all(call.status == 200 for call in found.calls if call.name == "me")
        finally:
            happening.ended = time.monotonic()
            await asyncio.to_thread(redis.call, "CONFIG", "SET", "maxmemory", "0")


async def test_read_only_after_a_failover(service: Service, emails: list[str], pools: Pools, redis: Redis) -> None:
    """R73: a demoted Redis (READONLY) is an outage until a master is back."""
    async with traffic(service, emails) as found, fault(found, pools) as happening:
        await asyncio.to_thread(redis.call, "REPLICAOF", "127.0.0.1", str(free_port()))
        happening.away = time.monotonic()
        try:
            await found.felt(happening.away)
        finally:
            happening.ended = time.monotonic()
            await asyncio.to_thread(redis.call, "REPLICAOF", "NO", "ONE")


@pytest.fixture
def forgetful() -> Iterator[Redis]:
    with Redis.start() as server:
        yield server


async def test_comes_back_empty(
    forgetful: Redis, postgres: Postgres, env: dict[str, str], emails: list[str], directory: Path
) -> None:
    """R29, R73: a Redis that comes back empty logs everyone out, in good order, and log-in works at once."""
    with serving(directory / "forgetful.log", **{**env, "REDIS_URL": forgetful.url}) as service:
        async with traffic(service, emails) as found:
            async with fault(found, Pools(postgres, forgetful), empties=True) as happening:
                before = [(device.access, device.refresh) for device in found.devices]
                await asyncio.to_thread(forgetful.kill)
                happening.away = time.monotonic()
                await found.felt(happening.away)
                happening.ended = time.monotonic()
                await asyncio.to_thread(forgetful.start_again)
            for access, refresh in before:
                answer = await found.http.post("/api/auth/refresh", json={"refresh_token": refresh})
                assert (answer.status_code, answer.json()["reason"]) == (400, "revoked")
                headers = {"Authorization": f"Bearer {access}"}
                assert (await found.http.get("/api/users/me", headers=headers)).status_code == 401
