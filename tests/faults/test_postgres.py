"""PostgreSQL dies, restarts, freezes, is locked, is full: 503 in time, and nobody is logged out."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack, suppress

import asyncpg
import pytest

from tests.faults.invariants import Pools, fault
from tests.faults.traffic import traffic
from tests.servers import Postgres
from tests.support.process import Service

pytestmark = pytest.mark.real_only


async def test_killed_and_started_again(service: Service, emails: list[str], pools: Pools, postgres: Postgres) -> None:
    """R72, R73: while PostgreSQL is dead there are only 503s, soon after its return there are none."""
    async with traffic(service, emails) as found, fault(found, pools) as happening:
        await asyncio.to_thread(postgres.kill)
        happening.away = time.monotonic()
        await found.felt(happening.away)
        happening.ended = time.monotonic()
        await asyncio.to_thread(postgres.start_again)


async def test_restarted(service: Service, emails: list[str], pools: Pools, postgres: Postgres) -> None:
    """R73: a restart in good order (as for an upgrade) logs nobody out, and the pool finds the new server."""
    async with traffic(service, emails) as found, fault(found, pools, refuses=False, unready=False):
        await asyncio.to_thread(postgres.restart)


async def test_frozen_and_thawed(service: Service, emails: list[str], pools: Pools, postgres: Postgres) -> None:
    """R72, R73: a PostgreSQL that hangs keeps nobody waiting, and spends no refresh token."""
    async with traffic(service, emails) as found, fault(found, pools) as happening:
        # Transactions of several statements, any of which may be the one that gets no answer.
        registering = [asyncio.create_task(found.register(f"frozen{number}@example.com")) for number in range(4)]
        await asyncio.to_thread(postgres.freeze)
        happening.away = time.monotonic()
        await asyncio.sleep(3)
        await found.felt(happening.away)
        happening.ended = time.monotonic()
        await asyncio.to_thread(postgres.thaw)
    for number, registered in enumerate(registering):
        if (await registered).status == 200:
            assert await _there(postgres, f"frozen{number}@example.com")


async def test_every_connection_terminated(
    service: Service, emails: list[str], pools: Pools, postgres: Postgres
) -> None:
    """R73: connections that an administrator ends, again and again, are replaced."""
    async with traffic(service, emails) as found, fault(found, pools, refuses=False, unready=False):
        for _ in range(8):
            await asyncio.to_thread(
                postgres.query,
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'latchkey'",
            )
            await asyncio.sleep(0.1)


@pytest.mark.parametrize("table", ["users", "security_events"])
async def test_table_locked(service: Service, emails: list[str], pools: Pools, postgres: Postgres, table: str) -> None:
    """R72: whoever waits for a locked table is answered 503 in time; nothing acknowledged is lost (R64)."""
    answers: dict[str, int] = {}
    async with traffic(service, emails) as found, AsyncExitStack() as stack:
        # Events that can't be stored fail nothing but what is one transaction with them.
        happening = await stack.enter_async_context(fault(found, pools, refuses=table == "users", unready=False))
        connection = await asyncpg.connect(postgres.url, ssl=False)
        stack.push_async_callback(connection.close)
        async with connection.transaction():
            await connection.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
            began = time.monotonic()
            while time.monotonic() < began + (3 if table == "users" else 1.5):
                email = f"{table}{len(answers)}@example.com"
                answers[email] = (await found.register(email)).status
            happening.ended = time.monotonic()
    for email, status in answers.items():
        assert await _there(postgres, email) == (status == 200), f"{email}: {status}"


async def test_no_connection_left(service: Service, emails: list[str], pools: Pools, postgres: Postgres) -> None:
    """R72: a server that takes no more connections is an outage like any other."""
    ours = "FROM pg_stat_activity WHERE application_name = 'latchkey'"
    async with traffic(service, emails) as found, AsyncExitStack() as stack:
        happening = await stack.enter_async_context(fault(found, pools))
        first = await asyncpg.connect(postgres.url, ssl=False)
        stack.push_async_callback(first.close)
        deadline = time.monotonic() + 10
        quiet = 0
        while quiet < 4:  # the service takes what it can get, too, and isn't seen while it gives its password
            assert time.monotonic() < deadline
            await first.execute(f"SELECT pg_terminate_backend(pid) {ours}")
            with suppress(asyncpg.TooManyConnectionsError):
                while True:
                    another = await asyncpg.connect(postgres.url, ssl=False)
                    stack.push_async_callback(another.close)
            await asyncio.sleep(0.05)
            quiet = 0 if await first.fetchval(f"SELECT count(*) {ours}") else quiet + 1
        happening.away = time.monotonic()
        await found.felt(happening.away)
        happening.ended = time.monotonic()


async def test_read_only_after_a_failover(
    service: Service, emails: list[str], pools: Pools, postgres: Postgres
) -> None:
    """R73: a demoted server that takes no writes is an outage, not an error of ours."""
    async with traffic(service, emails) as found, fault(found, pools, refuses=False, unready=False):
        try:
            await asyncio.to_thread(postgres.query, "ALTER SYSTEM SET default_transaction_read_only = on")
            await asyncio.to_thread(postgres.query, "SELECT pg_reload_conf()")
            answers: list[int] = []
            until = time.monotonic() + 0.7
            while time.monotonic() < until:
                answers.append((await found.register(f"late{len(answers)}@example.com")).status)
            assert answers[-1] == 503
        finally:
            connection = await asyncpg.connect(postgres.url, ssl=False)
            await connection.execute("SET default_transaction_read_only = off")
            await connection.execute("ALTER SYSTEM RESET default_transaction_read_only")
            await connection.execute("SELECT pg_reload_conf()")
            await connection.close()


async def _there(postgres: Postgres, email: str) -> bool:
    return bool(await asyncio.to_thread(postgres.query, f"SELECT 1 FROM users WHERE email = '{email}'"))
