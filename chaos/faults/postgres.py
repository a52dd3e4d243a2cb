"""What happens to PostgreSQL: it dies, freezes, ends connections, takes no writes, has no room, is locked, is full."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress

import asyncpg

from chaos.faults.fault import SINGLE, Fault
from chaos.faults.redis import frozen as redis_frozen
from chaos.faults.redis import killed as redis_killed
from chaos.scene import Scene

OURS = "FROM pg_stat_activity WHERE application_name = 'latchkey'"
TERMINATE = f"SELECT pg_terminate_backend(pid) {OURS}"
READ_ONLY, ISOLATION = "default_transaction_read_only", "default_transaction_isolation"


@asynccontextmanager
async def killed(scene: Scene) -> AsyncIterator[None]:
    """SIGKILL to all its processes, and a start on the same data."""
    await asyncio.to_thread(scene.postgres.kill)
    try:
        yield
    finally:
        await asyncio.to_thread(scene.postgres.start_again)


@asynccontextmanager
async def frozen(scene: Scene) -> AsyncIterator[None]:
    """SIGSTOP to all its processes, and SIGCONT."""
    await asyncio.to_thread(scene.postgres.freeze)
    try:
        yield
    finally:
        await asyncio.to_thread(scene.postgres.thaw)


@asynccontextmanager
async def terminated(scene: Scene) -> AsyncIterator[None]:
    """Every connection is ended by an administrator, again and again."""

    async def terminate() -> None:
        async with connected(scene) as connection:
            while True:
                await connection.execute(TERMINATE)
                await asyncio.sleep(0.2)

    task = asyncio.create_task(terminate())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def altered(name: str, value: str, *, anew: bool) -> Callable[[Scene], AbstractAsyncContextManager[None]]:
    """Return a fault that is a setting of the server's; `anew` ends connections, so that no old one goes on."""

    @asynccontextmanager
    async def happening(scene: Scene) -> AsyncIterator[None]:
        async with connected(scene) as connection:
            await _alter(connection, f"ALTER SYSTEM SET {name} = '{value}'", anew=anew)
            try:
                yield
            finally:
                await connection.execute(f"SET {READ_ONLY} = off")
                await _alter(connection, f"ALTER SYSTEM RESET {name}", anew=anew)

    return happening


async def _alter(connection: asyncpg.Connection, statement: str, *, anew: bool) -> None:
    await connection.execute(statement)
    await connection.execute("SELECT pg_reload_conf()")
    if anew:
        await connection.execute(TERMINATE)


@asynccontextmanager
async def crowded(scene: Scene) -> AsyncIterator[None]:
    """Others have taken every connection there is."""
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(connected(scene))
        taking = asyncio.create_task(_take_all(scene, first, stack))
        await asyncio.sleep(0.3)
        try:
            yield
        finally:
            taking.cancel()
            await asyncio.gather(taking, return_exceptions=True)


async def _take_all(scene: Scene, first: asyncpg.Connection, stack: AsyncExitStack) -> None:
    while True:  # the service takes what it can get, too
        await first.execute(TERMINATE)
        with suppress(asyncpg.TooManyConnectionsError):
            while True:
                await stack.enter_async_context(connected(scene))
        await asyncio.sleep(0.05)


def locked(*tables: str) -> Callable[[Scene], AbstractAsyncContextManager[None]]:
    """Return a fault that is a lock on tables, as a migration's would be that was not made for a running service."""

    @asynccontextmanager
    async def happening(scene: Scene) -> AsyncIterator[None]:
        async with connected(scene) as connection, connection.transaction():
            await connection.execute(f"LOCK TABLE {', '.join(tables)} IN ACCESS EXCLUSIVE MODE")
            yield

    return happening


def failing(code: str, tables: Sequence[str]) -> Callable[[Scene], AbstractAsyncContextManager[None]]:
    """Return a fault in which every write to these tables fails with an error of this code, as a trigger tells it."""

    @asynccontextmanager
    async def happening(scene: Scene) -> AsyncIterator[None]:
        async with connected(scene) as connection:
            await connection.execute(
                "CREATE OR REPLACE FUNCTION chaos() RETURNS trigger LANGUAGE plpgsql AS"
                f" $$BEGIN RAISE EXCEPTION 'chaos' USING ERRCODE = '{code}'; END$$"
            )
            for table in tables:
                await connection.execute(
                    f"CREATE TRIGGER chaos BEFORE INSERT OR UPDATE ON {table} EXECUTE FUNCTION chaos()"
                )
            try:
                yield
            finally:
                for table in tables:
                    await connection.execute(f"DROP TRIGGER chaos ON {table}")

    return happening


@asynccontextmanager
async def connected(scene: Scene) -> AsyncIterator[asyncpg.Connection]:
    """Connect as an administrator does, past the proxy."""
    connection = await asyncpg.connect(scene.postgres.url, ssl=False, timeout=10)
    try:
        yield connection
    finally:
        with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            await connection.close(timeout=5)


@asynccontextmanager
async def both_killed(scene: Scene) -> AsyncIterator[None]:
    """Both stores die together."""
    async with killed(scene), redis_killed(scene):
        yield


@asynccontextmanager
async def both_frozen(scene: Scene) -> AsyncIterator[None]:
    """Both stores freeze together."""
    async with frozen(scene), redis_frozen(scene):
        yield


WRITTEN = ("users", "credentials", "security_events", "outbox_mails")

FAULTS = (
    Fault("PostgreSQL killed (SIGKILL) and started again", "PostgreSQL", killed, 1.5, short=("single",)),
    Fault("PostgreSQL frozen (SIGSTOP)", "PostgreSQL", frozen, 3.0, SINGLE, SINGLE),
    Fault("PostgreSQL ends every connection, again and again", "PostgreSQL", terminated, 2.0, SINGLE, felt=False),
    Fault("PostgreSQL read-only, as after a failover", "PostgreSQL", altered(READ_ONLY, "on", anew=False), 2.0, SINGLE),
    Fault("PostgreSQL has no connection left", "PostgreSQL", crowded, 2.0, SINGLE, SINGLE),
    Fault("PostgreSQL: users locked for 3 s", "PostgreSQL", locked("users"), 3.0, SINGLE),
    Fault(
        "PostgreSQL: every transaction is serializable", "PostgreSQL",
        altered(ISOLATION, "serializable", anew=True), 3.0, SINGLE, felt=False,
    ),
    Fault("PostgreSQL: writes fail to serialize (40001)", "PostgreSQL", failing("40001", WRITTEN), 2.0, SINGLE),
    Fault("PostgreSQL: writes deadlock (40P01)", "PostgreSQL", failing("40P01", WRITTEN), 2.0, SINGLE),
    Fault("PostgreSQL: the disk is full (53100)", "PostgreSQL", failing("53100", WRITTEN), 2.0, SINGLE),
    Fault("both stores killed and started again", "both", both_killed, 1.5, SINGLE),
    Fault("both stores frozen", "both", both_frozen, 3.0, SINGLE),
)  # fmt: skip
