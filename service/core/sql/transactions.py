"""Transactions: what is done in one, alone in one, and once it is committed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar

from tortoise import transactions

from service.core import presence
from service.core.sql.database import CONNECTION
from service.core.sql.touched import Gathered

# What is to be done once the transaction under way is committed; None outside of one.
_follow_up: ContextVar[list[Callable[[], None]] | None] = ContextVar("follow_up", default=None)


@asynccontextmanager
async def transaction() -> AsyncIterator[None]:
    """Run a block in one transaction. Keep it short: no hashing, mail or HTTP inside."""
    async with _followed_up(), transactions.in_transaction(CONNECTION):
        yield
        presence.of_this_request().begin_change()


@asynccontextmanager
async def exclusive(lock: int) -> AsyncIterator[None]:
    """Run a transaction that no other instance runs at the same time; `lock` names what is locked."""
    async with _followed_up(), transactions.in_transaction(CONNECTION) as connection:
        if connection.capabilities.dialect == "postgres":
            await connection.execute_query("SELECT pg_advisory_xact_lock($1)", [lock])
        yield
        presence.of_this_request().begin_change()


def in_transaction() -> bool:
    """Return whether this is inside of a transaction."""
    return _follow_up.get() is not None


def after_commit(work: Callable[[], None]) -> None:
    """Have `work` done once the transaction is committed that this is in; never, where that is rolled back.

    Outside of a transaction it is done at once.
    """
    waiting = _follow_up.get()
    if waiting is None:
        work()
    else:
        waiting.append(work)


@asynccontextmanager
async def _followed_up() -> AsyncIterator[None]:
    waiting: list[Callable[[], None]] = []
    outer = _follow_up.set(waiting)
    try:
        with Gathered() as written:
            yield
    finally:
        _follow_up.reset(outer)
    for work in waiting:
        after_commit(work)  # a transaction that is part of another may yet be rolled back
    await written.committed()
