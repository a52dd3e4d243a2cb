"""A balancer as people have them: it keeps its connections to the instances, and repeats nothing.

What it doesn't repeat is any request that an instance may have had: only one that could not connect goes to another
instance. It looks at each instance now and then, and asks those that say they are ready, in turn.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Self

import httpx

from chaos.proxy import HOST
from chaos.turns import READY_PATH, Turns

LOOK_EVERY_SECONDS = 1.0


class Gateway(httpx.AsyncBaseTransport):
    """Takes the place of a client's connections: whatever it calls is one of the instances."""

    def __init__(self, ports: Sequence[int], *, path: str = READY_PATH, every: float = LOOK_EVERY_SECONDS) -> None:
        """Take the instances' ports, where they say whether they are ready, and how often to ask, in seconds."""
        self.turns = Turns(ports, every=every, path=path)
        self._ways: dict[int, httpx.AsyncHTTPTransport] = {}

    async def __aenter__(self) -> Self:
        """Begin to look after the instances."""
        self._ways = {port: httpx.AsyncHTTPTransport(retries=0) for port in self.turns.ports}
        self.turns.begin()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        trace: TracebackType | None = None,
    ) -> None:
        """Stop looking, and close every connection."""
        await self.turns.end()
        for way in self._ways.values():
            await way.aclose()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Have the next instance answer. Raises what came in between."""
        *others, last = self.turns.next()
        for port in others:
            try:
                return await self._ask(port, request)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue
        return await self._ask(last, request)

    async def _ask(self, port: int, request: httpx.Request) -> httpx.Response:
        request.url = request.url.copy_with(scheme="http", host=HOST, port=port)
        return await self._ways[port].handle_async_request(request)
