"""A user logs out, here or everywhere."""

from __future__ import annotations

import httpx
import pytest

from models import SecurityEvent
from service.core.clock import Clock
from tests.support.people import Person, assert_problem

URL = "/api/auth/logout"


async def test_logout_with_the_access_token(ada: Person) -> None:
    """R29: refresh and access token are refused from the next request on; other sessions live."""
    session, other = await ada.log_in(), await ada.log_in()
    response = await session.call("POST", "/auth/logout")
    assert (response.status_code, response.content) == (204, b"")
    assert_problem(await session.me(), 401, "invalid_token")
    assert assert_problem(await session.refresh(), 400, "invalid_grant")["reason"] == "revoked"
    assert (await other.me()).status_code == 200
    event = await SecurityEvent.get(type="session.logged_out")
    assert event.session_id == session.sid


async def test_logout_with_the_refresh_token(client: httpx.AsyncClient, ada: Person, clock: Clock) -> None:
    """It works when the access token has run out, and with a token that was rotated since."""
    session = await ada.log_in()
    old = session.refresh_token
    await session.advance()
    clock.advance(3600)
    assert (await client.post(URL, json={"refresh_token": old})).status_code == 204
    assert assert_problem(await session.refresh(), 400, "invalid_grant")["reason"] == "revoked"


async def test_logout_with_an_expired_access_token(ada: Person, clock: Clock) -> None:
    """A 204 must not be false: a genuine token that has run out still names the session to end."""
    session = await ada.log_in()
    clock.advance(3600)
    assert_problem(await session.me(), 401, "invalid_token")
    assert (await session.call("POST", "/auth/logout")).status_code == 204
    assert assert_problem(await session.refresh(), 400, "invalid_grant")["reason"] == "revoked"


async def test_logout_again(ada: Person) -> None:
    """R48: the second time is a success too, and is recorded once."""
    session = await ada.log_in()
    for _ in range(2):
        assert (await session.call("POST", "/auth/logout")).status_code == 204
    assert await SecurityEvent.filter(type="session.logged_out").count() == 1


@pytest.mark.parametrize("token", ["x", "a.b.c", "lkr_" + "A" * 100, "é" * 9])
async def test_logout_with_a_token_that_is_no_good(client: httpx.AsyncClient, token: str) -> None:
    """R48: RFC 7009 section 2.2: an invalid token is a success, for its purpose is achieved."""
    assert (await client.post(URL, json={"refresh_token": token})).status_code == 204
    header = [(b"Authorization", f"Bearer {token}".encode())]
    assert (await client.post(URL, headers=header)).status_code == 204


async def test_logout_without_credentials(client: httpx.AsyncClient) -> None:
    """No credential at all is 401, with a challenge that names no error."""
    response = await client.post(URL)
    assert_problem(response, 401, "not_authenticated")
    assert response.headers["www-authenticate"] == "Bearer"
    assert_problem(await client.post(URL, json={"token": "x"}), 422, "validation_error")


NOTHING = [
    b"{}",
    b" { } ",
    b"null",
    b"[]",
    b'""',
    b"",
    b" \r\n",
    b"\xef\xbb\xbf{}",
    b'{"refresh_token": null}',
    b'{"refresh_token": ""}',
]


@pytest.mark.parametrize("body", NOTHING, ids=ascii)
async def test_a_body_that_says_nothing(client: httpx.AsyncClient, ada: Person, body: bytes) -> None:
    """An access token is enough to log out; who has no refresh token to spend is told that it is no good."""
    for media in ("application/json", "text/plain;charset=UTF-8", "application/x-www-form-urlencoded", ""):
        if media != "application/json" and b"refresh_token" in body:
            continue
        session = await ada.log_in()
        sent = {"Content-Type": media} if media else {}
        response = await client.post(URL, content=body, headers={**session.headers, **sent})
        assert response.status_code == 204, media
        assert_problem(await session.me(), 401, "invalid_token")
    json = {"Content-Type": "application/json"}
    if body.strip():
        assert_problem(await client.post(URL, content=body, headers=json), 401, "not_authenticated")
        assert_problem(await client.post("/api/auth/refresh", content=body, headers=json), 400, "invalid_grant")
        cookie = {**json, "X-Session-Transport": "cookie", "Sec-Fetch-Site": "same-origin"}
        assert_problem(await client.post("/api/auth/refresh", content=body, headers=cookie), 400, "invalid_grant")
        assert (await client.post(URL, content=body, headers=cookie)).status_code == 204


async def test_logout_all(ada: Person, grace: Person) -> None:
    """Every session of the user is over at once, this one too; nobody else's; logging in works at once."""
    sessions = [await ada.log_in() for _ in range(3)]
    stranger = await grace.log_in()
    assert (await sessions[0].call("POST", "/auth/logout-all")).status_code == 204
    for session in sessions:
        assert_problem(await session.me(), 401, "invalid_token")
        assert assert_problem(await session.refresh(), 400, "invalid_grant")["reason"] == "revoked"
    assert (await stranger.me()).status_code == 200
    assert (await (await ada.log_in()).me()).status_code == 200
    event = await SecurityEvent.get(type="sessions.ended")
    assert set(event.detail.pop("sessions").split()) == {str(session.sid) for session in sessions}
    assert event.detail == {"ended": 3, "way": "everywhere"}


async def test_clients_cut_off_by_a_wrong_clock_can_log_in(ada: Person, clock: Clock) -> None:
    """A cut-off set by a server whose clock was ahead doesn't shut the user out."""
    session = await ada.log_in()
    clock.advance(60)
    await session.call("POST", "/auth/logout-all")
    clock.advance(-60)
    again = await ada.log_in()
    assert (await again.me()).status_code == 200
    assert (await again.refresh()).status_code == 200
