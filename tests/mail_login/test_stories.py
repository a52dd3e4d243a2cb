"""Logging in by mail: whoever reads the mailbox comes in, where they asked or where they press; nobody else does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import httpx
import pytest

from models import OneTimeToken, OutboxMail, SecurityEvent, User
from service.core.clock import Clock
from service.letters import typed
from service.mail_login.settings import MailLoginSettings
from service.runtime import Runtime
from tests.http.support import another
from tests.mail_login.support import APART, Desk, code_in, wrong
from tests.signin.support import delete_keys
from tests.support.browsers import Browser
from tests.support.letters import Mailbox
from tests.support.links import reset
from tests.support.people import Person, assert_problem
from tests.support.second_factor import SECOND_FACTOR, House, house

MINUTE = 60
PHONE = {"User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1"}


async def recorded(person: Person) -> list[tuple[str, dict[str, Any]]]:
    """What is on record of a person's log-ins, the oldest first."""
    rows = await SecurityEvent.filter(user_id=person.id, type__startswith="login.").order_by("created_at", "id")
    return [(row.type, row.detail) for row in rows if row.type != "login.new_device"]


async def test_the_code_logs_in_where_it_was_asked_for(desk: Desk, ada: Person) -> None:
    """One factor, `mail`: the session, its tokens and the record say so."""
    challenge, letter = await desk.asked_and_sent(ada.email)
    assert letter.subject == "Log in to Latchkey"
    assert letter.to == ada.email
    session = desk.session(await desk.by_code(challenge, code_in(letter)))
    assert (await session.me()).json()["email"] == ada.email
    assert (session.claims["amr"], session.claims["acr"]) == (["mail"], "aal1")
    (shown,) = (await session.call("GET", "/sessions")).json()
    assert (shown["methods"], shown["level"]) == (["mail"], 1)
    assert await recorded(ada) == [("login.mail_asked", {}), ("login.succeeded", {"methods": "mail"})]


@pytest.fixture
async def without(runtime: Runtime) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a service as it is by itself."""
    off = MailLoginSettings.model_fields["EMAIL_SIGN_IN"].default
    async with another(runtime, EMAIL_SIGN_IN=off) as url, httpx.AsyncClient(base_url=url, timeout=30) as client:
        yield client


async def test_nobody_logs_in_by_mail_where_it_is_off(
    without: httpx.AsyncClient, ada: Person, mailbox: Mailbox
) -> None:
    """As it is, unless somebody turns it on: the calls are none."""
    for path, body in (
        ("start", {"email": ada.email}),
        ("look", {"token": "x"}),
        ("finish", {"token": "x"}),
        ("finish", {"challenge": "x", "code": "000000"}),
    ):
        assert_problem(await without.post(f"/api/auth/email/{path}", json=body), 404, "not_found")
    assert (await without.get("/api/auth/email")).json() == {"code": False, "link": False, "registers": False}
    assert await mailbox.letters() == []


async def test_a_scanner_uses_nothing_up(desk: Desk, ada: Person) -> None:
    """A program of the mail server opens the link, and runs what is on the page: the link is as good as before."""
    _, letter = await desk.asked_and_sent(ada.email)
    assert letter.link.endswith(f"/login/link#token={letter.token}")
    for path in ("start", "look", "finish"):
        for method in ("GET", "HEAD", "OPTIONS"):
            await desk.client.request(method, f"/api/auth/email/{path}", params={"token": letter.token})
    for _ in range(3):  # what the page does by itself
        assert (await desk.look(letter.token)).status_code == 200
    session = desk.session(await desk.press(letter.token))
    assert (await session.me()).status_code == 200


async def test_the_page_of_a_link_shows_who_asked(desk: Desk, ada: Person, clock: Clock) -> None:
    """Whoever opens it sees for which account, when, from where and with what it was asked for, before they press."""
    _, letter = await desk.asked_and_sent(ada.email)
    now = clock.now()
    clock.advance(2 * MINUTE)
    shown = (await desk.look(letter.token)).json()
    assert abs((datetime.fromisoformat(shown.pop("at")) - now).total_seconds()) < 30
    assert shown == {"email": ada.email, "ip": "127.0.0.1", "browser": "Firefox on Linux"}
    assert "Firefox on Linux" in letter.text
    assert "127.0.0.1" in letter.text


async def test_the_link_logs_in_where_it_is_pressed(desk: Desk, ada: Person, runtime: Runtime) -> None:
    """On the phone: the phone is in, and the laptop that asked isn't."""
    challenge, letter = await desk.asked_and_sent(ada.email)
    async with httpx.AsyncClient(base_url=desk.client.base_url, headers=PHONE) as phone:
        answer = await phone.post("/api/auth/email/finish", json={"token": letter.token})
    assert answer.status_code == 200
    (session,) = await runtime.sessions.list_living(ada.id)
    assert "iPhone" in session.user_agent
    assert_problem(await desk.by_code(challenge, code_in(letter)), 400, "invalid_challenge")
    assert len(await runtime.sessions.list_living(ada.id)) == 1


