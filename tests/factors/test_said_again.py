"""Every change of second factors, made twice: what docs/api.md says the second one hears."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

import httpx
import pytest

from service.runtime import Runtime
from tests.factors.passkey_support import MINE, add, log_in_options, ok
from tests.factors.support import STEP, Owner, app_of
from tests.factors.test_at_the_door import Visitor, visitor
from tests.http.test_said_again import SAID
from tests.support.authenticator import Authenticator
from tests.support.people import Person, assert_problem

assert visitor  # a fixture

Call = Callable[[], Awaitable[httpx.Response]]


async def _prepared(call: str, owner: Owner, root: Person) -> Call:
    """Do what comes before a call; return the call."""
    session, person = owner.session, owner.person
    match call.partition("/api")[2]:
        case "/auth/second-factor":
            challenge, code = await owner.challenge(), owner.app.code()
            return lambda: owner.second(challenge, code)
        case "/users/me/factors/totp/confirm":
            begun = await session.call("POST", "/users/me/factors/totp")
            body = {"enrolment": begun.json()["enrolment"], "code": app_of(begun, owner.app.clock).code()}
            return lambda: session.call("POST", "/users/me/factors/totp/confirm", json=body)
        case "/users/{user_id}/factors":
            admin = await root.log_in()
            return lambda: admin.call("DELETE", f"/users/{person.id}/factors", json={"reason": "lost"})
        case "/auth/passkeys":
            device = Authenticator()
            await ok(add(session, device), 201)
            body = {"credential": device.show(await log_in_options(owner.client))}
            return lambda: owner.client.post("/api/auth/passkeys", json=body)
        case "/users/me/factors/passkeys":
            options = await ok(session.call("POST", f"{MINE}/options"))
            made = {"credential": Authenticator().make(options)}
            return lambda: session.call("POST", MINE, json=made)
        case "/users/me/factors/passkeys/{passkey_id}":
            passkey = await ok(add(session, Authenticator()), 201)
            method, body = call.partition(" ")[0], {"json": {"name": "blue"}} if call.startswith("PATCH") else {}
            return lambda: session.call(method, f"{MINE}/{passkey['id']}", **body)
        case "/auth/second-factor/options":
            await ok(add(session, Authenticator()), 201)
            asked = {"challenge": await owner.challenge()}
            return lambda: owner.client.post("/api/auth/second-factor/options", json=asked)
        case "/auth/passkeys/options":
            return lambda: owner.client.post("/api/auth/passkeys/options")
        case "/auth/reauthenticate/options":
            await ok(add(session, Authenticator()), 201)
            return lambda: session.call("POST", "/auth/reauthenticate/options")
        case "/users/me/trusted-devices" | "/users/me/trusted-devices/{device_id}":
            await owner.second(await owner.challenge(), trust_device=True)
            listed = (await session.call("GET", "/users/me/trusted-devices")).json()
            path = call.partition("/api")[2].format(device_id=listed[0]["id"])
            return lambda: session.call("DELETE", path)
        case path:
            method = call.partition(" ")[0]
            return lambda: session.call(method, path)


NAMES = ("/factors", "/recovery-codes", "/trusted-devices", "/auth/passkeys", "/second-factor/options", "cate/options")
ELSEWHERE = re.compile(
    r"/recovery($|/)|/passkeys/register"
)  # they want other settings: test_recovering, test_registering
OURS = [call for call in SAID if any(name in call for name in NAMES) and not ELSEWHERE.search(call)]


@pytest.mark.parametrize("call", ["POST /api/auth/second-factor", *OURS])
async def test_said_again(call: str, owner: Owner, root: Person) -> None:
    owner.app.clock.advance(STEP)
    make = await _prepared(call, owner, root)
    first = await make()
    assert first.status_code < 300, first.text
    again = await make()
    status, code = SAID[call]
    assert again.status_code == status, again.text
    if code:
        assert_problem(again, status, code)


async def test_said_again_at_the_door(visitor: Visitor, runtime: Runtime) -> None:
    """Either secret can be confirmed; and that, too, may be said again."""
    challenge = await visitor.first()
    _, body = await visitor.begun(challenge)
    second = await visitor.enrol(challenge)
    status, _ = SAID["POST /api/auth/second-factor/enrol"]
    assert second.status_code == status
    first, again = await visitor.confirm(body), await visitor.confirm(body)
    status, _ = SAID["POST /api/auth/second-factor/enrol/confirm"]
    assert (first.status_code, again.status_code) == (200, status)
    assert first.json()["refresh_token"] == again.json()["refresh_token"]
