"""The database: DATABASE_URL made into Tortoise's configuration, opened, migrated, checked.

We read DATABASE_URL ourselves because Tortoise's parser raises on `sslmode`, turns every `ssl=` value into certificate
verification (which Heroku's certificates fail), and leaves `%40` in a user name undecoded (STACK.md, section 9).
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from contextvars import Context
from dataclasses import dataclass
from typing import Any, cast

import asyncpg
from tortoise import Tortoise, connections
from tortoise.exceptions import OperationalError

from service.core.clock import Clock
from service.core.faults import why
from service.core.sql import address, poolers
from service.core.sql.faults import causes
from service.core.sql.hearing import NOTIFY, Hearing
from service.core.sql.lock_waits import GaveUp, Tries, Turn, watched
from service.core.sql.schema import OURS, OWN, Schema
from service.core.sql.standing import Standing, applied_in, standing
from service.core.sql.upgrade_lock import upgrade_lock
from service.core.sql.upgrading import explained
from service.errors import Misconfigured, Unavailable
from service.settings import Settings
from service.settings.checks import ConfigurationError

MIGRATIONS = OURS.migrations.parent
CONNECTION = "default"
TOO_NEW = (
    "Start a version that knows these migrations; the way back is a backup of before (docs/operations.md, Upgrades)"
)

_SERVER_FACTS = """
SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int AS server,
       rolconnlimit AS role, datconnlimit AS database, pg_database_size(current_database()) AS size,
       extract(epoch FROM clock_timestamp()) AS moment
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


def migration_config(settings: Settings, more: Sequence[Schema] = (), turn: Turn | None = None) -> dict[str, Any]:
    """Return the configuration for the migration tool: PostgreSQL has an engine of its own for it."""
    config = tortoise_config(settings, more)
    config["apps"][OWN]["models"].append("aerich.models")  # its own table, which the service only reads
    connection = config["connections"][CONNECTION]
    if not is_sqlite(settings):
        connection["engine"] = "service.core.sql.migrating"
        # It looks for nobody in between: it prepares nothing.
        connection["credentials"] = {
            name: value for name, value in connection["credentials"].items() if name not in ("connect", "open_seconds")
        } | {"turn": turn}
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
    return [*(await schema_standing()).pending]


async def schema_standing() -> Standing:
    """Return how the database's schema stands to this version. Raises `Unavailable`."""
    return standing(_opened, await _applied_migrations())


async def demand_bearable() -> None:
    """Raise `ConfigurationError` where the schema is newer than this version can work with: no waiting mends that."""
    found = await schema_standing()
    if found.unbearable:
        raise ConfigurationError([f"{found.says}. {TOO_NEW}."])


async def _applied_migrations() -> list[tuple[str, str]]:
    try:
        rows = await connections.get(CONNECTION).execute_query_dict("SELECT app, version FROM aerich")
    except OperationalError as error:
        if dialect() != "sqlite" and not _is_empty(error):
            raise
        return []  # no such table
    except Unavailable as error:
        if _is_empty(error):
            return []
        raise
    return [(row["app"], row["version"]) for row in rows]


def _is_empty(error: BaseException) -> bool:
    return any(isinstance(cause, asyncpg.UndefinedTableError) for cause in causes(error))


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """What a PostgreSQL says about itself: `connections` that we may open, `ahead` its clock minus ours, in seconds.

    `size` is what the database takes on disk, in bytes.
    """

    connections: int
    ahead: float
    size: int = 0


async def server_facts(clock: Clock) -> ServerFacts | None:
    """Ask the server; None of the embedded database. Raises `Unavailable`."""
    if dialect() != "postgres":
        return None
    before = clock.timestamp()
    (row,) = await connections.get(CONNECTION).execute_query_dict(_SERVER_FACTS)
    ours = (before + clock.timestamp()) / 2
    # The smallest of what the server, the role and the database allow; managed plans limit the role. -1 is no limit.
    limits = [row["server"], *(row[name] for name in ("role", "database") if row[name] >= 0)]
    return ServerFacts(min(limits), float(row["moment"]) - ours, int(row["size"]))


async def upgrade(settings: Settings, more: Sequence[Schema] = (), turn: Turn | None = None) -> list[str]:
    """Apply the pending migrations, ours first; return their names. Safe when several instances do it at once.

    To be called before `open_database`: the migration tool opens and closes the database by itself. `turn` is how long
    it waits for others, and who is told of that. Raises `Unavailable`, `ConfigurationError`; `Misconfigured` where the
    database refuses it; `GaveUp` where others were in its way for too long, or it went away on the way.
    """
    _make_private(settings)
    if is_sqlite(settings):
        return [name for schema in (OURS, *more) for name in await _apply_alone(settings, more, schema)]
    turn = turn or Turn()
    async with upgrade_lock(settings, turn) as alive, watched(settings, turn):
        try:
            return [name for schema in (OURS, *more) for name in await _apply_held(settings, more, schema, turn, alive)]
        except Misconfigured:  # it refuses us, and says what mends that
            raise
        except Unavailable as error:  # on the way: that nothing was changed can't be said
            said = why(error.__cause__ or error)
            raise GaveUp(f"The database went out of reach. The next run goes on from here. ({said})") from error


