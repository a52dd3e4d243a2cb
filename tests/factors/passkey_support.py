"""What the tests of passkeys share: somebody with an authenticator, and each step over HTTP."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.factors.support import SECOND
from tests.support.authenticator import Authenticator
from tests.support.people import Person, Session, assert_problem, confirmed

MINE = "/users/me/factors/passkeys"


@dataclass
class Holder:
    """Somebody with a passkey, the session in which it was set up, and the authenticator that it is in."""

    person: Person
    session: Session
    device: Authenticator
    passkey: str
    recovery_codes: list[str] = field(default_factory=list)

    @property
    def client(self) -> httpx.AsyncClient:
        return self.person.client

    async def options(self) -> dict[str, Any]:
        """What the log-in page asks for."""
        return await log_in_options(self.client)

    async def enter(self, credential: dict[str, Any], **headers: str) -> httpx.Response:
        """Hand in a passkey, and nothing else."""
        return await enter(self.client, credential, **headers)

    async def log_in(self) -> Session:
        """Log in with the passkey alone."""
        return session_of(self.client, await self.enter(self.device.show(await self.options())))

    async def first(self, **headers: str) -> str:
        """The password; return the challenge of the second step."""
        body = {"email": self.person.email, "password": self.person.password}
        response = await self.client.post("/api/auth/login", json=body, headers=headers)
        found: str = assert_problem(response, 403, "second_factor_required")["challenge"]
        return found

    async def second_options(self, challenge: str) -> dict[str, Any]:
        """What the second step asks for."""
        found: dict[str, Any] = await ok(self.client.post(f"{SECOND}/options", json={"challenge": challenge}))
        return found

    async def second(self, challenge: str, credential: dict[str, Any], **body: Any) -> httpx.Response:
        """The second step."""
        return await self.client.post(SECOND, json={"challenge": challenge, "passkey": credential, **body})

    async def step_up(self, session: Session, **says: Any) -> httpx.Response:
        """Show the passkey to make a session fresh."""
        options = await ok(session.call("POST", "/auth/reauthenticate/options"))
        return await session.call("POST", "/auth/reauthenticate", json={"passkey": self.device.show(options, **says)})


async def ok(call: Any, status: int = 200) -> Any:
    """The body of an answer that has to be good."""
    response: httpx.Response = await call
    assert response.status_code == status, response.text
    return response.json()


def session_of(client: httpx.AsyncClient, response: httpx.Response) -> Session:
    """What an answer has given."""
    assert response.status_code == 200, response.text
    return Session(client, response.json()["access_token"], response.json()["refresh_token"])


async def log_in_options(client: httpx.AsyncClient) -> dict[str, Any]:
    found: dict[str, Any] = await ok(client.post("/api/auth/passkeys/options"))
    return found


async def enter(client: httpx.AsyncClient, credential: dict[str, Any], **headers: str) -> httpx.Response:
    return await client.post("/api/auth/passkeys", json={"credential": credential}, headers=headers)


async def add(session: Session, device: Authenticator, name: str | None = None, **says: Any) -> httpx.Response:
    """Make a passkey and hand it in."""
    options = await ok(session.call("POST", f"{MINE}/options"))
    body = {"credential": device.make(options, **says)} | ({"name": name} if name else {})
    return await session.call("POST", MINE, json=body)


async def holder_of(person: Person, device: Authenticator | None = None, **says: Any) -> Holder:
    """Have a person confirm their address, and set a passkey up."""
    device = device or Authenticator()
    await confirmed(person)
    session = await person.log_in()
    done = await ok(add(session, device, **says), 201)
    return Holder(person, session, device, done["id"], done["recovery_codes"])
