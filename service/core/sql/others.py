"""Whether other processes write to the embedded database, as an operator's commands do. A server tells by itself."""

from __future__ import annotations

from tortoise import connections

from service.core.sql.database import CONNECTION, dialect


async def written_by_others() -> int:
    """Return a number that is another one when another process has written since; 0 of a server."""
    if dialect() != "sqlite":
        return 0
    (row,) = await connections.get(CONNECTION).execute_query_dict("PRAGMA data_version")
    return int(row["data_version"])
