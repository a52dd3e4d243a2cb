"""`latchkey serve` and `latchkey settings`."""

from __future__ import annotations

import socket
import sys
from typing import Annotated

import typer

from service.cli.common import EXIT_FAILED, fail, plain_errors
from service.core.serving import inherited_socket
from service.core.telemetry import configure_logging
from service.core.workers import listen, supervise
from service.settings import Settings, load_settings, settings_table


def serve(
    host: Annotated[str | None, typer.Option("--host", help="Overrides HOST.")] = None,
    port: Annotated[int | None, typer.Option("--port", help="Overrides PORT.")] = None,
) -> None:
    """Serve. With WEB_CONCURRENCY > 1, a supervisor keeps that many workers running on one port."""
    given = {name: value for name, value in (("HOST", host), ("PORT", port)) if value is not None}
    with plain_errors():
        settings = load_settings(**given)
        configure_logging(settings)
        sock = inherited_socket()
        if sock is None:
            try:
                socks = listen(settings.HOST, settings.PORT, settings.WEB_CONCURRENCY)
            except OSError as error:
                fail(str(error), EXIT_FAILED)
            if settings.WEB_CONCURRENCY > 1:
                raise typer.Exit(supervise([sys.executable, "-m", "service", "serve"], socks))
            sock = socks[0]
        _serve(settings, sock)


def _serve(settings: Settings, sock: socket.socket) -> None:
    # Imported here: neither the supervisor nor any other command has a use for the server.
    from service.app import create_app
    from service.core.serving import serve as serve_app

    serve_app(create_app(settings), sock)


def show_settings() -> None:
    """Print every setting with its default, as the README's table."""
    typer.echo(settings_table())
