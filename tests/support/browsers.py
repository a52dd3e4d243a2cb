"""A browser in cookie mode, as far as the service can tell: a cookie jar, and the headers that browsers write."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import httpx

ORIGIN = "http://localhost:8000"
COOKIE = "refresh"


@dataclass
class Browser:
    """One browser with one cookie. `late` answers are applied by hand, in whatever order the test wants."""

    client: httpx.AsyncClient
    cookie: str | None = None
    access_token: str = ""
    headers: dict[str, str] = field(
        default_factory=lambda: {"X-Session-Transport": "cookie", "Origin": ORIGIN, "Sec-Fetch-Site": "same-site"}
    )

    async def send(self, path: str, *, headers: dict[str, str] | None = None, **options: Any) -> httpx.Response:
        """Send a POST with the cookie of now, without looking at the answer."""
        sent = self.headers if headers is None else headers
        if self.cookie is not None:
            sent = sent | {"Cookie": f"theme=dark; {COOKIE}={self.cookie}"}
        return await self.client.post(f"/api/auth{path}", headers=sent, **options)

    def take(self, response: httpx.Response) -> httpx.Response:
        """Do with the answer's cookies what a browser does; keep the access token."""
        for line in response.headers.get_list("set-cookie"):
            found = re.match(rf"{COOKIE}=([^;]*);.*Max-Age=(\d+)", line)
            if found:
                self.cookie = found[1] if int(found[2]) > 0 else None
        if response.status_code == 200:
            self.access_token = response.json()["access_token"]
        return response

    async def log_in(self, email: str, password: str) -> httpx.Response:
        return self.take(await self.send("/login", data={"username": email, "password": password}))

    async def refresh(self) -> httpx.Response:
        return self.take(await self.send("/refresh"))

    async def me(self) -> httpx.Response:
        return await self.client.get("/api/users/me", headers={"Authorization": f"Bearer {self.access_token}"})
