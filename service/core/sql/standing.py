"""How the database's schema stands to this version: behind it, ahead of it, or so far ahead that it can't go on.

A migration only adds, as a rule: then the versions before it go on beside it, which is the way back from an upgrade.
One that takes something away says with `OLDEST_CODE = N` which versions can go on: those that know migration N. Whoever
applies it writes that into the migration tool's table, under a label of its own, where versions of before find it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from service.core.sql.schema import Schema

OLDEST: Final = "/oldest"
"""What follows a schema's label where a row says which versions can go on."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What the database lacks of this version's migrations, what it has beyond them, and of that what is too much."""

    pending: tuple[str, ...] = ()
    newer: tuple[str, ...] = ()
    unbearable: tuple[str, ...] = ()

    @property
    def says(self) -> str:
        """One sentence on a schema that is ahead; "" of one that isn't."""
        if self.unbearable:
            return f"The schema is newer than this version can work with: {', '.join(self.unbearable)}"
        if self.newer:
            return f"The schema is newer than this version, which goes on beside it: {', '.join(self.newer)}"
        return ""


def number_of(name: str) -> int:
    """Return the number that a migration's name begins with, -1 of none."""
    number = name.partition("_")[0]
    return int(number) if number.isdecimal() else -1


def oldest_row(schema: Schema, name: str, oldest: int) -> tuple[str, str]:
    """Return app and version of the row which says that a migration asks for versions that know number `oldest`."""
    return f"{schema.label}{OLDEST}", f"{name}:{oldest}"


def applied_in(rows: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Return label and name of each migration that rows of the migration tool's table are about."""
    return {(app, Path(version).stem) for app, version in rows}


def standing(schemas: Sequence[Schema], rows: Iterable[tuple[str, str]]) -> Standing:
    """Return how a database stands to these schemas, by app and version of each row in the migration tool's table."""
    found = set(rows)
    applied = applied_in(found)
    pending: list[str] = []
    newer: list[str] = []
    unbearable: list[str] = []
    for schema in schemas:
        history = schema.history()
        last = max(map(number_of, history), default=-1)
        pending += [schema.spelt(name) for name in history if (schema.label, name) not in applied]
        others = {name for app, name in applied if app == schema.label} - {*history}
        newer += [schema.spelt(name) for name in sorted(others, key=lambda name: (number_of(name), name))]
        for app, version in sorted(found):
            name, _, oldest = version.rpartition(":")
            if app == f"{schema.label}{OLDEST}" and name in others and int(oldest) > last:
                unbearable.append(schema.spelt(name))
    return Standing(tuple(pending), tuple(newer), tuple(unbearable))
