"""Behind a pooler, which gives each transaction another connection: everything works, and nothing is left there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path

import asyncpg
import pytest

from service.core.sql.lock_waits import Turn
from service.core.sql.upgrade_lock import UPGRADE_LOCK, upgrade_lock
from service.features import read_settings
from tests.outages.conftest import Caller, calling
from tests.servers import PgBouncer, Postgres, find_pgbouncer
from tests.support.process import Service, latchkey, serving, starting
from tests.support.waiting import eventually, unless_shed, until

pytestmark = [
    pytest.mark.real_only,
    pytest.mark.skipif(find_pgbouncer() is None, reason="no PgBouncer is installed (apt install pgbouncer)"),
]

CLIENTS, CALLS = 12, 500
LOOKS_AFTER_STATEMENTS = (1, 21)
LOCKS = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"


@pytest.fixture(scope="module")
def pooler(postgres: Postgres, env: dict[str, str]) -> Iterator[PgBouncer]:
    with PgBouncer.start(postgres, size=4) as found:
        yield found


@pytest.fixture(scope="module")
def service(pooler: PgBouncer, env: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    given = {**env, "DATABASE_URL": pooler.url, "DATABASE_POOL_SIZE": "12"}
    with serving(tmp_path_factory.mktemp("pooled") / "service.log", **given) as found:
        yield found


@asynccontextmanager
async def several(service: Service, number: int) -> AsyncIterator[list[Caller]]:
    if not number:
        yield []
        return
    async with calling(service) as first, several(service, number - 1) as others:
        yield [first, *others]


async def test_a_dozen_clients(service: Service, env: dict[str, str], pooler: PgBouncer) -> None:
    """PgBouncer in transaction mode, with four connections, as it comes: none of 500 calls fails."""
    failed: list[str] = []
    done = 0

    async def use(caller: Caller) -> None:
        nonlocal done
        while done < CALLS:
            for name, call in caller.calls().items():
                if name in ("login", "register", "reauthenticate") and done % 5:
                    continue  # what hashes takes a processor, and no connection
                done += 1
                answer = await unless_shed(call)  # by a machine that is busy; the log says why
                if name == "refresh" and answer.status_code == 200:
                    caller.refresh, caller.access = answer.json()["refresh_token"], answer.json()["access_token"]
                if answer.status_code not in (200, 204):
                    failed.append(f"{name}: {answer.status_code} {answer.text}")

    async with several(service, CLIENTS) as callers:
        await asyncio.gather(*map(use, callers))
    assert done >= CALLS
    assert not failed, failed[:3]
    said = service.said()
    assert "prepared statement" not in said
    assert "misconfigured" not in said


async def test_commands(env: dict[str, str], pooler: PgBouncer, postgres: Postgres) -> None:
    """Commands tell the truth through it, again and again; the upgrade leaves no lock with anybody."""
    given = {**env, "DATABASE_URL": pooler.url}
    for _ in range(2):
        for command in ("upgrade", "check"):
            done = await asyncio.to_thread(latchkey, "db", command, **given)
            assert (done.returncode, done.stdout) == (0, "The schema is up to date.\n"), done.stderr
    assert postgres.query(LOCKS) == [(0,)]
    done = await asyncio.to_thread(latchkey, "doctor", **given)
    assert done.returncode == 0, done.stdout
    assert "database_pooler: A pooler stands before the database" in done.stdout
    assert "Changes of users aren't heard of (a pooler gives each transaction another connection)" in done.stdout


async def test_a_new_schema(env: dict[str, str], pooler: PgBouncer, postgres: Postgres) -> None:
    """From the first migration to the last."""
    postgres.create_database("fresh")
    url = f"{pooler.url.rpartition('/')[0]}/fresh"
    done = await asyncio.to_thread(latchkey, "db", "upgrade", **{**env, "DATABASE_URL": url})
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("applied ")


async def test_an_upgrade_waits_for_another(env: dict[str, str], postgres: Postgres) -> None:
    """Whoever has the lock is named, with what to do about one that was left behind; then it goes on."""
    told: list[str] = []
    other = await asyncpg.connect(postgres.url, ssl=False)
    await other.execute("SELECT pg_advisory_lock($1)", UPGRADE_LOCK)

    async def take() -> None:
        async with upgrade_lock(read_settings(**env, _env_file=None), Turn(told.append)):
            assert postgres.query(LOCKS) == [(1,)]

    waiting = asyncio.create_task(take())
    try:
        await eventually(lambda: told)
        assert not waiting.done()
        assert f"Waiting for another upgrade: process {other.get_server_pid()} of the database" in told[0]
        assert f"pg_terminate_backend({other.get_server_pid()})" in told[0]
    finally:
        await other.close()
    await waiting
    assert postgres.query(LOCKS) == [(0,)]


def test_statements_alone(env: dict[str, str], postgres: Postgres, tmp_path: Path) -> None:
    """A pooler that takes no transactions is refused at the start, with one line that says what to set."""
    with PgBouncer.start(postgres, pool_mode="statement") as pooler:
        given = {**env, "DATABASE_URL": pooler.url}
        with starting(tmp_path / "service.log", **given) as service:
            until(lambda: service.process.poll() is not None, why=service.said)
            assert service.process.returncode == 2
            (line,) = [line for line in service.said().splitlines() if "DATABASE_URL" in line]
            assert "pool_mode = transaction" in line
            assert "Traceback" not in service.said()
        for command in (("db", "upgrade"), ("db", "check"), ("users", "list")):
            done = latchkey(*command, **given)
            assert (done.returncode, len(done.stderr.splitlines())) == (2, 1), done.stderr
            assert "pool_mode = transaction" in done.stderr
        done = latchkey("doctor", **given)
        assert done.returncode == 1
        assert "pool_mode = transaction" in done.stdout


def test_one_connection(env: dict[str, str], postgres: Postgres) -> None:
    """A pool of one serves; an upgrade says that it needs two, instead of waiting for itself."""
    with PgBouncer.start(postgres, size=1, server_round_robin="1") as pooler:
        given = {**env, "DATABASE_URL": pooler.url}
        done = latchkey("doctor", **given)
        assert done.returncode == 0, done.stdout
        done = latchkey("db", "upgrade", **given)
        assert (done.returncode, len(done.stderr.splitlines())) == (1, 1), done.stderr
        assert "Give the pooler a pool of two or more" in done.stderr


def test_sessions(env: dict[str, str], postgres: Postgres) -> None:
    """One that gives each client a connection of its own takes nothing from us; too few of them are named."""
    with PgBouncer.start(postgres, pool_mode="session", size=8) as pooler:
        given = {**env, "DATABASE_URL": pooler.url}
        done = latchkey("doctor", **given)
        assert done.returncode == 0, done.stdout
        assert "The database tells of changes to users" in done.stdout
        says = "no more than 8 connections are to be had: is DATABASE_POOL_SIZE more than there are?"
        given["DATABASE_POOL_SIZE"] = "20"
        # (A busy machine may not open one in time.)
        until(lambda: says in latchkey("doctor", **given).stdout)


async def test_by_wish(env: dict[str, str], postgres: Postgres, tmp_path: Path) -> None:
    """`statement_cache_size` has statements prepared behind a PgBouncer that looks after them (1.21 and newer).

    An older one is told of by `pgbouncer=true`, as elsewhere.
    """
    with PgBouncer.start(postgres) as plain:
        old = plain.version < LOOKS_AFTER_STATEMENTS
        with nullcontext(plain) if old else PgBouncer.start(postgres, max_prepared_statements="200") as pooler:
            url = f"{pooler.url}?{'pgbouncer=true' if old else 'statement_cache_size=100'}"
            with serving(tmp_path / "service.log", **{**env, "DATABASE_URL": url}) as service:
                async with several(service, 3) as callers:
                    for _ in range(3):
                        await asyncio.gather(*(caller.make_all() for caller in callers))
                    await callers[0].well()
                assert "prepared statement" not in service.said()
