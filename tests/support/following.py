"""A service that follows `GET /oauth/revocations`, and what it has heard."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from time import monotonic
from uuid import UUID

import httpx

from service.oauth.recording import AGAIN_SECONDS
from service.oauth.ring import OVERLAP_MS
from tests.support.waiting import PATIENCE_SECONDS, eventually

URL = "/oauth/revocations"
SETTLED_SECONDS = OVERLAP_MS / 1000 + AGAIN_SECONDS + 0.6
"""After which one can go on with another stream from what is told, wherever recording has just begun."""


@dataclass(frozen=True)
class Event:
    """One event, and when it came (monotonic)."""

    kind: str
    id: str
    data: dict[str, str]
    at: float


@dataclass
class Following:
    """What has come over a stream so far."""

    response: httpx.Response
    events: list[Event] = field(default_factory=list)
    signs: list[float] = field(default_factory=list)
    last_id: str = ""
    is_over: bool = False

    async def read(self) -> None:
        """Read to the end."""
        kind, data = "message", ""
        try:
            async for line in self.response.aiter_lines():
                name, _, value = line.partition(":")
                value = value.removeprefix(" ")
                if not line:
                    if data:
                        self.events.append(Event(kind, self.last_id, json.loads(data), monotonic()))
                    kind, data = "message", ""
                elif not name:
                    self.signs.append(monotonic())
                elif name == "id":
                    self.last_id = value
                elif name == "event":
                    kind = value
                elif name == "data":
                    data += value
        except httpx.TransportError:
            pass
        finally:
            self.is_over = True

    def ended(self, sid: UUID | None = None, sub: UUID | None = None) -> list[Event]:
        """Return what was said of a session, or of a user as a whole."""
        return [
            event
            for event in self.events
            if event.kind == "ended"
            and (sid is None or event.data.get("sid") == str(sid))
            and (sub is None or (event.data["sub"] == str(sub) and "sid" not in event.data))
        ]

    def forgets(self) -> int:
        """Return how often everything was to be forgotten."""
        return len([event for event in self.events if event.kind == "forget"])

    async def hears(self, sid: UUID | None = None, sub: UUID | None = None) -> Event:
        """Wait for the first word of a session's end, or of a user's."""
        await eventually(lambda: self.ended(sid, sub), PATIENCE_SECONDS, why=lambda: self.events[-5:])
        return self.ended(sid, sub)[0]

    async def begins(self) -> None:
        """Wait until it is alive."""
        await eventually(lambda: self.signs)


@asynccontextmanager
async def following(
    client: httpx.AsyncClient, secret: tuple[str, str], base_url: str = "", last_id: str | None = None
) -> AsyncIterator[Following]:
    """Open a stream as a client (id and secret), and read it until the end of the block."""
    headers = {"Last-Event-ID": last_id} if last_id is not None else {}
    async with client.stream("GET", f"{base_url}{URL}", auth=secret, headers=headers, timeout=30) as response:
        assert response.status_code == 200, await response.aread()
        found = Following(response)
        reading = asyncio.create_task(found.read())
        try:
            await found.begins()
            yield found
        finally:
            reading.cancel()
            with suppress(asyncio.CancelledError):
                await reading