async def _apply_held(
    settings: Settings, more: Sequence[Schema], schema: Schema, turn: Turn, alive: asyncio.Task[None]
) -> list[str]:
    async with explained(settings):
        work = asyncio.create_task(_apply(settings, more, schema, turn), context=Context())
        await asyncio.wait({work, alive}, return_when=asyncio.FIRST_COMPLETED)
        if not work.done():  # the lock was lost: somebody else may have it by now
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)
            raise Unavailable("database") from alive.exception()
        return work.result()


async def _apply_alone(settings: Settings, more: Sequence[Schema], schema: Schema) -> list[str]:
    # Tortoise keeps its state in context variables: an empty context keeps the tool's from ours, and each history's
    # from the others', which the tool would take for its own.
    return await asyncio.create_task(_apply(settings, more, schema, Turn()), context=Context())


async def _apply(settings: Settings, more: Sequence[Schema], schema: Schema, turn: Turn) -> list[str]:
    # Imported here: a running service has no use for the migration tool.
    os.environ.setdefault("AERICH_NO_TORTOISE_V1_WARNING", "1")
    from aerich import Command
    from aerich.migrate import Migrate

    from service.core.sql.migration_files import note_oldest

    folder = schema.migrations
    config = migration_config(settings, more, turn)
    async with Command(config, app=schema.label, location=str(folder.parent)) as command:
        Migrate.migrate_location = folder  # the tool would look for a folder that is called like the label
        left = before = await _left(schema)
        tries, client = Tries(turn), connections.get(CONNECTION)

        async def step() -> None:
            nonlocal left
            was, left = left, await _left(schema)
            if left != was:
                tries.begin_anew()
            if len(before) < len(schema.history()):
                await note_oldest(schema, before)
            await command.upgrade()

        await tries.until_done(step, getattr(client, "clear_of_autovacuum", _nothing_to_clear))
        await note_oldest(schema, before)
    return [schema.spelt(name) for name in before]


async def _left(schema: Schema) -> list[str]:
    applied = applied_in(await _applied_migrations())
    return [name for name in schema.history() if (schema.label, name) not in applied]


async def _nothing_to_clear(_: str) -> None:
    """Leave the embedded database as it is: it has no autovacuum."""


def sqlite_path(settings: Settings) -> str:
    """Return where the embedded database is."""
    return settings.DATABASE_URL.partition("://")[2]


def _make_private(settings: Settings) -> None:
    if is_sqlite(settings):
        from service.core.sql.sqlite import make_private

        make_private(sqlite_path(settings))


def _connection(settings: Settings) -> dict[str, Any]:
    if is_sqlite(settings):
        from service.core.sql import sqlite

        return {"engine": "service.core.sql.sqlite", "credentials": sqlite.credentials(sqlite_path(settings))}
    return {"engine": "service.core.sql.postgres", "credentials": address.credentials(settings, pool=True)}


async def forget_deleted() -> None:
    """Take what was deleted out of the embedded database's log, unless somebody is reading it: servers do so alone."""
    if dialect() == "sqlite":
        await connections.get(CONNECTION).execute_query("PRAGMA wal_checkpoint(TRUNCATE)")


def hearing_on(settings: Settings, channel: str) -> Hearing | None:
    """Return what hears of notifications on a channel; None of the embedded database. The database must be open."""
    if is_sqlite(settings):
        return None

    async def connect() -> asyncpg.Connection:
        opened = await asyncpg.connect(**address.credentials(settings, pool=False))
        poolers.keep_alive(opened, address.url_of(settings).keepalive)
        return opened

    async def notify(channel: str, says: str) -> None:
        await connections.get(CONNECTION).execute_query(NOTIFY, [channel, says])

    return Hearing(connect, channel, notify, _process)


async def _process() -> int:
    """Return which process of the server has answered just now, on any connection of the pool."""
    (row,) = await connections.get(CONNECTION).execute_query_dict(poolers.WHO)
    return int(row["pid"])


def is_pooled() -> bool:
    """Return whether a pooler stands between us and the database, as far as the open connections know."""
    return bool(getattr(getattr(connections.get(CONNECTION), "_pool", None), "pooled", False))


def in_use() -> int:
    """Return how many connections of the pool are at work; the embedded database has no pool."""
    pool = getattr(connections.get(CONNECTION), "_pool", None)
    return int(pool.get_size() - pool.get_idle_size()) if pool is not None else 0


def dialect() -> str:
    """Return `postgres` or `sqlite`."""
    return cast(str, connections.get(CONNECTION).capabilities.dialect)
