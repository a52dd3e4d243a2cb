"""A balancer as people have them: it keeps its connections to the instances, and repeats nothing.

What it doesn't repeat is any request that an instance may have had: only one that could not connect goes to another
instance. It looks at each instance now and then, and asks those that say they are ready, in turn.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from types import TracebackType
from typing import Self

import httpx

from chaos.proxy import HOST

LOOK_EVERY_SECONDS = 1.0
LOOK_SECONDS = 1.5


class Gateway(httpx.AsyncBaseTransport):
    """Takes the place of a client's connections: whatever it calls is one of the instances."""

    def __init__(
        self, ports: Sequence[int], *, path: str = "/api/health/ready", every: float = LOOK_EVERY_SECONDS
    ) -> None:
        """Take the instances' ports, where they say whether they are ready, and how often to ask."""
        self.ready: set[int] = set()
        self._ports = list(ports)
        self._path = path
        self._every = every
        self._turn = 0
        self._ways: dict[int, httpx.AsyncHTTPTransport] = {}
        self._looks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        """Begin to look after the instances."""
        self._ways = {port: httpx.AsyncHTTPTransport(retries=0) for port in self._ports}
        self._looks = [asyncio.create_task(self._look_at(port)) for port in self._ports]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        trace: TracebackType | None = None,
    ) -> None:
        """Stop looking, and close every connection."""
        for task in self._looks:
            task.cancel()
        await asyncio.gather(*self._looks, return_exceptions=True)
        for way in self._ways.values():
            await way.aclose()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Have the next instance answer. Raises what came in between."""
        *others, last = self._in_turn()
        for port in others:
            try:
                return await self._ask(port, request)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue
        return await self._ask(last, request)

    async def _ask(self, port: int, request: httpx.Request) -> httpx.Response:
        request.url = request.url.copy_with(scheme="http", host=HOST, port=port)
        return await self._ways[port].handle_async_request(request)

    def _in_turn(self) -> list[int]:
        self._turn += 1
        start = self._turn % len(self._ports)
        ports = self._ports[start:] + self._ports[:start]
        return sorted(ports, key=lambda port: port not in self.ready)

    async def _look_at(self, port: int) -> None:
        async with httpx.AsyncClient(base_url=f"http://{HOST}:{port}", timeout=LOOK_SECONDS, trust_env=False) as client:
            while True:
                try:
                    ready = (await client.get(self._path, headers={"Connection": "close"})).status_code == 200
                except httpx.HTTPError:
                    ready = False
                (self.ready.add if ready else self.ready.discard)(port)
                await asyncio.sleep(self._every)
