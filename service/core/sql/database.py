"""The database: DATABASE_URL read into Tortoise's configuration, opened, migrated, checked.

DATABASE_URL is parsed here because Tortoise's parser raises on `sslmode`, turns every `ssl=` value into certificate
verification (which Heroku's certificates fail), and leaves `%40` in a user name undecoded (STACK.md, section 9).
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from contextvars import Context
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qs, unquote, urlsplit

import asyncpg
from tortoise import Tortoise, connections
from tortoise.exceptions import OperationalError

from service.core.clock import Clock
from service.core.sql import postgres, sqlite
from service.core.sql.faults import FAILURES, causes, postgres_row, raise_for_settings
from service.core.sql.schema import OURS, Schema
from service.errors import Unavailable
from service.settings import Settings
from service.settings.checks import ConfigurationError

MIGRATIONS = OURS.migrations.parent
CONNECTION = "default"
SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
# Any constant shared by all instances will do; it only has to differ from other users of the same database.
_UPGRADE_LOCK = 0x4C61746368


_SERVER_FACTS = """
SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int AS server,
       rolconnlimit AS role, datconnlimit AS database, extract(epoch FROM clock_timestamp()) AS moment
FROM pg_roles, pg_database WHERE rolname = current_user AND datname = current_database()
"""

# As Tortoise's own state: one database is open in a process, and these are the tables that it is to have.
_opened: list[Schema] = [OURS]


def tortoise_config(settings: Settings, more: Sequence[Schema] = ()) -> dict[str, Any]:
    """Return the Tortoise configuration for `settings`, with the tables of features beside ours."""
    return {
        "connections": {CONNECTION: _connection(settings)},
        "apps": {
            schema.label: {"models": list(schema.modules), "default_connection": CONNECTION} for schema in (OURS, *more)
        },
        "use_tz": True,
        "timezone": "UTC",
    }


def migration_config(settings: Settings, more: Sequence[Schema] = ()) -> dict[str, Any]:
    """Return the configuration for the migration tool: Tortoise's own engines, and no limit on a statement's time."""
    config = tortoise_config(settings, more)
    connection = config["connections"][CONNECTION]
    connection["engine"] = "tortoise.backends.sqlite" if is_sqlite(settings) else "tortoise.backends.asyncpg"
    return config


def is_sqlite(settings: Settings) -> bool:
    """Return whether the embedded database is used."""
    return settings.DATABASE_URL.startswith("sqlite:")


async def open_database(settings: Settings, more: Sequence[Schema] = ()) -> None:
    """Initialise Tortoise for the whole process. Connects on first use, so a database that is away is no error."""
    _make_private(settings)
    _opened[:] = [OURS, *more]
    # Sanic's listeners and handlers run in different tasks: without the global fallback handlers find no connection.
    await Tortoise.init(config=tortoise_config(settings, more), _enable_global_fallback=True)


async def close_database() -> None:
    """Close every connection."""
    await Tortoise.close_connections()


async def pending_migrations() -> list[str]:
    """Return the names of migrations that the database doesn't have yet, in the order they will be applied."""
    applied = await _applied_migrations()
    return [
        schema.spelt(name) for schema in _opened for name in schema.history() if (schema.label, name) not in applied
    ]


async def _applied_migrations() -> set[tuple[str, str]]:
    try:
        rows = await connections.get(CONNECTION).execute_query_dict("SELECT app, version FROM aerich")
    except OperationalError:  # SQLite: no such table
        return set()
    except Unavailable as error:
        if any(isinstance(cause, asyncpg.UndefinedTableError) for cause in causes(error)):
            return set()
        raise
    return {(row["app"], Path(row["version"]).stem) for row in rows}


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """What a PostgreSQL says about itself: `connections` that we may open, `ahead` its clock minus ours, in seconds."""

    connections: int
    ahead: float


async def server_facts(clock: Clock) -> ServerFacts | None:
    """Ask the server; None of the embedded database. Raises `Unavailable`."""
    if dialect() != "postgres":
        return None
    before = clock.timestamp()
    (row,) = await connections.get(CONNECTION).execute_query_dict(_SERVER_FACTS)
    ours = (before + clock.timestamp()) / 2
    # The smallest of what the server, the role and the database allow; managed plans limit the role. -1 is no limit.
    limits = [row["server"], *(row[name] for name in ("role", "database") if row[name] >= 0)]
    return ServerFacts(min(limits), float(row["moment"]) - ours)


