"""What the tests of the second factor share: somebody with an app for codes, and each step over HTTP."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Any

import httpx

from service.core.clock import Clock
from service.core.crypto import totp
from service.core.http import cookies
from service.runtime import Runtime
from service.stores import device_cookies
from tests.support.people import Person, Session, confirmed

STEP = totp.PERIOD
SECOND = "/api/auth/second-factor"


@dataclass
class App:
    """An app on somebody's phone."""

    secret: bytes
    clock: Clock
    recovery_codes: list[str] = field(default_factory=list)

    def code(self, steps: int = 0) -> str:
        """What it shows now, or some steps later."""
        return totp.code_at(self.secret, totp.step_at(self.clock.now()) + steps)

    def wrong(self, number: int = 0) -> str:
        """A code that is good nowhere near, another for each number."""
        good = {self.code(steps) for steps in range(-3, 4)}
        return next(code for code in (f"{n:06}" for n in range(number, number + 20)) if code not in good)


@dataclass
class Owner:
    """Somebody with a second factor, the session in which it was set up, and the app."""

    person: Person
    session: Session
    app: App

    @property
    def client(self) -> httpx.AsyncClient:
        return self.person.client

    async def first(self, **options: Any) -> httpx.Response:
        """The first step: the password."""
        body = {"email": self.person.email, "password": self.person.password}
        return await self.client.post("/api/auth/login", json=body, **options)

    async def challenge(self, **options: Any) -> str:
        """The first step, which is right."""
        response = await self.first(**options)
        assert (response.status_code, response.json().get("code")) == (403, "second_factor_required"), response.text
        found: str = response.json()["challenge"]
        return found

    async def second(self, challenge: str, code: str | None = None, **body: Any) -> httpx.Response:
        """The second step: what the app shows, unless something else is said."""
        shown = {} if "recovery_code" in body else {"code": code or self.app.code()}
        headers = body.pop("headers", {})
        return await self.client.post(SECOND, json={"challenge": challenge, **shown, **body}, headers=headers)

    async def log_in(self, **body: Any) -> Session:
        """Both steps, with a code that wasn't used yet."""
        self.app.clock.advance(STEP)
        response = await self.second(await self.challenge(), **body)
        assert response.status_code == 200, response.text
        return Session(self.client, response.json()["access_token"], response.json()["refresh_token"])

    async def step_up(self, session: Session) -> None:
        """Show a code that wasn't used yet."""
        self.app.clock.advance(STEP)
        response = await session.call("POST", "/auth/reauthenticate", json={"code": self.app.code()})
        assert response.status_code == 204, response.text


def app_of(response: httpx.Response, clock: Clock) -> App:
    """The app that has taken the secret of an answer."""
    assert response.status_code == 200, response.text
    secret = response.json()["secret"]
    return App(base64.b32decode(secret + "=" * (-len(secret) % 8)), clock)


async def set_up(session: Session, clock: Clock, **more: Any) -> tuple[App, httpx.Response]:
    """Set an app up in a session that is fresh; return it, and the answer."""
    begun = await session.call("POST", "/users/me/factors/totp")
    app = app_of(begun, clock)
    body = {"enrolment": begun.json()["enrolment"], "code": app.code(), **more}
    done = await session.call("POST", "/users/me/factors/totp/confirm", json=body)
    assert done.status_code == 200, done.text
    app.recovery_codes = done.json().get("recovery_codes", [])
    return app, done


async def owner_of(person: Person, clock: Clock) -> Owner:
    """Have a person confirm their address, and set an app up."""
    await confirmed(person)
    session = await person.log_in()
    app, _ = await set_up(session, clock)
    return Owner(person, session, app)


def take_device_cookie(client: httpx.AsyncClient, runtime: Runtime) -> dict[str, str]:
    """Have the client forget the cookie of its device; return the header that brings it back."""
    name = cookies.name_for(runtime.settings, device_cookies.NAME)
    value = client.cookies[name]
    client.cookies.clear()
    return {"Cookie": f"{name}={value}"}