async def test_a_victim_who_presses_lets_no_attacker_in(desk: Desk, ada: Person, runtime: Runtime) -> None:
    """An attacker asks for Ada's letter, and Ada presses: what the attacker holds opens nothing."""
    challenge, letter = await desk.asked_and_sent(ada.email, **{"User-Agent": "the attacker's"})
    async with httpx.AsyncClient(base_url=desk.client.base_url, headers=PHONE) as phone:
        assert (await phone.post("/api/auth/email/finish", json={"token": letter.token})).status_code == 200
    for code in (code_in(letter), wrong(code_in(letter))):
        assert (await desk.by_code(challenge, code)).status_code == 400
    (session,) = await runtime.sessions.list_living(ada.id)
    assert "iPhone" in session.user_agent


@pytest.mark.parametrize("first", ["code", "link"])
async def test_one_of_them_once(desk: Desk, ada: Person, clock: Clock, runtime: Runtime, first: str) -> None:
    """The code, then the link, or the other way round: the second is refused, at once and later."""
    challenge, letter = await desk.asked_and_sent(ada.email)
    ways = {"code": {"challenge": challenge, "code": code_in(letter)}, "link": {"token": letter.token}}
    used = ways.pop(first)
    (other,) = ways.values()
    assert (await desk.finish(used)).status_code == 200
    assert_problem(await desk.finish(other), 400, "invalid_challenge")
    clock.advance(MINUTE + 1)
    for body in (used, other):
        assert_problem(await desk.finish(body), 400, "invalid_challenge")
    assert len(await runtime.sessions.list_living(ada.id)) == 1


@pytest.mark.parametrize("way", ["code", "link"])
async def test_a_lost_answer(desk: Desk, ada: Person, runtime: Runtime, way: str) -> None:
    """The same again, for its answer got lost: the same session and refresh token, recorded once."""
    challenge, letter = await desk.asked_and_sent(ada.email)
    body = {"challenge": challenge, "code": code_in(letter)} if way == "code" else {"token": letter.token}
    first = desk.session(await desk.finish(body))
    for _ in range(7):
        again = desk.session(await desk.finish(body))
        assert (again.sid, again.refresh_token) == (first.sid, first.refresh_token)
    assert len(await runtime.sessions.list_living(ada.id)) == 1
    assert [name for name, _ in await recorded(ada)].count("login.succeeded") == 1
    await first.advance()
    assert_problem(await desk.finish(body), 400, "invalid_challenge")
    assert (await first.me()).status_code == 200


