"""Tortoise's SQLite engine without its lock leak: a transaction whose BEGIN is cancelled lets the next one in.

The embedded database has one connection, guarded by one lock. Tortoise takes the lock before BEGIN and gives it back
only at the end of the block, so that a client hanging up in between would stop the whole service.

Another process may write too (an operator's command): a file that stays locked is an outage, as is a full disk.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Any, Final

from tortoise.backends.base.client import ConnectionWrapper, TransactionalDBClient, TransactionContext
from tortoise.backends.sqlite.client import SqliteClient, SqliteTransactionContext, SqliteTransactionWrapper
from tortoise.connection import get_connections
from tortoise.exceptions import OperationalError, TransactionManagementError

from service.core.faults import Meaning, away, refuse
from service.core.sql import touched
from service.core.sql.faults import sqlite_row
from service.core.telemetry import metrics
from service.core.telemetry.metrics import Timed
from service.core.telemetry.tracing import statement

BUSY_MILLISECONDS = 500  # how long a statement waits for another process; those behind it wait as well

# What is deleted is overwritten: else it stays in the file until its place is needed.
PRAGMAS: Final = {"secure_delete": "ON"}


def credentials(path: str) -> dict[str, str | int]:
    """Return what Tortoise opens the database with."""
    return {"file_path": path, "busy_timeout": BUSY_MILLISECONDS, **PRAGMAS}


def make_private(path: str) -> None:
    """Make the file, where there is none, for its owner alone: before SQLite does, by whatever the umask allows.

    What SQLite puts beside it (-wal, -shm, -journal) gets the file's own rights. An existing file keeps those it has:
    they may be meant, and the check-up warns of them. (It isn't even opened: closing it would give up SQLite's locks.)
    What hinders us hinders SQLite too, and it says so.
    """
    if path != ":memory:":
        with suppress(OSError):
            os.close(os.open(os.path.realpath(path), os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))


@contextmanager
def _translated(*query: str) -> Iterator[None]:
    with Timed(metrics.database), statement(query):
        try:
            yield
        except (OperationalError, TransactionManagementError, sqlite3.DatabaseError) as error:
            row = sqlite_row(error)
            if row.meaning is Meaning.REFUSED:
                refuse("database", row, error)
            if row.meaning is Meaning.AWAY:
                away("database", error)
            raise


class _Translating(SqliteClient):
    """Mix-in for Tortoise's clients: outages become `Unavailable`."""

    async def execute_insert(self, query: str, values: list[Any]) -> int:
        with _translated(query):
            return await super().execute_insert(query, values)  # type: ignore[no-any-return]  # its decorator's

    async def execute_query(self, query: str, values: list[Any] | None = None) -> tuple[int, Sequence[dict[str, Any]]]:
        with _translated(query):
            found: tuple[int, Sequence[dict[str, Any]]] = await super().execute_query(query, values)
        await touched.note(query, values or ())
        return found

    async def execute_query_dict(self, query: str, values: list[Any] | None = None) -> list[dict[str, Any]]:
        with _translated(query):
            return await super().execute_query_dict(query, values)  # type: ignore[no-any-return]  # its decorator's


class _Transaction(_Translating, SqliteTransactionWrapper):
    """A transaction's client. It has the write lock from its beginning: what it reads stays true until it ends.

    A plain BEGIN takes the lock at the first write; if another process has written since the first read, that fails.
    """

    async def begin(self) -> None:
        try:
            await self._connection.commit()
            await self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            raise TransactionManagementError(error) from error


class _SafeTransaction(SqliteTransactionContext):
    """Tortoise's transaction, whose start either succeeds or leaves nothing behind."""

    async def __aenter__(self) -> TransactionalDBClient:
        await self._trxlock.acquire()
        try:
            await self.ensure_connection()
            with _translated():
                await self.connection.begin()
        except BaseException:
            # The connection's thread works in order: this runs after the BEGIN that nobody waits for any more.
            if self.connection._connection is not None:
                await asyncio.shield(self.connection._connection.rollback())
            self._trxlock.release()
            raise
        self.token = get_connections().set(self.connection_name, self.connection)
        return self.connection  # type: ignore[no-any-return]  # Tortoise declares it Any

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with _translated():
            await super().__aexit__(exc_type, exc, traceback)


class _Turn(ConnectionWrapper[Any]):
    """The connection, while nobody else uses it. Tortoise keeps the turn of whoever could not open it, for ever."""

    async def __aenter__(self) -> Any:
        await self._lock.acquire()
        try:
            await self.ensure_connection()
        except BaseException:
            self._lock.release()
            raise
        return self.connection


class SafeSqliteClient(_Translating):
    """Tortoise's client for aiosqlite with our transactions."""

    def acquire_connection(self) -> ConnectionWrapper[Any]:
        """Return the connection, to be waited for."""
        return _Turn(self._lock, self)

    async def create_connection(self, with_db: bool) -> None:
        """Open the file; one that can't be set up as it has to be isn't used, and keeps no thread."""
        try:
            sqlite3.connect(self.filename).close()  # where that fails, aiosqlite has a thread end whenever it likes
            await super().create_connection(with_db)
        except BaseException:  # what can't be used is tried again, and not taken for open
            with suppress(sqlite3.Error):
                await asyncio.shield(self.close())
            self._connection = None
            raise

    def _in_transaction(self) -> TransactionContext:
        return _SafeTransaction(_Transaction(self), self._lock)


client_class = SafeSqliteClient
