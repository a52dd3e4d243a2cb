"""The second step of a log-in, and the devices that do without."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from models import KnownDevice, OutboxMail, SecurityEvent, User
from service.audit.timeline import explain
from service.core.clock import Clock
from service.runtime import Runtime
from tests.factors.support import SECOND, STEP, App, Owner, app_of, set_up, take_device_cookie
from tests.http.support import another
from tests.mail_login.support import Desk, code_in
from tests.signin.support import delete_keys, raw
from tests.support.browsers import Browser
from tests.support.letters import Mailbox
from tests.support.people import PASSWORD, Person, Session, assert_problem, confirmed

DEVICES = "/users/me/trusted-devices"


async def events_of(person: Person, kind: str) -> list[SecurityEvent]:
    return await SecurityEvent.filter(user_id=person.id, type=kind).order_by("created_at")


async def test_the_first_step_opens_nothing(owner: Owner, runtime: Runtime) -> None:
    """A challenge; no session, no cookie, no letter of a new device yet. Then both, and one event."""
    runtime.clock.advance(STEP)
    owner.client.cookies.clear()
    before = len(await runtime.sessions.list_living(owner.person.id))
    letters = await OutboxMail.filter(letter="new_device").count()
    answer = await owner.first(headers={"User-Agent": "Another/1.0"})
    problem = assert_problem(answer, 403, "second_factor_required")
    assert problem["methods"] == ["totp", "recovery_code"]
    assert "set-cookie" not in answer.headers
    assert len(await runtime.sessions.list_living(owner.person.id)) == before
    assert await OutboxMail.filter(letter="new_device").count() == letters
    (asked,) = await events_of(owner.person, "login.pending")
    assert (asked.ip, asked.user_agent) == ("127.0.0.1", "Another/1.0")
    done = await owner.second(problem["challenge"], headers={"User-Agent": "Another/1.0"})
    assert done.status_code == 200
    assert set(done.json()) == {"access_token", "refresh_token", "token_type", "expires_in"}
    session = Session(owner.client, done.json()["access_token"], done.json()["refresh_token"])
    assert (session.claims["amr"], session.claims["acr"]) == (["otp", "pwd"], "aal2")
    assert await OutboxMail.filter(letter="new_device").count() == letters + 1


async def test_a_code_is_good_once(owner: Owner) -> None:
    """Refused in another challenge, and to step up; in its own it gives the same session again, with one event."""
    owner.app.clock.advance(STEP)
    mine, other = await owner.challenge(), await owner.challenge()
    code = owner.app.code()
    first, again = await owner.second(mine, code), await owner.second(mine, code)
    assert first.status_code == 200, first.text
    assert first.json()["refresh_token"] == again.json()["refresh_token"]
    assert_problem(await owner.second(other, code), 400, "invalid_code")
    session = Session(owner.client, first.json()["access_token"], first.json()["refresh_token"])
    assert_problem(await session.call("POST", "/auth/reauthenticate", json={"code": code}), 400, "invalid_code")
    succeeded = [row for row in await events_of(owner.person, "login.succeeded") if row.session_id == session.sid]
    assert len(succeeded) == 1


async def test_earlier_and_later_steps(owner: Owner) -> None:
    """One beside is good, for clocks differ; two aren't; and none before the last that was used."""
    owner.app.clock.advance(5 * STEP)
    for steps, good in ((-2, False), (2, False), (-1, True), (-1, False), (1, True), (0, False)):
        answer = await owner.second(await owner.challenge(), owner.app.code(steps))
        assert answer.status_code == (200 if good else 400), (steps, answer.text)


async def test_five_wrong_ones_end_the_log_in(owner: Owner) -> None:
    """The right one comes too late then; and the others of the account wait as well."""
    owner.app.clock.advance(STEP)
    challenge = await owner.challenge()
    for left in (4, 3, 2, 1, 0):
        answer = await owner.second(challenge, owner.app.wrong(left))
        assert assert_problem(answer, 400, "invalid_code")["attempts_left"] == left
    assert_problem(await owner.second(challenge), 400, "invalid_challenge")
    assert_problem(await owner.second(await owner.challenge()), 429, "rate_limited")
    owner.app.clock.advance(61)
    assert (await owner.second(await owner.challenge())).status_code == 200


@pytest.mark.parametrize("body", [{}, {"code": "12345"}, {"code": "123456", "recovery_code": "x"}, {"code": 123456}])
async def test_what_is_no_request(owner: Owner, body: dict[str, object]) -> None:
    answer = await owner.client.post(SECOND, json={"challenge": "lkc_x", **body})
    assert_problem(answer, 422, "validation_error")