async def test_five_wrong_codes(desk: Desk, ada: Person) -> None:
    """Each says how many are left; after the fifth the right one is refused as well."""
    challenge, letter = await desk.asked_and_sent(ada.email)
    for number in range(5):
        problem = assert_problem(await desk.by_code(challenge, wrong(code_in(letter), number + 1)), 400, "invalid_code")
        assert problem["attempts_left"] == 4 - number
    assert_problem(await desk.by_code(challenge, code_in(letter)), 400, "invalid_challenge")
    assert_problem(await desk.press(letter.token), 400, "invalid_challenge")
    assert [detail for name, detail in await recorded(ada) if name == "login.failed"] == [{"reason": "code"}] * 5


async def test_a_code_for_a_while(desk: Desk, ada: Person, clock: Clock) -> None:
    """R22: ten minutes from when it was sent, and no longer."""
    challenge, letter = await desk.asked_and_sent(ada.email)
    clock.advance(10 * MINUTE - 5)
    assert (await desk.look(letter.token)).status_code == 200
    clock.advance(6)
    assert_problem(await desk.by_code(challenge, code_in(letter)), 400, "invalid_code")
    assert_problem(await desk.press(letter.token), 400, "invalid_challenge")
    assert_problem(await desk.look(letter.token), 400, "invalid_challenge")


async def test_two_browsers_ask(desk: Desk, ada: Person, clock: Clock) -> None:
    """Each code works in its own browser, and in no other."""
    first, letter = await desk.asked_and_sent(ada.email)
    clock.advance(APART)
    second, other = await desk.asked_and_sent(ada.email)
    assert_problem(await desk.by_code(first, code_in(other)), 400, "invalid_code")
    assert_problem(await desk.by_code(second, code_in(letter)), 400, "invalid_code")
    for challenge, sent in ((first, letter), (second, other)):
        assert (await desk.session(await desk.by_code(challenge, code_in(sent))).me()).status_code == 200


async def test_three_at_once(desk: Desk, ada: Person, clock: Clock) -> None:
    """Of those that anybody may have asked for, the three newest are good."""
    sent = []
    for _ in range(5):
        sent.append(await desk.asked_and_sent(ada.email))
        clock.advance(APART)
    assert await OneTimeToken.filter(user_id=ada.id).count() == 3
    for challenge, letter in sent[:2]:
        assert_problem(await desk.by_code(challenge, code_in(letter)), 400, "invalid_code")
    for challenge, letter in sent[2:]:
        assert (await desk.by_code(challenge, code_in(letter))).status_code == 200


async def test_what_strangers_ask_for_ends_nothing_of_the_owners(desk: Desk, ada: Person, clock: Clock) -> None:
    """R19, R21: on a device of hers she has letters of her own, however many others ask."""
    async with httpx.AsyncClient(base_url=desk.client.base_url) as own:
        body = {"email": ada.email, "password": ada.password}
        assert (await own.post("/api/auth/login", json=body)).status_code == 200
        assert own.cookies["latchkey_device"]
        hers = Desk(own, desk.mailbox)
        challenge, letter = await hers.asked_and_sent(ada.email)
        for _ in range(4):
            await desk.asked_and_sent(ada.email)
            clock.advance(APART)
        assert (await hers.by_code(challenge, code_in(letter))).status_code == 200


