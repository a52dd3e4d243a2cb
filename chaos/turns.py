"""Which instances say that they are ready, and whose turn it is."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

import httpx

from chaos.proxy import HOST

READY_PATH: Final = "/api/health/ready"
LOOK_SECONDS: Final = 1.5


class Turns:
    """Looks at each instance now and then, as a platform would; those that are ready come first, in turn."""

    def __init__(self, ports: Sequence[int], *, every: float, path: str = READY_PATH) -> None:
        """Take the instances' ports, how often to ask them, in seconds, and where they say whether they are ready."""
        self.ready: set[int] = set()
        self.ports: Final = list(ports)
        self._every = every
        self._path = path
        self._turn = 0
        self._looks: list[asyncio.Task[None]] = []

    def begin(self) -> None:
        """Begin to look after them; do nothing where that has begun."""
        if not self._looks:
            self._looks = [asyncio.create_task(self._look_at(port)) for port in self.ports]

    async def end(self) -> None:
        """Stop looking."""
        for task in self._looks:
            task.cancel()
        await asyncio.gather(*self._looks, return_exceptions=True)
        self._looks = []

    def next(self) -> list[int]:
        """Return the ports in the order in which they are to be tried."""
        self._turn += 1
        start = self._turn % len(self.ports)
        ports = self.ports[start:] + self.ports[:start]
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
