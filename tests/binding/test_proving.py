"""What somebody shows to prove that they have a session's key: replays, other keys, other sessions' cookies (R85)."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import httpx
import pytest

from models import SecurityEvent
from service.core.clock import Clock
from service.core.crypto.key_proofs import brought_key, read_proof
from service.runtime import Runtime
from service.stores.sessions.bindings import name_of
from tests.http.support import another
from tests.support.bound import Bound, jwt, new_key
from tests.support.letters import Mailbox
from tests.support.people import Person, assert_problem


async def test_a_proof_replayed(bound: Bound, clock: Clock) -> None:
    """It counts once, and is no theft: whoever shows it again is asked for another, which only the key makes."""
    await bound.ask()
    text = jwt(bound.key, bound.challenge or "")
    assert (await bound.ask(text)).status_code == 200
    thief = bound.stolen()
    thief.proof = None
    assert_problem(await thief.ask(text), 403, "device_challenge")
    assert thief.proof is None
    clock.advance(20)
    assert_problem(await thief.refresh(), 403, "device_proof_required")
    assert [event.detail["why"] for event in await SecurityEvent.filter(type="session.unproven")] == ["missing"]
    assert (await bound.refresh()).status_code == 200


async def test_over_an_older_challenge(bound: Bound, clock: Clock) -> None:
    """A challenge from before the newest proof is asked for anew, and so is one that is too old: each is a race."""
    await bound.ask()
    older = bound.challenge or ""
    clock.advance(1)
    await bound.ask()
    assert (await bound.prove()).status_code == 200
    assert_problem(await bound.ask(jwt(bound.key, older)), 403, "device_challenge")
    old = bound.challenge or ""
    clock.advance(1201)
    assert_problem(await bound.ask(jwt(bound.key, old)), 403, "device_challenge")
    assert (await bound.prove()).status_code == 200
    assert not await SecurityEvent.filter(type="session.unproven").exists()


async def test_a_challenge_outlives_its_cookie(bound: Bound, clock: Clock) -> None:
    """With the cookie run out, and some time after, the one that came with it is good: one round trip."""
    assert (await bound.prove()).status_code == 200
    clock.advance(600 + 590)
    assert (await bound.ask(jwt(bound.key, bound.challenge or ""))).status_code == 200


async def test_another_key(bound: Bound, ada: Person, mailbox: Mailbox) -> None:
    """A wrong signature is refused and on record, whatever challenge it is over; the session lives."""
    await bound.ask()
    thief = bound.stolen()
    for challenge in (bound.challenge or "", "x", thief.identifier):
        assert_problem(await thief.ask(jwt(new_key(), challenge)), 400, "invalid_device_proof")
    event = await SecurityEvent.get(type="session.unproven")
    assert event.detail == {"kind": "dbsc", "why": "signature"}
    assert "tried to use one of your sessions" in (await mailbox.letter(ada.email)).subject
    assert (await bound.prove()).status_code == 200
    assert (await bound.refresh()).status_code == 200


@pytest.mark.parametrize("header", [{"alg": "none"}, {"alg": "HS256"}, {"alg": "RS256"}, {"typ": "JWT"}])
async def test_other_algorithms(bound: Bound, header: dict[str, str]) -> None:
    """The session's key has one; a key that a proof brings along is never looked at."""
    await bound.ask()
    challenge = bound.challenge or ""
    assert_problem(await bound.ask(jwt(bound.key, challenge, header=header)), 400, "invalid_device_proof")
    assert_problem(await bound.ask(jwt(new_key(), challenge, brings=True)), 400, "invalid_device_proof")
    assert (await bound.ask(jwt(bound.key, challenge, brings=True))).status_code == 200


