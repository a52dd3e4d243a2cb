"""A tiny load balancer: connections go in turn to the instances that say they are ready.

It looks at each as a platform would, at /api/health/ready, and passes over one that takes no connection. A request has
a connection of its own, so that an instance that stops gets no more of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import httpx

from chaos.proxy import HOST, Proxy

LOOK_EVERY_SECONDS = 0.1
LOOK_SECONDS = 1.5


class Balancer(Proxy):
    """Leads to the ready instances in turn, and to the others where none of these takes a connection.

    It has the request before it calls: an instance that ends need not wait for what might still come.
    """

    waits = True

    def __init__(self, ports: Sequence[int]) -> None:
        """Take the instances' ports."""
        super().__init__(self._in_turn)
        self.ready: set[int] = set()
        self._ports = list(ports)
        self._turn = 0
        self._looks: list[asyncio.Task[None]] = []

    async def open(self) -> None:
        """Listen, and begin to look after the instances."""
        await super().open()
        if not self._looks:
            self._looks = [asyncio.create_task(self._look_at(port)) for port in self._ports]

    async def close(self) -> None:
        """Stop looking, and close everything."""
        for task in self._looks:
            task.cancel()
        await asyncio.gather(*self._looks, return_exceptions=True)
        self._looks = []
        await super().close()

    def _in_turn(self) -> list[int]:
        self._turn += 1
        start = self._turn % len(self._ports)
        ports = self._ports[start:] + self._ports[:start]
        return sorted(ports, key=lambda port: port not in self.ready)

    async def _look_at(self, port: int) -> None:
        async with httpx.AsyncClient(base_url=f"http://{HOST}:{port}", timeout=LOOK_SECONDS, trust_env=False) as client:
            while True:
                try:
                    answer = await client.get("/api/health/ready", headers={"Connection": "close"})
                    ready = answer.status_code == 200
                except httpx.HTTPError:
                    ready = False
                (self.ready.add if ready else self.ready.discard)(port)
                await asyncio.sleep(LOOK_EVERY_SECONDS)
