"""What takes long for administrators: it is no outage, and nobody else waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest

from service.core.sql import leisure
from service.core.telemetry import metrics
from service.runtime import Runtime
from tests.support.people import Person, Session, assert_problem
from tests.support.waiting import eventually

pytestmark = pytest.mark.real_only

LISTS = ("/admin/events", "/admin/events?type=login.failed", "/admin/events?ip=192.0.2.1")


@asynccontextmanager
async def locked(runtime: Runtime, table: str) -> AsyncIterator[None]:
    """Have somebody else lock a table: a statement on it waits, and the database is well."""
    other = await asyncpg.connect(runtime.settings.DATABASE_URL)
    try:
        async with other.transaction():
            await other.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
            yield
    finally:
        await other.close()


def counted() -> tuple[float, float]:
    """Return how many outages of the database were met, and how many slow statements."""
    outages = metrics.store_errors.labels("database")._value.get()
    return float(outages), float(metrics.slow_statements._value.get())


async def asked(session: Session, path: str) -> None:
    answer = await session.call("GET", path)
    assert_problem(answer, 503, "unavailable")
    assert "took too long" in answer.json()["detail"]
    assert int(answer.headers["Retry-After"]) > 1


async def test_a_slow_list_is_no_outage(
    root: Person, ada: Person, runtime: Runtime, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """503 with a sentence and a number of its own; however many look, everybody else is answered meanwhile."""
    monkeypatch.setattr(leisure, "SECONDS", 0.6)
    session, hers = await root.log_in(), await ada.log_in()
    outages, slow = counted()
    async with locked(runtime, "security_events"):
        for path in LISTS:
            await asked(session, path)
        assert counted() == (outages, slow + len(LISTS))
        many = asyncio.gather(*(asked(session, LISTS[number % 3]) for number in range(8)))
        while not many.done():
            assert (await hers.me()).status_code == 200
            assert (await hers.call("GET", "/sessions")).status_code == 200
            assert (await hers.call("PATCH", "/users/me", json={"full_name": "Ada"})).status_code == 200
        await many
        assert (await hers.call("GET", "/health/ready")).status_code == 200
    assert counted()[0] == outages
    said = {record.getMessage() for record in caplog.records}
    assert "database.too_slow" in said
    assert "unavailable" not in said

    async def again() -> bool:
        return (await session.call("GET", LISTS[0])).status_code == 200

    await eventually(again)
    answers = await asyncio.gather(*(session.call("GET", f"/users?q={number}") for number in range(8)))
    assert {answer.status_code for answer in answers} == {200}


async def test_cancelled_by_its_server(root: Person, runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that has a limit of its own, or an operator who ends a statement: no outage either."""
    session = await root.log_in()
    outages, slow = counted()
    other = await asyncpg.connect(runtime.settings.DATABASE_URL)
    try:
        async with locked(runtime, "security_events"):
            answer = asyncio.create_task(session.call("GET", LISTS[0]))

            async def cancelled() -> bool:
                ended = await other.fetch(
                    "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
                    "AND query LIKE '%security_events%' AND datname = current_database()"
                )
                return bool(ended)

            await eventually(cancelled)
            assert_problem(await answer, 503, "unavailable")
            assert "took too long" in (await answer).json()["detail"]
    finally:
        await other.close()
    assert counted() == (outages, slow + 1)


async def test_a_list_of_a_database_that_is_away(
    root: Person, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An outage stays one, whoever meets it."""
    from service.core.sql.postgres import BoundedPostgresClient

    session = await root.log_in()
    outages, slow = counted()

    async def refused(*_: object) -> object:
        raise ConnectionRefusedError

    monkeypatch.setattr(BoundedPostgresClient, "_plainly", refused)
    assert_problem(answer := await session.call("GET", "/admin/statistics"), 503, "unavailable")
    assert "took too long" not in answer.json()["detail"]
    monkeypatch.undo()
    assert counted() == (outages + 1, slow)
    assert (await session.call("GET", "/admin/events")).status_code == 200