async def test_challenges_of_others(bound: Bound, client: httpx.AsyncClient, grace: Person) -> None:
    """One made for another session, or for a registration, is no challenge of this one's, however it is signed."""
    hers = Bound(client)
    await hers.log_in(grace.email, grace.password)
    offered = hers.offered or ""
    await hers.bind()
    await hers.ask()
    for challenge in (hers.challenge or "", offered, bound.offered or "", "x"):
        assert_problem(await bound.ask(jwt(bound.key, challenge)), 403, "device_challenge")
    assert bound.proof is not None
    assert (await hers.prove()).status_code == 200


async def test_cookies_of_others(bound: Bound, client: httpx.AsyncClient, grace: Person, clock: Clock) -> None:
    """The cookie of a proof is good on its own session alone; and none is the other."""
    hers = Bound(client)
    await hers.log_in(grace.email, grace.password)
    await hers.bind()
    mine, bound.proof = bound.proof, hers.proof
    assert_problem(await bound.refresh(), 403, "device_proof_required")
    bound.proof = bound.challenge or hers.challenge or hers.offered
    assert_problem(await bound.refresh(), 403, "device_proof_required")
    bound.proof = mine
    assert (await bound.refresh()).status_code == 200


async def test_identifiers(bound: Bound, client: httpx.AsyncClient, grace: Person) -> None:
    """It says nothing of ids, and opens nothing by itself: whoever asks for another's hears that there is none."""
    hers = Bound(client)
    await hers.log_in(grace.email, grace.password)
    await hers.bind()
    assert hers.identifier != bound.identifier
    assert len(bound.identifier) == 22
    own = bound.identifier
    for identifier in (hers.identifier, "", "x", own[:-1], own + "A", own.swapcase(), "é" * 22):
        bound.identifier = identifier
        headers: dict[str, Any] = {"Sec-Secure-Session-Id": identifier.encode("latin-1")}
        answer = await bound.send("/device/proof", headers=headers)
        assert answer.json() == {"continue": False}
        assert "set-cookie" not in answer.headers
    assert (await bound.send("/device/proof", headers={})).json() == {"continue": False}
    bound.identifier = own
    cookie, bound.cookie = bound.cookie, None
    assert (await bound.ask()).json() == {"continue": False}
    bound.cookie = cookie
    assert (await bound.prove()).status_code == 200


async def test_an_unbound_session_has_nothing_to_prove(browser: Bound, runtime: Runtime) -> None:
    """A browser that thinks so is told to forget it."""
    token = runtime.refresh_tokens.decode(browser.cookie or "")
    assert token is not None
    browser.identifier = name_of(token.sid, brought_key(read_proof(jwt(browser.key, "x", brings=True))))
    assert (await browser.ask(jwt(browser.key, "x"))).json() == {"continue": False}


async def test_several_cookies(bound: Bound, client: httpx.AsyncClient, ada: Person, clock: Clock) -> None:
    """Of several sessions of one user the one that works counts; where none does, the one that lacks a proof says so.

    No cookie of theirs is cleared.
    """
    clock.advance(60)
    other = Bound(client)
    await other.log_in(ada.email, ada.password)
    await other.bind()
    both = Bound(client, f"{other.cookie}; refresh={bound.cookie}", proof=bound.proof)
    answer = await both.send("/refresh")
    assert answer.status_code == 200, answer.text
    both.proof = None
    answer = await both.send("/refresh")
    assert_problem(answer, 403, "device_proof_required")
    assert "set-cookie" not in answer.headers
    planted = Bound(client, f"lkr_x; refresh={bound.cookie}; refresh=y", proof=bound.proof)
    assert (await planted.send("/refresh")).status_code == 200


async def test_no_unbound_way_in(bound: Bound, client: httpx.AsyncClient) -> None:
    """In a body its refresh token is refused, also with the cookie of a proof beside it: that is cookie mode's."""
    client.cookies.clear()
    body = {"refresh_token": bound.cookie}
    for headers in ({}, {"Cookie": bound.cookies}):
        assert_problem(await client.post("/api/auth/refresh", json=body, headers=headers), 403, "device_proof_required")
    assert (await bound.refresh()).status_code == 200


