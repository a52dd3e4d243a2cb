"""One upgrade at a time, whoever is in between: a lock that ends with the transaction it is taken in.

A lock of the session's would stay behind in a pooler, on a connection that is others' by then, and every later upgrade
would wait for it. The transaction is one of its own and does nothing else. Who waits for the lock asks again and
again instead of standing in line: a statement that waits keeps a view of the tables, for which others would wait.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any, Final

import asyncpg

from service.core.clock import steady_seconds
from service.core.faults import refuse
from service.core.patience import Limited
from service.core.sql import poolers
from service.core.sql.address import credentials
from service.core.sql.faults import FAILURES, NOT_UTF8, ONE_CONNECTION, postgres_row, raise_for, raise_for_settings
from service.core.sql.lock_waits import TELL_SECONDS, Turn, gave_up
from service.errors import Unavailable
from service.settings import Settings

# Any constant shared by all instances will do; it only has to differ from other users of the same database.
UPGRADE_LOCK: Final = 0x4C61746368
ASK_SECONDS: Final = 0.5
ANOTHER_SECONDS: Final = 5.0  # for a second connection to answer
ALIVE_SECONDS: Final = 5.0  # between two words on the connection that holds the lock: silent ones are closed by some

_HOLDERS: Final = """
SELECT pid, coalesce(nullif(application_name, ''), usename) AS who, state,
       extract(epoch FROM clock_timestamp() - state_change)::int AS seconds
FROM pg_locks JOIN pg_stat_activity USING (pid)
WHERE locktype = 'advisory' AND granted AND objsubid = 1 AND (classid::bigint << 32 | objid::bigint) = $1
  AND pg_locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


@asynccontextmanager
async def upgrade_lock(settings: Settings, turn: Turn) -> AsyncIterator[asyncio.Task[None]]:
    """Hold the lock; yield what ends, with an error, if it is lost. Whoever `turn` tells is told who is waited for.

    Raises `Unavailable`, `Misconfigured`, `ConfigurationError`, and `GaveUp` after too long a wait.
    """
    with translated():
        holder = await _opened(settings)
    alive: asyncio.Task[None] | None = None
    try:
        with translated():
            await _take(holder, turn)
            await _demand_another(settings)
        alive = asyncio.create_task(_keep(holder))
        yield alive
    finally:
        if alive is not None:
            alive.cancel()
            with suppress(asyncio.CancelledError, *FAILURES):
                await alive
        with suppress(*FAILURES):
            await holder.close()  # the server rolls back: with it goes the lock


class translated:  # noqa: N801 - a context manager, used as a function is
    """Raise what asyncpg raises as one of ours: `Unavailable`, `Misconfigured`, `ConfigurationError`."""

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        """Translate what was raised."""
        if not isinstance(error, FAILURES):
            return
        try:
            raise_for(postgres_row(error), error)
        except Unavailable as outage:
            raise_for_settings(outage)
            raise


async def _opened(settings: Settings) -> Any:
    return await poolers.opened(partial(asyncpg.connect, **credentials(settings, pool=False)), _met)


async def _met(holder: Any) -> None:
    await poolers.demand_transactions(holder)
    encoding = await holder.fetchval("SELECT current_setting('server_encoding')")
    if encoding != "UTF8":
        refuse("database", NOT_UTF8, ValueError(f"its encoding is {encoding}"))


async def _take(holder: Any, turn: Turn) -> None:
    told_at = float("-inf")
    began = steady_seconds()
    while not await _taken(holder):
        now = steady_seconds()
        if now - began >= turn.wait_seconds:
            raise gave_up(now - began, " ".join(await _holders(holder)) or "another upgrade")
        if now - began > 2 * ASK_SECONDS and now - told_at >= TELL_SECONDS:
            told_at = now
            for line in await _holders(holder):
                turn.tell(f"Waiting for {line}")
        await asyncio.sleep(ASK_SECONDS)


async def _taken(holder: Any) -> bool:
    """Take the lock in a new transaction, which goes on if it was free.

    A transaction that keeps a view of the tables is waited for by indexes that are built beside writers, till its very
    end. So one that waits ends between two questions, and the one that holds the lock lets go of its view: what a
    prepared statement has read by is kept until another one is run.
    """
    await holder.execute("BEGIN; SET LOCAL idle_in_transaction_session_timeout = 0")
    ((taken,),) = await holder.fetch("SELECT pg_try_advisory_xact_lock($1)", UPGRADE_LOCK)
    await holder.execute("SELECT 1" if taken else "ROLLBACK")
    return bool(taken)


async def _demand_another(settings: Settings) -> None:
    """Raise `Misconfigured` where the transaction that holds the lock has the only connection: it would wait for us."""
    other: Any = None
    try:
        with Limited(ANOTHER_SECONDS):
            other = await asyncpg.connect(**credentials(settings, pool=False))
            await other.fetchval("SELECT 1")
    except TimeoutError as error:
        refuse("database", ONE_CONNECTION, error)
    finally:
        if other is not None:
            other.terminate()


async def _holders(holder: Any) -> list[str]:
    found = []
    for row in await holder.fetch(_HOLDERS, UPGRADE_LOCK):
        # What an upgrade of now does is in a transaction; one that is idle outside of any has been left behind.
        left = row["state"] == "idle"
        hint = f". It is idle: if no upgrade is under way there, `SELECT pg_terminate_backend({row['pid']})` ends it"
        found.append(
            f"another upgrade: process {row['pid']} of the database ({row['who']}, {row['state']} for "
            f"{row['seconds']} s) has the lock{hint if left else ''}"
        )
    return found


async def _keep(holder: Any) -> None:
    while True:
        await asyncio.sleep(ALIVE_SECONDS)
        # Nothing that reads: an index that is begun in that moment would wait for this transaction to end.
        await holder.execute("SHOW lock_timeout")
