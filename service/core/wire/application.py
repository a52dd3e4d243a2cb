"""Sanic's application, serving every connection strictly, whoever starts the server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
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

    @contextmanager
    def amend(self) -> Iterator[None]:
        """Let an application be added to that has started: as Sanic does, but while its paths are open, only to those.

        At the start sanic-ext opens them and adds HEAD and OPTIONS to each. For each of these sixty Sanic would compile
        what its signals look like anew, which was most of a start.
        """
        if self.state.is_started and not self.router.finalized:
            yield  # who opened it closes it
        else:
            with super().amend():
                yield

    async def create_server(self, *arguments: Any, **options: Any) -> Any:
        """Create the server as Sanic does, with our protocol and a queue that the descriptors are enough for."""
        options["protocol"] = Connection
        options["backlog"] = descriptors.queue()
        return await super().create_server(*arguments, **options)

    def connection_maker(self, server: Any) -> Callable[[], Connection]:
        """Return what makes a connection of a server that `create_server` has created, on whatever socket it came."""
        return partial(Connection, loop=server.loop, connections=server.connections, app=self)
