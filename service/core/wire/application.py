"""Sanic's application, serving every connection strictly, whoever starts the server."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from sanic import Sanic

from service.core.wire import descriptors
from service.core.wire.connection import Connection
from service.core.wire.crowd import Crowd


class StrictSanic(Sanic[Any, Any]):
    """An application whose connections are `Connection`s."""

    def watch_connections(self, *, stores: int, proxies: int) -> None:
        """Prepare to serve beside `stores` connections of the stores' pools, behind `proxies` proxies."""
        for name in ("SILENT_TIMEOUT", "UNREAD_TIMEOUT"):  # ours, so Sanic has no values for them
            self.config.setdefault(name, 10)
        self.ctx.crowd = Crowd(self.config, stores=stores, proxies=proxies)

    def _determine_error_format(self, handler: object) -> str:
        return ""  # as for routes of blueprints: `service.core.http.blueprints` says why

    async def create_server(self, *arguments: Any, **options: Any) -> Any:
        """Create the server as Sanic does, with our protocol and a queue that the descriptors are enough for."""
        options["protocol"] = Connection
        options["backlog"] = descriptors.queue()
        return await super().create_server(*arguments, **options)

    def connection_maker(self, server: Any) -> Callable[[], Connection]:
        """Return what makes a connection of a server that `create_server` has created, on whatever socket it came."""
        return partial(Connection, loop=server.loop, connections=server.connections, app=self)
