"""The administrators' charts: what happened, by hour and by day."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from models import Statistic
from service.admin import statistics
from service.core.clock import Clock
from service.errors import Unavailable
from service.runtime import Runtime
from service.stores.attendance import Attendance
from service.stores.tally import Tally
from tests.support.people import Person, assert_problem


async def charts(admin: Person, **query: str) -> dict[str, list[dict[str, Any]]]:
    session = admin.sessions[0] if admin.sessions else await admin.log_in()
    answer = await session.call("GET", "/admin/statistics", params=query)
    assert answer.status_code == 200, answer.text
    return {series["name"]: series["points"] for series in answer.json()["series"]}


def total(points: list[dict[str, Any]]) -> int:
    return sum(point["value"] for point in points)


async def test_what_happened_is_drawn(runtime: Runtime, client: httpx.AsyncClient, ada: Person, root: Person) -> None:
    """Log-ins by result, refreshes by outcome, active sessions: counted in memory, written once a minute, read here."""
    first, second = await ada.log_in(), await ada.log_in()
    await client.post("/api/auth/login", data={"username": ada.email, "password": "wrong"})
    await client.post("/api/auth/login", data={"username": "nobody@example.com", "password": "wrong"})
    spent = first.refresh_token
    await first.advance()
    await first.refresh(spent)
    for session in (first, first, second):
        assert (await session.me()).status_code == 200
    await second.call("POST", "/auth/logout")
    await second.refresh()
    await statistics.flush(runtime)
    found = await charts(root)
    assert {name: total(points) for name, points in found.items()} == {
        "login.succeeded": 2,
        "login.failed": 2,
        "refresh.rotated": 1,
        "refresh.replayed": 1,
        "refresh.reused": 0,
        "refresh.expired": 0,
        "refresh.revoked": 1,
        "sessions.active": 2,
    }
    assert all(len(points) == 25 for points in found.values())
    assert found["login.succeeded"][-1]["at"].endswith(":00:00Z")


async def test_hours_and_days(runtime: Runtime, clock: Clock, root: Person) -> None:
    """Every step has a point; days are sums, but for sessions, of which the busiest hour counts."""
    await root.log_in()
    runtime.tally.take()
    begin = datetime(2026, 3, 1, tzinfo=UTC)
    for hour, logins, active in ((0, 3, 7), (1, 4, 5), (30, 1, 2)):
        at = begin + timedelta(hours=hour)
        await Statistic.create(hour=at, name="login.succeeded", value=logins)
        await Statistic.create(hour=at, name="sessions.active", value=active)
    days = {"step": "day", "from": "2026-03-01T00:00:00Z", "to": "2026-03-04T00:00:00Z"}
    found = await charts(root, **days)
    assert [point["value"] for point in found["login.succeeded"]] == [7, 1, 0]
    assert [point["value"] for point in found["sessions.active"]] == [7, 2, 0]
    hours = {"from": "2026-03-01T01:30:00+01:00", "to": "2026-03-01T02:00:00Z"}
    found = await charts(root, **hours)
    assert found["login.succeeded"] == [
        {"at": "2026-03-01T00:00:00Z", "value": 3},
        {"at": "2026-03-01T01:00:00Z", "value": 4},
    ]


async def test_an_hour_of_its_own(runtime: Runtime, clock: Clock, ada: Person) -> None:
    """What is counted before the hour is full and written after it belongs to the hour it happened in."""
    runtime.tally.take()
    hour = datetime.fromtimestamp(int(clock.timestamp()) // 3600 * 3600, UTC)
    await ada.log_in()
    clock.advance(3600)
    await ada.log_in()
    await statistics.flush(runtime)
    found = {row.hour: row.value for row in await Statistic.filter(name="login.succeeded")}
    assert found == {hour: 1, hour + timedelta(hours=1): 1}


async def test_race_of_many_processes(runtime: Runtime) -> None:
    """Race: instances that write at the same time add up; a session that several of them saw is one session."""
    runtime.tally.take()
    from dataclasses import replace

    others = [replace(runtime, tally=Tally(runtime.clock)) for _ in range(8)]
    shared = uuid4()
    for other in others:
        for _ in range(5):
            other.tally.refresh("rotated")
        other.tally.login("password")
        other.tally.seen(shared)
        other.tally.seen(uuid4())
    await asyncio.gather(*(statistics.flush(other) for other in others))
    for other in others:
        await statistics.flush(other)
    found = {row.name: row.value for row in await Statistic.all()}
    assert found == {"refresh.rotated": 40, "login.failed": 8, "sessions.active": 9}


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    async def fail(*_: object) -> None:
        raise Unavailable("redis")

    with monkeypatch.context() as patch:
        patch.setattr(Attendance, "note", fail)
        yield patch


async def test_a_store_that_is_away(runtime: Runtime, away: pytest.MonkeyPatch) -> None:
    """R73: what can't be written is kept for the next time, and counted once."""
    runtime.tally.take()
    runtime.tally.refresh("reused")
    runtime.tally.seen(uuid4())
    await statistics.flush(runtime)
    assert not await Statistic.all().count()
    away.undo()
    runtime.tally.refresh("reused")
    await statistics.flush(runtime)
    await statistics.flush(runtime)
    assert {row.name: row.value for row in await Statistic.all()} == {"refresh.reused": 2, "sessions.active": 1}


async def test_who_may(ada: Person, root: Person) -> None:
    """Superusers only; too long a time, or an end before its beginning, is refused."""
    assert_problem(await (await ada.log_in()).call("GET", "/admin/statistics"), 403, "forbidden")
    session = await root.log_in()
    for query in (
        {"from": "2026-01-01T00:00:00Z", "to": "2026-02-01T00:00:00Z"},
        {"from": "2026-01-02T00:00:00Z", "to": "2026-01-01T00:00:00Z"},
        {"from": "2026-01-01T00:00:00"},
        {"step": "week"},
        {"since": "2026-01-01T00:00:00Z"},
    ):
        answer = await session.call("GET", "/admin/statistics", params=query)
        assert_problem(answer, 422, "validation_error")


async def test_redis_keeps_no_trace_of_a_user(runtime: Runtime, ada: Person) -> None:
    """The set of sessions seen is a sketch of fixed size that expires, and isn't among a user's keys."""
    await (await ada.log_in()).me()
    await statistics.flush(runtime)
    client: Any = runtime.redis.client
    (key,) = [key async for key in client.scan_iter("*statistics:*")]
    assert 0 < await client.ttl(key) <= 2 * 24 * 3600
    assert not key.startswith(b"user:")
