"""Something ends it all just between two steps of one call: after the proof was judged, before there is a session."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from models import SecurityEvent, User
from service.credentials import second_factor, trusted_devices
from service.runtime import Runtime
from service.signin import door
from tests.factors import test_what_ends_what as what_ends
from tests.factors.test_what_ends_what import TABLE, Deed, Stage, stage
from tests.support.letters import Mailbox
from tests.support.links import NEW_PASSWORD, reset, reset_token
from tests.support.people import Person, assert_problem

assert stage  # a fixture
ENDING = [deed for deed, (_, _, under_way, _, _) in TABLE.items() if not under_way]


async def shown(stage: Stage, kind: str, **more: Any) -> httpx.Response:
    """The second step of the log-in that is under way."""
    if kind == "recovery code":
        return await stage.owner.second(stage.challenge, recovery_code=stage.owner.app.recovery_codes[0], **more)
    return await stage.owner.second(stage.challenge, **more)


@pytest.mark.parametrize("place", ["after the proof", "before its session"])
@pytest.mark.parametrize("deed", ENDING, ids=lambda deed: deed.__name__)
async def test_after_the_proof(stage: Stage, deed: Deed, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    """A right code, and then it ends: no session comes of it, no device is trusted, nothing says that somebody came."""
    module, name = (second_factor, "verify") if place == "after the proof" else (door, "_owed")
    real, deeds = getattr(module, name), [deed]

    async def later(*args: Any, **named: Any) -> Any:
        found = await real(*args, **named)
        while deeds and (place == "before its session" or named.get("challenge")):
            await deeds.pop()(stage)
        return found

    monkeypatch.setattr(module, name, later)
    before = await SecurityEvent.filter(type="login.succeeded").count()
    answer = await shown(stage, "code", trust_device=True)
    assert not deeds
    assert answer.status_code in (400, 403), answer.text
    assert "set-cookie" not in answer.headers
    assert await what_ends.state(stage) == TABLE[deed]
    assert await SecurityEvent.filter(type="login.succeeded").count() == before
    user = await User.get_or_none(id=stage.owner.person.id)
    if user is not None:
        living = await stage.runtime.sessions.list_living(user.id)
        assert len(living) == sum(TABLE[deed][:2])


NOT_HERE = (what_ends.delete, what_ends.an_administrator_resets)  # nobody is left; and it counts one session more


@pytest.mark.parametrize("deed", [deed for deed in ENDING if deed not in NOT_HERE], ids=lambda deed: deed.__name__)
async def test_before_the_device_is_trusted(stage: Stage, deed: Deed, monkeypatch: pytest.MonkeyPatch) -> None:
    """The session is there; what ends it then ends the trust that is about to be noted, too."""
    trust = trusted_devices.trust
    deeds = [deed]
    cookies: list[str] = []

    async def first(runtime: Runtime, user: User, cookie: str, *args: Any, **named: Any) -> None:
        cookies.append(cookie)
        while deeds:
            await deeds.pop()(stage)
        await trust(runtime, user, cookie, *args, **named)

    monkeypatch.setattr(trusted_devices, "trust", first)
    stage.owner.client.cookies.clear()
    done = await shown(stage, "code", trust_device=True)
    assert done.status_code == 200, done.text
    user = await User.get(id=stage.owner.person.id)
    assert await trusted_devices.list_trusted(stage.runtime, user) == []


async def test_a_mailbox_does_not_take_a_factor(stage: Stage, mailbox: Mailbox) -> None:
    """An administrator moves the account to an address that nobody has confirmed, perhaps a mistyped one: who reads
    there gets the password, and no further. Everything that lived is over.
    """
    person = stage.owner.person
    moved = await stage.admin.call("PATCH", f"/users/{person.id}", json={"email": "ada@example.net"})
    assert moved.status_code == 200, moved.text
    await mailbox.letters()
    there = Person(person.client, person.id, "ada@example.net")
    assert (await reset(person.client, await reset_token(there, mailbox))).status_code == 204
    assert await what_ends.state(stage) == (False, False, False, False, 1)
    login = {"email": there.email, "password": NEW_PASSWORD}
    assert_problem(await person.client.post("/api/auth/login", json=login), 403, "second_factor_required")
