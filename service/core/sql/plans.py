"""What an upgrade would run, asked of the migrations themselves, on a connection that can only read.

A migration is a function that runs statements, and may look at the database to decide which. So it is called with a
database that answers what reads, and notes what would write.
"""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import asyncpg

from service.core.sql import database
from service.core.sql.address import credentials
from service.core.sql.lock_waits import LOCK_MILLISECONDS
from service.core.sql.migration_files import read
from service.core.sql.schema import OURS, Schema
from service.core.sql.standing import applied_in
from service.core.sql.upgrade_lock import translated
from service.settings import Settings

_ROWS: Final = "SELECT app, version FROM aerich"
_NOTHING: Final = "SELECT 1"

Read = Callable[[str, Sequence[Any]], Awaitable[list[Any]]]


@dataclass(frozen=True, slots=True)
class Planned:
    """One migration that is pending, with what it would run; `unknown` is why that can't be said."""

    name: str
    in_transaction: bool
    statements: list[str]
    unknown: str = ""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a migration may ask about a database."""

    dialect: str


class _Refused(Exception):
    """The database has refused to run something, as it writes or as what it is about isn't there yet."""


@dataclass(slots=True)
class _Asked:
    """What a migration is given for a database."""

    capabilities: Capabilities
    read: Read
    noted: list[str] = field(default_factory=list)

    async def execute_script(self, query: str) -> None:
        """Note it."""
        self.noted.append(query)

    async def execute_query(self, query: str, values: Sequence[Any] | None = None) -> tuple[int, list[Any]]:
        """Answer what reads; note anything else, which has no rows then."""
        try:
            rows = await self.read(query, values or ())
        except _Refused:
            self.noted.append(query)
            return 0, []
        return len(rows), rows

    async def execute_query_dict(self, query: str, values: Sequence[Any] | None = None) -> list[dict[str, Any]]:
        """Do the same."""
        return [dict(row) for row in (await self.execute_query(query, values))[1]]

    async def execute_insert(self, query: str, values: Sequence[Any]) -> None:
        """Note it."""
        self.noted.append(query)

    async def execute_many(self, query: str, values: Iterable[Sequence[Any]]) -> None:
        """Note it."""
        self.noted.append(query)


async def plan(settings: Settings, more: Sequence[Schema] = ()) -> list[Planned]:
    """Return the pending migrations with the SQL that each would run, in order. Nothing is changed, or waited for.

    Raises `Unavailable`, `Misconfigured`, `ConfigurationError`.
    """
    dialect, opened = ("sqlite", _sqlite) if database.is_sqlite(settings) else ("postgres", _postgres)
    async with opened(settings) as reading:
        try:
            applied = applied_in((row["app"], row["version"]) for row in await reading(_ROWS, ()))
        except _Refused:  # there is no such table
            applied = set()
        return [
            await _planned(schema, name, _Asked(Capabilities(dialect), reading))
            for schema in (OURS, *more)
            for name in schema.history()
            if (schema.label, name) not in applied
        ]


async def _planned(schema: Schema, name: str, asked: _Asked) -> Planned:
    unknown, in_transaction = "", True
    try:
        found = read(schema, name)
        in_transaction = found.in_transaction
        asked.noted.append(await found.upgrade(asked))
    except Exception as error:  # noqa: BLE001 - it asks for more than can be answered without changing anything
        unknown = f"{type(error).__name__}: {error}"
    statements = [text for text in map(str.strip, asked.noted) if text.rstrip(";") not in ("", _NOTHING)]
    return Planned(schema.spelt(name), in_transaction, statements, unknown)


@asynccontextmanager
async def _postgres(settings: Settings) -> AsyncIterator[Read]:
    with translated():
        connection = await asyncpg.connect(**credentials(settings, pool=False))

    async def reading(query: str, values: Sequence[Any]) -> list[Any]:
        with translated():
            try:
                async with connection.transaction(readonly=True):
                    await connection.execute(f"SET LOCAL lock_timeout = {10 * LOCK_MILLISECONDS}")
                    return list(await connection.fetch(query, *values))
            except (asyncpg.ReadOnlySQLTransactionError, asyncpg.SyntaxOrAccessError) as error:
                if isinstance(error, asyncpg.InsufficientPrivilegeError):
                    raise
                raise _Refused from error

    try:
        yield reading
    finally:
        connection.terminate()


@asynccontextmanager
async def _sqlite(settings: Settings) -> AsyncIterator[Read]:
    with closing(sqlite3.connect(_read_only(database.sqlite_path(settings)), uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA query_only = ON")

        async def reading(query: str, values: Sequence[Any]) -> list[Any]:
            try:
                return connection.execute(query, tuple(values)).fetchall()
            except sqlite3.OperationalError as error:
                raise _Refused from error

        yield reading


def _read_only(path: str) -> str:
    """Return how to open a file without making one; an empty database where there is none."""
    there = path != ":memory:" and Path(path).exists()
    return f"{Path(path).absolute().as_uri()}?mode=ro" if there else "file::memory:"
