"""A user proves again to be that user (API.md, step-up)."""

from __future__ import annotations

from service.core.clock import Clock
from tests.support.people import PASSWORD, Person, assert_problem


async def test_reauthenticate_makes_the_session_fresh(ada: Person, clock: Clock) -> None:
    """Ten minutes after log-in a sensitive call asks for the password; giving it lasts ten more."""
    session = await ada.log_in()
    assert (await session.call("GET", "/users/me/export")).status_code == 200
    clock.advance(601)
    assert_problem(await session.call("GET", "/users/me/export"), 403, "reauthentication_required")
    response = await session.call("POST", "/auth/reauthenticate", json={"password": PASSWORD})
    assert response.status_code == 204
    clock.advance(599)
    await session.advance()
    assert (await session.call("GET", "/users/me/export")).status_code == 200


async def test_only_this_session_becomes_fresh(ada: Person, clock: Clock) -> None:
    """Freshness belongs to the session, not to the user; a refresh doesn't renew it."""
    session, other = await ada.log_in(), await ada.log_in()
    clock.advance(601)
    await session.call("POST", "/auth/reauthenticate", json={"password": PASSWORD})
    await other.advance()
    assert_problem(await other.call("GET", "/users/me/export"), 403, "reauthentication_required")


async def test_wrong_password(ada: Person, clock: Clock) -> None:
    """R14: a wrong password is 400, as at log-in; the session lives on, no fresher than before."""
    session = await ada.log_in()
    clock.advance(601)
    response = await session.call("POST", "/auth/reauthenticate", json={"password": "wrong"})
    assert_problem(response, 400, "invalid_grant")
    assert_problem(await session.call("GET", "/users/me/export"), 403, "reauthentication_required")
    assert (await session.me()).status_code == 200


async def test_test_token(ada: Person) -> None:
    """The guide's check of an access token answers its user."""
    session = await ada.log_in()
    response = await session.call("POST", "/auth/test-token")
    assert response.json()["email"] == ada.email
