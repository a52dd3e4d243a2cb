"""A second factor that the service doesn't have: a code that everybody knows, as a leaf would bring it.

What it shows is the door's: a log-in that still owes something, in the body and in a cookie.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, Final

import httpx
import pytest
from sanic import Blueprint, HTTPResponse, Request

from models import User
from service.app import create_app
from service.core.client import Client
from service.core.http.messages import no_content
from service.credentials.proof import Proof, Unproven
from service.errors import InvalidGrant
from service.runtime import Runtime, runtime_of
from service.sessions.acting import acting
from service.sessions.callers import Caller
from service.sessions.guards import authenticated, client_of, fresh
from service.signin import door, pending, steps
from service.signin.proofs import assured
from service.signin.transport import answer, cookie_mode
from tests.http.support import logging_kept
from tests.support.browsers import Browser
from tests.support.people import PASSWORD, Session
from tests.support.serving import served

CODE: Final = "424242"
METHODS: Final = ("totp", "recovery_code")
PATH: Final = "/api/test"


async def _owed(_: Runtime, user: User, proofs: Sequence[Proof], client: Client) -> steps.Need | None:
    return steps.Need(METHODS) if assured(proofs).level < 2 else None


SECOND_FACTOR: Final = steps.Step("factor", _owed)


async def _third(_: Runtime, user: User, proofs: Sequence[Proof], client: Client) -> steps.Need | None:
    return steps.Need(("passkey",)) if not any(proof.phishing_resistant for proof in proofs) else None


A_KEY_AS_WELL: Final = steps.Step("key", _third)


async def _fourth(_: Runtime, user: User, proofs: Sequence[Proof], client: Client) -> steps.Need | None:
    return steps.Need(("recovery_code",)) if "rec" not in assured(proofs).methods else None


A_CODE_AS_WELL: Final = steps.Step("code", _fourth)


def look_at(runtime: Runtime, code: str) -> Proof | Unproven:
    """Judge a code: the right one, one that counts as a recovery code, a key, or a wrong one."""
    known = {CODE: ("otp", False), "recovery": ("rec", False), "key": ("hwk", True)}
    if code not in known:
        return Unproven("code", InvalidGrant("Wrong code"))
    method, resistant = known[code]
    return Proof(frozenset({method}), 1, runtime.clock.now(), phishing_resistant=resistant)


def leaf() -> Blueprint:
    """The routes of the leaf."""
    blueprint = Blueprint("second_factor_of_tests", url_prefix=PATH)

    @blueprint.post("/second-factor")
    async def finish(request: Request) -> HTTPResponse:
        cookie_mode(request)
        runtime, body = runtime_of(request), request.json
        await pending.waiting(runtime, body["challenge"])
        proof = look_at(runtime, body["code"])
        return await answer(request, await door.resume(runtime, body["challenge"], proof, client_of(request)))

    @blueprint.post("/reauthenticate")
    @authenticated
    async def step_up(request: Request, caller: Caller) -> HTTPResponse:
        runtime = runtime_of(request)
        await door.step_up(runtime, caller, look_at(runtime, request.json["code"]))
        return no_content()

    @blueprint.post("/deed/<level:int>")
    @authenticated
    async def deed(request: Request, caller: Caller, level: int) -> HTTPResponse:
        async with acting(runtime_of(request), caller, fresh=True, level=level):
            return no_content()

    @blueprint.get("/sight/1")
    @fresh
    async def sight(request: Request, caller: Caller) -> HTTPResponse:
        return no_content()

    @blueprint.get("/sight/2")
    @fresh(level=2)
    async def deeper_sight(request: Request, caller: Caller) -> HTTPResponse:
        return no_content()

    return blueprint


@dataclass
class House:
    """A service with that leaf. `client` talks to it."""

    client: httpx.AsyncClient
    runtime: Runtime

    async def first(self, email: str, password: str = PASSWORD) -> httpx.Response:
        """The first step: the password."""
        return await self.client.post("/api/auth/login", json={"email": email, "password": password})

    async def challenge(self, email: str) -> str:
        """The first step, which is right."""
        response = await self.first(email)
        assert response.status_code == 403, response.text
        found: str = response.json()["challenge"]
        return found

    async def second(self, challenge: str, code: str = CODE, **headers: str) -> httpx.Response:
        """The second."""
        body = {"challenge": challenge, "code": code}
        return await self.client.post(f"{PATH}/second-factor", json=body, headers=headers)

    async def log_in(self, email: str) -> Session:
        """Both."""
        return self.session(await self.second(await self.challenge(email)))

    def session(self, response: httpx.Response) -> Session:
        """What an answer has given."""
        assert response.status_code == 200, response.text
        return Session(self.client, response.json()["access_token"], response.json()["refresh_token"])

    def browser(self) -> Browser:
        return Browser(self.client)


async def second_in_cookie(browser: Browser, challenge: str, code: str = CODE) -> httpx.Response:
    """The second step, by a browser in cookie mode."""
    headers = browser.headers | ({"Cookie": f"refresh={browser.cookie}"} if browser.cookie else {})
    body = {"challenge": challenge, "code": code}
    return browser.take(await browser.client.post(f"{PATH}/second-factor", json=body, headers=headers))


@asynccontextmanager
async def house(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch, *added: steps.Step, **changes: Any
) -> AsyncIterator[House]:
    """Serve it, everybody owing the `added` steps."""
    monkeypatch.setattr(steps, "STEPS", (*steps.STEPS, *added))
    changed = replace(runtime, settings=runtime.settings.model_copy(update=changes))
    with logging_kept():
        app = create_app(runtime=changed)
        app.blueprint(leaf())
        async with served(app) as url, httpx.AsyncClient(base_url=url, timeout=30) as client:
            yield House(client, changed)
