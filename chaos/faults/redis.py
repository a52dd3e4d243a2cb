"""What happens to one Redis: it dies, freezes, is full, follows somebody else, can't save, lacks replicas, is busy."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress

from chaos.faults.fault import SINGLE, Fault
from chaos.redises import USER
from chaos.scene import Scene
from tests.servers import ServerFailed, free_port

BUSY_MILLISECONDS = 3000
LOADING_SECONDS = 2.5
KEYS = 20_000  # Redis looks after its clients every thousand commands while it reads what it has kept
_SPIN = """
local began = redis.call('TIME')
repeat local now = redis.call('TIME')
until (now[1] - began[1]) * 1000 + (now[2] - began[2]) / 1000 > tonumber(ARGV[1])
"""
_FILL = "for n = 1, tonumber(ARGV[1]) do redis.call('SET', 'filler:' .. n, 'x', 'EX', 600) end"


@asynccontextmanager
async def killed(scene: Scene) -> AsyncIterator[None]:
    """SIGKILL, and a start with the data that it had kept."""
    server = scene.single.server
    await asyncio.to_thread(server.kill)
    try:
        yield
    finally:
        await asyncio.to_thread(server.start_again)


@asynccontextmanager
async def frozen(scene: Scene) -> AsyncIterator[None]:
    """SIGSTOP, and SIGCONT."""
    server = scene.single.server
    await asyncio.to_thread(server.freeze)
    try:
        yield
    finally:
        await asyncio.to_thread(server.thaw)


def configured(**settings: tuple[str, str]) -> Callable[[Scene], AbstractAsyncContextManager[None]]:
    """Return a fault that is a setting: what it becomes, and what it is again."""

    @asynccontextmanager
    async def happening(scene: Scene) -> AsyncIterator[None]:
        for name, (broken, _) in settings.items():
            await scene.single.call("CONFIG", "SET", name.replace("_", "-"), broken)
        try:
            yield
        finally:
            for name, (_, healthy) in settings.items():
                await scene.single.call("CONFIG", "SET", name.replace("_", "-"), healthy)

    return happening


@asynccontextmanager
async def demoted(scene: Scene) -> AsyncIterator[None]:
    """It follows a master that isn't there: READONLY."""
    await scene.single.call("REPLICAOF", "127.0.0.1", str(free_port()))
    try:
        yield
    finally:
        await scene.single.call("REPLICAOF", "NO", "ONE")


@asynccontextmanager
async def unsaved(scene: Scene) -> AsyncIterator[None]:
    """It can't write its snapshot, for something else has that name: MISCONF."""
    node = scene.single
    obstacle = node.server.directory / "dump.rdb"
    obstacle.unlink(missing_ok=True)
    obstacle.mkdir()
    (obstacle / "something").touch()
    await node.call("CONFIG", "SET", "save", "3600 1")
    await node.call("BGSAVE")
    await _said(scene, "rdb_last_bgsave_status:err")
    try:
        yield
    finally:
        (obstacle / "something").unlink()
        obstacle.rmdir()
        await node.call("CONFIG", "SET", "save", "")


async def _said(scene: Scene, line: str) -> None:
    deadline = time.monotonic() + 30
    while line not in await scene.single.call("INFO", "persistence"):
        if time.monotonic() > deadline:
            raise ServerFailed(f"Redis doesn't say {line}")
        await asyncio.sleep(0.02)


@asynccontextmanager
async def busy(scene: Scene) -> AsyncIterator[None]:
    """A script of somebody else's runs for seconds: BUSY, once it has been given its time."""
    node = scene.single
    await node.call("CONFIG", "SET", "lua-time-limit", "100")
    spinning = asyncio.create_task(node.call("EVAL", _SPIN, "0", str(BUSY_MILLISECONDS)))
    try:
        yield
    finally:
        await spinning
        await node.call("CONFIG", "SET", "lua-time-limit", "5000")


@asynccontextmanager
async def loading(scene: Scene) -> AsyncIterator[None]:
    """It starts again, and takes long to read what it has kept: LOADING."""
    node = scene.single
    await node.call("EVAL", _FILL, "0", str(KEYS))
    # What was written since the start would be read again, command by command: now it is a command for each key.
    await node.call("CONFIG", "SET", "aof-use-rdb-preamble", "no")
    await node.call("BGREWRITEAOF")
    await _said(scene, "aof_rewrite_in_progress:0")
    delay = int(LOADING_SECONDS * 1e6 / int(await node.call("DBSIZE")))
    await asyncio.to_thread(node.server.kill)
    with node.server.changed("--key-load-delay", str(delay)):
        starting = asyncio.create_task(asyncio.to_thread(node.server.start_again))
        try:
            yield
        finally:
            await starting
            await node.call("CONFIG", "SET", "key-load-delay", "0")


@asynccontextmanager
async def disconnected(scene: Scene) -> AsyncIterator[None]:
    """Every client is thrown out, again and again."""

    async def throw_out() -> None:
        while True:
            with suppress(ServerFailed):
                await scene.single.call("CLIENT", "KILL", "TYPE", "normal")
            await asyncio.sleep(0.1)

    task = asyncio.create_task(throw_out())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def forbidden(scene: Scene) -> AsyncIterator[None]:
    """The service's user may run no scripts any more: NOPERM."""
    await scene.single.call("ACL", "SETUSER", USER, "-eval", "-evalsha")
    try:
        yield
    finally:
        await scene.single.call("ACL", "SETUSER", USER, "+@all")


@asynccontextmanager
async def emptied(scene: Scene) -> AsyncIterator[None]:
    """It comes back without anything: every session is over, and nobody is let in by one."""
    server = scene.single.server
    await asyncio.to_thread(server.kill)
    for kept in server.kept():
        kept.unlink()
    try:
        yield
    finally:
        await asyncio.to_thread(server.start_again)


MEMORY = configured(maxmemory=("1", "0"))
REPLICAS = configured(min_replicas_to_write=("1", "0"))

FAULTS = (
    Fault("Redis killed (SIGKILL) and started again", "Redis", killed, 1.5, SINGLE, SINGLE),
    Fault("Redis frozen (SIGSTOP)", "Redis", frozen, 3.0, SINGLE, SINGLE),
    Fault("Redis full (OOM)", "Redis", MEMORY, 2.0, SINGLE, SINGLE),
    Fault("Redis read-only, as after a failover (READONLY)", "Redis", demoted, 2.0, SINGLE, SINGLE),
    Fault("Redis can't save (MISCONF)", "Redis", unsaved, 2.0, SINGLE),
    Fault("Redis lacks its replicas (NOREPLICAS)", "Redis", REPLICAS, 2.0, SINGLE),
    Fault("Redis runs somebody's script for 3 s (BUSY)", "Redis", busy, 0.5, SINGLE),
    Fault("Redis reads its data for 2.5 s after a start (LOADING)", "Redis", loading, 0.5, SINGLE),
    Fault("Redis throws out every client, again and again", "Redis", disconnected, 2.0, SINGLE, felt=False),
    Fault("Redis forbids scripts to the service (NOPERM)", "Redis", forbidden, 2.0, SINGLE),
    Fault("Redis comes back empty", "Redis", emptied, 1.0, SINGLE, SINGLE, empties=True),
)
