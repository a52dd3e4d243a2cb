"""A superuser looks after everyone's accounts."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from models import SecurityEvent, User
from tests.support.people import PASSWORD, Person, assert_problem, register

ADMIN_CALLS = [
    ("GET", "/users", None),
    ("POST", "/users", {"email": "new@example.com"}),
    ("PUT", "/users/{id}", {"is_superuser": True}),
    ("PATCH", "/users/{id}", {"is_superuser": True}),
    ("DELETE", "/users/{id}", None),
    ("GET", "/users/{id}/sessions", None),
    ("DELETE", "/users/{id}/sessions", None),
]


@pytest.mark.parametrize(("method", "path", "body"), ADMIN_CALLS)
async def test_only_superusers(ada: Person, grace: Person, method: str, path: str, body: object) -> None:
    """R60: users can't administer, not even themselves; the answer doesn't tell whether the id exists."""
    session = await ada.log_in()
    answers = []
    for target in (ada.id, grace.id, uuid4(), "nonsense"):
        options = {"json": body} if body else {}
        response = await session.call(method, path.replace("{id}", str(target)), **options)
        problem = assert_problem(response, 403, "forbidden")
        answers.append({name: value for name, value in problem.items() if name != "request_id"})
    assert all(answer == answers[0] for answer in answers)


@pytest.mark.parametrize(("method", "path", "body"), ADMIN_CALLS)
async def test_nobody_without_a_token(ada: Person, method: str, path: str, body: object) -> None:
    """Authentication comes before everything else."""
    options: dict[str, Any] = {"json": body} if body else {}
    response = await ada.client.request(method, f"/api{path.replace('{id}', str(ada.id))}", **options)
    assert_problem(response, 401, "not_authenticated")


async def test_read_a_user(ada: Person, grace: Person, root: Person) -> None:
    """Self or superuser; others learn nothing; a superuser learns that an id is unknown."""
    hers, roots = await ada.log_in(), await root.log_in()
    assert (await hers.call("GET", f"/users/{ada.id}")).json()["email"] == ada.email
    assert (await roots.call("GET", f"/users/{grace.id}")).json()["email"] == grace.email
    for target in (grace.id, uuid4(), "nonsense", f"{ada.id}x"):
        assert_problem(await hers.call("GET", f"/users/{target}"), 403, "forbidden")
    for missing in (uuid4(), "nonsense"):
        assert_problem(await roots.call("GET", f"/users/{missing}"), 404, "not_found")


async def test_list(root: Person) -> None:
    """The guide's skip and limit, a count, a cursor, a search, a filter."""
    for number in range(7):
        await register(root.client, f"user{number}@example.com", f"Name {number}")
    await User.filter(email="user3@example.com").update(is_active=False)
    session = await root.log_in()

    async def emails(query: str) -> list[str]:
        return [user["email"].partition("@")[0] for user in (await session.call("GET", f"/users{query}")).json()]

    everyone = ["root", *(f"user{number}" for number in range(7))]
    response = await session.call("GET", "/users")
    assert response.headers["x-total-count"] == "8"
    assert "link" not in response.headers
    assert await emails("") == everyone
    assert await emails("?skip=2&limit=3") == everyone[2:5]
    assert await emails("?q=USER4") == ["user4"]
    assert await emails("?q=name%205") == ["user5"]
    assert await emails("?q=%25") == []
    assert await emails("?is_active=false") == ["user3"]
    path, seen = "/users?limit=3&q=user", []
    while path:
        response = await session.call("GET", path)
        seen += [user["email"].partition("@")[0] for user in response.json()]
        link = response.headers.get("link", "")
        path = link[link.find("<") + len("</api") : link.find(">")] if link else ""
    assert seen == everyone[1:]


async def test_create(root: Person) -> None:
    """A superuser creates accounts; one without a password can't be logged in to."""
    session = await root.log_in()
    body = {"email": "new@example.com", "password": PASSWORD, "is_superuser": True}
    user = (await session.call("POST", "/users", json=body)).json()
    assert user["is_superuser"] is True
    assert (await Person(root.client, user["id"], "new@example.com").log_in()) is not None
    assert_problem(await session.call("POST", "/users", json=body), 400, "email_taken")
    assert (await session.call("POST", "/users", json={"email": "bare@example.com"})).status_code == 200
    for guess in ("x", "$argon2id$"):
        response = await root.client.post("/api/auth/login", json={"email": "bare@example.com", "password": guess})
        assert_problem(response, 400, "invalid_grant")
    event = await SecurityEvent.filter(type="user.created").first()
    assert event is not None
    assert event.actor_id == root.id


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"is_active": False}, "user_disabled"),
        ({"password": "the administrator's choice"}, "password_set"),
        ({"is_superuser": False}, "role_changed"),
    ],
)
async def test_changes_that_end_sessions(ada: Person, root: Person, change: dict[str, object], why: str) -> None:
    """R30: deactivating, demoting and a new password end the user's sessions at once."""
    await User.filter(id=ada.id).update(is_superuser=True)
    hers, session = await ada.log_in(), await root.log_in()
    response = await session.call("PATCH", f"/users/{ada.id}", json=change)
    assert response.status_code == 200, response.text
    assert_problem(await hers.me(), 401, "invalid_token")
    assert assert_problem(await hers.refresh(), 400, "invalid_grant")["reason"] == "revoked"
    assert (await session.me()).status_code == 200
    event = await SecurityEvent.get(type="user.updated")
    assert (event.actor_id, event.detail) == (
        root.id,
        {"changed": next(iter(change)), "sessions_ended": True, "why": why, "sessions": str(hers.sid)},
    )


