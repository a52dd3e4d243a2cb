"""The schema: one history for both dialects, in step with the models."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from service.core.sql.migration_files import read
from service.core.sql.plans import Capabilities
from service.core.sql.schema import OURS, Schema
from tests.support import process
from tests.support.stores import Stores
from tests.support.waiting import eventually

ROOT = Path(__file__).parents[2]

# Tortoise keeps its state per process: each of these runs in one of its own.
DRIFT = """
import asyncio, os, sys
os.environ["AERICH_NO_TORTOISE_V1_WARNING"] = "1"
from aerich import Command
from aerich.migrate import Migrate
from service.core.sql.database import MIGRATIONS, migration_config
from service.settings import load_settings
async def main():
    command = Command(migration_config(load_settings(_env_file=None)), location=sys.argv[1])
    await Migrate.init(command.tortoise_config, "models", sys.argv[1], offline=True)
    print(repr(await command.migrate(offline=True, no_input=True)))
asyncio.run(main())
"""
DOWN = """
import asyncio
from aerich import Command
from service.core.sql.database import MIGRATIONS, migration_config
from service.settings import load_settings
async def main():
    async with Command(migration_config(load_settings(_env_file=None)), location=str(MIGRATIONS)) as command:
        print(await command.downgrade(0, delete=False))
asyncio.run(main())
"""


def run(code: str, *args: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, *args],
        env={**os.environ, **environment}, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def latchkey(*args: str, **environment: str) -> dict[str, Any]:
    done = process.latchkey(*args, "--json", **environment)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


@pytest.fixture
def database_url(stores: Stores, tmp_path: Path) -> str:
    """An empty database."""
    if stores.postgres is not None:
        return stores.postgres.create_database(f"m{os.urandom(4).hex()}")
    return f"sqlite://{tmp_path / 'empty.sqlite3'}"


@pytest.mark.embedded_only
@pytest.mark.parametrize("url", ["postgres://u:p@127.0.0.1:1/x", "sqlite://unused.sqlite3"])
def test_models_and_migrations_are_in_step(url: str, tmp_path: Path) -> None:
    """On neither dialect would the migration tool add anything; it needs no database to say so."""
    import shutil

    shutil.copytree(ROOT / "migrations", tmp_path / "migrations")
    found = run(DRIFT, str(tmp_path / "migrations"), DATABASE_URL=url, REDIS_URL="redis://127.0.0.1:1")
    assert found.splitlines()[-1] in ("''", "None"), "models changed: write a migration (CONTRIBUTING.md)"


def test_up_and_down_and_up_again(database_url: str) -> None:
    """Upgrading twice changes nothing the second time; going down leaves nothing behind; up works again."""
    environment = {"DATABASE_URL": database_url}
    names = OURS.history()
    assert latchkey("db", "upgrade", **environment) == {"applied": names}
    assert latchkey("db", "upgrade", **environment) == {"applied": []}
    assert latchkey("db", "check", **environment) == {"pending": [], "newer": [], "unbearable": []}
    latchkey("users", "create-superuser", "--email", "a@example.com", "--password", "long enough", **environment)
    assert names[0] in run(DOWN, **environment)
    assert latchkey("db", "upgrade", **environment) == {"applied": names}


@pytest.mark.embedded_only
def test_a_file_that_somebody_writes(tmp_path: Path) -> None:
    """Who can't get at the embedded database's file says so, and does it when it is free; a plan only reads."""
    file = tmp_path / "held.sqlite3"
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        done = process.latchkey("db", "upgrade", DATABASE_URL=f"sqlite://{file}")
        assert (done.returncode, len(done.stderr.splitlines())) == (75, 1), done.stderr
        assert "database is locked" in done.stderr
        planned = process.latchkey("db", "upgrade", "--plan", DATABASE_URL=f"sqlite://{file}")
        assert [line for line in planned.stdout.splitlines() if line.startswith("-- 17_")], planned.stderr
        other.execute("ROLLBACK")
    assert latchkey("db", "upgrade", DATABASE_URL=f"sqlite://{file}") == {"applied": OURS.history()}


# Of letters, which are few and soon gone.
PLAINLY = {
    "one_time_tokens_held",
    "outbox_mails_recipient",
    "outbox_mails_turn",
    "outbox_mails_mailbox",
    "outbox_mails_domain",
}
INDEX = re.compile(
    r'CREATE\s+(?:UNIQUE\s+)?INDEX\s+(CONCURRENTLY\s+)?(IF\s+NOT\s+EXISTS\s+)?"?(\w+)"?\s+ON\s+"?(\w+)', re.IGNORECASE
)
TAKES_AWAY = re.compile(
    r"DROP\s+(?:COLUMN|TABLE|FUNCTION)|\bRENAME\b|ALTER\s+COLUMN\s+\S+\s+(?:TYPE|SET\s+DATA|SET\s+NOT\s+NULL)",
    re.IGNORECASE,
)
READS_ALL = re.compile(r"ADD\s+CONSTRAINT(?!.*NOT\s+VALID)|DEFAULT\s+\w+\(|SET\s+NOT\s+NULL", re.IGNORECASE)


class Noting:
    """A PostgreSQL without anything in it, which only notes what it is told to run."""

    capabilities = Capabilities("postgres")

    def __init__(self) -> None:
        self.scripts: list[str] = []

    async def execute_script(self, query: str) -> None:
        self.scripts.append(query)

    async def execute_query(self, query: str, values: object = None) -> tuple[int, list[Any]]:
        return 0, []


def flaws(in_transaction: bool, oldest: int | None, scripts: list[str]) -> Iterator[str]:
    """What would hold a service up, or end the version before it, of one migration's scripts."""
    made = set(re.findall(r'CREATE TABLE (?:IF NOT EXISTS )?"?(\w+)', "".join(scripts), re.IGNORECASE))
    for script in scripts:
        for beside, repeated, name, table in INDEX.findall(script):
            if table not in made and name not in PLAINLY and not beside:
                yield f"{name} keeps writers off {table}: CREATE INDEX CONCURRENTLY"
            if beside and (in_transaction or ";" in script.strip().rstrip(";") or not repeated):
                yield f"{name} is no step by itself: RUN_IN_TRANSACTION = False, IF NOT EXISTS, nothing beside it"
        for altered, what in re.findall(r'ALTER TABLE (?:IF EXISTS )?"?(\w+)"?([^;]*)', script, re.IGNORECASE):
            if altered not in made and READS_ALL.search(what):
                yield f"{altered} is read or written as a whole while it is locked: NOT VALID and VALIDATE, or batches"
        if TAKES_AWAY.search(script) and oldest is None:
            yield "it takes away what the version before may need: OLDEST_CODE"


