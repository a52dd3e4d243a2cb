"""The schema: one history for both dialects, in step with the models."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from service.core.sql.schema import OURS
from tests.support import process
from tests.support.stores import Stores

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
    assert latchkey("db", "check", **environment) == {"pending": []}
    latchkey("users", "create-superuser", "--email", "a@example.com", "--password", "long enough", **environment)
    assert names[0] in run(DOWN, **environment)
    assert latchkey("db", "upgrade", **environment) == {"applied": names}


@pytest.mark.real_only
async def test_two_instances_upgrading_at_once(database_url: str) -> None:
    """Race: four upgrades of an empty database at once: one applies each migration, all succeed."""
    answers = await asyncio.gather(
        *(asyncio.to_thread(latchkey, "db", "upgrade", DATABASE_URL=database_url) for _ in range(4))
    )
    applied = [name for answer in answers for name in answer["applied"]]
    assert sorted(applied) == sorted(set(applied))
    assert applied