async def test_changes_that_do_not(ada: Person, root: Person) -> None:
    """A new name or address ends nothing; a new address is unverified, and unique as ever."""
    await User.filter(id=ada.id).update(email_verified=True)
    hers, session = await ada.log_in(), await root.log_in()
    body = {"full_name": "Countess", "email": "Countess@example.com", "is_active": True}
    user = (await session.call("PUT", f"/users/{ada.id}", json=body)).json()
    assert (user["email"], user["full_name"], user["email_verified"]) == ("Countess@example.com", "Countess", False)
    assert (await hers.me()).json()["email"] == "Countess@example.com"
    taken = await session.call("PUT", f"/users/{ada.id}", json={"email": "ROOT@example.com"})
    assert_problem(taken, 400, "email_taken")
    cleared = await session.call("PUT", f"/users/{ada.id}", json={"full_name": None})
    assert cleared.json()["full_name"] is None


async def test_enable_again(ada: Person, root: Person) -> None:
    """A disabled account that is enabled again logs in; old sessions stay dead."""
    hers, session = await ada.log_in(), await root.log_in()
    await session.call("PATCH", f"/users/{ada.id}", json={"is_active": False})
    await session.call("PATCH", f"/users/{ada.id}", json={"is_active": True})
    assert_problem(await hers.me(), 401, "invalid_token")
    assert (await (await ada.log_in()).me()).status_code == 200


async def test_missing_users(root: Person) -> None:
    """A superuser gets 404 for what isn't there, whatever the id looks like."""
    session = await root.log_in()
    for method, path, body in ADMIN_CALLS[2:]:
        for target in (uuid4(), "nonsense"):
            options = {"json": body} if body else {}
            response = await session.call(method, path.replace("{id}", str(target)), **options)
            assert_problem(response, 404, "not_found")


async def test_delete(ada: Person, root: Person) -> None:
    """The account and its sessions are gone."""
    hers, session = await ada.log_in(), await root.log_in()
    assert (await session.call("DELETE", f"/users/{ada.id}")).status_code == 204
    assert_problem(await hers.me(), 401, "invalid_token")
    assert_problem(await session.call("DELETE", f"/users/{ada.id}"), 404, "not_found")


async def test_sessions_of_a_user(ada: Person, root: Person) -> None:
    """R31: a superuser lists a user's sessions and ends them all."""
    hers, session = [await ada.log_in() for _ in range(2)], await root.log_in()
    listed = (await session.call("GET", f"/users/{ada.id}/sessions")).json()
    assert {entry["id"] for entry in listed} == {str(one.sid) for one in hers}
    assert not any(entry["current"] for entry in listed)
    assert (await session.call("DELETE", f"/users/{ada.id}/sessions")).status_code == 204
    for one in hers:
        assert_problem(await one.me(), 401, "invalid_token")
    assert (await session.call("GET", f"/users/{ada.id}/sessions")).json() == []


async def test_last_superuser(root: Person, ada: Person) -> None:
    """The last active superuser can't be demoted, disabled or deleted, nor delete themselves."""
    await User.filter(id=ada.id).update(is_superuser=True, is_active=False)
    session = await root.log_in()
    for body in ({"is_superuser": False}, {"is_active": False}):
        assert_problem(await session.call("PATCH", f"/users/{root.id}", json=body), 409, "last_superuser")
    assert_problem(await session.call("DELETE", f"/users/{root.id}"), 409, "last_superuser")
    assert_problem(await session.call("DELETE", "/users/me"), 409, "last_superuser")
    assert (await session.me()).status_code == 200


async def test_two_superusers_demoting_each_other(root: Person, ada: Person) -> None:
    """Race: whoever comes second is refused; one active superuser is always left."""
    await User.filter(id=ada.id).update(is_superuser=True)
    hers, session = await ada.log_in(), await root.log_in()
    await asyncio.gather(
        hers.call("PATCH", f"/users/{root.id}", json={"is_superuser": False}),
        session.call("PATCH", f"/users/{ada.id}", json={"is_active": False}),
        hers.call("DELETE", f"/users/{root.id}"),
        session.call("DELETE", f"/users/{ada.id}"),
    )
    assert await User.filter(is_superuser=True, is_active=True).count() == 1
