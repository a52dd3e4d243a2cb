"""Where a second factor is demanded, and the account has none: it is set up in the log-in."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from models import Credential, SecurityEvent, User
from service.core.clock import Clock
from service.runtime import Runtime
from tests.factors.passkey_support import enter, log_in_options, ok
from tests.factors.support import SECOND, STEP, App, Owner, app_of, set_up
from tests.http.support import another
from tests.mail_login.support import Desk, code_in
from tests.signin.support import delete_keys
from tests.support.authenticator import Authenticator
from tests.support.browsers import Browser
from tests.support.letters import Mailbox
from tests.support.people import PASSWORD, Person, Session, assert_problem, confirmed


class Visitor:
    """Ada, where everybody has to have a second factor."""

    def __init__(self, client: httpx.AsyncClient, person: Person, clock: Clock, mailbox: Mailbox) -> None:
        self.client, self.person, self.clock, self.mailbox = client, person, clock, mailbox

    async def first(self, **headers: str) -> str:
        body = {"email": self.person.email, "password": PASSWORD}
        response = await self.client.post("/api/auth/login", json=body, headers=headers)
        problem = assert_problem(response, 403, "enrolment_required")
        assert (problem["methods"], problem["error"]) == (["totp", "passkey"], "invalid_grant")
        assert "set-cookie" not in response.headers
        found: str = problem["challenge"]
        return found

    async def enrol(self, challenge: str) -> httpx.Response:
        return await self.client.post(f"{SECOND}/enrol", json={"challenge": challenge, "kind": "totp"})

    async def begun(self, challenge: str) -> tuple[App, dict[str, Any]]:
        """The app, and the body that would confirm it."""
        await self.mailbox.letters()
        response = await self.enrol(challenge)
        app = app_of(response, self.clock)
        body = {"challenge": challenge, "enrolment": response.json()["enrolment"], "code": app.code()}
        if response.json()["mail_code"]:
            letter = await self.mailbox.letter(self.person.email)
            body["mail_code"] = code_in(letter)
            assert body["mail_code"] in letter.subject
        return app, body

    async def confirm(self, body: dict[str, Any]) -> httpx.Response:
        return await self.client.post(f"{SECOND}/enrol/confirm", json=body)


@pytest.fixture
async def visitor(ada: Person, clock: Clock, runtime: Runtime, mailbox: Mailbox) -> AsyncIterator[Visitor]:
    await confirmed(ada)
    async with (
        another(runtime, SECOND_FACTOR="everyone", EMAIL_SIGN_IN="both") as url,
        httpx.AsyncClient(base_url=url, timeout=30) as client,
    ):
        yield Visitor(client, ada, clock, mailbox)


async def test_from_the_password_to_the_session(visitor: Visitor, runtime: Runtime) -> None:
    """A secret, a code from the mailbox, one from the app: a session of level 2, ten recovery codes, a letter."""
    assert await runtime.sessions.list_living(visitor.person.id) == []
    app, body = await visitor.begun(await visitor.first())
    done = await visitor.confirm(body)
    assert done.status_code == 200, done.text
    assert len(done.json()["recovery_codes"]) == 10
    session = Session(visitor.client, done.json()["access_token"], done.json()["refresh_token"])
    assert (session.claims["amr"], session.claims["acr"]) == (["otp", "pwd"], "aal2")
    told = await visitor.mailbox.letters(visitor.person.email)
    assert any("second factor was set up" in letter.subject for letter in told)
    again = await visitor.confirm(body)  # the answer got lost
    assert again.json()["refresh_token"] == done.json()["refresh_token"]
    assert "recovery_codes" not in again.json()
    assert await Credential.filter(user_id=visitor.person.id, kind="totp").count() == 1
    visitor.clock.advance(STEP)
    owner = Owner(Person(visitor.client, visitor.person.id, visitor.person.email), session, app)
    assert (await owner.log_in()).claims["acr"] == "aal2"


async def test_in_a_cookie(visitor: Visitor) -> None:
    """The codes are in the body, the refresh token is not."""
    browser = Browser(visitor.client)
    first = await browser.log_in(visitor.person.email, PASSWORD)
    challenge = assert_problem(first, 403, "enrolment_required")["challenge"]
    _, body = await visitor.begun(challenge)
    done = browser.take(await browser.send("/second-factor/enrol/confirm", json=body))
    assert done.status_code == 200, done.text
    assert set(done.json()) == {"access_token", "token_type", "expires_in", "recovery_codes"}
    assert (await browser.refresh()).status_code == 200


async def test_a_stolen_password_is_not_enough(visitor: Visitor) -> None:
    """Without the code from the mailbox, with another log-in's, or guessed: nothing is set up."""
    challenge = await visitor.first()
    _, body = await visitor.begun(challenge)
    visitor.clock.advance(61)
    _, others = await visitor.begun(await visitor.first())
    wrong = f"{(int(body['mail_code']) + 1) % 10**6:06}"
    for mail_code in (None, wrong, others["mail_code"]):
        refused = await visitor.confirm({**body, "mail_code": mail_code})
        assert_problem(refused, 400, "invalid_code")
    assert (await User.get(id=visitor.person.id)).factors == 0
    for number in range(2):
        guess = f"{(int(body['mail_code']) + 2 + number) % 10**6:06}"
        assert_problem(await visitor.confirm({**body, "mail_code": guess}), 400, "invalid_code")
    assert_problem(await visitor.confirm(body), 400, "invalid_challenge")
    # Nor in another log-in, for a while: the guesses are the account's.
    visitor.clock.advance(1)
    assert_problem(await visitor.confirm(others), 429, "rate_limited")


