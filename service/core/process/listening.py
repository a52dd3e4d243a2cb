"""The inside of a worker: one Sanic app served on a socket that already listens, until it is told to stop.

Sanic's single-process runner is not used: a SIGTERM that reaches it while it starts is lost or kills it, a second one
cuts the requests it is finishing, and a kept-alive connection holds it until its time-out
(docs/decisions/005-own-supervisor.md has the measurements). `create_server` is the part of Sanic meant for this. How it
ends is in `leaving`.
"""

from __future__ import annotations

import asyncio
import linecache
import logging
import os
import signal
import socket
from contextlib import suppress
from typing import TYPE_CHECKING

from service.core.process import beginning
from service.core.process.channel import CLOSED, SERVING, ToSupervisor, inherited_peers
from service.core.process.doors import Doors
from service.core.process.leaving import DRAIN_SECONDS, Server, Stop, finish, leave, server_of
from service.core.wire import descriptors
from service.settings.checks import ConfigurationError

if TYPE_CHECKING:
    from service.core.wire.application import StrictSanic

_log = logging.getLogger("latchkey.serving")


def serve(
    app: StrictSanic, sock: socket.socket, *, delay_seconds: float = 0.0, drain_seconds: float = DRAIN_SECONDS
) -> None:
    """Serve one app on a listening socket, in this process, until SIGTERM, SIGHUP, SIGINT or the supervisor's end.

    Then it says for `delay_seconds` that it leaves (not after SIGINT), refuses new connections, gives requests under
    way `drain_seconds`, and closes idle connections. A start that raises is logged once and ends in SystemExit(1); a
    `ConfigurationError` is passed on instead. One that is cut short by a signal ends quietly. Both run the
    after_server_stop listeners, which must cope with a half-built app.
    """
    before, after = descriptors.raise_limit()
    if after != before:
        _log.info("This process may have %d file descriptors: its limit was raised from %d.", after, before)
    with asyncio.Runner(loop_factory=_new_loop) as runner:
        started = runner.run(_serve(app, sock, delay_seconds, drain_seconds))
        beginning.hold()  # the loop takes its handlers back, and one more signal would make another end of this one
    if not started:
        raise SystemExit(1)


def _new_loop() -> asyncio.AbstractEventLoop:
    try:
        import uvloop
    except ImportError:  # pragma: no cover - Sanic brings it wherever it exists
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


async def _serve(app: StrictSanic, sock: socket.socket, delay: float, drain: float) -> bool:
    from sanic.application.constants import ServerStage

    loop, stop = asyncio.get_running_loop(), Stop()
    # Taken once and kept to the end: platforms signal every process, so a worker is told twice. Sanic's runner takes
    # its handlers back when it begins to drain, and the second SIGTERM kills it with requests under way.
    for number in beginning.heeded():
        loop.add_signal_handler(number, stop.hurry if number == signal.SIGINT else stop.ask)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    supervisor = ToSupervisor(loop, stop.ask)

    os.environ["SANIC_IGNORE_PRODUCTION_WARNING"] = "true"  # on a terminal it recommends options this service lacks
    app.prepare(sock=sock, single_process=True, motd=False)
    own = sock.dup()
    server = server_of(
        await app.create_server(
            sock=sock,
            access_log=False,
            return_asyncio_server=True,
            asyncio_server_kwargs={"start_serving": False},  # or it accepts requests before the app has started
        )
    )
    # `create_server` alone leaves the app "stopped", and then `app.loop` and `app.add_task` refuse to work.
    app.state.server_info[0].stage = ServerStage.SERVING

    starting, stopping = loop.create_task(_start(app, server)), loop.create_task(stop.wait())
    await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
    if starting.done() and not starting.exception():
        make, queue, alone = app.connection_maker(server), descriptors.queue(), not supervisor.there
        doors = Doors(server.server, own, inherited_peers(), make, queue, alone=alone)
        supervisor.say(SERVING)
        supervisor.obey(doors.stand_in)
        await stop.wait()
        await leave(app, server, doors, stop, delay=delay, drain=drain, closed=lambda: supervisor.say(CLOSED))
        await finish(app, server)
        supervisor.close()
        return True
    failure = starting.exception() if starting.done() else None
    if failure is None:
        starting.cancel()
        await asyncio.wait({starting}, timeout=drain)
    elif not isinstance(failure, ConfigurationError):
        _log.error("The server could not start.", exc_info=failure)
    server.server.close()
    sock.close()
    own.close()
    with suppress(Exception):  # complaints about what was never built would bury the reason above
        await server.after_stop()
    supervisor.close()
    if isinstance(failure, ConfigurationError):
        raise failure  # whoever started us says it, in one line per mistake
    return failure is None


async def _start(app: StrictSanic, server: Server) -> None:
    await server.startup()
    linecache.clearcache()  # Tortoise and Sanic read their sources, and ours; tracebacks read what they show anew
    await server.before_start()
    await server.start_serving()
    await server.after_start()
    app.set_serving(True)
