"""What the stories of other services have in common: clients with a secret, and how they show it."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus

import httpx

from service.oauth import managing
from service.runtime import Runtime

INACTIVE = {"active": False}


@dataclass(frozen=True)
class Service:
    """Another service of the same owner: a resource server that asks about tokens."""

    client: httpx.AsyncClient
    client_id: str
    secret: str = field(repr=False)
    name: str = "Billing"

    @property
    def basic(self) -> dict[str, str]:
        return basic(self.client_id, self.secret)

    async def post(self, token: str, **fields: str) -> httpx.Response:
        """Introspect a token, by `client_secret_basic`."""
        return await self.client.post("/oauth/introspect", data={"token": token, **fields}, headers=self.basic)

    async def ask(self, token: str, **fields: str) -> dict[str, Any]:
        """The answer to that."""
        response = await self.post(token, **fields)
        assert response.status_code == 200, response.text
        assert response.headers["content-type"] == "application/json"
        assert response.headers["cache-control"] == "no-store"
        found: dict[str, Any] = response.json()
        return found


def basic(client_id: str, secret: str) -> dict[str, str]:
    """RFC 6749 section 2.3.1: both halves encoded as in forms, then RFC 7617."""
    shown = f"{quote_plus(client_id)}:{quote_plus(secret)}"
    return {"Authorization": "Basic " + b64encode(shown.encode()).decode()}


async def a_service(client: httpx.AsyncClient, runtime: Runtime, name: str = "Billing") -> Service:
    """Have `latchkey clients add` done."""
    made = await managing.add(runtime, name)
    assert made is not None
    return Service(client, made.client_id, made.secret, name)


def refused(response: httpx.Response, status: int, error: str) -> dict[str, Any]:
    """Hold that OAuth 2 says no in its own words (RFC 6749 section 5.2); return what it says."""
    assert response.status_code == status, response.text
    said: dict[str, Any] = response.json()
    assert (said["error"], response.headers["content-type"]) == (error, "application/json")
    assert said["error_description"]
    assert response.headers["cache-control"] == "no-store"
    if status == 401:
        assert response.headers["www-authenticate"].startswith("Basic ")
    return said
