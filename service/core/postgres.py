"""Tortoise's PostgreSQL engine with bounded waits, and every outage turned into 503.

Tortoise and asyncpg wait for a free connection without limit, let connection errors through untranslated, and leak the
connection of a transaction whose BEGIN fails or is cancelled (STACK.md, section 9). This engine is named in the
Tortoise configuration; nothing else in the service has to know.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any

import asyncpg
from asyncpg.pool import Pool
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.client import TransactionalDBClient, TransactionContext, TransactionContextPooled
from tortoise.connection import get_connections

from service.errors import Unavailable

CONNECT_SECONDS = 0.8
ACQUIRE_SECONDS = 0.6
STATEMENT_SECONDS = 0.9

# Mistakes of ours, to be answered 500 or handled: everything else PostgreSQL says means "not now".
_MISTAKES = (
    asyncpg.SyntaxOrAccessError,
    asyncpg.DataError,
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.InvalidTransactionStateError,
)


def is_outage(error: BaseException) -> bool:
    """Tell an outage (try again later) from a mistake of ours. A missing table means: not migrated yet."""
    if isinstance(error, asyncpg.UndefinedTableError | asyncpg.UndefinedColumnError):
        return True
    if isinstance(error, asyncpg.PostgresError):
        return not isinstance(error, _MISTAKES)
    return isinstance(error, OSError | TimeoutError | asyncpg.InterfaceError | asyncpg.InternalClientError)


class _BoundedPool(Pool):  # type: ignore[misc]  # asyncpg has no types
    """A pool that never waits longer than ACQUIRE_SECONDS for a connection, nor for its release."""

    def acquire(self, *, timeout: float | None = None) -> Any:
        return super().acquire(timeout=timeout or ACQUIRE_SECONDS)


class _Translating:
    """Mix-in for Tortoise's clients: outages become `Unavailable`."""

    async def _translate_exceptions(self, func: Callable[..., Awaitable[Any]], *args: Any, **kwargs: Any) -> Any:
        try:
            return await super()._translate_exceptions(func, *args, **kwargs)  # type: ignore[misc]  # mixed into one
        except Exception as error:
            # Tortoise has wrapped some of asyncpg's errors by now: the cause is what the server said.
            if is_outage(error) or (error.__cause__ is not None and is_outage(error.__cause__)):
                raise Unavailable("database") from error
            raise


class _Transaction(_Translating, TransactionWrapper):
    """A transaction's client."""


class _BoundedTransaction(TransactionContextPooled):
    """Tortoise's transaction, without its leak, and without a ROLLBACK that would wait for a dead server."""

    async def __aenter__(self) -> TransactionalDBClient:
        parent = self.client._parent
        try:
            await self.ensure_connection()
            self.client._connection = await parent._pool.acquire()
        except Exception as error:
            raise _outage_or(error) from error
        try:
            await self.client.begin()
        except BaseException:
            # Cancelled (the client hung up) or failed: whatever state the connection is in, nobody else may get it.
            await self._discard()
            raise
        self.token = get_connections().set(self.connection_name, self.client)
        return self.client

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if isinstance(exc, Unavailable):
            get_connections().reset(self.token)
            await self._discard()
            return
        try:
            await super().__aexit__(exc_type, exc, traceback)
        except Exception as error:
            raise _outage_or(error) from error

    async def _discard(self) -> None:
        self.client._connection.terminate()
        await self.client._parent._pool.release(self.client._connection)


def _outage_or(error: Exception) -> Exception:
    return Unavailable("database") if is_outage(error) else error


class BoundedPostgresClient(_Translating, AsyncpgDBClient):
    """Tortoise's client for asyncpg with our pool and our transactions."""

    async def create_pool(self, **kwargs: Any) -> Pool:
        """Return our pool, with its first connection open."""
        options = {
            "max_queries": 50_000,
            "max_inactive_connection_lifetime": 300.0,
            "record_class": asyncpg.Record,
            **kwargs,
        }
        pool = _BoundedPool(**options)
        await pool
        return pool

    def _in_transaction(self) -> TransactionContext:
        return _BoundedTransaction(_Transaction(self), self._pool_init_lock)


client_class = BoundedPostgresClient
