"""A user looks after their own account."""

from __future__ import annotations

import pytest

from models import SecurityEvent, User
from service.core.clock import Clock
from tests.support.passwords import stored
from tests.support.people import PASSWORD, Person, assert_problem

NEW = "a quite different one"


async def test_me(ada: Person) -> None:
    """GET answers the caller, with or without a trailing slash."""
    session = await ada.log_in()
    for path in ("/users/me", "/users/me/"):
        response = await session.call("GET", path)
        assert (response.status_code, response.json()["email"]) == (200, ada.email)


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
async def test_rename(ada: Person, method: str) -> None:
    """The guide's test: the name changes, nothing else; null clears it."""
    session = await ada.log_in()
    body = (await session.call(method, "/users/me", json={"full_name": "Updated Name"})).json()
    assert (body["full_name"], body["email"]) == ("Updated Name", ada.email)
    assert body["updated_at"] >= body["created_at"]
    assert (await session.call(method, "/users/me", json={})).json()["full_name"] == "Updated Name"
    assert (await session.call(method, "/users/me", json={"full_name": None})).json()["full_name"] is None


async def test_change_password_on_a_fresh_session(ada: Person) -> None:
    """R33: the other sessions end, this one goes on; the old password is no good any more."""
    session, other = await ada.log_in(), await ada.log_in()
    response = await session.call("PUT", "/users/me", json={"password": NEW})
    assert response.status_code == 200, response.text
    assert_problem(await other.me(), 401, "invalid_token")
    assert assert_problem(await other.refresh(), 400, "invalid_grant")["reason"] == "revoked"
    await session.advance()
    assert (await session.me()).status_code == 200
    wrong = await session.client.post("/api/auth/login", json={"email": ada.email, "password": PASSWORD})
    assert_problem(wrong, 400, "invalid_grant")
    ada.password = NEW
    assert (await (await ada.log_in()).me()).status_code == 200
    assert await SecurityEvent.filter(type="password.changed", session_id=session.sid).count() == 1


async def test_change_password_on_a_stale_session(ada: Person, clock: Clock) -> None:
    """R7: it takes the current password then; a wrong one is 400, none is 403, and nothing has changed."""
    session, other = await ada.log_in(), await ada.log_in()
    clock.advance(601)
    before = await stored(ada.id)
    problem = await session.call("PUT", "/users/me", json={"password": NEW})
    assert_problem(problem, 403, "reauthentication_required")
    body = {"password": NEW, "current_password": "wrong"}
    assert_problem(await session.call("PUT", "/users/me", json=body), 400, "invalid_grant")
    assert await stored(ada.id) == before
    assert (await other.me()).status_code == 200
    body["current_password"] = PASSWORD
    assert (await session.call("PUT", "/users/me", json=body)).status_code == 200


async def test_new_password_is_checked(ada: Person) -> None:
    """R5: what may not be chosen at registration may not be chosen later."""
    session = await ada.log_in()
    response = await session.call("PUT", "/users/me", json={"password": "ada@example.com1"})
    assert assert_problem(response, 422, "validation_error")["errors"][0]["pointer"] == "/password"


@pytest.mark.parametrize("field", ["email", "is_active", "is_superuser", "email_verified", "id"])
async def test_what_users_may_not_change(ada: Person, field: str) -> None:
    """R58: roles, state and address are not theirs to set here."""
    session = await ada.log_in()
    response = await session.call("PUT", "/users/me", json={field: True})
    assert_problem(response, 422, "validation_error")


async def test_delete(ada: Person) -> None:
    """Account and sessions are gone, the address is free again, the events stay without saying whose they were."""
    session, other = await ada.log_in(), await ada.log_in()
    assert (await session.call("DELETE", "/users/me")).status_code == 204
    for gone in (session, other):
        assert_problem(await gone.me(), 401, "invalid_token")
        assert assert_problem(await gone.refresh(), 400, "invalid_grant")["reason"] == "revoked"
    assert not await User.all().exists()
    for event in await SecurityEvent.all():
        assert (event.user_id, event.ip, event.user_agent, event.actor_id) == (None, None, None, None)  # type: ignore[attr-defined]
    assert await SecurityEvent.filter(type="user.deleted").count() == 1


async def test_delete_needs_a_fresh_session(ada: Person, clock: Clock) -> None:
    """A stolen session can't delete the account."""
    session = await ada.log_in()
    clock.advance(601)
    assert_problem(await session.call("DELETE", "/users/me"), 403, "reauthentication_required")
    assert await User.filter(id=ada.id).exists()


async def test_export(ada: Person, grace: Person) -> None:
    """Everything stored about the user, nothing of others, no hash."""
    session = await ada.log_in()
    await grace.log_in()
    body = (await session.call("GET", "/users/me/export")).json()
    assert body["user"]["id"] == str(ada.id)
    assert [entry["id"] for entry in body["sessions"]] == [str(session.sid)]
    assert [event["type"] for event in body["events"]] == ["login.succeeded", "user.registered"]
    assert "argon2" not in str(body)


async def test_events_are_paged(ada: Person, grace: Person, clock: Clock) -> None:
    """Own events only, newest first; the Link header leads through all of them exactly once."""
    for _ in range(4):
        clock.advance(1)
        session = await ada.log_in()
    await grace.log_in()
    path, seen = "/users/me/events?limit=2", []
    while path:
        response = await session.call("GET", path)
        seen += response.json()
        link = response.headers.get("link", "")
        path = link[link.find("<") + len("</api") : link.find(">")] if link else ""
    assert [event["type"] for event in seen] == ["login.succeeded"] * 4 + ["user.registered"]
    assert len({event["id"] for event in seen}) == 5
    assert seen == sorted(seen, key=lambda event: str(event["created_at"]), reverse=True)


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "after=nonsense", "page=2", "limit=1&limit=2"])
async def test_queries_that_are_not_acceptable(ada: Person, query: str) -> None:
    """R61: unknown, repeated and nonsensical parameters are refused."""
    session = await ada.log_in()
    assert_problem(await session.call("GET", f"/users/me/events?{query}"), 422, "validation_error")
