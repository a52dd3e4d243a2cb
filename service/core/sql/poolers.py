"""Is there a pooler between us and the database, and what does that keep from us?

A pooler (PgBouncer, or what a provider puts in front) may give each transaction another server process. What is left
in one, a prepared statement, a lock, a LISTEN, is then somebody else's. Nobody has to tell us: each new connection
compares the process that it was told it leads to with the one that answers.
"""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Any, Final

import asyncpg

from service.core.sql.faults import PoolsStatements
from service.settings.database_url import DIRECT, DatabaseUrl, Keepalive

WHO: Final = "SELECT pg_backend_pid() AS pid"


class Opening:
    """Opens the connections of a pool: kept alive, and each preparing statements only where they stay its own."""

    def __init__(self, url: DatabaseUrl) -> None:
        """Take what DATABASE_URL says."""
        self._keepalive: Final = url.keepalive
        self._cache: Final = url.statement_cache_size

    async def __call__(self, dsn: str | None = None, **options: Any) -> Any:
        """Return a new connection. Raises what asyncpg raises, and `PoolsStatements`."""
        return await opened(partial(asyncpg.connect, dsn=dsn, **options), self._meet)

    async def _meet(self, connection: Any) -> None:
        keep_alive(connection, self._keepalive)
        if self._cache is None:
            connection.pooled = await is_pooled(connection)
            prepare(connection, 0 if connection.pooled else DIRECT)
        else:
            connection.pooled = self._cache == 0
            prepare(connection, self._cache)
        if connection.pooled:
            await demand_transactions(connection)


async def opened(connect: Callable[[], Awaitable[Any]], meet: Callable[[Any], Awaitable[None]]) -> Any:
    """Return a new connection that is met; one that isn't, for whatever reason, is cut."""
    for last in (False, True):
        connection = await connect()
        try:
            await meet(connection)
        except PoolsStatements:  # or it broke in this very moment: another one will tell
            connection.terminate()
            if last:
                raise
        except BaseException:
            # Not asyncpg's own `init`: it would say good-bye, and wait for an answer from whom there is none.
            connection.terminate()
            raise
        else:
            return connection
    raise AssertionError


def prepare(connection: Any, statements: int) -> None:
    """Let a connection that prepares none keep so many statements."""
    connection._stmt_cache.set_max_size(statements)
    connection._stmt_cache_enabled = statements > 0


async def is_pooled(connection: Any) -> bool:
    """Return whether somebody in between has answered for the server when the connection was opened."""
    return bool(await connection.fetchval(WHO) != connection.get_server_pid())


async def demand_transactions(connection: Any) -> None:
    """Raise `PoolsStatements` where a transaction is refused."""
    try:
        await connection.execute("BEGIN")
    except asyncpg.PostgresConnectionError as error:  # PgBouncer says so, and closes the connection
        raise PoolsStatements(str(error)) from None
    await connection.execute("ROLLBACK")


def keep_alive(connection: Any, wanted: Keepalive) -> None:
    """Have TCP ask whether the other side is there: firewalls forget a connection on which nothing is said."""
    transport = getattr(connection, "_transport", None)
    sock = transport.get_extra_info("socket") if transport is not None else None
    if sock is None or sock.family == getattr(socket, "AF_UNIX", None):
        return
    # What this system doesn't have it can't be told.
    with suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, int(wanted.on))
    named = (
        ("TCP_KEEPIDLE", wanted.idle), ("TCP_KEEPINTVL", wanted.interval), ("TCP_KEEPCNT", wanted.count),
        ("TCP_USER_TIMEOUT", wanted.user_timeout),
    )  # fmt: skip
    for name, value in named:
        if value and hasattr(socket, name):
            with suppress(OSError):
                sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
