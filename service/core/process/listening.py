"""The inside of a worker: one Sanic app served on a socket that already listens, until it is told to stop.

Sanic's single-process runner is not used: a SIGTERM that reaches it while it starts is lost or kills it, a second one
cuts the requests it is finishing, and a kept-alive connection holds it until its time-out
(docs/decisions/005-own-supervisor.md has the measurements). `create_server` is the part of Sanic meant for this.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol, cast

from service.core.wire import descriptors
from service.settings.checks import ConfigurationError

if TYPE_CHECKING:
    from sanic import Sanic
    from sanic.server.protocols.http_protocol import HttpProtocol

BACKLOG = 1024
DRAIN_SECONDS = 12.0  # how long a worker waits for the requests it is answering
SETTLE_SECONDS = 0.1  # a connection accepted just before the listener closed may still send its request
LISTEN_FD, PARENT_FD, NUMBER = "LATCHKEY_LISTEN_FD", "LATCHKEY_PARENT_FD", "LATCHKEY_WORKER"

_log = logging.getLogger("latchkey.serving")


class _Server(Protocol):
    """What is used of Sanic's AsyncioServer, whose methods carry no types."""

    connections: set[HttpProtocol]
    server: asyncio.Server

    def startup(self) -> Awaitable[None]: ...
    def before_start(self) -> Awaitable[None]: ...
    def start_serving(self) -> Awaitable[None]: ...
    def after_start(self) -> Awaitable[None]: ...
    def before_stop(self) -> Awaitable[None]: ...
    def after_stop(self) -> Awaitable[None]: ...


def inherited_socket() -> socket.socket | None:
    """Return the listening socket a supervisor handed to this process, or None if there is no supervisor."""
    return _inherited(LISTEN_FD)


def first_of_its_instance() -> bool:
    """Return whether this process does what an instance does once: it is alone, or the first of the workers."""
    return os.environ.get(NUMBER, "0") == "0"


def _inherited(name: str) -> socket.socket | None:
    number = os.environ.pop(name, None)
    if number is None:
        return None
    sock = socket.socket(fileno=int(number))
    sock.set_inheritable(False)  # a process started from here must keep neither the port nor the channel open
    return sock


def watch_parent(loop: asyncio.AbstractEventLoop, stop: Callable[[], None]) -> socket.socket | None:
    """Call `stop` when the supervisor is gone, even by SIGKILL; return the channel to say "ready" on, if there is one.

    The kernel closes the parent's end of the channel, whatever ended the parent; this works where prctl does not exist.
    """
    channel = _inherited(PARENT_FD)
    if channel is None:
        return None
    channel.setblocking(False)

    def gone() -> None:
        loop.remove_reader(channel)  # an end of file stays readable: left in place it would spin the loop
        stop()

    loop.add_reader(channel, gone)
    return channel


def serve(app: Sanic[Any, Any], sock: socket.socket, *, drain_seconds: float = DRAIN_SECONDS) -> None:
    """Serve one app on a listening socket, in this process, until SIGTERM, SIGINT or the supervisor's end.

    Then new connections are refused, requests under way get `drain_seconds`, idle connections are closed. A start that
    raises is logged once and ends in SystemExit(1); a `ConfigurationError` is passed on instead. One that is cut short
    by a signal ends quietly. Both run the after_server_stop listeners, which must cope with a half-built app.
    """
    before, after = descriptors.raise_limit()
    if after != before:
        _log.info("This process may have %d file descriptors: its limit was raised from %d.", after, before)
    with asyncio.Runner(loop_factory=_new_loop) as runner:
        started = runner.run(_serve(app, sock, drain_seconds))
    if not started:
        raise SystemExit(1)


def _new_loop() -> asyncio.AbstractEventLoop:
    try:
        import uvloop
    except ImportError:  # pragma: no cover - Sanic brings it wherever it exists
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


async def _serve(app: Sanic[Any, Any], sock: socket.socket, drain_seconds: float) -> bool:
    from sanic.application.constants import ServerStage

    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        # Taken once and kept to the end: platforms signal every process, so a worker is told twice. Sanic's runner
        # takes its handlers back when it begins to drain, and the second SIGTERM kills it with requests under way.
        loop.add_signal_handler(number, stop.set)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    channel = watch_parent(loop, stop.set)

    os.environ["SANIC_IGNORE_PRODUCTION_WARNING"] = "true"  # on a terminal it recommends options this service lacks
    app.prepare(sock=sock, single_process=True, motd=False)
    server = cast(
        _Server,
        await app.create_server(
            sock=sock,
            backlog=descriptors.queue(),
            access_log=False,
            return_asyncio_server=True,
            asyncio_server_kwargs={"start_serving": False},  # or it accepts requests before the app has started
        ),
    )
    # `create_server` alone leaves the app "stopped", and then `app.loop` and `app.add_task` refuse to work.
    app.state.server_info[0].stage = ServerStage.SERVING

    starting, stopping = loop.create_task(_start(app, server)), loop.create_task(stop.wait())
    await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
    if starting.done() and not starting.exception():
        if channel is not None:
            with suppress(OSError):
                channel.send(b"r")
        await stop.wait()
        await _drain(app, server, drain_seconds)
        return True
    failure = starting.exception() if starting.done() else None
    if failure is None:
        starting.cancel()
        await asyncio.wait({starting}, timeout=drain_seconds)
    elif not isinstance(failure, ConfigurationError):
        _log.error("The server could not start.", exc_info=failure)
    server.server.close()
    sock.close()
    with suppress(Exception):  # complaints about what was never built would bury the reason above
        await server.after_stop()
    if isinstance(failure, ConfigurationError):
        raise failure  # whoever started us says it, in one line per mistake
    return failure is None


async def _start(app: Sanic[Any, Any], server: _Server) -> None:
    await server.startup()
    await server.before_start()
    await server.start_serving()
    await server.after_start()
    app.set_serving(True)


async def _drain(app: Sanic[Any, Any], server: _Server, seconds: float) -> None:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    # Closing the listener resets the connections that wait to be accepted: a busy loop takes those in first.
    await asyncio.sleep(SETTLE_SECONDS)
    server.server.close()
    await asyncio.sleep(SETTLE_SECONDS)
    await _listeners(server.before_stop())
    # Looked at again and again: a connection becomes idle when its request is answered, and would otherwise hold the
    # process until the deadline. Those still busy answer with `Connection: close`.
    while server.connections and loop.time() < deadline:
        for connection in list(server.connections):
            if not connection.close_if_idle():
                connection.http.keep_alive = False
        await asyncio.sleep(0.05)
    for connection in list(server.connections):
        if connection.transport is not None:
            connection.transport.abort()
    app.set_serving(False)
    app.shutdown_tasks(timeout=0)
    if tasks := list(app.tasks):
        await asyncio.wait(tasks, timeout=1)
    await _listeners(server.after_stop())


async def _listeners(event: Awaitable[None]) -> None:
    try:
        await event
    except Exception:  # noqa: BLE001 - whatever it is, the server goes on stopping
        _log.exception("A listener failed while the server was stopping.")
