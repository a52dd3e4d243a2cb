"""Tortoise's PostgreSQL engine with bounded waits, and every outage turned into 503.

Tortoise and asyncpg wait for a free connection without limit, let connection errors through untranslated, and leak the
connection of a transaction whose BEGIN fails or is cancelled (STACK.md, section 9). This engine is named in the
Tortoise configuration; nothing else in the service has to know.

The longest that one statement can take, with a server that answers nothing, is the sum of the limits of
`service/core/sql/pool.py`, and never more than its request's patience.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Any

import asyncpg
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.client import (
    NestedTransactionContext,
    TransactionalDBClient,
    TransactionContext,
    TransactionContextPooled,
)
from tortoise.connection import get_connections
from tortoise.exceptions import TransactionManagementError

from service.core.faults import Meaning, Row, away, too_slow
from service.core.patience import is_longer
from service.core.sql import touched
from service.core.sql.faults import FAILURES, postgres_row, raise_for
from service.core.sql.pool import BoundedPool, LimitedConnection, TooLong, leisurely_places
from service.core.telemetry import metrics
from service.core.telemetry.metrics import Timed
from service.core.telemetry.tracing import statement
from service.errors import Unavailable

CLOSE_SECONDS = 2.0
IDLE_SECONDS = 180.0  # firewalls forget what was silent for four minutes, and tell nobody


class _Translating:
    """Mix-in for Tortoise's clients: outages become `Unavailable`."""

    async def _translate_exceptions(self, func: Callable[..., Awaitable[Any]], *args: Any, **kwargs: Any) -> Any:
        with Timed(metrics.lists if is_longer() else metrics.database), statement(args):
            found = await self._done(func, *args, **kwargs)
        if args and isinstance(args[0], str):
            await touched.note(args[0], args[1] if len(args) > 1 and args[1] else ())
        return found

    async def _done(self, func: Callable[..., Awaitable[Any]], *args: Any, **kwargs: Any) -> Any:
        try:
            return await self._plainly(func, *args, **kwargs)
        except Exception as error:
            row = self._row(error)
            if row.meaning is not Meaning.AGAIN or not self._alone:
                await self._answer_for(row, error)
                raise
        # A statement by itself was rolled back whole: nothing of it is there.
        try:
            return await self._plainly(func, *args, **kwargs)
        except Exception as error:
            await self._answer_for(self._row(error), error)
            raise

    async def _plainly(self, func: Callable[..., Awaitable[Any]], *args: Any, **kwargs: Any) -> Any:
        return await super()._translate_exceptions(func, *args, **kwargs)  # type: ignore[misc]  # mixed into one

    _alone = True  # each statement is a transaction of its own

    def _row(self, error: BaseException) -> Row:
        pool = getattr(_parent(self), "_pool", None)
        return postgres_row(error, pool.encoding if pool else "UTF8")

    async def _answer_for(self, row: Row, error: BaseException) -> None:
        """Raise what `error` comes to; return where it is a mistake of ours."""
        if is_longer() and (isinstance(error, TooLong) or row.code == "57"):
            too_slow(error)
        if row.code == "25006":
            # After a failover behind one host name the pooled connections still lead to the demoted server, which
            # would refuse every write for ever: new connections find the new one.
            await _parent(self)._expire_connections()
        raise_for(row, error)


def _parent(client: Any) -> Any:
    return getattr(client, "_parent", client)


class _Transaction(_Translating, TransactionWrapper):
    """A transaction's client, which remembers that a statement has failed."""

    _alone = False
    aborted = False

    async def _translate_exceptions(self, func: Callable[..., Awaitable[Any]], *args: Any, **kwargs: Any) -> Any:
        if self.aborted:  # PostgreSQL would refuse it, whatever it is; the block has swallowed why
            raise Unavailable("database")
        try:
            return await super()._translate_exceptions(func, *args, **kwargs)
        except BaseException:
            self.aborted = True
            raise

    def _in_transaction(self) -> TransactionContext:
        return _Savepoint(TransactionWrapper(self), self)


class _Savepoint(NestedTransactionContext):
    """A transaction in another one. Tortoise lets through what goes wrong at its beginning and its end.

    Once it is rolled back, the outer one can be gone on with, whatever has failed in it.
    """

    def __init__(self, connection: TransactionalDBClient, outer: _Transaction) -> None:
        super().__init__(connection)
        self._outer = outer

    async def __aenter__(self) -> TransactionalDBClient:
        with _translated():
            return await super().__aenter__()

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with _translated():
            await super().__aexit__(exc_type, exc, traceback)
        if exc_type is not TransactionManagementError:  # of one that failed to begin or end Tortoise rolls nothing back
            self._outer.aborted = False


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except FAILURES as error:
        metrics.store_errors.labels("database").inc()
        raise_for(postgres_row(error), error)
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
        except FAILURES as error:
            metrics.store_errors.labels("database").inc()
            raise_for(postgres_row(error), error)
            away("database", error)
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
        except FAILURES as error:
            self._cut()
            if exc is not None:
                return  # what went wrong first is what counts
            raise_for(postgres_row(error), error)
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

    connection_class = LimitedConnection

    def __init__(self, **options: Any) -> None:
        """Take Tortoise's options."""
        super().__init__(**options)
        self.leisurely = leisurely_places(self.pool_maxsize)

    async def create_pool(self, **kwargs: Any) -> BoundedPool:
        """Return our pool."""
        options = {
            "max_queries": 50_000,
            "max_inactive_connection_lifetime": IDLE_SECONDS,
            "record_class": asyncpg.Record,
            **kwargs,
        }
        return await BoundedPool.create(**options)

    async def warm(self) -> None:
        """Open connections as the first requests will need them. Raises `Unavailable`, `Misconfigured`."""
        try:
            async with self._pool_init_lock:
                if self._pool is None:
                    await self.create_connection(with_db=True)
            pool: Any = self._pool
            await pool.warm()
        except FAILURES as error:
            raise_for(postgres_row(error), error)
            raise

    def _in_transaction(self) -> TransactionContext:
        return _BoundedTransaction(_Transaction(self), self._pool_init_lock)

    async def _close(self) -> None:
        if self._pool is not None:
            with suppress(TimeoutError):  # of a server that answers nothing: then `close` has cut the connections
                await asyncio.wait_for(self._pool.close(), CLOSE_SECONDS)
            self._pool = None


client_class = BoundedPostgresClient