async def test_by_mail(visitor: Visitor) -> None:
    """Who came by mail has shown the mailbox already."""
    desk = Desk(visitor.client, visitor.mailbox)
    await visitor.mailbox.letters()
    challenge, letter = await desk.asked_and_sent(visitor.person.email)
    owed = assert_problem(await desk.by_code(challenge, code_in(letter)), 403, "enrolment_required")
    _, body = await visitor.begun(owed["challenge"])
    assert "mail_code" not in body
    done = await visitor.confirm(body)
    assert done.status_code == 200
    assert Session(visitor.client, done.json()["access_token"], "").claims["amr"] == ["mail", "otp"]


async def test_what_it_is_not_for(visitor: Visitor, runtime: Runtime, client: httpx.AsyncClient) -> None:
    """An account that has a factor shows that one; one that needs none, and one that isn't confirmed, sets up none."""
    challenge = await visitor.first()
    _, body = await visitor.begun(challenge)
    other = await visitor.first()
    await confirmed(visitor.person, yes=False)
    unconfirmed = await visitor.first()
    assert_problem(await visitor.enrol(unconfirmed), 403, "email_unverified")
    assert_problem(await visitor.confirm(body), 400, "invalid_challenge")
    await confirmed(visitor.person)
    session = await visitor.person.log_in()  # where it is optional
    await set_up(session, visitor.clock)
    for refused in (await visitor.enrol(other), await visitor.confirm(body)):
        assert_problem(refused, 400, "invalid_challenge")
    body_ = {"email": visitor.person.email, "password": PASSWORD}
    owed = assert_problem(await client.post("/api/auth/login", json=body_), 403, "second_factor_required")
    assert_problem(await visitor.enrol(owed["challenge"]), 400, "invalid_challenge")
    for nonsense in ("lkc_x", "x"):
        assert_problem(await visitor.enrol(nonsense), 400, "invalid_challenge")


async def test_many_at_once(visitor: Visitor) -> None:
    """Of many confirmations at once one sets it up; all get the same session. Of two log-ins at once one does."""
    first, second = await visitor.first(), await visitor.first()
    _, body = await visitor.begun(first)
    visitor.clock.advance(61)
    _, other = await visitor.begun(second)
    body["code"] = re.sub("", "", body["code"])
    answers = await asyncio.gather(*(visitor.confirm(body) for _ in range(10)), visitor.confirm(other))
    good = [answer for answer in answers if answer.status_code == 200]
    assert len({answer.json()["refresh_token"] for answer in good}) == 1
    assert sum("recovery_codes" in answer.json() for answer in good) == 1
    assert {answer.status_code for answer in answers} <= {200, 400, 429, 503}
    assert await Credential.filter(user_id=visitor.person.id, kind="totp").count() == 1
    assert await SecurityEvent.filter(type="factor.added").count() == 1


