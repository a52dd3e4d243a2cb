"""The integration guide's React client, played in Python: the same calls, the same order, the same lack of a lock."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import httpx

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"

LocalStorage: TypeAlias = dict[str, str]


class Rejected(Exception):
    """What axios rejects with: an answer that is no 2xx, or none at all."""

    def __init__(self, response: httpx.Response | None) -> None:
        self.response = response
        super().__init__(response.text if response is not None else "no response")

    @property
    def shown(self) -> str:
        """What the guide's context shows to the user: `error.response?.data?.detail`."""
        assert self.response is not None
        detail = self.response.json()["detail"]
        assert isinstance(detail, str)
        return detail


@dataclass
class Wire:
    """The way to the service. `jitter` is the longest delay, in seconds, of each direction; a browser has 6 lanes."""

    client: httpx.AsyncClient
    jitter: float = 0.0
    lanes: AbstractAsyncContextManager[None] = field(default_factory=nullcontext)
    chance: random.Random = field(default_factory=lambda: random.Random(0))
    sent: list[tuple[str, str, int]] = field(default_factory=list)

    @classmethod
    def slow(cls, client: httpx.AsyncClient, *, jitter: float, seed: int) -> Wire:
        """Return a network with delays, through the six connections that a browser opens to one host."""
        return cls(client, jitter, asyncio.Semaphore(6), random.Random(seed))

    async def send(self, method: str, path: str, headers: dict[str, str], content: bytes | None) -> httpx.Response:
        async with self.lanes:
            await self._delay()
            response = await self.client.request(method, f"/api{path}", headers=headers, content=content)
            await self._delay()
        self.sent.append((method, path, response.status_code))
        return response

    async def _delay(self) -> None:
        if self.jitter:
            await asyncio.sleep(self.chance.random() * self.jitter)


@dataclass
class Tab:
    """One tab: `services/api.ts`, `authService.ts` and `userService.ts` on a localStorage that it may share."""

    wire: Wire
    storage: LocalStorage = field(default_factory=dict)
    location: str = "/"

    # services/api.ts

    async def api(
        self, method: str, path: str, content: bytes | None = None, media_type: str = JSON, *, retry: bool = False
    ) -> httpx.Response:
        headers = {"Content-Type": media_type}
        if token := self.storage.get("access_token"):  # the request interceptor, on the repeated call too
            headers["Authorization"] = f"Bearer {token}"
        response = await self.wire.send(method, path, headers, content)
        if response.is_success:
            return response
        if response.status_code != 401 or retry:
            raise Rejected(response)
        try:
            await self._refresh()
        except Rejected:
            self.storage.pop("access_token", None)
            self.storage.pop("refresh_token", None)
            self.location = "/login"
            raise
        return await self.api(method, path, content, media_type, retry=True)

    async def _refresh(self) -> None:
        """Every failed call refreshes by itself, with whatever is in the storage at that moment."""
        token = self.storage.get("refresh_token")
        if not token:
            raise Rejected(None)
        body = httpx.Request("POST", "http://x", json={"refresh_token": token}).content
        response = await self.wire.send("POST", "/auth/refresh", {"Content-Type": JSON}, body)
        if not response.is_success:
            raise Rejected(response)
        self._set_tokens(response.json())

    # services/authService.ts

    async def register(self, email: str, password: str, full_name: str) -> dict[str, Any]:
        return await self._json("POST", "/auth/register", email=email, password=password, full_name=full_name)

    async def login(self, email: str, password: str) -> dict[str, Any]:
        form = httpx.Request("POST", "http://x", data={"username": email, "password": password}).content
        tokens: dict[str, Any] = (await self.api("POST", "/auth/login", form, FORM)).json()
        self._set_tokens(tokens)
        return tokens

    async def get_current_user(self) -> dict[str, Any]:
        return await self._json("GET", "/users/me")

    def logout(self) -> None:
        """Forget the tokens. The guide's client tells nobody else."""
        self.storage.pop("access_token", None)
        self.storage.pop("refresh_token", None)

    @property
    def is_authenticated(self) -> bool:
        return bool(self.storage.get("access_token"))

    def _set_tokens(self, tokens: dict[str, Any]) -> None:
        self.storage["access_token"] = tokens["access_token"]
        self.storage["refresh_token"] = tokens["refresh_token"]

    # services/userService.ts

    async def update_me(self, **changes: str) -> dict[str, Any]:
        return await self._json("PUT", "/users/me", **changes)

    async def get_user_by_id(self, user_id: str) -> dict[str, Any]:
        return await self._json("GET", f"/users/{user_id}")

    async def _json(self, method: str, path: str, **body: str) -> dict[str, Any]:
        content = httpx.Request(method, "http://x", json=body).content if body else None
        found: dict[str, Any] = (await self.api(method, path, content)).json()
        return found


async def burst(*calls: Callable[[], Awaitable[object]]) -> None:
    """Make all calls at once, as a page does when it opens; all must succeed."""
    await asyncio.gather(*(call() for call in calls))
