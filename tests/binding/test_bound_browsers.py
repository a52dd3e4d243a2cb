"""A session in a browser is bound to a key: from its log-in through its hours of use to its end (R85)."""

from __future__ import annotations

import re

import httpx
import pytest

from models import SecurityEvent
from service.core.clock import Clock
from tests.support.bound import Bound, jwt, new_key
from tests.support.browsers import Browser
from tests.support.people import Person, assert_problem


async def test_a_log_in_offers_it(client: httpx.AsyncClient, ada: Person) -> None:
    """In cookie mode, and in one header, which browsers that don't know it pass by; in bearer mode there is none."""
    answer = await Browser(client).log_in(ada.email, ada.password)
    offered = answer.headers["secure-session-registration"]
    assert re.fullmatch(r'\(ES256 RS256\);path="/api/auth/device";challenge="[\w-]+"', offered)
    refreshed = await client.post("/api/auth/refresh")
    assert "secure-session-registration" not in refreshed.headers
    body = {"email": ada.email, "password": ada.password}
    assert "secure-session-registration" not in (await client.post("/api/auth/login", json=body)).headers


async def test_a_browser_binds_its_session(browser: Bound, ada: Person) -> None:
    """It gets what it has to know, and the cookie of a proof; the list of sessions says so, and so does an event."""
    answer = await browser.register()
    assert answer.status_code == 200, answer.text
    assert answer.json() == {
        "session_identifier": browser.identifier,
        "refresh_url": "/api/auth/device/proof",
        "scope": {
            "include_site": False,
            "scope_specification": [
                {"type": "include", "path": "/api/auth/refresh"},
                {"type": "exclude", "path": "/"},
                {"type": "include", "path": "/api/auth/refresh"},
            ],
        },
        "credentials": [{"type": "cookie", "name": "device-proof", "attributes": "Path=/; HttpOnly; SameSite=Strict"}],
        "allowed_refresh_initiators": ["localhost"],
    }
    (line,) = answer.headers.get_list("set-cookie")
    assert re.fullmatch(r"device-proof=[\w-]+; Path=/; Max-Age=590; HttpOnly; SameSite=Strict", line)
    assert "secure-session-challenge" not in answer.headers
    headers = {"Authorization": f"Bearer {browser.access_token}"}
    assert [one["bound"] for one in (await browser.client.get("/api/sessions", headers=headers)).json()] == ["dbsc"]
    event = await SecurityEvent.get(type="session.bound")
    assert (event.user_id, event.detail) == (ada.id, {"kind": "dbsc"})  # type: ignore[attr-defined]


async def test_hours_of_use(bound: Bound, clock: Clock) -> None:
    """Each refresh has its proof: asked for with a 403 the first time, in one round trip from then on."""
    for number in range(12):
        clock.advance(600)
        bound.proof = None  # it has run out
        assert_problem(await bound.refresh(), 403, "device_proof_required")
        if number == 0:
            asked = await bound.ask()
            assert_problem(asked, 403, "device_challenge")
        before = bound.challenge
        proven = await bound.ask(jwt(bound.key, bound.challenge or ""))
        assert proven.status_code == 200, proven.text
        assert bound.challenge not in (None, before)
        assert proven.json() == bound.instructions
        assert (await bound.refresh()).status_code == 200
        assert (await bound.me()).status_code == 200


async def test_without_the_key_nothing_goes_on(bound: Bound, clock: Clock) -> None:
    """Nothing rotates and nothing ends: the owner goes on, whatever was tried in between."""
    thief = bound.stolen()
    thief.proof = None
    assert_problem(await thief.refresh(), 403, "device_proof_required")
    clock.advance(601)
    thief = bound.stolen()  # with the cookie of a proof, which has run out
    answer = await thief.refresh()
    assert_problem(answer, 403, "device_proof_required")
    assert [line.partition(";")[0] for line in answer.headers.get_list("set-cookie")] == ["device-proof="]
    body = {"refresh_token": bound.cookie}
    assert_problem(await bound.client.post("/api/auth/refresh", json=body), 403, "device_proof_required")
    assert_problem(await thief.prove(new_key()), 400, "invalid_device_proof")
    bound.proof = None
    assert (await bound.used()).status_code == 200
    assert (await bound.me()).status_code == 200


@pytest.mark.parametrize("path", ["/logout", "/login"])
async def test_what_ends_it_takes_the_proof_along(bound: Bound, ada: Person, path: str) -> None:
    """Another session has another key; a browser that still has the old one is told that it is over."""
    key, identifier = bound.key, bound.identifier
    if path == "/login":
        await bound.log_in(ada.email, ada.password)
    else:
        bound.take(await bound.send(path))
    assert bound.proof is None
    assert (await bound.ask(jwt(key, bound.challenge or "x"))).json() == {"continue": False}
    if path == "/login":
        bound.key = new_key()
        await bound.bind()
        assert bound.identifier != identifier
        assert (await bound.used()).status_code == 200
