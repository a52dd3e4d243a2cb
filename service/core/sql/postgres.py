"""Tortoise's PostgreSQL engine with bounded waits, and every outage turned into 503.

Tortoise and asyncpg wait for a free connection without limit, let connection errors through untranslated, and leak the
connection of a transaction whose BEGIN fails or is cancelled (STACK.md, section 9). This engine is named in the
Tortoise configuration; nothing else in the service has to know.

The longest that one statement can take, with a server that answers nothing, is the sum of the three limits below.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from types import TracebackType
from typing import Any

import asyncpg
from asyncpg.pool import Pool
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.client import TransactionalDBClient, TransactionContext, TransactionContextPooled
from tortoise.connection import get_connections

from service.core.telemetry import metrics
from service.core.telemetry.metrics import Timed
from service.core.telemetry.tracing import statement
from service.errors import Unavailable

CONNECT_SECONDS = 0.8  # for the migration tool; ACQUIRE_SECONDS is shorter
ACQUIRE_SECONDS = 0.6  # for a free connection, or for opening one
STATEMENT_SECONDS = 0.8
RELEASE_SECONDS = 0.25  # for the server to confirm that a statement was cancelled; then the connection is cut
CLOSE_SECONDS = 2.0

# What a server says that is going, gone, or not the primary any more; a missing table means: not migrated yet.
_OUTAGES = (
    asyncpg.UndefinedTableError,
    asyncpg.UndefinedColumnError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.IdleInTransactionSessionTimeoutError,
)
# Mistakes of ours, to be answered 500 or handled: everything else PostgreSQL says means "not now".
_MISTAKES = (
    asyncpg.SyntaxOrAccessError,
    asyncpg.DataError,
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.InvalidTransactionStateError,
)
_FAILURES = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)


def is_outage(error: BaseException) -> bool:
    """Tell an outage (try again later) from a mistake of ours."""
    if isinstance(error, _OUTAGES):
        return True
    if isinstance(error, _MISTAKES) or (isinstance(error, asyncpg.InterfaceError) and isinstance(error, ValueError)):
        return False  # the latter: asyncpg itself refuses a value
    return isinstance(error, _FAILURES)


class _BoundedPool(Pool):  # type: ignore[misc]  # asyncpg has no types
    """A pool that waits neither for a connection nor for its release without limit."""

    def acquire(self, *, timeout: float | None = None) -> Any:
        return super().acquire(timeout=timeout or ACQUIRE_SECONDS)

    async def release(self, connection: Any, *, timeout: float | None = None) -> None:  # noqa: ASYNC109 - asyncpg's
        # What fails here has cut the connection, and its place is free again. The statement's own outcome counts, and
        # above all a cancellation must not turn into another error.
        with suppress(*_FAILURES):
            await super().release(connection, timeout=timeout or RELEASE_SECONDS)


class _Translating:
    """Mix-in for Tortoise's clients: outages become `Unavailable`."""

    async def _translate_exceptions(self, func: Callable[..., Awaitable[Any]], *args: Any, **kwargs: Any) -> Any:
        with Timed(metrics.database), statement(args):
            return await self._translated(func, *args, **kwargs)

    async def _translated(self, func: Callable[..., Awaitable[Any]], *args: Any, **kwargs: Any) -> Any:
        try:
            return await super()._translate_exceptions(func, *args, **kwargs)  # type: ignore[misc]  # mixed into one
        except Exception as error:
            # Tortoise has wrapped some of asyncpg's errors by now: the cause is what the server said.
            said = error.__cause__ or error
            if isinstance(said, asyncpg.ReadOnlySQLTransactionError):
                await self._drop_demoted()
            if is_outage(error) or is_outage(said):
                raise Unavailable("database") from error
            raise

    async def _drop_demoted(self) -> None:
        # After a failover behind one host name the pooled connections still lead to the demoted server, which would
        # refuse every write for ever: new connections find the new one.
        client: Any = self
        await getattr(client, "_parent", client)._expire_connections()


class _Transaction(_Translating, TransactionWrapper):
    """A transaction's client, which remembers that a statement has failed."""

    aborted = False

    async def _translate_exceptions(self, func: Callable[..., Awaitable[Any]], *args: Any, **kwargs: Any) -> Any:
        if self.aborted:  # PostgreSQL would refuse it, whatever it is; the block has swallowed why
            raise Unavailable("database")
        try:
            return await super()._translate_exceptions(func, *args, **kwargs)
        except BaseException:
            self.aborted = True
            raise


class _BoundedTransaction(TransactionContextPooled):
    """Tortoise's transaction, without its leaks, without a ROLLBACK that would wait for a dead server.

    After a failed statement PostgreSQL answers COMMIT with ROLLBACK, and no error. So a block that swallows a failure
    and goes on ends in `Unavailable`: nothing that was rolled back may be taken for done.
    """

    client: _Transaction

    async def __aenter__(self) -> TransactionalDBClient:
        try:
            await self.ensure_connection()
            self.client._connection = await self._pool.acquire()
        except _FAILURES as error:
            metrics.store_errors.labels("database").inc()
            raise Unavailable("database") from error
        try:
            await self.client.begin()
        except BaseException:
            # Cancelled (the client hung up) or failed: whatever state the connection is in, nobody else may get it.
            self._cut()
            raise
        self.token = get_connections().set(self.connection_name, self.client)
        return self.client

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        # First of all: requests on one connection share a task, and the next one must not meet this transaction.
        get_connections().reset(self.token)
        if isinstance(exc, Unavailable) and (exc.what == "database" or self.client.aborted):
            self._cut()
            return
        if exc is None and self.client.aborted:
            self._cut()
            raise Unavailable("database")
        try:
            await (self.client.commit() if exc is None else self.client.rollback())
        except _FAILURES as error:
            self._cut()
            if exc is not None:
                return  # what went wrong first is what counts
            if is_outage(error):
                raise Unavailable("database") from error
            raise
        except BaseException:
            self._cut()
            raise
        else:
            await self._pool.release(self.client._connection)

    @property
    def _pool(self) -> Any:
        return self.client._parent._pool

    def _cut(self) -> None:
        """Close the connection without a word: the server rolls back, the pool opens another when it needs one."""
        with suppress(asyncpg.InterfaceError):  # it was lost, and is the pool's again
            self.client._connection.terminate()


class BoundedPostgresClient(_Translating, AsyncpgDBClient):
    """Tortoise's client for asyncpg with our pool and our transactions."""

    async def create_pool(self, **kwargs: Any) -> Pool:
        """Return our pool. It opens no connection yet: requests that wait for the pool wait for one another."""
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

    async def _close(self) -> None:
        if self._pool is not None:
            with suppress(TimeoutError):  # of a server that answers nothing: then `close` has cut the connections
                await asyncio.wait_for(self._pool.close(), CLOSE_SECONDS)
            self._pool = None


client_class = BoundedPostgresClient
