"""Is the database there, and such that the service can work with it?

A table that isn't there is a migration's business: of those that are, our role may do what we do.
"""

from __future__ import annotations

from typing import Final

import asyncpg
from tortoise import Tortoise, connections

from service.core.faults import away, is_well, refuse
from service.core.sql.database import CONNECTION, dialect
from service.core.sql.faults import NO_RIGHTS, NOT_UTF8, raise_for_settings
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
       ARRAY(SELECT what FROM refused ORDER BY what) AS missing
"""


async def warm() -> None:
    """Open connections before the first requests need them.

    Raises `Unavailable` when the database is away, `ConfigurationError` when it refuses who we say we are.
    """
    client = connections.get(CONNECTION)
    try:
        if isinstance(client, BoundedPostgresClient):
            await client.warm()
        else:
            await client.execute_query("SELECT 1")
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

    Raises `Unavailable` of one that takes no writes.
    """
    if dialect() != "postgres":
        return
    apps = Tortoise.apps or {}
    tables = {str(model._meta.db_table) for models in apps.values() for model in models.values()} - {_THE_TOOLS}
    (row,) = await connections.get(CONNECTION).execute_query_dict(_RIGHTS, [sorted(tables)])
    if row["read_only"]:
        away("database", asyncpg.ReadOnlySQLTransactionError("the database takes no writes"))
    if row["encoding"] != "UTF8":
        refuse("database", NOT_UTF8, ValueError(f"its encoding is {row['encoding']}"))
    if row["missing"]:
        refuse("database", NO_RIGHTS, PermissionError(f"no {', '.join(row['missing'])}"))
    is_well("database")
