"""Tortoise's PostgreSQL engine for the migration tool: no statement of a migration holds others up for long.

A transaction waits for each lock for a moment; where it gets none it is rolled back whole, and so can be tried again:
here if it is one statement or script by itself, by whoever began it otherwise. What PostgreSQL builds beside readers
and writers (`CONCURRENTLY`) holds nobody up while it waits, so it waits, and says for whom; what an earlier try has
left half built is dropped first.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.client import NestedTransactionContext, TransactionContext, TransactionContextPooled

from service.core.clock import steady_seconds
from service.core.sql import poolers
from service.core.sql.lock_waits import (
    LOCK_MILLISECONDS,
    LONG_SECONDS,
    LOOK_SECONDS,
    TELL_SECONDS,
    VACUUM_MILLISECONDS,
    Tries,
    Turn,
    gave_up,
    is_to_be_tried_again,
)

BRIEFLY: Final = f"SET LOCAL lock_timeout = {LOCK_MILLISECONDS}; SET LOCAL statement_timeout = 0"

_BESIDE: Final = re.compile(
    r"\s*(?:CREATE\s+(?:UNIQUE\s+)?|DROP\s+|RE)INDEX\s.*?\bCONCURRENTLY\b|\s*VACUUM\b", re.IGNORECASE | re.DOTALL
)
_BUILT: Final = re.compile(
    r"\s*CREATE\s+(?:UNIQUE\s+)?INDEX\s+CONCURRENTLY\s+(?:IF\s+NOT\s+EXISTS\s+)?(?P<name>\"[^\"]+\"|\w+)", re.IGNORECASE
)
_HALF_BUILT: Final = "SELECT 1 FROM pg_index WHERE indexrelid = to_regclass($1) AND NOT indisvalid"
_T = TypeVar("_T")


def is_built_beside(script: str) -> bool:
    """Return whether a statement has to be by itself, outside of any transaction."""
    return _BESIDE.match(script) is not None


class _Watched:
    """Mix-in for both clients: what is run is known to whoever looks what it waits for."""

    turn: Turn

    async def _translate_exceptions(self, func: Callable[..., Awaitable[Any]], *args: Any, **kwargs: Any) -> Any:
        with self.turn.at(str(args[0]) if args else ""):
            return await super()._translate_exceptions(func, *args, **kwargs)  # type: ignore[misc]  # mixed into one


class _Transaction(_Watched, TransactionWrapper):
    """A transaction that waits for each lock for a moment only."""

    def __init__(self, client: Any) -> None:
        super().__init__(client)
        self.turn = client.turn

    async def begin(self) -> None:
        await super().begin()
        await self._connection.execute(BRIEFLY)

    def _in_transaction(self) -> TransactionContext:
        return NestedTransactionContext(_Transaction(self))


class PatientClient(_Watched, AsyncpgDBClient):
    """Tortoise's client for asyncpg, whose statements are each a transaction that is tried until it gets its locks."""

    def __init__(self, turn: Turn | None = None, **options: Any) -> None:
        """Take the upgrade that it works for, and Tortoise's options."""
        super().__init__(**options)
        self.turn = turn or Turn()

    def _in_transaction(self) -> TransactionContext:
        return TransactionContextPooled(_Transaction(self), self._pool_init_lock)

    async def execute_script(self, query: str) -> None:
        """Run statements as one transaction; one that can't be in any by itself."""
        if is_built_beside(query):
            await self._tried(lambda: self._beside(query))
        else:
            await self._tried(lambda: self._alone("execute_script", query))

    async def execute_query(self, query: str, values: list[Any] | None = None) -> tuple[int, list[dict[Any, Any]]]:
        """Run one statement; return how many rows it is about, and those that it returns."""
        if is_built_beside(query):
            await self.execute_script(query)
            return 0, []
        found: tuple[int, list[dict[Any, Any]]] = await self._tried(lambda: self._alone("execute_query", query, values))
        return found

    async def execute_query_dict(self, query: str, values: list[Any] | None = None) -> list[dict[Any, Any]]:
        """Run one statement; return its rows."""
        found: list[dict[Any, Any]] = await self._tried(lambda: self._alone("execute_query_dict", query, values))
        return found

    async def execute_insert(self, query: str, values: list[Any]) -> Any:
        """Insert a row; return what the database says of it."""
        return await self._tried(lambda: self._alone("execute_insert", query, values))

    async def execute_many(self, query: str, values: list[Any]) -> None:
        """Run one statement for each of many rows."""
        await self._tried(lambda: self._alone("execute_many", query, values))

    async def clear_of_autovacuum(self, table: str) -> None:
        """Have autovacuum leave a table: it does for whoever waits a second, which nobody else may have to.

        The lock is one that only those wait behind who alter a table, or build an index.
        """
        patiently = f"SET LOCAL lock_timeout = {VACUUM_MILLISECONDS}"
        try:
            await self._alone("execute_script", f"{patiently}; LOCK TABLE {table} IN SHARE UPDATE EXCLUSIVE MODE")
        except Exception as error:
            if not is_to_be_tried_again(error):
                raise

    async def _tried(self, step: Callable[[], Awaitable[_T]]) -> _T:
        return await Tries(self.turn).until_done(step, self.clear_of_autovacuum)

    async def _alone(self, method: str, *args: Any) -> Any:
        async with self._in_transaction() as transaction:
            return await getattr(transaction, method)(*args)

    async def _beside(self, query: str) -> None:
        if (built := _BUILT.match(query)) and (await self.execute_query(_HALF_BUILT, [built["name"]]))[0]:
            await self._beside(f"DROP INDEX CONCURRENTLY {built['name']}")
        work = asyncio.ensure_future(self._patiently(query))
        try:
            await self._attended(work)
        finally:
            if not work.done():
                work.cancel()  # asyncpg has the server cancel it
                await asyncio.wait({work})
        await work

    async def _patiently(self, query: str) -> None:
        async with self.acquire_connection() as connection:
            if not await poolers.is_pooled(connection):  # else the next who gets it would have no limits
                await connection.execute("SET lock_timeout = 0; SET statement_timeout = 0")
            with self.turn.at(query):
                await connection.execute(query)

    async def _attended(self, work: asyncio.Future[None]) -> None:
        """Wait for a statement that holds nobody up; say whom it waits for. Raises `GaveUp` of one that waits for ever.

        Only waiting counts: an index of a large table takes its time.
        """
        began: float | None = None
        told_at = float("-inf")
        while not (await asyncio.wait({work}, timeout=2 * LOOK_SECONDS))[0]:
            turn, now = self.turn, steady_seconds()
            if not (what := turn.waits_for()):
                began = None
                continue
            began = now if began is None else began
            if now - began >= turn.wait_seconds:
                raise gave_up(now - began, what)
            if now - began >= LONG_SECONDS and now - told_at >= TELL_SECONDS:
                told_at = now
                turn.tell(f"Waiting for {what}. Nobody is held up.")


client_class = PatientClient
