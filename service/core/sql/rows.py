"""Rows of a statement that is written by hand, where Tortoise has no words for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias, cast

from tortoise import connections

from service.core.sql.database import CONNECTION

Row: TypeAlias = Mapping[str, Any]


async def rows_of(sql: str, *values: object) -> list[Row]:
    """Return what a statement answers; `$1` and so on are its values. Raises `Unavailable`."""
    return cast("list[Row]", await connections.get(CONNECTION).execute_query_dict(sql, list(values)))