async def test_flushed_in_the_middle(visitor: Visitor, runtime: Runtime) -> None:
    """Begun again; nothing is half set up."""
    _, body = await visitor.begun(await visitor.first())
    await delete_keys(runtime, f"user:{{{visitor.person.id}}}:*")
    assert_problem(await visitor.confirm(body), 400, "invalid_challenge")
    assert (await User.get(id=visitor.person.id)).factors == 0
    visitor.clock.advance(61)
    _, body = await visitor.begun(await visitor.first())
    assert (await visitor.confirm(body)).status_code == 200


async def test_superusers_alone(ada: Person, root: Person, runtime: Runtime) -> None:
    """`superusers`: they have to, others don't."""
    async with (
        another(runtime, SECOND_FACTOR="superusers") as url,
        httpx.AsyncClient(base_url=url, timeout=30) as client,
    ):
        for person, status in ((ada, 200), (root, 403)):
            body = {"email": person.email, "password": PASSWORD}
            answer = await client.post("/api/auth/login", json=body)
            assert answer.status_code == status
        assert_problem(answer, 403, "enrolment_required")


async def test_with_a_passkey(visitor: Visitor, runtime: Runtime) -> None:
    """What the browser makes, and the code from the mailbox: the same session however often it is said."""
    await visitor.mailbox.letters()
    challenge = await visitor.first()
    begun = await ok(visitor.client.post(f"{SECOND}/enrol", json={"challenge": challenge, "kind": "passkey"}))
    assert begun["mail_code"] is True
    device = Authenticator(synced=False)
    code = code_in(await visitor.mailbox.letter(visitor.person.email))
    body = {"challenge": challenge, "passkey": device.make(begun["options"]), "name": "key"}
    assert_problem(await visitor.confirm(body), 400, "invalid_code")
    wrong = f"{(int(code) + 1) % 10**6:06}"
    assert_problem(await visitor.confirm({**body, "mail_code": wrong}), 400, "invalid_code")
    assert await runtime.sessions.list_living(visitor.person.id) == []
    other = await visitor.first()
    elsewhere = {**body, "challenge": other, "mail_code": code}
    assert_problem(await visitor.confirm(elsewhere), 400, "invalid_passkey")
    many = await asyncio.gather(*(visitor.confirm({**body, "mail_code": code}) for _ in range(5)))
    good = [answer.json() for answer in many if answer.status_code == 200]
    assert {answer.status_code for answer in many} <= {200, 503}
    assert len({one["refresh_token"] for one in good}) == 1
    assert sum("recovery_codes" in one for one in good) == 1
    session = Session(visitor.client, good[0]["access_token"], good[0]["refresh_token"])
    assert (session.claims["amr"], session.claims["acr"]) == (["hwk", "mfa", "pwd"], "phr")
    another_one = {**body, "passkey": Authenticator().make(begun["options"]), "mail_code": code}
    assert_problem(await visitor.confirm(another_one), 400, "invalid_passkey")
    assert len(await runtime.sessions.list_living(visitor.person.id)) == 1
    entered = await enter(visitor.client, device.show(await log_in_options(visitor.client)))
    assert entered.status_code == 200
    assert_problem(await visitor.confirm({"challenge": other}), 422, "validation_error")


async def test_a_code_that_would_come_too_late(visitor: Visitor) -> None:
    """The letter waits while the mail server is away, and isn't sent when its log-in is over."""
    await visitor.mailbox.letters()
    begun = await visitor.enrol(await visitor.first())
    assert begun.json()["mail_code"] is True
    visitor.clock.advance(601)
    assert await visitor.mailbox.letters(visitor.person.email) == []
