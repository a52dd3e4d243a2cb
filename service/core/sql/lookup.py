"""Reading one row by a unique column, in the one or two reads that nearly every request makes.

Tortoise writes a query's SQL anew for each call, which takes twice as long as having it answered. Here it is written
once, by Tortoise itself; running it and reading the row are Tortoise's as well, so whatever holds of a query holds of
this: in a transaction it is the transaction's, an outage is `Unavailable`, traces and metrics see it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Generic, TypeVar, cast

from tortoise import connections
from tortoise.expressions import RawSQL
from tortoise.models import Model

from service.core.sql.database import CONNECTION

Row = TypeVar("Row", bound=Model)


class Lookup(Generic[Row]):
    """What `Model.get_or_none(column=value)` returns, for a column that is unique."""

    def __init__(
        self, model: type[Row], column: str, beside: Mapping[str, str] | None = None, *, locked: bool = False
    ) -> None:
        """Take the model and its column. Nothing is looked at before the first call: models aren't ready earlier.

        `beside` is what is read in the same statement: attributes of the row, and the SQL expression of each. With
        `locked` the row is locked until the transaction ends that this is part of.
        """
        self._model = model
        self._column = column
        self._beside = dict(beside or {})
        self._locked = locked
        self._sql: dict[str, str] = {}  # by the database's dialect

    async def __call__(self, value: object) -> Row | None:
        """Return the row, None when there is none."""
        connection = connections.get(CONNECTION)
        dialect = connection.capabilities.dialect
        sql = self._sql.get(dialect)
        if sql is None:
            query = self._model.filter(**{self._column: value})
            if self._locked:
                query = query.select_for_update()
            for name, expression in self._beside.items():
                query = query.annotate(**{name: RawSQL(expression)})
            sql = self._sql[dialect] = query.sql()
        stored = self._model._meta.fields_map[self._column].to_db_value(value, self._model)
        reader = connection.executor_class(model=self._model, db=connection)
        rows = cast("list[Row]", await reader.execute_select(sql, [stored], list(self._beside)))
        return rows[0] if rows else None
