"""The time by the database's clock: for what is to hold whichever of us says it, and Redis can't be asked."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import cast

from tortoise import connections

from service.core.clock import Clock
from service.core.sql.database import CONNECTION, dialect


async def database_now(clock: Clock) -> datetime:
    """Return the time, aware, UTC; the embedded database has ours. In a transaction it goes on as well.

    Raises `Unavailable`.
    """
    if dialect() != "postgres":
        return clock.now()
    (row,) = await connections.get(CONNECTION).execute_query_dict("SELECT clock_timestamp() AS moment")
    return cast(datetime, row["moment"]) + timedelta(milliseconds=clock.shift_ms)
