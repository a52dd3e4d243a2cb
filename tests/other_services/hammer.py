"""Somebody who shows one token again and again, at a steady rate, and notes when it was taken and when it wasn't."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from time import monotonic

import httpx

RATE = 200.0  # requests a second


@dataclass
class Hammer:
    """It; what it was told, by when each request was sent."""

    url: str
    token: str
    client: httpx.AsyncClient
    answers: list[tuple[float, float, int]] = field(default_factory=list)  # sent, answered, status

    async def go_on(self, until: asyncio.Event) -> None:
        """Send requests, each when it is its turn, until it is enough; an answer that is late holds up no other."""
        headers = {"Authorization": f"Bearer {self.token}"}
        begun, sent = monotonic(), 0
        async with asyncio.TaskGroup() as group:
            while not until.is_set():
                group.create_task(self._ask(headers))
                sent += 1
                await asyncio.sleep(max(0.0, begun + sent / RATE - monotonic()))

    async def _ask(self, headers: dict[str, str]) -> None:
        sent = monotonic()
        answer = await self.client.get(self.url, headers=headers, timeout=30)
        self.answers.append((sent, monotonic(), answer.status_code))

    def let_in_after(self, moment: float) -> list[float]:
        """Return how long after `moment` each request was sent that was let in, of those sent after it."""
        return sorted(sent - moment for sent, _, status in self.answers if status < 300 and sent > moment)

    def sent_after(self, moment: float) -> int:
        """Return how many were sent since."""
        return sum(sent > moment for sent, _, _ in self.answers)

    def statuses(self) -> set[int]:
        """Return all that it was told."""
        return {status for _, _, status in self.answers}


async def milliseconds(client: httpx.AsyncClient, url: str, token: str, number: int = 100) -> float:
    """Return what the quickest tenth of calls took at most, one after the other: without what else runs here."""
    took = []
    for _ in range(number):
        sent = monotonic()
        answer = await client.get(url, headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code < 300, answer.text
        took.append(monotonic() - sent)
    return sorted(took)[number // 10] * 1000
