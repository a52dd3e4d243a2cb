"""What `latchkey serve` does."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NoReturn

from service.cli.straight import Given
from service.core.process import beginning
from service.core.process.channel import NUMBER, inherited_socket
from service.core.process.exits import EXIT_FAILED, fail, plain_errors
from service.core.process.sockets import listen
from service.core.telemetry import metrics
from service.core.telemetry.logs import configure_logging
from service.core.telemetry.metrics_server import metrics_served
from service.core.telemetry.processes import ALONE, SUPERVISOR
from service.features import read_settings
from service.settings import Settings

_HOME = Path(__file__).parents[2]


def run(given: Given) -> NoReturn:
    """Serve, and exit with its code."""
    try:
        sys.exit(serve(**given))
    except Exception as error:
        from typer import Exit  # what `fail` raises

        if isinstance(error, Exit):
            sys.exit(error.exit_code)
        raise


def serve(host: str | None = None, port: int | None = None, *, new_secret: bool = False) -> int:
    """Serve until told to stop; return the exit code."""
    given: dict[str, object] = {name: value for name, value in (("HOST", host), ("PORT", port)) if value is not None}
    given |= {"NEW_SECRET": True} if new_secret else {}
    with plain_errors():
        settings = read_settings(**given)
        configure_logging(settings)
        sock = inherited_socket()
        if sock is not None:
            _serve(settings, sock)
            return 0
        try:
            socks = listen(settings.HOST, settings.PORT, settings.WEB_CONCURRENCY)
            if settings.PORT == 0:  # now it is known, and links lead there
                settings = read_settings(**given | {"PORT": socks[0].getsockname()[1]})
            if settings.WEB_CONCURRENCY > 1:
                return _supervise(settings, socks)
            with _metrics(settings, None):
                _serve(settings, socks[0])
        except OSError as error:
            fail(str(error), EXIT_FAILED)
    return 0


def _supervise(settings: Settings, socks: list[socket.socket]) -> int:
    from service.core.process.workers import GRACE_SECONDS, Told, supervise

    if settings.FEATURES:  # a mistake in one is said here, once, and not by each worker again and again
        from service.app import create_app

        create_app(settings)
    # As for `latchkey` itself: what lies in the current directory doesn't take the place of what is installed.
    aside = [] if Path.cwd() == _HOME else ["-P"]
    command = [sys.executable, *aside, "-m", "service", "serve"]
    # `--host` and `--port` may have said otherwise: workers judge by the one who is in reach, and write both in links.
    os.environ.update(HOST=settings.HOST, PORT=str(settings.PORT), NEW_SECRET=str(settings.NEW_SECRET).lower())
    grace = GRACE_SECONDS + settings.stop_delay
    beginning.hold()  # until the supervisor listens: what is made for it here would be left behind
    if not settings.publishes_metrics:
        return supervise(command, socks, grace_seconds=grace)
    # The workers' numbers are in files; a directory of this run's own, so that no earlier one is counted again.
    with TemporaryDirectory(prefix="latchkey-metrics-", ignore_cleanup_errors=True) as directory:
        os.environ[metrics.DIRECTORY] = directory
        with _metrics(settings, directory):
            metrics.call_this_process(SUPERVISOR)
            told = Told(lambda pid: metrics.forget(Path(directory), pid), metrics.ends_of_workers())
            return supervise(command, socks, grace_seconds=grace, told=told)


@contextmanager
def _metrics(settings: Settings, directory: str | None) -> Iterator[None]:
    registry = metrics.registry_of(directory)
    served = metrics_served(settings.METRICS_HOST, settings.METRICS_PORT, lambda: metrics.page(registry))
    with served if settings.METRICS_PORT else nullcontext():
        yield


def _serve(settings: Settings, sock: socket.socket) -> None:
    metrics.call_this_process(os.environ.get(NUMBER, ALONE))
    # Imported here: neither the supervisor nor any other command has a use for the server.
    from service.app import create_app
    from service.core.process.listening import serve as serve_app

    serve_app(create_app(settings), sock, delay_seconds=settings.stop_delay)