async def upgrade(settings: Settings, more: Sequence[Schema] = ()) -> list[str]:
    """Apply the pending migrations, ours first; return their names. Safe when several instances do it at once.

    To be called before `open_database`: the migration tool opens and closes the database by itself.
    """
    _make_private(settings)
    applied = []
    async with _upgrade_lock(settings):
        for schema in (OURS, *more):
            # Tortoise keeps its state in context variables: an empty context keeps the tool's from ours, and each
            # history's from the others', which the tool would take for its own.
            applied += await asyncio.create_task(_apply(settings, more, schema), context=Context())
    return applied


async def _apply(settings: Settings, more: Sequence[Schema], schema: Schema) -> list[str]:
    # Imported here: a running service has no use for the migration tool.
    os.environ.setdefault("AERICH_NO_TORTOISE_V1_WARNING", "1")
    from aerich import Command
    from aerich.migrate import Migrate

    folder = schema.migrations
    async with Command(migration_config(settings, more), app=schema.label, location=str(folder.parent)) as command:
        Migrate.migrate_location = folder  # the tool would look for a folder that is called like the label
        return [schema.spelt(Path(name).stem) for name in await command.upgrade()]


@asynccontextmanager
async def _upgrade_lock(settings: Settings) -> AsyncIterator[None]:
    if is_sqlite(settings):
        yield
        return
    # A connection of its own: the lock must outlive the transactions of the migrations.
    try:
        holder = await asyncpg.connect(**_postgres_credentials(settings, pool=False))
    except FAILURES as error:
        try:
            postgres.raise_for(postgres_row(error), error)
        except Unavailable as outage:
            raise_for_settings(outage)
            raise
        raise
    try:
        await holder.execute("SELECT pg_advisory_lock($1)", _UPGRADE_LOCK, timeout=None)
        yield
    finally:
        await holder.close()


def sqlite_path(settings: Settings) -> str:
    """Return where the embedded database is."""
    path = settings.DATABASE_URL.partition("://")[2].partition("?")[0]
    if not path:
        raise ConfigurationError(["DATABASE_URL: sqlite:// needs a file name"])
    return path


def _make_private(settings: Settings) -> None:
    if is_sqlite(settings):
        sqlite.make_private(sqlite_path(settings))


def _connection(settings: Settings) -> dict[str, Any]:
    if is_sqlite(settings):
        return {
            "engine": "service.core.sql.sqlite",
            "credentials": {
                "file_path": sqlite_path(settings),
                "busy_timeout": sqlite.BUSY_MILLISECONDS,
                **sqlite.PRAGMAS,
            },
        }
    return {"engine": "service.core.sql.postgres", "credentials": _postgres_credentials(settings, pool=True)}


def _postgres_credentials(settings: Settings, *, pool: bool) -> dict[str, Any]:
    try:
        url = urlsplit(settings.DATABASE_URL)
        query = {name: values[-1] for name, values in parse_qs(url.query).items()}
        port = int(query.get("port") or url.port or 5432)
    except ValueError:
        raise ConfigurationError(["DATABASE_URL: can't be read; is the password percent-encoded?"]) from None
    ssl = query.get("sslmode") or query.get("ssl") or "prefer"
    if ssl not in SSL_MODES:
        raise ConfigurationError([f"DATABASE_URL: sslmode must be one of {', '.join(SSL_MODES)}"])
    credentials: dict[str, Any] = {
        "host": query.get("host") or unquote(url.hostname or "") or "localhost",
        "port": port,
        "user": unquote(url.username or query.get("user") or "postgres"),
        "password": unquote(url.password) if url.password else query.get("password"),
        "database": unquote(url.path.lstrip("/")) or "postgres",
        "timeout": postgres.CONNECT_SECONDS,
        "ssl": ssl,
    }
    if pool:
        credentials |= {
            "minsize": 0,
            "maxsize": settings.DATABASE_POOL_SIZE,
            "application_name": "latchkey",
            # The pool would send a reset query after each use, doubling the round trips. We use no SET, LISTEN or
            # session-level lock on pooled connections, so there is nothing to reset.
            "reset": _nothing_to_reset,
        }
    return credentials


async def _nothing_to_reset(connection: object) -> None:
    """Leave the connection as it is."""


async def forget_deleted() -> None:
    """Take what was deleted out of the embedded database's log, unless somebody is reading it: servers do so alone."""
    if dialect() == "sqlite":
        await connections.get(CONNECTION).execute_query("PRAGMA wal_checkpoint(TRUNCATE)")


def in_use() -> int:
    """Return how many connections of the pool are at work; the embedded database has no pool."""
    pool = getattr(connections.get(CONNECTION), "_pool", None)
    return int(pool.get_size() - pool.get_idle_size()) if pool is not None else 0


def dialect() -> str:
    """Return `postgres` or `sqlite`."""
    return cast(str, connections.get(CONNECTION).capabilities.dialect)
