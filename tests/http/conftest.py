"""One client for all tests of the wire (each new one reads the machine's certificates), and a quick superuser."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest

from models import User
from service.core.client import Client
from service.runtime import Runtime
from tests.http.support import Operation
from tests.support.door import entered
from tests.support.passwords import store
from tests.support.people import PASSWORD, Person, Session

MEDIA = "application/json"
JSON = {"Content-Type": MEDIA}


@pytest.fixture(scope="session")
async def shared_client(base_url: str) -> AsyncIterator[httpx.AsyncClient]:
    limits = httpx.Limits(max_connections=128, max_keepalive_connections=128)
    async with httpx.AsyncClient(base_url=base_url, limits=limits, timeout=30) as found:
        yield found


@pytest.fixture
async def client(runtime: Runtime, shared_client: httpx.AsyncClient) -> httpx.AsyncClient:
    """A client of the running service, over real HTTP."""
    return shared_client


@pytest.fixture(scope="session")
async def password_hash(shared_runtime: Runtime) -> str:
    return await shared_runtime.passwords.hash(PASSWORD)


@pytest.fixture
async def admin(client: httpx.AsyncClient, runtime: Runtime, password_hash: str) -> Person:
    """A superuser with a fresh session, without the time that two passwords take."""
    user = await User.create(
        id=uuid4(),
        email="admin@example.com",
        email_canonical="admin@example.com",
        is_active=True,
        is_superuser=True,
        created_at=runtime.clock.now(),
    )
    await store(user.id, password_hash)
    person = Person(client, user.id, user.email)
    await open_session(runtime, person)
    return person


async def open_session(runtime: Runtime, person: Person) -> Session:
    """Log someone in through the one door, without the password."""
    tokens = await entered(runtime, await User.get(id=person.id), Client("127.0.0.1", "tests"))
    session = Session(person.client, tokens.access_token, tokens.refresh_token)
    person.sessions.append(session)
    return session


class Sender:
    """Sends one call as a superuser with a fresh session."""

    def __init__(self, runtime: Runtime, admin: Person) -> None:
        self._runtime = runtime
        self._admin = admin

    async def __call__(
        self, operation: Operation, content: bytes | AsyncIterator[bytes], headers: dict[str, str] = JSON
    ) -> httpx.Response:
        response = await self._send(operation, content, headers)
        if response.status_code == 204:  # it may have been the logout
            await open_session(self._runtime, self._admin)
        return response

    async def _send(
        self, operation: Operation, content: bytes | AsyncIterator[bytes], headers: dict[str, str]
    ) -> httpx.Response:
        return await self._admin.client.request(
            operation.method,
            operation.url(user_id=str(self._admin.id)),
            content=content,
            headers={**headers, **self.authorization(operation)},
        )

    def authorization(self, operation: Operation) -> dict[str, str]:
        return self._admin.sessions[-1].headers if operation.secured else {}


@pytest.fixture
def send(runtime: Runtime, admin: Person) -> Sender:
    return Sender(runtime, admin)
