"""A tab that listens to `GET /api/sessions/stream`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from tests.support.people import Session

URL = "/api/sessions/stream"
PATIENCE_SECONDS = 20.0  # of a test on a busy machine; the service's own promise is one second


class Stream:
    """An open stream. `ended` waits for its end."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._lines = response.aiter_lines()

    async def ended(self) -> str | None:
        """Read to the end; return the reason, None when it closed without saying one."""
        event, reason = "", None
        async with asyncio.timeout(PATIENCE_SECONDS):
            async for line in self._lines:
                name, _, value = line.partition(": ")
                if name == "event":
                    event = value
                elif name == "data":
                    assert event == "ended"
                    reason = json.loads(value)["reason"]
        return reason

    async def line(self) -> str:
        """Return the next line that isn't empty."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            async for line in self._lines:
                if line:
                    return line
        raise AssertionError("the stream has ended")


@asynccontextmanager
async def listening(session: Session, base_url: str = "") -> AsyncIterator[Stream]:
    """Open the session's stream; close it at the end."""
    async with session.client.stream("GET", f"{base_url}{URL}", headers=session.headers) as response:
        assert response.status_code == 200, await response.aread()
        stream = Stream(response)
        assert await stream.line() == "retry: 1000"
        yield stream
