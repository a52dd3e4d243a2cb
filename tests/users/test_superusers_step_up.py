"""A superuser's session that isn't fresh becomes no more than it is (R78)."""

from __future__ import annotations

import pytest

from models import User
from service.core.clock import Clock
from tests.support.letters import Mailbox
from tests.support.links import post
from tests.support.people import PASSWORD, Person, Session, assert_problem

NEW = "a quite different one"

FOR_GOOD: list[tuple[str, str, dict[str, object]]] = [
    ("POST", "/users", {"email": "new@example.com"}),
    ("POST", "/users", {"email": "new@example.com", "password": PASSWORD, "is_superuser": True}),
    ("POST", "/users", {"email": "new@example.com", "is_active": False}),
    ("PATCH", "/users/{other}", {"is_superuser": True}),
    ("PUT", "/users/{other}", {"is_superuser": True, "is_active": False}),
    ("PATCH", "/users/{admin}", {"is_superuser": False}),
    ("PATCH", "/users/{self}", {"is_superuser": False}),
    ("PATCH", "/users/{disabled}", {"is_active": True}),
    ("PUT", "/users/{other}", {"email": "ADA@example.com"}),
    ("PUT", "/users/{other}", {"email": "ada@example.com", "full_name": "X"}),
    ("PUT", "/users/{other}", {"is_active": True, "is_superuser": False}),
    ("DELETE", "/users/{other}", {}),
    ("DELETE", "/users/{self}", {}),
    ("DELETE", "/users/{admin}", {}),
]
_BODIES: list[dict[str, object]] = [
    {"password": NEW},
    {"email": "moved@example.com"},
    {"password": NEW, "full_name": "X", "is_active": False},
]
FOR_GOOD += [
    (method, path, body)
    for path in ("/users/{other}", "/users/{self}")
    for method in ("PUT", "PATCH")
    for body in _BODIES
]
AT_ONCE: list[tuple[str, str, dict[str, object]]] = [
    ("PATCH", "/users/{other}", {"is_active": False}),
    ("PATCH", "/users/{admin}", {"is_active": False}),
    ("DELETE", "/users/{other}/sessions", {}),
    ("PATCH", "/users/{other}", {"full_name": "Grace"}),
]


@pytest.fixture
async def stale(ada: Person, grace: Person, root: Person, clock: Clock) -> Session:
    """A superuser's session, an hour old. Ada is a user, Grace a superuser."""
    await User.filter(id=grace.id).update(is_superuser=True)
    session = await root.log_in()
    clock.advance(3600)
    await session.advance()
    return session


@pytest.fixture
async def names(ada: Person, grace: Person, root: Person) -> dict[str, object]:
    disabled = await User.create(
        id="00000000-0000-4000-8000-000000000001", email="d@example.com", email_canonical="d@example.com",
        is_active=False, created_at="2026-01-01T00:00:00Z",
    )  # fmt: skip
    return {"other": ada.id, "self": root.id, "admin": grace.id, "disabled": disabled.id}


@pytest.mark.parametrize(("method", "path", "body"), FOR_GOOD)
async def test_for_good(
    stale: Session, names: dict[str, object], method: str, path: str, body: dict[str, object]
) -> None:
    """R78: refused as it is, nothing changed; and done once the password has been given."""
    before = await User.all().order_by("id").values()
    answer = await stale.call(method, path.format(**names), json=body)
    assert_problem(answer, 403, "reauthentication_required")
    assert await User.all().order_by("id").values() == before
    assert (await stale.call("POST", "/auth/reauthenticate", json={"password": PASSWORD})).status_code == 204
    answer = await stale.call(method, path.format(**names), json=body)
    assert answer.is_success, answer.text


@pytest.mark.parametrize(("method", "path", "body"), AT_ONCE)
async def test_at_once(
    stale: Session, names: dict[str, object], method: str, path: str, body: dict[str, object]
) -> None:
    """In an emergency nobody looks for a password: what can be taken back needs none."""
    answer = await stale.call(method, path.format(**names), json=body)
    assert answer.is_success, answer.text


async def test_a_superusers_own_address_can_be_taken_back(root: Person, mailbox: Mailbox) -> None:
    """R34: by whatever route somebody moves their own account, the old mailbox hears of it and can undo it."""
    session = await root.log_in()
    await mailbox.letters()
    moved = await session.call("PATCH", f"/users/{root.id}", json={"email": "thief@example.net"})
    assert moved.status_code == 200
    undo = (await mailbox.letter(root.email)).token
    assert (await post(root.client, "email/undo", token=undo)).status_code == 204
    assert (await User.get(id=root.id)).email == root.email
    assert_problem(await session.me(), 401, "invalid_token")


async def test_a_superusers_own_password_leaves_the_mailboxs_link(root: Person, mailbox: Mailbox) -> None:
    """R21: by whatever route somebody sets their own password, the link in the mailbox stays good."""
    session = await root.log_in()
    await mailbox.letters()
    await post(root.client, "password/forgot", email=root.email)
    token = (await mailbox.letter(root.email)).token
    assert (await session.call("PUT", f"/users/{root.id}", json={"password": NEW})).status_code == 200
    assert (await post(root.client, "password/reset", token=token, password="the owner's own")).status_code == 204
