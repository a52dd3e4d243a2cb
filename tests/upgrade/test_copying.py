"""The migration that copies passwords: while others write, in batches, and again where it was cut off."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from importlib import import_module
from pathlib import Path

import asyncpg
import pytest

from service.core.sql.schema import OURS
from tests.core.test_migrations import run
from tests.support.stores import Stores
from tests.upgrade.older import new

DOWN = """
import asyncio
from aerich import Command
from service.core.sql.database import MIGRATIONS, migration_config
from service.settings import load_settings
async def main():
    async with Command(migration_config(load_settings(_env_file=None)), location=str(MIGRATIONS)) as command:
        print(await command.downgrade(10, delete=False))
asyncio.run(main())
"""
MANY = 12_000  # more than two batches
PEOPLE = f"""
INSERT INTO users (id, email, email_canonical, hashed_password, is_active, is_superuser, email_verified, created_at)
SELECT gen_random_uuid(), n || '@example.com', n || '@example.com', CASE n % 10 WHEN 0 THEN '' ELSE 'hash ' || n END,
    true, false, true, now()
FROM generate_series(1, {MANY}) AS n
"""
WRITE = """
UPDATE users SET hashed_password = CASE WHEN random() < 0.3 THEN '' ELSE 'changed ' || random() END WHERE email = $1
"""
APART = """
SELECT count(*) FROM users LEFT JOIN credentials ON user_id = users.id AND kind = 'password'
WHERE hashed_password <> coalesce(verifier, '')
"""


def upgraded(url: str) -> list[str]:
    """Bring a database to this version; return the migrations that were applied."""
    return list(json.loads(new("db", "upgrade", "--json", DATABASE_URL=url))["applied"])


@pytest.fixture
def before(stores: Stores) -> Iterator[str]:
    """A database of the version before, with people in it."""
    assert stores.postgres is not None
    name = f"copied{os.urandom(4).hex()}"
    url = stores.postgres.create_database(name)
    upgraded(url)
    run(DOWN, DATABASE_URL=url)
    stores.postgres.query(PEOPLE, database=name)
    yield url
    stores.postgres.drop_database(name)


@pytest.mark.real_only
async def test_while_others_write(before: str) -> None:
    """Passwords that change, come and go while they are copied are in the table as they are in the column."""
    stop = asyncio.Event()

    async def write() -> int:
        connection, written = await asyncpg.connect(before), 0
        try:
            while not stop.is_set():
                # As the version before writes: one user after the other, some lose their password, some get one.
                await connection.execute(
                    WRITE,
                    f"{1 + written * 7919 % MANY}@example.com",
                )
                written += 1
        finally:
            await connection.close()
        return written

    writer = asyncio.create_task(write())
    applied = await asyncio.to_thread(upgraded, before)
    stop.set()
    assert await writer > 10
    assert [name.partition("_")[2].partition("_")[2] for name in applied][:1] == ["credentials"]
    connection = await asyncpg.connect(before)
    try:
        assert await connection.fetchval(APART) == 0
        assert await connection.fetchval("SELECT count(*) FROM credentials") > MANY / 2
    finally:
        await connection.close()


@pytest.mark.real_only
async def test_cut_off_and_run_again(before: str) -> None:
    """The triggers are there and some are copied; the upgrade isn't noted as done: it goes on where it was."""
    (path,) = OURS.migrations.glob("10_*.py")
    module = import_module(f"migrations.models.{path.stem}")
    connection = await asyncpg.connect(before)
    try:
        await connection.execute(module.POSTGRES)
        await connection.fetch(module.POSTGRES_BATCH, "00000000-0000-0000-0000-000000000000", 100)
        assert 0 < await connection.fetchval("SELECT count(*) FROM credentials") <= 100
        assert await asyncio.to_thread(upgraded, before)
        assert await connection.fetchval(APART) == 0
        assert await connection.fetchval("SELECT count(*) FROM credentials") == MANY * 9 // 10
        assert await asyncio.to_thread(upgraded, before) == []
    finally:
        await connection.close()


@pytest.mark.embedded_only
def test_a_file_that_was_cut_off(tmp_path: Path) -> None:
    """Of the embedded database: done, and not noted as done."""
    file = tmp_path / "latchkey.sqlite3"
    url = f"sqlite://{file}"
    upgraded(url)
    new("users", "create-superuser", "--email", "a@example.com", "--password", "long enough", DATABASE_URL=url)
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("DELETE FROM aerich WHERE version LIKE '10\\_%' ESCAPE '\\'")
    assert len(upgraded(url)) == 1
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT count(*) FROM credentials").fetchall() == [(1,)]
        assert connection.execute(APART).fetchall() == [(0,)]
