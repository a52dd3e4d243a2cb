"""An account without a password is one without that credential: nothing it shows is right, and it can get one."""

from __future__ import annotations

import httpx
import pytest

from models import Credential, SecurityEvent, User
from service.core.client import Client
from service.core.clock import Clock
from service.runtime import Runtime
from tests.support.door import entered
from tests.support.letters import Mailbox
from tests.support.links import NEW_PASSWORD, log_in, reset, reset_token
from tests.support.people import PASSWORD, Person, Session, assert_problem

EMAIL = "joan@example.com"


@pytest.fixture
async def joan(client: httpx.AsyncClient, root: Person) -> Person:
    """Somebody whose account an administrator has made, and who hasn't set a password yet."""
    made = await (await root.log_in()).call("POST", "/users", json={"email": EMAIL, "full_name": "Joan Clarke"})
    assert made.status_code == 200, made.text
    await User.filter(email=EMAIL).update(email_verified=True)
    return Person(client, (await User.get(email=EMAIL)).id, EMAIL)


@pytest.fixture
async def session(runtime: Runtime, joan: Person) -> Session:
    """A session of hers, as another way in would open it."""
    tokens = await entered(runtime, await User.get(id=joan.id), Client("127.0.0.1", "tests"))
    return Session(joan.client, tokens.access_token, tokens.refresh_token)


async def test_nothing_is_stored(joan: Person) -> None:
    """No row, and so no hash of nothing."""
    assert not await Credential.filter(user_id=joan.id).exists()


@pytest.mark.parametrize("password", [PASSWORD, "None", "?"])
async def test_no_password_is_right(
    client: httpx.AsyncClient, joan: Person, runtime: Runtime, monkeypatch: pytest.MonkeyPatch, password: str
) -> None:
    """R17: refused like a wrong one, and one hash is made for it all the same."""
    made: list[str] = []
    original = runtime.passwords._verify

    def noted(hashed: str, text: str) -> bool:
        made.append(hashed)
        return original(hashed, text)

    monkeypatch.setattr(runtime.passwords, "_verify", noted)
    assert_problem(await log_in(client, EMAIL, password), 400, "invalid_grant")
    assert [hashed[:9] for hashed in made] == ["$argon2id"]


async def test_a_session_steps_up_by_no_password(session: Session) -> None:
    """Neither to be fresh, nor as the current one."""
    answer = await session.call("POST", "/auth/reauthenticate", json={"password": PASSWORD})
    assert_problem(answer, 400, "invalid_grant")
    body = {"password": NEW_PASSWORD, "current_password": PASSWORD}
    assert_problem(await session.call("PUT", "/users/me", json=body), 400, "invalid_grant")
    assert (await session.me()).status_code == 200


async def test_a_fresh_session_sets_one(session: Session, joan: Person, clock: Clock) -> None:
    """As long as it is fresh; later it is asked to prove itself. From then on the password is one."""
    clock.advance(601)
    body = {"password": NEW_PASSWORD}
    said = assert_problem(await session.call("PUT", "/users/me", json=body), 403, "reauthentication_required")
    assert (said["methods"], said["level"]) == ([], 1)  # no form can ask for what isn't there
    assert said["detail"] == "Please log in again to continue."
    clock.advance(-601)
    assert (await session.call("PUT", "/users/me", json=body)).status_code == 200
    clock.advance(601)
    answer = await session.call("POST", "/auth/reauthenticate", json={"password": NEW_PASSWORD})
    assert answer.status_code == 204
    assert (await log_in(joan.client, EMAIL, NEW_PASSWORD)).status_code == 200


async def test_a_letter_sets_one(client: httpx.AsyncClient, joan: Person, mailbox: Mailbox) -> None:
    """The mailbox is a way in, so nobody is locked out for want of a password."""
    token = await reset_token(joan, mailbox)
    assert (await reset(client, token)).status_code == 204
    assert (await log_in(client, EMAIL, NEW_PASSWORD)).status_code == 200


async def test_the_export_says_so(session: Session, joan: Person, runtime: Runtime, clock: Clock) -> None:
    """R83: which credentials there are and since when; nothing of what they are checked against."""
    assert (await session.call("GET", "/users/me/export")).json()["credentials"] == []
    assert (await session.call("PUT", "/users/me", json={"password": NEW_PASSWORD})).status_code == 200
    answer = await session.call("GET", "/users/me/export")
    (shown,) = answer.json()["credentials"]
    assert (shown["kind"], shown["label"], shown["last_used_at"]) == ("password", None, None)
    assert shown["created_at"] <= runtime.clock.now().isoformat()
    assert set(shown) == {"kind", "label", "created_at", "last_used_at"}
    assert "argon2" not in answer.text


async def test_an_administrator_sets_one(client: httpx.AsyncClient, root: Person, joan: Person) -> None:
    """And the event says that it was the password."""
    session = await root.log_in()
    assert (await session.call("PATCH", f"/users/{joan.id}", json={"password": NEW_PASSWORD})).status_code == 200
    event = await SecurityEvent.get(type="user.updated", user_id=joan.id)
    assert event.detail["changed"] == "password"
    assert (await log_in(client, EMAIL, NEW_PASSWORD)).status_code == 200
