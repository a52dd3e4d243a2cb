"""Users of the service, as the tests see them: over HTTP."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx

from models import User

PASSWORD = "correct horse battery"


@dataclass
class Session:
    """A log-in: the tokens a client holds."""

    client: httpx.AsyncClient
    access_token: str
    refresh_token: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.access_token}"}

    @property
    def claims(self) -> dict[str, Any]:
        """What the access token says, unverified."""
        import jwt

        return jwt.decode(self.access_token, options={"verify_signature": False})

    @property
    def sid(self) -> UUID:
        return UUID(self.claims["sid"])

    async def call(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Call the service with the access token."""
        return await self.client.request(method, f"/api{path}", headers=self.headers, **options)

    async def me(self) -> httpx.Response:
        return await self.call("GET", "/users/me")

    async def refresh(self, token: str | None = None) -> httpx.Response:
        """Spend a refresh token (this session's own, if none is given) without keeping the answer."""
        return await self.client.post("/api/auth/refresh", json={"refresh_token": token or self.refresh_token})

    async def advance(self) -> None:
        """Refresh, and keep the new tokens."""
        response = await self.refresh()
        assert response.status_code == 200, response.text
        self.access_token, self.refresh_token = response.json()["access_token"], response.json()["refresh_token"]


@dataclass
class Person:
    """A registered user."""

    client: httpx.AsyncClient
    id: UUID
    email: str
    password: str = PASSWORD
    sessions: list[Session] = field(default_factory=list)

    async def log_in(self, **headers: str) -> Session:
        """Log in on another device."""
        response = await self.client.post(
            "/api/auth/login", data={"username": self.email, "password": self.password}, headers=headers
        )
        assert response.status_code == 200, response.text
        tokens = response.json()
        session = Session(self.client, tokens["access_token"], tokens["refresh_token"])
        self.sessions.append(session)
        return session


async def register(client: httpx.AsyncClient, email: str, full_name: str | None = None) -> Person:
    """Register a user."""
    body = {"email": email, "password": PASSWORD, "full_name": full_name}
    response = await client.post("/api/auth/register", json=body)
    assert response.status_code == 200, response.text
    return Person(client, UUID(response.json()["id"]), email)


async def confirmed(person: Person, *, yes: bool = True) -> Person:
    """Have it that the person's address is confirmed, or isn't."""
    await User.filter(id=person.id).update(email_verified=yes)
    return person


def assert_problem(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """Hold that an answer is problem+json with this status and code; return it."""
    assert (response.status_code, response.json().get("code")) == (status, code), response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = response.json()
    assert problem["status"] == status
    assert isinstance(problem["detail"], str)
    assert problem["request_id"] == response.headers["x-request-id"]
    assert response.headers["cache-control"] == "no-store"
    return problem
