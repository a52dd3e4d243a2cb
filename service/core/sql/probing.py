"""Is the database there, and such that the service can work with it?

A table that isn't there is a migration's business: of those that are, our role may do what we do.
"""

from __future__ import annotations

from typing import Final
from uuid import uuid4

import asyncpg
from tortoise import Tortoise, connections, transactions
from tortoise.exceptions import IntegrityError, OperationalError

from service.core.faults import away, is_well, refuse
from service.core.sql.database import CONNECTION, dialect
from service.core.sql.faults import NO_RIGHTS, NOT_UTF8, REFUSES_A_ROW, raise_for_settings
from service.core.sql.postgres import BoundedPostgresClient
from service.errors import Unavailable

_THE_TOOLS: Final = "aerich"  # the migration tool's table: the service only reads it

# What our role may not do with our tables; a table that isn't there is a migration's business.
_RIGHTS: Final = """
WITH ours AS (SELECT to_regclass(quote_ident(name))::oid AS id FROM unnest($1::text[]) AS name),
refused AS (
  SELECT might || ' on ' || relname AS what
  FROM pg_class JOIN ours ON oid = id, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS might
  WHERE NOT has_table_privilege(oid, might)
  UNION ALL
  SELECT 'USAGE on ' || relname
  FROM pg_class JOIN pg_depend ON objid = oid AND classid = 'pg_class'::regclass AND deptype IN ('a', 'i')
    JOIN ours ON refobjid = id
  WHERE NOT CASE relkind WHEN 'S' THEN has_sequence_privilege(oid, 'USAGE') ELSE true END
)
SELECT current_setting('transaction_read_only') = 'on' AS read_only, current_setting('server_encoding') AS encoding,
       ARRAY(SELECT what FROM refused ORDER BY what) AS missing,
       to_regclass('security_events') IS NOT NULL AND NOT EXISTS (
         SELECT FROM pg_locks WHERE relation = to_regclass('security_events') AND mode IN
         ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
       ) AS writable
"""
# What every log-in writes. A full disk, a policy, a trigger show only to who writes.
_WRITE: Final = "INSERT INTO security_events (id, type, created_at, detail) VALUES ($1, 'probe', now(), '{}')"
# Tables of which our role sees only the rows that a policy shows, which may be none: then nobody is known.
_HIDDEN: Final = """
SELECT name FROM unnest($1::text[]) AS name
WHERE to_regclass(quote_ident(name)) IS NOT NULL AND row_security_active(to_regclass(quote_ident(name))::oid)
ORDER BY name
"""


async def ask() -> None:
    """Ask the database something. Raises what `warm` does; one connection is enough."""
    try:
        await connections.get(CONNECTION).execute_query("SELECT 1")
    except Unavailable as error:
        raise_for_settings(error)
        raise


async def warm() -> None:
    """Open connections before the first requests need them.

    Raises `Unavailable` when the database is away, `ConfigurationError` when it refuses who we say we are.
    """
    client = connections.get(CONNECTION)
    if not isinstance(client, BoundedPostgresClient):
        await ask()
        return
    try:
        await client.warm()
    except Unavailable as error:
        raise_for_settings(error)
        raise


async def probe() -> None:
    """Raise `Unavailable` when the database is away, or read-only; `Misconfigured` when it can't be worked with.

    Raises `ConfigurationError` when it refuses who we say we are.
    """
    await warm()
    await demand_rights()


async def demand_rights() -> None:
    """Raise `Misconfigured` where our role may not do what we do, or the database can't hold every letter.

    Raises `Unavailable` of one that takes no writes. A row is written, and taken back before anybody can see it; not
    where somebody holds others off its table for a while: a log-in bears that, and who isn't ready gets no requests.
    """
    if dialect() != "postgres":
        return
    (row,) = await connections.get(CONNECTION).execute_query_dict(_RIGHTS, [_tables()])
    if row["read_only"]:
        away("database", asyncpg.ReadOnlySQLTransactionError("the database takes no writes"))
    if row["encoding"] != "UTF8":
        refuse("database", NOT_UTF8, ValueError(f"its encoding is {row['encoding']}"))
    if row["missing"]:
        refuse("database", NO_RIGHTS, PermissionError(f"no {', '.join(row['missing'])}"))
    if row["writable"]:
        await _try_writing()
    is_well("database")


async def hidden_tables() -> list[str]:
    """Return the tables of which our role may not see every row; none of the embedded database."""
    if dialect() != "postgres":
        return []
    return [row["name"] for row in await connections.get(CONNECTION).execute_query_dict(_HIDDEN, [_tables()])]


class _TakenBack(Exception):
    """What was written is not to stay."""


async def _try_writing() -> None:
    try:
        async with transactions.in_transaction(CONNECTION) as connection:
            await connection.execute_query(_WRITE, [uuid4()])
            raise _TakenBack  # noqa: TRY301 - what ends a transaction so is the block's own
    except _TakenBack:
        pass
    except (IntegrityError, OperationalError) as error:
        refuse("database", REFUSES_A_ROW, error)


def _tables() -> list[str]:
    apps = Tortoise.apps or {}
    tables = {str(model._meta.db_table) for models in apps.values() for model in models.values()}
    return sorted(tables - {_THE_TOOLS})