@pytest.mark.parametrize(
    "ending", ["reset", "flush", "log-out-all", "another address", "another password", "disabled", "deleted"]
)
@pytest.mark.parametrize("way", ["code", "link"])
async def test_what_ends_it(desk: Desk, ada: Person, root: Person, runtime: Runtime, ending: str, way: str) -> None:
    """Whatever happens to the account between the asking and the last step: the letter opens nothing any more."""
    session = await ada.log_in()
    challenge, letter = await desk.asked_and_sent(ada.email)
    if ending == "reset":
        await desk.client.post("/api/auth/password/forgot", json={"email": ada.email})
        token = next(one for one in await desk.mailbox.letters(ada.email) if one.subject == "Set a new password").token
        assert (await reset(desk.client, token)).status_code == 204
    elif ending == "flush":
        assert await delete_keys(runtime, f"user:{{{ada.id}}}:*") > 0
    elif ending == "log-out-all":
        assert (await session.call("POST", "/auth/logout-all")).status_code == 204
    elif ending == "another address":
        roots = await root.log_in()
        changed = await roots.call("PATCH", f"/users/{ada.id}", json={"email": "ada@example.org"})
        assert changed.status_code == 200, changed.text
    elif ending == "another password":
        roots = await root.log_in()
        changed = await roots.call("PATCH", f"/users/{ada.id}", json={"password": "another one altogether"})
        assert changed.status_code == 200, changed.text
    elif ending == "disabled":
        roots = await root.log_in()
        assert (await roots.call("PATCH", f"/users/{ada.id}", json={"is_active": False})).status_code == 200
    else:
        assert (await session.call("DELETE", "/users/me")).status_code == 204
    body = {"challenge": challenge, "code": code_in(letter)} if way == "code" else {"token": letter.token}
    assert (await desk.finish(body)).status_code == 400
    assert (await desk.look(letter.token)).status_code == 400
    living = await runtime.sessions.list_living(ada.id)
    assert not [shown for shown in living if "mail" in shown.assurance.methods]


async def test_a_disabled_account_gets_no_letter(desk: Desk, ada: Person) -> None:
    """R18: it is answered as everybody is, and there is nothing to come in with."""
    await User.filter(id=ada.id).update(is_active=False)
    challenge = await desk.asked(ada.email)
    assert await desk.mailbox.letters() == []
    assert_problem(await desk.by_code(challenge, "000000"), 400, "invalid_code")