async def test_flushed_between_both_steps(owner: Owner, runtime: Runtime) -> None:
    """Nothing is left of it; the user begins again."""
    owner.app.clock.advance(STEP)
    challenge = await owner.challenge()
    await delete_keys(runtime, f"user:{{{owner.person.id}}}:*")
    assert_problem(await owner.second(challenge), 400, "invalid_challenge")
    assert (await owner.second(await owner.challenge())).status_code == 200


async def test_in_a_cookie(owner: Owner) -> None:
    """The refresh token is in the cookie after the second step, and nothing is before."""
    owner.app.clock.advance(STEP)
    browser = Browser(owner.client)
    first = await browser.log_in(owner.person.email, PASSWORD)
    challenge = assert_problem(first, 403, "second_factor_required")["challenge"]
    assert browser.cookie is None
    body = {"challenge": challenge, "code": owner.app.code()}
    done = browser.take(await browser.send("/second-factor", json=body))
    assert done.status_code == 200, done.text
    assert "refresh_token" not in done.json()
    assert (await browser.refresh()).status_code == 200


async def test_trusted(owner: Owner, runtime: Runtime, mailbox: Mailbox) -> None:
    """Not asked there, as long as it lasts; the session is of one factor, and no call that wants the second goes."""
    await mailbox.letters()
    owner.app.clock.advance(STEP)
    challenge, code = await owner.challenge(), owner.app.code()
    done = await owner.second(challenge, code, trust_device=True)
    again = await owner.second(challenge, code, trust_device=True)  # its answer got lost
    assert done.status_code == again.status_code == 200
    cookie = take_device_cookie(owner.client, runtime)
    there = await owner.first(headers=cookie)
    assert there.status_code == 200, there.text
    session = Session(owner.client, there.json()["access_token"], there.json()["refresh_token"])
    assert session.claims["acr"] == "aal1"
    asked = assert_problem(await session.call("DELETE", "/users/me"), 403, "reauthentication_required")
    assert asked["methods"] == ["totp", "recovery_code"]
    owner.client.cookies.clear()
    assert_problem(await owner.first(), 403, "second_factor_required")
    listed = (await session.call("GET", DEVICES)).json()
    assert len(listed) == 1
    told = [letter for letter in await mailbox.letters(owner.person.email) if "not asked" in letter.subject]
    assert len(told) == len(await events_of(owner.person, "device.trusted")) == 1
    await owner.step_up(session)
    exported = (await session.call("GET", "/users/me/export")).json()
    assert exported["features"]["factors"]["trusted_devices"][0]["id"] == listed[0]["id"]

    runtime.clock.advance(30 * 86_400 - 2 * STEP)
    owner.client.cookies.clear()
    assert (await owner.first(headers=cookie)).status_code == 200
    runtime.clock.advance(2 * STEP)
    owner.client.cookies.clear()
    assert_problem(await owner.first(headers=cookie), 403, "second_factor_required")
    story = await explain(runtime, user_id=owner.person.id)
    assert any("isn't asked" in entry.text for entry in story.entries)


async def test_trust_ended_by_hand(owner: Owner, runtime: Runtime) -> None:
    """One, or all; another's isn't there."""
    owner.app.clock.advance(STEP)
    cookie: dict[str, str] = {}
    for path in ("one", "all"):
        headers = {} if path == "one" else cookie
        challenge = await owner.challenge(headers=headers)
        await owner.second(challenge, trust_device=True, headers=headers)
        cookie = take_device_cookie(owner.client, runtime) if path == "one" else cookie
        listed = (await owner.session.call("GET", DEVICES)).json()
        assert len(listed) == 1
        where = f"{DEVICES}/{listed[0]['id']}" if path == "one" else DEVICES
        assert (await owner.session.call("DELETE", where)).status_code == 204
        assert (await owner.session.call("GET", DEVICES)).json() == []
        owner.client.cookies.clear()
        assert_problem(await owner.first(headers=cookie), 403, "second_factor_required")
        owner.app.clock.advance(STEP)
    assert_problem(await owner.session.call("DELETE", f"{DEVICES}/{owner.person.id}"), 404, "not_found")
    assert len(await events_of(owner.person, "device.trust_ended")) == 2


async def test_a_device_that_was_forgotten_is_asked(owner: Owner, runtime: Runtime) -> None:
    """It is in no list any more, in which its trust could be ended."""
    owner.app.clock.advance(STEP)
    await owner.second(await owner.challenge(), trust_device=True)
    cookie = take_device_cookie(owner.client, runtime)
    await KnownDevice.filter(user_id=owner.person.id).update(forgotten_at=runtime.clock.now())
    assert_problem(await owner.first(headers=cookie), 403, "second_factor_required")


