"""Latchkey's stream of sessions that end (Server-Sent Events), followed: whether it is heard now, and what it says."""

from __future__ import annotations

import asyncio
import json
import logging
import random
from collections.abc import AsyncIterator, Callable
from time import monotonic
from typing import Final

import httpx

from callers import LATCHKEY
from introspection import client

SILENCE: Final = 1.0  # Latchkey says something every half second: after that long nothing is certain
READ_TIMEOUT: Final = 3.0
log = logging.getLogger(__name__)


class Endings:
    """Calls `ended(sub, sid)`, `ended(sub, None)` for all of a user's, and `forget()` where endings may be missing."""

    def __init__(
        self, http: httpx.AsyncClient, ended: Callable[[str, str | None], None], forget: Callable[[], None]
    ) -> None:
        self._http = http
        self._ended = ended
        self._forget = forget
        self._last_id = ""
        self._heard_at = -SILENCE

    def alive(self) -> bool:
        """Whether all is known that has ended, but for the last second."""
        return monotonic() - self._heard_at < SILENCE

    async def follow(self) -> None:
        """Listen for ever, and begin anew where the connection is lost."""
        while True:
            try:
                await self._listen()
            except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
                log.warning("The stream of endings is lost: %s", type(error).__name__)
            self._heard_at = -SILENCE
            await asyncio.sleep(random.uniform(0.2, 1.0))  # not all of us at the same moment

    async def _listen(self) -> None:
        headers = {"Accept": "text/event-stream"}
        if self._last_id:
            headers["Last-Event-ID"] = self._last_id
        else:
            self._forget()
        url, timeout = f"{LATCHKEY}/oauth/revocations", httpx.Timeout(2, read=READ_TIMEOUT)
        async with self._http.stream("GET", url, headers=headers, auth=client(), timeout=timeout) as response:
            response.raise_for_status()
            async for event in self._events(response):
                self._heed(event)

    async def _events(self, response: httpx.Response) -> AsyncIterator[dict[str, str]]:
        event: dict[str, str] = {}
        complete = False
        async for line in response.aiter_lines():
            # What was missed comes before the first comment: from there on nothing is.
            complete = complete or line.startswith(":")
            if complete:
                self._heard_at = monotonic()
            if line.startswith(":"):
                continue
            if line:
                name, _, value = line.partition(":")
                event[name] = value.removeprefix(" ")
            else:
                yield event
                event = {}

    def _heed(self, event: dict[str, str]) -> None:
        kind, said = event.get("event"), json.loads(event.get("data", "{}"))
        if kind == "ended":
            self._ended(said["sub"], said.get("sid"))
        elif kind == "forget":
            self._forget()
        # Only now: what was said before has been done.
        self._last_id = event.get("id", self._last_id)
