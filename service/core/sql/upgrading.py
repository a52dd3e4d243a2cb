"""What an upgrade of the schema may be refused, as a line that says what mends it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

import asyncpg

from service.core.faults import Meaning, Row, refuse
from service.core.sql.address import credentials
from service.core.sql.faults import FAILURES, NO_RIGHTS, causes, postgres_row, raise_for
from service.errors import ServiceError
from service.settings import Settings

_ANOTHERS: Final = Row(
    "42P07", Meaning.REFUSED, "The database has something of this name already, which isn't ours",
    "Give the service a database, or a schema (?options=-csearch_path%3DNAME), of its own",
)  # fmt: skip
_NO_SCHEMA: Final = Row(
    "3F000", Meaning.REFUSED, "There is no schema for the tables",
    "CREATE SCHEMA, and check the search_path of the role and of ?options= in DATABASE_URL",
)  # fmt: skip
_FAILED: Final = Row(
    "migration", Meaning.REFUSED, "A migration failed", "Nothing of it was done; look at what the database says"
)
# Duplicates: table, column, object, function, schema.
_DUPLICATES: Final = ("42P07", "42701", "42710", "42723", "42P06")
_OURSELVES: Final = """
SELECT quote_ident(current_user) AS role, quote_ident(current_schema()) AS schema,
       has_schema_privilege(current_schema(), 'CREATE') AS may
"""


@asynccontextmanager
async def explained(settings: Settings) -> AsyncIterator[None]:
    """Raise what the database refuses a migration as `Misconfigured`, and an outage as `Unavailable`."""
    try:
        yield
    except ServiceError:
        raise
    except Exception as error:
        said = next((cause for cause in causes(error) if isinstance(cause, asyncpg.PostgresError)), None)
        if said is None:
            if isinstance(error, FAILURES):
                raise_for(postgres_row(error), error)
            raise
        code = str(said.sqlstate or "")
        if code in _DUPLICATES:
            refuse("database", _ANOTHERS, said)
        if code == "42501":
            refuse("database", await _right(settings), said)
        if code == "3F000":
            refuse("database", _NO_SCHEMA, said)
        row = postgres_row(error)
        raise_for(_FAILED if row.meaning is Meaning.OURS else row, said)


async def _right(settings: Settings) -> Row:
    """Return what to grant; where that is not to be seen, that the owner has to do it."""
    fix = "Run `latchkey db upgrade` as the owner of the tables"
    with suppress(*FAILURES):
        connection = await asyncpg.connect(**credentials(settings, pool=False))
        try:
            found = await connection.fetchrow(_OURSELVES)
        finally:
            connection.terminate()
        if found["schema"] and not found["may"]:
            fix = f"As its owner: GRANT USAGE, CREATE ON SCHEMA {found['schema']} TO {found['role']}"
    return Row(NO_RIGHTS.code, Meaning.REFUSED, NO_RIGHTS.about, fix)
