"""`latchkey serve`, for the command line's library."""

from __future__ import annotations

from typing import Annotated

import typer

from service.cli import serving


def serve(
    host: Annotated[str | None, typer.Option("--host", help="Overrides HOST.")] = None,
    port: Annotated[int | None, typer.Option("--port", help="Overrides PORT.")] = None,
    new_secret: Annotated[
        bool, typer.Option("--new-secret", help="SECRET_KEY is a new one, and opens none of the keys that there are.")
    ] = False,
) -> None:
    """Serve. With WEB_CONCURRENCY > 1, a supervisor keeps that many workers running on one port."""
    raise typer.Exit(serving.serve(host, port, new_secret=new_secret))
