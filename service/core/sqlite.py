"""Tortoise's SQLite engine without its lock leak: a transaction whose BEGIN is cancelled lets the next one in.

The embedded database has one connection, guarded by one lock. Tortoise takes the lock before BEGIN and gives it back
only at the end of the block, so that a client hanging up in between would stop the whole service.
"""

from __future__ import annotations

import asyncio

from tortoise.backends.base.client import TransactionalDBClient, TransactionContext
from tortoise.backends.sqlite.client import SqliteClient, SqliteTransactionContext, SqliteTransactionWrapper
from tortoise.connection import get_connections


class _SafeTransaction(SqliteTransactionContext):
    """Tortoise's transaction, whose start either succeeds or leaves nothing behind."""

    async def __aenter__(self) -> TransactionalDBClient:
        await self._trxlock.acquire()
        try:
            await self.ensure_connection()
            await self.connection.begin()
        except BaseException:
            # The connection's thread works in order: this runs after the BEGIN that nobody waits for any more.
            if self.connection._connection is not None:
                await asyncio.shield(self.connection._connection.rollback())
            self._trxlock.release()
            raise
        self.token = get_connections().set(self.connection_name, self.connection)
        return self.connection  # type: ignore[no-any-return]  # Tortoise declares it Any


class SafeSqliteClient(SqliteClient):
    """Tortoise's client for aiosqlite with our transactions."""

    def _in_transaction(self) -> TransactionContext:
        return _SafeTransaction(SqliteTransactionWrapper(self), self._lock)


client_class = SafeSqliteClient
