"""The end of a server: first it says that it leaves, then it takes no more connections, then the last are answered."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from service.core.process.doors import Doors
    from service.core.wire.application import StrictSanic
    from service.core.wire.connection import Connection

DRAIN_SECONDS = 12.0  # how long a worker waits for the requests it is answering
FIRST_WORD_SECONDS = 2.0  # and a connection that has just been made for its request
LOOK_SECONDS = 0.05

_log = logging.getLogger("latchkey.serving")


class Server(Protocol):
    """What is used of Sanic's AsyncioServer, whose methods carry no types."""

    connections: set[Connection]
    server: asyncio.Server
    startup: Callable[[], Awaitable[None]]
    before_start: Callable[[], Awaitable[None]]
    start_serving: Callable[[], Awaitable[None]]
    after_start: Callable[[], Awaitable[None]]
    before_stop: Callable[[], Awaitable[None]]
    after_stop: Callable[[], Awaitable[None]]


class Stop:
    """That the end was asked for, and whether somebody waits for it."""

    def __init__(self) -> None:
        """Begin unasked."""
        self._asked = asyncio.Event()
        self._hurried = asyncio.Event()

    def ask(self) -> None:
        """Ask for the end; again and again makes no difference, as platforms signal every process."""
        self._asked.set()

    def hurry(self) -> None:
        """Ask for it at once: somebody sits at the terminal."""
        self._hurried.set()
        self._asked.set()

    async def wait(self) -> None:
        """Wait until it is asked for."""
        await self._asked.wait()

    async def pause(self, seconds: float) -> None:
        """Wait so long, or until somebody is in a hurry."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._hurried.wait()


async def leave(
    app: StrictSanic,
    server: Server,
    doors: Doors,
    stop: Stop,
    *,
    delay: float,
    drain: float,
    closed: Callable[[], None],
) -> None:
    """Say for `delay` seconds that this server leaves, and serve on; close its doors, and answer what is under way.

    From the beginning readiness says no, and each answer that its connection ends with it: balancers go elsewhere, and
    clients open other connections, while these are still taken. `closed` hears when they are no more. What isn't
    answered after `drain` seconds is cut off.
    """
    app.ctx.crowd.leaving = True
    doors.leave_to_others()
    await stop.pause(delay)
    closed()  # first, so that others take whom we take no more
    await doors.close()
    await run_listeners(server.before_stop())
    deadline = monotonic() + drain
    # Looked at again and again: a connection becomes idle when its request is answered, and would otherwise hold the
    # process until the deadline.
    while (server.connections or app.ctx.crowd.unfinished) and monotonic() < deadline:
        for connection in list(server.connections):
            _dismiss(connection)
        await asyncio.sleep(LOOK_SECONDS)
    for connection in list(server.connections):
        connection.drop()


def _dismiss(connection: Connection) -> None:
    """Close a connection on which nothing is under way, and never has to be: one that was just made is to be asked."""
    if connection.at_rest() and (connection.requests or monotonic() - connection.since > FIRST_WORD_SECONDS):
        connection.close()


async def finish(app: StrictSanic, server: Server) -> None:
    """End the tasks that are left, and close what the application has opened."""
    app.set_serving(False)
    app.shutdown_tasks(timeout=0)
    if tasks := list(app.tasks):
        await asyncio.wait(tasks, timeout=1)
    await run_listeners(server.after_stop())


async def run_listeners(event: Awaitable[None]) -> None:
    """Await them; what one raises is logged, and the server goes on stopping."""
    try:
        await event
    except Exception:  # noqa: BLE001 - whatever it is, the server goes on stopping
        _log.exception("A listener failed while the server was stopping.")


def server_of(created: object) -> Server:
    """Return what `create_server` has created, with types."""
    return cast("Server", created)