@pytest.fixture
async def strict(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    """Everybody owes a second factor."""
    async with house(runtime, monkeypatch, SECOND_FACTOR, EMAIL_SIGN_IN="both") as found:
        yield found


@pytest.mark.parametrize("way", ["code", "link"])
async def test_a_second_factor_is_owed(
    strict: House, ada: Person, runtime: Runtime, mailbox: Mailbox, way: str
) -> None:
    """Mail is one factor: where two are wanted the log-in goes on as any does, and leads to one session."""
    desk = Desk(strict.client, mailbox)
    challenge, letter = await desk.asked_and_sent(ada.email)
    bodies = {"code": {"challenge": challenge, "code": code_in(letter)}, "link": {"token": letter.token}}
    owed = assert_problem(await desk.finish(bodies[way]), 403, "second_factor_required")
    again = assert_problem(await desk.finish(bodies[way]), 403, "second_factor_required")
    assert again["challenge"] == owed["challenge"]
    assert_problem(await desk.finish(bodies["link" if way == "code" else "code"]), 400, "invalid_challenge")
    assert await runtime.sessions.list_living(ada.id) == []
    session = strict.session(await strict.second(owed["challenge"]))
    assert (session.claims["amr"], session.claims["acr"]) == (["mail", "otp"], "aal2")


async def test_a_second_factor_alone_is_no_way_in(strict: House, ada: Person, runtime: Runtime) -> None:
    """Whoever asked for a letter and never saw it can't go on with the second step."""
    from service.core.client import Client
    from service.mail_login.catalogue import LIFE
    from service.signin import pending

    user = await User.get(id=ada.id)
    ticket = await pending.expect(runtime, user, user.id, Client("192.0.2.7", "Test/1.0"), LIFE)
    assert_problem(await strict.second(runtime.tickets.encode(ticket)), 400, "invalid_challenge")
    assert await runtime.sessions.list_living(ada.id) == []


async def test_in_cookie_mode(desk: Desk, ada: Person) -> None:
    """The refresh token is in the cookie, as with any log-in; a repeated step doesn't end its own session."""
    browser = Browser(desk.client)
    challenge, letter = await desk.asked_and_sent(ada.email)
    body = {"challenge": challenge, "code": code_in(letter)}
    for _ in range(2):
        cookie = {"Cookie": f"refresh={browser.cookie}"} if browser.cookie else {}
        done = browser.take(await desk.finish(body, **browser.headers, **cookie))
        assert set(done.json()) == {"access_token", "token_type", "expires_in"}
        assert (await browser.me()).status_code == 200
    assert (await browser.refresh()).status_code == 200


async def test_the_mail_server_is_away_for_a_while(desk: Desk, ada: Person, clock: Clock) -> None:
    """The answer is the same, the letter follows, and is good for ten minutes then."""
    challenge = await desk.asked(ada.email)
    clock.advance(5 * MINUTE)
    letter = await desk.mailbox.letter(ada.email)
    clock.advance(9 * MINUTE)
    assert (await desk.by_code(challenge, code_in(letter))).status_code == 200


async def test_a_letter_that_comes_too_late_does_not_come(desk: Desk, ada: Person, clock: Clock) -> None:
    """What it says would be over before its time: whoever waits asks again."""
    await desk.asked(ada.email)
    clock.advance(10 * MINUTE + 1)
    assert await desk.mailbox.letters() == []
    assert not await OutboxMail.exists()


@pytest.mark.parametrize(
    ("mode", "told", "linked"), [("code", True, False), ("link", False, True), ("both", True, True)]
)
async def test_what_a_letter_has(
    runtime: Runtime, ada: Person, mailbox: Mailbox, mode: str, told: bool, linked: bool
) -> None:
    """A code, or a link, or both; where there are links alone no code is right, not even the one it would have had."""
    from service.credentials import mailed_codes
    from service.mail_login import codes

    async with another(runtime, EMAIL_SIGN_IN=mode) as url, httpx.AsyncClient(base_url=url, timeout=30) as client:
        assert (await client.get("/api/auth/email")).json() == {"code": told, "link": linked, "registers": False}
        desk = Desk(client, mailbox)
        challenge, letter = await desk.asked_and_sent(ada.email)
        ticket = codes.ticket_of(runtime.settings.secrets, challenge)
        assert ticket is not None
        code = mailed_codes.code_of(runtime.settings.secrets, ticket.number)
        assert (code in letter.text) == told
        assert ("#token=" in letter.text) == linked
        if linked:  # what is shown could be read out to somebody who calls
            assert typed.shown(letter.token) not in letter.text
        answer = await desk.by_code(challenge, code)
        assert answer.status_code == (200 if told else 400)
        if not told:
            assert (await desk.press(letter.token)).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {"challenge": "x"},
        {"code": "000000"},
        {"challenge": "x", "code": "000000", "token": "x"},
        {"challenge": "x", "code": "00000"},
        {"challenge": "x", "code": 123456},
        {},
    ],
)
async def test_half_a_step(desk: Desk, body: dict[str, Any]) -> None:
    """A code needs its challenge, a link is without one."""
    assert_problem(await desk.finish(body), 422, "validation_error")


@pytest.mark.parametrize("challenge", ["x", "lkm_", "lkm_" + "A" * 80, "lkc_" + "A" * 80])
async def test_challenges_that_are_none(desk: Desk, challenge: str) -> None:
    """Whatever isn't ours by its seal is over."""
    assert_problem(await desk.by_code(challenge, "000000"), 400, "invalid_challenge")


@pytest.mark.parametrize("text", ["\0", "é" * 300, "lkm_" + "é" * 80, " ", "😀", "x" * 4096, "lkm_" + "=" * 80])
async def test_nonsense(desk: Desk, text: str) -> None:
    """R63: whatever stands for a challenge or a token is refused, and no fault of ours."""
    assert_problem(await desk.by_code(text, "000000"), 400, "invalid_challenge")
    assert_problem(await desk.press(text), 400, "invalid_challenge")
    assert_problem(await desk.look(text), 400, "invalid_challenge")
    assert_problem(await desk.finish({"challenge": "x", "code": "00000" + text[:1]}), 422, "validation_error")
