"""Statements that are written once: of one table, with values for its columns, on the few paths where time counts.

Tortoise writes a statement anew for each call, which costs more than having it done. Running one, reading its rows and
translating what goes wrong are Tortoise's and ours, as with any other; what a value becomes for the database, its
field says.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import count
from typing import Any, Final, Generic, TypeVar, cast

from tortoise import connections
from tortoise.fields.base import Field
from tortoise.models import Model

from service.core.sql.database import CONNECTION

Row = TypeVar("Row", bound=Model)

_VALUE = re.compile(r"\{(\w+)(\*?)\}")
_LOCK: Final = "{lock}"
_WORDS: Final = {"{=}": ("IS NOT DISTINCT FROM", "IS"), _LOCK: ("FOR NO KEY UPDATE", "")}


class Statement(Generic[Row]):
    """A statement, with `{column}` wherever a value of that column is given, or `{column*}` where a list of them is.

    `{*}` are all columns of the model. `{=}` compares so that NULL is NULL. `{lock}`, after a SELECT, locks
    what it finds, against whoever changes it but not against new rows that refer to it: until the transaction ends, or
    the statement, where that is one by itself.
    """

    def __init__(self, model: type[Row], text: str, *others: type[Model], beside: Sequence[str] = ()) -> None:
        """Take the model and the text, and models whose columns are meant where the first has none of that name.

        `beside` are what rows have from expressions of that name. Nothing is looked at before the first call: models
        aren't ready earlier.
        """
        self._models: tuple[type[Model], ...] = (model, *others)
        self._beside = list(beside)
        self._model = model
        self._text = text
        self._places = [(name, bool(many)) for name, many in _VALUE.findall(text.replace(_LOCK, ""))]
        self._fields: list[tuple[Field[Any], type[Model], bool]] = []  # of the places
        self._written: dict[tuple[object, ...], str] = {}  # by the database's dialect, and how long lists are

    async def rows(self, *values: object) -> list[Row]:
        """Return the rows that a SELECT finds. The values are in the order of the text."""
        connection = connections.get(CONNECTION)
        text, stored = self._for(connection.capabilities.dialect, values)
        reader = connection.executor_class(model=self._model, db=connection)
        return cast("list[Row]", await reader.execute_select(text, stored, self._beside))

    async def changed(self, *values: object) -> int:
        """Do what the statement says; return how many rows it has changed."""
        connection = connections.get(CONNECTION)
        number, _ = await connection.execute_query(*self._for(connection.capabilities.dialect, values))
        return int(number)

    async def added(self, *values: object) -> int:
        """Do an INSERT that ends in RETURNING; return how many rows it has added."""
        connection = connections.get(CONNECTION)
        return len(await connection.execute_query_dict(*self._for(connection.capabilities.dialect, values)))

    def _for(self, dialect: str, values: tuple[object, ...]) -> tuple[str, list[Any]]:
        """Return the statement as this database takes it, and its values."""
        stored: list[Any] = []
        lengths: list[int] = []
        for (field, model, many), value in zip(self._fields or self._find_fields(), values, strict=True):
            if many:
                given = cast("list[object]", value)
                stored += [field.to_db_value(one, model) for one in given]
                lengths.append(len(given))
            else:
                stored.append(field.to_db_value(value, model))
                lengths.append(1)
        shape = (dialect, *lengths)
        if shape not in self._written:
            self._written[shape] = self._write(dialect, lengths)
        return self._written[shape], stored

    def _find_fields(self) -> list[tuple[Field[Any], type[Model], bool]]:
        for name, many in self._places:
            model = next(one for one in self._models if name in one._meta.fields_map)
            self._fields.append((model._meta.fields_map[name], model, many))
        return self._fields

    def _write(self, dialect: str, lengths: list[int]) -> str:
        numbers, widths = count(1), iter(lengths)

        def place(_: re.Match[str]) -> str:
            return ", ".join(f"${next(numbers)}" if dialect == "postgres" else "?" for _ in range(next(widths)))

        columns = ", ".join(f'"{name}"' for name in self._model._meta.fields_db_projection.values())
        text = self._text.replace("{*}", columns)
        for word, (postgres, sqlite) in _WORDS.items():
            text = text.replace(word, postgres if dialect == "postgres" else sqlite)
        return _VALUE.sub(place, text)