async def test_no_trust_by_a_recovery_code_or_without_days(owner: Owner, runtime: Runtime) -> None:
    codes = owner.app.recovery_codes
    done = await owner.second(await owner.challenge(), recovery_code=codes[0], trust_device=True)
    assert done.status_code == 200
    async with another(runtime, TRUST_DEVICE_DAYS=0) as url, httpx.AsyncClient(base_url=url, timeout=30) as client:
        owner.app.clock.advance(STEP)
        there = Owner(Person(client, owner.person.id, owner.person.email), owner.session, owner.app)
        assert (await there.second(await there.challenge(), trust_device=True)).status_code == 200
    assert (await owner.session.call("GET", DEVICES)).json() == []


async def test_a_device_of_somebody_else(owner: Owner, grace: Person, clock: Clock, runtime: Runtime) -> None:
    """The cookie of a device that Ada trusts is none for Grace."""
    clock.advance(STEP)
    await owner.second(await owner.challenge(), trust_device=True)
    cookie = take_device_cookie(owner.client, runtime)
    await confirmed(grace)
    await set_up(await grace.log_in(), clock)
    owner.client.cookies.clear()
    answer = await owner.client.post(
        "/api/auth/login", json={"email": grace.email, "password": PASSWORD}, headers=cookie
    )
    assert_problem(answer, 403, "second_factor_required")


async def test_by_mail(ada: Person, clock: Clock, runtime: Runtime, mailbox: Mailbox) -> None:
    """A log-in by mail owes it as well, and an account without a password steps up by what it has."""
    await confirmed(ada)
    session = await ada.log_in()
    app, _ = await set_up(session, clock)
    from service.core.sql.transactions import transaction
    from service.credentials import passwords

    async with transaction():
        await passwords.take_away(await User.get(id=ada.id))
    await mailbox.letters()
    async with (
        another(runtime, EMAIL_SIGN_IN="both") as url,
        httpx.AsyncClient(base_url=url, timeout=30) as client,
    ):
        clock.advance(STEP)
        desk = Desk(client, mailbox)
        challenge, letter = await desk.asked_and_sent(ada.email)
        owed = assert_problem(await desk.by_code(challenge, code_in(letter)), 403, "second_factor_required")
        done = await client.post(SECOND, json={"challenge": owed["challenge"], "code": app.code()})
        assert done.status_code == 200, done.text
        session = Session(client, done.json()["access_token"], done.json()["refresh_token"])
        assert session.claims["amr"] == ["mail", "otp"]
        clock.advance(601)
        await session.advance()
        asked = assert_problem(await session.call("POST", "/users/me/recovery-codes"), 403, "reauthentication_required")
        assert asked["methods"] == ["totp", "recovery_code"]
        await Owner(ada, session, app).step_up(session)
        assert (await session.call("POST", "/users/me/recovery-codes")).status_code == 200


async def test_a_challenge_in_which_nothing_is_proven(owner: Owner, runtime: Runtime) -> None:
    """A second factor is no first one: nothing is judged, no code is used up."""
    from service.core.client import Client
    from service.signin import pending
    from service.stores.sessions.pending import LIFE

    owner.app.clock.advance(STEP)
    user = await User.get(id=owner.person.id)
    ticket = runtime.tickets.encode(await pending.expect(runtime, user, user.id, Client("203.0.113.1", "x"), LIFE))
    assert_problem(await owner.second(ticket), 400, "invalid_challenge")
    assert (await owner.second(await owner.challenge())).status_code == 200


async def test_nothing_that_opens_is_stored_readably(owner: Owner, runtime: Runtime) -> None:
    """Neither the secret, nor a code, nor a recovery code; in no table, no key."""
    from models import Credential

    owner.app.clock.advance(STEP)
    challenge = await owner.challenge()
    await owner.second(challenge, owner.app.wrong())
    begun = await owner.session.call("POST", "/users/me/factors/totp")
    waiting: App = app_of(begun, owner.app.clock)
    readable = [owner.app.secret, owner.app.secret.hex().encode(), waiting.secret, waiting.secret.hex().encode()]
    readable += [code.replace("-", "").encode() for code in owner.app.recovery_codes] + [challenge.encode()]
    stored = [repr(dict(row)).encode() for row in await Credential.filter(user_id=owner.person.id).values()]
    redis = raw(runtime)
    async for key in redis.scan_iter("*"):
        kind = await redis.type(key)
        if kind == b"hash":
            stored += [b" ".join(pair) for pair in (await redis.hgetall(key)).items()]
        elif kind == b"string":
            stored.append(await redis.get(key))
    dump: Callable[[bytes], bool] = lambda text: any(text in row for row in stored)  # noqa: E731 - read once
    assert not [text for text in readable if dump(text)]
