"""What must hold during a fault and after it (SECURITY.md, "Faults: what must hold")."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg

from tests.faults.support import DATABASE_POOL, LIMIT_SECONDS, RECOVERY_SECONDS, REDIS_POOL
from tests.faults.traffic import GOOD, SIGNED_OUT, Traffic, body_of
from tests.servers import Postgres, Redis


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
    await found.steady(happening.ended + RECOVERY_SECONDS + found.settled)
    recovered = time.monotonic()
    await asyncio.sleep(0.2)
    report(found, happening, recovered)
    hold(found, happening, recovered, empties=empties, refuses=refuses, unready=unready)
    await ended_stay_ended(found)
    await pool.whole(found)


def hold(found: Traffic, happening: Fault, recovered: float, *, empties: bool, refuses: bool, unready: bool) -> None:
    """The invariants of SECURITY.md, "Faults: what must hold"."""
    before: dict[str, float] = {}  # how long such a call took on this machine, before there was a fault
    for call in found.calls:
        if call.end < happening.began:
            before[call.name] = max(call.seconds, before.get(call.name, 0.0))
    refused = [call for call in found.calls if call.status == 503]
    for call in found.calls:
        own = found.lag + call.denied
        limit = LIMIT_SECONDS + own + before.get(call.name, 0.0)
        assert call.seconds <= limit, f"too late ({limit:.2f} s; {own:.2f} s are the machine's): {call}"
        if call.status == GOOD[call.name]:
            continue
        # A machine that is busy with other tests may make the service shed load now and then; nothing else is excused.
        assert call.end >= happening.began or call.status == 503, f"before the fault: {call}"
        assert call.at <= recovered, f"after the recovery: {call}"
        assert call.name != "health", str(call)
        if empties and call.status == SIGNED_OUT.get(call.name):
            continue
        assert call.status == 503, str(call)
        assert 1 <= int(call.headers["retry-after"]) <= 30, str(call)
        if call.name != "ready":
            assert call.headers["content-type"] == "application/problem+json", str(call)
            assert body_of(call)["code"] == "unavailable", str(call)
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