async def test_a_browser_whose_key_is_gone(bound: Bound, ada: Person, clock: Clock) -> None:
    """It goes on with its access token, and logs in in place: that binds anew, and the old session is over."""
    clock.advance(600)
    bound.proof = None
    assert_problem(await bound.refresh(), 403, "device_proof_required")
    assert (await bound.me()).status_code == 200
    old = bound.identifier
    assert (await bound.log_in(ada.email, ada.password)).status_code == 200
    bound.key = new_key()
    await bound.bind()
    assert bound.identifier != old
    assert (await bound.refresh()).status_code == 200


@pytest.mark.parametrize(
    ("reason", "seconds"), [("quota_exceeded", "90"), ("unreachable", "30"), ("server_error", "30")]
)
async def test_a_browser_that_says_why(
    bound: Bound, ada: Person, clock: Clock, mailbox: Mailbox, reason: str, seconds: str
) -> None:
    """Browsers ration signatures: it is told when to come again, nobody is logged out, and no letter is written."""
    bound.proof = None
    for value in (
        f'{reason};session_identifier="{bound.identifier}"',
        f'nonsense;session_identifier="x", {reason};session_identifier={bound.identifier}',
    ):
        headers = bound.headers | {"Secure-Session-Skipped": value}
        answer = await bound.send("/refresh", headers=headers)
        assert_problem(answer, 403, "device_proof_required")
        assert answer.headers["retry-after"] == seconds
        assert answer.json()["detail"].startswith("This browser can't prove at the moment")
    event = await SecurityEvent.get(type="session.unproven")
    assert event.detail == {"kind": "dbsc", "why": reason}
    assert not await mailbox.letters(ada.email)
    assert (await bound.used()).status_code == 200


@pytest.mark.parametrize(
    "value",
    [
        "quota_exceeded",
        "quota_exceeded;session_identifier=x",
        '"',
        "\xe9",
        "x" * 5000,
        'unreachable;session_identifier=""',
    ],
)
async def test_a_reason_that_is_about_nothing(bound: Bound, clock: Clock, value: str) -> None:
    """Only what names the session says anything of it."""
    clock.advance(20)
    bound.proof = None
    headers: dict[str, Any] = {**bound.headers, "Secure-Session-Skipped": value.encode("latin-1")}
    answer = await bound.send("/refresh", headers=headers)
    assert_problem(answer, 403, "device_proof_required")
    assert "retry-after" not in answer.headers
    event = await SecurityEvent.get(type="session.unproven")
    assert event.detail["why"] == "missing"


async def test_what_a_thief_leaves(bound: Bound, ada: Person, clock: Clock, mailbox: Mailbox) -> None:
    """One event an hour however often, one letter a session; the first names the thief's address and program."""
    thief = bound.stolen()
    thief.proof = None
    clock.advance(20)
    answers = await asyncio.gather(*(thief.send("/refresh") for _ in range(20)))
    assert {answer.status_code for answer in answers} == {403}
    letter = await mailbox.letter(ada.email)
    assert "127.0.0.1" in letter.text
    assert "you stay logged in" in letter.text
    assert await SecurityEvent.filter(type="session.unproven").count() == 1
    for count in (2, 3):
        clock.advance(3600)
        await thief.send("/refresh")
        await thief.send("/refresh")
        assert await SecurityEvent.filter(type="session.unproven").count() == count
    assert not await mailbox.letters(ada.email)
    told = await bound.client.get("/api/users/me/events", headers={"Authorization": f"Bearer {bound.access_token}"})
    assert told.status_code == 401  # an hour is more than an access token lives
    assert (await bound.used()).status_code == 403
    bound.proof = None
    assert (await bound.used()).status_code == 200


async def test_a_stolen_cookie_jar(bound: Bound, clock: Clock) -> None:
    """Minutes old and with the cookie of a proof still good, it works: ten minutes at most, and that is said."""
    thief = bound.stolen()
    clock.advance(590)
    assert (await thief.refresh()).status_code == 200
    clock.advance(20)
    assert_problem(await thief.refresh(), 403, "device_proof_required")
    assert_problem(await thief.ask(), 403, "device_challenge")
    assert_problem(await thief.ask(jwt(new_key(), thief.challenge or "")), 400, "invalid_device_proof")