@pytest.mark.embedded_only
async def test_no_migration_holds_the_service_up() -> None:
    """Indexes of tables that are there are built beside writers; what takes something away says who can go on."""
    schemas = [OURS, Schema("notes", (), ROOT / "examples" / "notes" / "notes" / "migrations")]
    found: dict[str, list[str]] = {}
    for schema in schemas:
        assert schema.history()
        for name in schema.history():
            file, db = read(schema, name), Noting()
            db.scripts.append(await file.upgrade(db))
            found[name] = list(flaws(file.in_transaction, file.oldest, db.scripts))
    assert {name: flaw for name, flaw in found.items() if flaw} == {}


@pytest.mark.embedded_only
@pytest.mark.parametrize(
    ("script", "says"),
    [
        ('CREATE INDEX "x" ON "users" ("a")', "x keeps writers off users"),
        ("create unique index x on users (a)", "x keeps writers off users"),
        ('CREATE INDEX CONCURRENTLY IF NOT EXISTS "x" ON "users" ("a"); SELECT 1', "x is no step by itself"),
        ('CREATE INDEX CONCURRENTLY "x" ON "users" ("a")', "x is no step by itself"),
        ('ALTER TABLE "users" ADD CONSTRAINT "c" CHECK ("a" > 0)', "users is read"),
        ('ALTER TABLE "users" ADD "a" UUID NOT NULL DEFAULT gen_random_uuid()', "users is read"),
        ('ALTER TABLE "users" DROP COLUMN "a"', "OLDEST_CODE"),
        ('ALTER TABLE "users" RENAME COLUMN "a" TO "b"', "OLDEST_CODE"),
        ('DROP TABLE "users"', "OLDEST_CODE"),
    ],
)
def test_what_would_hold_it_up(script: str, says: str) -> None:
    """Each kind is found; where it is meant for a table that the migration makes itself, it is none."""
    assert [flaw for flaw in flaws(False, None, [script]) if says in flaw]
    if says != "OLDEST_CODE":
        assert not list(flaws(False, 1, ['CREATE TABLE "users" ("a" INT);' + script.replace("CONCURRENTLY", "")]))


@pytest.mark.real_only
async def test_two_instances_upgrading_at_once(database_url: str) -> None:
    """Race: four upgrades of an empty database at once: one applies each migration, all succeed."""
    answers = await asyncio.gather(
        *(asyncio.to_thread(latchkey, "db", "upgrade", DATABASE_URL=database_url) for _ in range(4))
    )
    applied = [name for answer in answers for name in answer["applied"]]
    assert sorted(applied) == sorted(set(applied))
    assert applied


@pytest.mark.real_only
async def test_indexes_are_built_beside_writers(database_url: str) -> None:
    """Two upgrades that build indexes hold no writer up, and build anew what an earlier one has left half built."""
    latchkey("db", "upgrade", DATABASE_URL=database_url)
    await ask(
        database_url,
        "DELETE FROM aerich WHERE version LIKE '17_%'",
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'users_terms'::regclass",
        "DROP INDEX security_events_ip",
    )
    event = "INSERT INTO security_events (id, type, created_at, detail) VALUES (gen_random_uuid(), 'x', now(), '{}')"
    writer = await asyncpg.connect(database_url)
    try:
        async with writer.transaction():
            await writer.execute(event)
            upgrades = [
                asyncio.create_task(asyncio.to_thread(latchkey, "db", "upgrade", DATABASE_URL=database_url))
                for _ in range(2)
            ]
            await eventually(lambda: ask(database_url, "SELECT FROM pg_locks WHERE NOT granted"))
            await asyncio.wait_for(ask(database_url, event), 30)
        applied = [(await upgrade)["applied"] for upgrade in upgrades]
    finally:
        await writer.close()
    assert sorted(len(names) for names in applied) == [0, 1]
    valid = await ask(database_url, "SELECT relname FROM pg_class JOIN pg_index ON oid = indexrelid AND indisvalid")
    assert {"users_terms", "security_events_ip"} <= {row["relname"] for row in valid}


async def ask(url: str, *statements: str) -> list[asyncpg.Record]:
    """Run statements, each by itself; return the rows of the last."""
    connection = await asyncpg.connect(url)
    try:
        return [list(await connection.fetch(one)) for one in statements][-1]
    finally:
        await connection.close()
