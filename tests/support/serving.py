"""A real Sanic server inside the tests' loop."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from unittest.mock import patch

from sanic import Sanic

from service.core.process.sockets import listen


async def _nothing(*_: object) -> None:
    """Leave the check-up at the start out: beside a test it meets what that does to the stores.

    It is tried where a service is a process of its own (tests/deploy/test_processes.py).
    """


@asynccontextmanager
async def served(app: Sanic[Any, Any]) -> AsyncIterator[str]:
    """Serve `app` on a free port; yield its address."""
    sock = listen("127.0.0.1", 0)[0]
    port = sock.getsockname()[1]
    server: Any = await app.create_server(sock=sock, return_asyncio_server=True, access_log=False)
    await server.startup()
    await server.before_start()
    await server.start_serving()
    with patch("service.app.examine_at_start", _nothing):
        await server.after_start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        await server.before_stop()
        server.server.close()
        for connection in list(server.connections):
            connection.abort()
        await server.after_stop()
