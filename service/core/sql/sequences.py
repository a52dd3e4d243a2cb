"""Whether the database's sequences are where its rows are: a restore of rows alone leaves them behind."""

from __future__ import annotations

from tortoise.connection import connections

from service.core.sql.database import CONNECTION, dialect

# In the order of their names, so that the same is said each time.
_NUMBERED = """
SELECT c.table_name AS "table", c.column_name AS "column"
FROM information_schema.columns c
WHERE c.table_schema = current_schema() AND pg_get_serial_sequence(quote_ident(c.table_name), c.column_name) IS NOT NULL
ORDER BY 1, 2
"""


async def behind() -> list[tuple[str, str]]:
    """Return the tables and columns whose sequence would give out what is there already; none of the embedded database.

    Raises `Unavailable`.
    """
    if dialect() != "postgres":
        return []
    connection, found = connections.get(CONNECTION), []
    for row in await connection.execute_query_dict(_NUMBERED):
        table, column = _quoted(row["table"]), _quoted(row["column"])
        (seen,) = await connection.execute_query_dict(
            f"SELECT max({column}) AS highest, pg_sequence_last_value("  # noqa: S608 - names out of the catalogue, quoted
            f"pg_get_serial_sequence($1, $2)::regclass) AS last FROM {table}",
            [table, row["column"]],
        )
        if seen["highest"] is not None and seen["highest"] > (seen["last"] or 0):
            found.append((row["table"], row["column"]))
    return found


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
