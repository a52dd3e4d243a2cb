"""A call and its answer, and who makes them: everything that clients see goes through here."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

import httpx

PATIENCE_SECONDS = 8.0  # of a client; whatever takes longer than the rules allow is found before
NONE = 0  # the status of no answer at all


@dataclass(frozen=True, slots=True)
class Call:
    """One call; `status` 0 is no answer at all, of which `text` says why."""

    name: str
    at: float
    seconds: float
    status: int
    text: str
    kind: str = ""
    retry_after: str = ""

    @property
    def end(self) -> float:
        """When the answer was there."""
        return self.at + self.seconds

    @property
    def body(self) -> dict[str, Any]:
        """The answer's JSON object; nothing when it is no such thing."""
        try:
            found = json.loads(self.text)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    @property
    def refused(self) -> bool:
        """Whether it was put off, as it may be while something is broken: 503, said in full."""
        return (
            self.status == 503
            and self.kind == "application/problem+json"
            and self.body.get("code") == "unavailable"
            and self.retry_after.isdigit()
            and 1 <= int(self.retry_after) <= 30
        )

    def __str__(self) -> str:
        said = f"no answer ({self.text[:100]})" if self.status == NONE else str(self.status)
        told = [str(self.body[name]) for name in ("code", "reason", "detail", "request_id") if name in self.body]
        # What a good answer holds may be a token.
        return f"{self.name}: {said} after {self.seconds:.2f} s" + (
            f": {', '.join(told)}" if self.status >= 400 else ""
        )


@dataclass
class Seen:
    """What clients saw in a stretch of time."""

    statuses: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)

    def add(self, call: Call) -> None:
        """Count a call."""
        self.statuses[call.status] += 1
        self.seconds.append(call.seconds)

    def at(self, share: float) -> float:
        """Return the seconds that this share of the calls took at most; 1.0 is the latest."""
        ordered = sorted(self.seconds) or [0.0]
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


class Caller:
    """Makes calls, in turn by each of its ways."""

    def __init__(self, *ways: httpx.AsyncClient) -> None:
        """Take clients whose base is the service."""
        self._ways = cycle(ways)

    async def call(
        self,
        name: str,
        method: str,
        path: str,
        *,
        token: str | None = None,
        json: object = None,
        data: dict[str, str] | None = None,
    ) -> Call:
        """Call /api/…, with an access token if there is one; whatever happens is an answer."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        began = time.monotonic()
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                answer = await next(self._ways).request(method, f"/api{path}", headers=headers, json=json, data=data)
        except (httpx.HTTPError, TimeoutError) as error:
            return Call(name, began, time.monotonic() - began, NONE, repr(error))
        return Call(
            name,
            began,
            time.monotonic() - began,
            answer.status_code,
            answer.text,
            answer.headers.get("content-type", ""),
            answer.headers.get("retry-after", ""),
        )


def client_of(url: str) -> httpx.AsyncClient:
    """Return a client without kept connections, which no proxy of the developer's gets in the way of.

    All of it is httpx's: the tests' quicker way below it is for tests.
    """
    way = httpx.AsyncHTTPTransport(limits=httpx.Limits(max_connections=None, max_keepalive_connections=0))
    return httpx.AsyncClient(
        base_url=url, transport=way, timeout=PATIENCE_SECONDS, trust_env=False, headers={"Connection": "close"}
    )


def client_through(gateway: httpx.AsyncBaseTransport) -> httpx.AsyncClient:
    """Return a client of a balancer that keeps its connections to the instances."""
    return httpx.AsyncClient(base_url="http://gateway", transport=gateway, timeout=PATIENCE_SECONDS, trust_env=False)