async def test_exactly_once(bound: Bound, clock: Clock) -> None:
    """A lost answer of a bound refresh is asked for again, and two tabs get the same: as ever."""
    before = bound.cookie
    first = await bound.send("/refresh")
    again = await bound.send("/refresh")
    assert [first.status_code, again.status_code] == [200, 200]
    first_lines, again_lines = (answer.headers.get_list("set-cookie") for answer in (first, again))
    assert [line.partition(";")[0] for line in first_lines] == [line.partition(";")[0] for line in again_lines]
    clock.advance(300)
    assert bound.cookie == before
    late = await bound.send("/refresh")  # both answers got lost
    assert late.status_code == 200
    bound.take(late)
    assert (await bound.me()).status_code == 200
    clock.advance(60)
    assert (await bound.refresh()).status_code == 200


async def test_secrets_change(bound: Bound, runtime: Runtime, clock: Clock) -> None:
    """SECRET_KEY is rotated: what the browser was to sign is good while both are."""
    await bound.prove()
    proofs = type(runtime.device_proofs)
    token = runtime.refresh_tokens.decode(bound.cookie or "")
    assert token is not None
    both = runtime.settings.model_copy(update={"SECRET_KEY": f"{'n' * 40},{runtime.settings.SECRET_KEY}"})
    after = proofs(both, clock)
    assert after.challenged_at(bound.challenge or "", token.uid, token.sid, "proof") is not None
    assert after.challenged_at(bound.challenge or "", token.sid, token.uid, "proof") is None


async def test_log_in_csrf(runtime: Runtime, client: httpx.AsyncClient, ada: Person) -> None:
    """A page of another site logs a browser in to an account of its own: that offers nothing, and leaves nothing."""
    headers = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    body = {"username": ada.email, "password": ada.password}
    client.cookies.clear()
    answer = await client.post("/api/auth/login", data=body, headers=headers)
    assert answer.status_code == 200
    assert "secure-session-registration" not in answer.headers
    answer = await client.post("/api/auth/login", data=body, headers=headers | {"X-Session-Transport": "cookie"})
    assert_problem(answer, 403, "forbidden")
    assert "secure-session-registration" not in answer.headers


async def test_administrators(runtime: Runtime, root: Person, ada: Person) -> None:
    """With `superusers` their calls need a session that is bound: refused and told apart, reads and changes alike."""
    async with another(runtime, DEVICE_BINDING="superusers") as url, httpx.AsyncClient(base_url=url) as client:
        browser = Bound(client)
        await browser.log_in(root.email, root.password)
        headers = {"Authorization": f"Bearer {browser.access_token}"}
        calls = [("GET", "/api/users"), ("GET", f"/api/users/{ada.id}"), ("DELETE", f"/api/users/{ada.id}/sessions")]
        for method, path in calls:
            answer = await client.request(method, path, headers=headers)
            assert_problem(answer, 403, "device_binding_required")
        assert (await client.get("/api/users/me", headers=headers)).status_code == 200
        await browser.bind()
        for method, path in calls:
            assert (await client.request(method, path, headers=headers)).status_code in (200, 204)
        hers = Bound(client)
        await hers.log_in(ada.email, ada.password)
        await hers.bind()
        headers = {"Authorization": f"Bearer {hers.access_token}"}
        assert_problem(await client.get("/api/users", headers=headers), 403, "forbidden")


async def test_its_event_names_the_session(bound: Bound, runtime: Runtime) -> None:
    """So `latchkey explain` finds it in the story of that session."""
    event = await SecurityEvent.get(type="session.bound")
    token = runtime.refresh_tokens.decode(bound.cookie or "")
    assert token is not None
    assert event.session_id == UUID(str(token.sid))
