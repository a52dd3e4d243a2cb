"""Setting a second factor up, replacing it, taking it away; recovery codes."""

from __future__ import annotations

import httpx
import pytest

from models import Credential, User
from service.core.clock import Clock
from service.runtime import Runtime
from tests.factors.support import STEP, Owner, app_of, set_up
from tests.http.support import another
from tests.support.letters import Mailbox
from tests.support.people import PASSWORD, Person, Session, assert_problem, confirmed

FACTORS = "/users/me/factors"


async def test_the_whole_life(ada: Person, clock: Clock, mailbox: Mailbox) -> None:
    """Set up, seen, used, new codes, removed; a letter for each change."""
    await confirmed(ada)
    session = await ada.log_in()
    before = (await session.call("GET", FACTORS)).json()
    assert before == {
        "totp": None,
        "passkeys": [],
        "recovery_codes": {"left": 0, "created_at": None},
        "required": False,
    }
    await mailbox.letters()

    app, done = await set_up(session, clock)
    assert len(set(app.recovery_codes)) == 10
    assert done.headers["cache-control"] == "no-store"
    found = (await session.call("GET", FACTORS)).json()
    assert found["recovery_codes"]["left"] == 10
    assert found["totp"]["created_at"]
    assert "second factor was set up" in (await mailbox.letter(ada.email)).subject
    assert session.claims["acr"] == "aal1"
    await session.advance()
    assert (session.claims["acr"], session.claims["amr"]) == ("aal2", ["otp", "pwd"])

    again = await session.call("POST", "/users/me/recovery-codes")
    assert again.status_code == 200
    assert not set(again.json()["recovery_codes"]) & set(app.recovery_codes)
    assert "recovery codes" in (await mailbox.letter(ada.email)).subject.lower()

    assert (await session.call("DELETE", f"{FACTORS}/totp")).status_code == 204
    assert await Credential.filter(user_id=ada.id).exclude(kind="password").count() == 0
    assert (await User.get(id=ada.id)).factors == 0
    assert "removed" in (await mailbox.letter(ada.email)).subject
    assert_problem(await session.call("DELETE", f"{FACTORS}/totp"), 404, "not_found")
    assert_problem(await session.call("POST", "/users/me/recovery-codes"), 404, "not_found")
    await ada.log_in()


async def test_the_secret_in_force_stays_until_another_is_confirmed(owner: Owner) -> None:
    """Begun twice and left, and confirmed with a wrong code: the old codes work, the new ones don't."""
    clock = owner.app.clock
    left = app_of(await owner.session.call("POST", f"{FACTORS}/totp"), clock)
    begun = await owner.session.call("POST", f"{FACTORS}/totp")
    body = {"enrolment": begun.json()["enrolment"], "code": app_of(begun, clock).wrong()}
    refused = await owner.session.call("POST", f"{FACTORS}/totp/confirm", json=body)
    assert assert_problem(refused, 400, "invalid_code")["attempts_left"] == 4
    clock.advance(STEP)
    challenge = await owner.challenge()
    assert_problem(await owner.second(challenge, left.code()), 400, "invalid_code")
    assert (await owner.second(challenge)).status_code == 200


async def test_replaced(owner: Owner) -> None:
    """The codes of the new app are good and those of the old are not; recovery codes stay as they are."""
    clock, old = owner.app.clock, owner.app
    clock.advance(STEP)
    owner.app, done = await set_up(owner.session, clock)
    assert done.json() == {}
    clock.advance(STEP)
    challenge = await owner.challenge()
    assert_problem(await owner.second(challenge, old.code()), 400, "invalid_code")
    assert (await owner.second(challenge)).status_code == 200
    used = await owner.second(await owner.challenge(), recovery_code=old.recovery_codes[0])
    assert used.status_code == 200


async def test_confirmed_in_the_session_that_began_it(owner: Owner, grace: Person) -> None:
    """Another session or user, and what isn't one: nothing to confirm. Too late, and after five wrong ones, too."""
    clock = owner.app.clock
    begun = await owner.session.call("POST", f"{FACTORS}/totp")
    app, number = app_of(begun, clock), begun.json()["enrolment"]
    other = await owner.log_in()
    await confirmed(grace)

    async def confirm(session: Session, enrolment: str, code: str) -> httpx.Response:
        return await session.call("POST", f"{FACTORS}/totp/confirm", json={"enrolment": enrolment, "code": code})

    for session in (other, await grace.log_in()):
        assert_problem(await confirm(session, number, app.code()), 400, "invalid_challenge")
    assert_problem(await confirm(owner.session, "nonsense", app.code()), 400, "invalid_challenge")
    for left in (4, 3, 2, 1, 0):
        assert (
            assert_problem(await confirm(owner.session, number, app.wrong()), 400, "invalid_code")["attempts_left"]
            == left
        )
    assert_problem(await confirm(owner.session, number, app.code()), 400, "invalid_challenge")
    begun = await owner.session.call("POST", f"{FACTORS}/totp")
    app = app_of(begun, clock)
    clock.advance(15 * 60)
    await owner.session.advance()
    assert_problem(await confirm(owner.session, begun.json()["enrolment"], app.code()), 400, "invalid_challenge")


async def test_a_lost_answer(ada: Person, clock: Clock) -> None:
    """The same again says that it is done. The recovery codes aren't shown twice."""
    await confirmed(ada)
    session = await ada.log_in()
    begun = await session.call("POST", f"{FACTORS}/totp")
    body = {"enrolment": begun.json()["enrolment"], "code": app_of(begun, clock).code()}
    first = await session.call("POST", f"{FACTORS}/totp/confirm", json=body)
    again = await session.call("POST", f"{FACTORS}/totp/confirm", json=body)
    assert (first.status_code, again.status_code) == (200, 200)
    assert (len(first.json()["recovery_codes"]), again.json()) == (10, {})


async def test_nothing_lasting_before_the_address_is_confirmed(ada: Person, clock: Clock) -> None:
    """Whoever registered it may not be its owner."""
    await confirmed(ada, yes=False)
    session = await ada.log_in()
    assert_problem(await session.call("POST", f"{FACTORS}/totp"), 403, "email_unverified")
    await confirmed(ada)
    begun = await session.call("POST", f"{FACTORS}/totp")
    await confirmed(ada, yes=False)
    body = {"enrolment": begun.json()["enrolment"], "code": app_of(begun, clock).code()}
    assert_problem(await session.call("POST", f"{FACTORS}/totp/confirm", json=body), 403, "email_unverified")
    assert (await User.get(id=ada.id)).factors == 0


async def test_it_takes_a_fresh_session(ada: Person, clock: Clock) -> None:
    """Begun a while after the log-in: the password first. With a factor there: the factor."""
    await confirmed(ada)
    session = await ada.log_in()
    clock.advance(601)
    asked = assert_problem(await session.call("POST", f"{FACTORS}/totp"), 403, "reauthentication_required")
    assert (asked["methods"], asked["level"]) == (["password"], 1)
    assert (await session.call("POST", "/auth/reauthenticate", json={"password": PASSWORD})).status_code == 204
    app, _ = await set_up(session, clock)
    clock.advance(601)
    await session.advance()
    for method, path in (
        ("POST", f"{FACTORS}/totp"), ("DELETE", f"{FACTORS}/totp"), ("POST", "/users/me/recovery-codes"),
        ("DELETE", "/users/me"), ("GET", "/users/me/export"),
    ):  # fmt: skip
        asked = assert_problem(await session.call(method, path), 403, "reauthentication_required")
        assert (asked["methods"], asked["level"]) == (["totp", "recovery_code"], 2)
    owner = Owner(ada, session, app)
    refused = await session.call("POST", "/auth/reauthenticate", json={"password": PASSWORD})
    assert assert_problem(refused, 403, "reauthentication_required")["methods"] == ["totp", "recovery_code"]
    body = {"password": "another one altogether", "current_password": PASSWORD}
    assert_problem(await session.call("PATCH", "/users/me", json=body), 403, "reauthentication_required")
    await owner.step_up(session)
    assert (await session.call("DELETE", f"{FACTORS}/totp")).status_code == 204


async def test_asked_every_time(ada: Person, clock: Clock, runtime: Runtime) -> None:
    """With FRESH_SESSION_MINUTES=0 a code is one permit, and the same code no second one."""
    await confirmed(ada)
    async with (
        another(runtime, FRESH_SESSION_MINUTES=0) as url,
        httpx.AsyncClient(base_url=url, timeout=30) as client,
    ):
        session = await Person(client, ada.id, ada.email).log_in()
        assert (await session.call("POST", "/auth/reauthenticate", json={"password": PASSWORD})).status_code == 204
        app, _ = await set_up(session, clock)  # whoever has set it up has shown it, which is a permit
        assert (await session.call("POST", "/users/me/recovery-codes")).status_code == 200
        assert_problem(await session.call("POST", "/users/me/recovery-codes"), 403, "reauthentication_required")
        clock.advance(STEP)
        code = {"code": app.code()}
        assert (await session.call("POST", "/auth/reauthenticate", json=code)).status_code == 204
        assert_problem(await session.call("POST", "/auth/reauthenticate", json=code), 400, "invalid_code")
        assert (await session.call("POST", "/users/me/recovery-codes")).status_code == 200
        assert_problem(await session.call("POST", "/users/me/recovery-codes"), 403, "reauthentication_required")


async def test_a_recovery_code_replaces_and_does_not_switch_off(owner: Owner, mailbox: Mailbox) -> None:
    """Who has found one is seen: a letter, other sessions end; and for a day the factor can't be removed."""
    clock = owner.app.clock
    await mailbox.letters()
    challenge = await owner.challenge()
    response = await owner.second(challenge, recovery_code=owner.app.recovery_codes[0].lower().replace("-", " "))
    assert response.status_code == 200, response.text
    session = Session(owner.client, response.json()["access_token"], response.json()["refresh_token"])
    assert session.claims["amr"] == ["pwd", "rec"]
    assert session.claims["acr"] == "aal2"
    told = [letter for letter in await mailbox.letters(owner.person.email) if "recovery code" in letter.subject]
    assert "9 are left" in told[0].text
    assert_problem(await session.call("DELETE", f"{FACTORS}/totp"), 403, "forbidden")
    owner.app, _ = await set_up(session, clock)
    assert_problem(await owner.session.me(), 401, "invalid_token")
    assert_problem(await session.call("DELETE", f"{FACTORS}/totp"), 403, "forbidden")
    anew = await owner.log_in()  # with the new app: the brake is the account's, and not the session's
    assert_problem(await anew.call("DELETE", f"{FACTORS}/totp"), 403, "forbidden")
    clock.advance(24 * 3600)
    await anew.advance()
    await owner.step_up(anew)
    assert (await anew.call("DELETE", f"{FACTORS}/totp")).status_code == 204


async def test_the_last_recovery_code(owner: Owner, mailbox: Mailbox) -> None:
    """None is offered any more; the letters warn before."""
    for number, code in enumerate(owner.app.recovery_codes):
        assert (await owner.second(await owner.challenge(), recovery_code=code)).status_code == 200
        if number == 0:
            await mailbox.letters()
    refused = await owner.first()
    assert refused.json()["methods"] == ["totp"]
    warned = [letter.text for letter in await mailbox.letters() if "recovery code" in letter.subject]
    assert "That was the last one" in warned[-1]
    again = await owner.session.call("POST", "/users/me/recovery-codes")
    assert len(again.json()["recovery_codes"]) == 10
    assert (await owner.first()).json()["methods"] == ["totp", "recovery_code"]


async def test_other_sessions_end_if_asked(ada: Person, clock: Clock) -> None:
    """Not unless; and log-ins under way end in any case."""
    await confirmed(ada)
    session, other = await ada.log_in(), await ada.log_in()
    await set_up(session, clock)
    assert (await other.me()).status_code == 200
    clock.advance(STEP)
    await set_up(session, clock, end_other_sessions=True)
    assert_problem(await other.me(), 401, "invalid_token")
    assert (await session.me()).status_code == 200


async def test_off(ada: Person, clock: Clock, runtime: Runtime, owner: Owner) -> None:
    """Nobody sets one up; who has one is asked all the same."""
    async with another(runtime, SECOND_FACTOR="off") as url, httpx.AsyncClient(base_url=url, timeout=30) as client:
        clock.advance(STEP)
        person = Person(client, ada.id, ada.email)
        there = Owner(person, owner.session, owner.app)
        session = await there.log_in()
        assert_problem(await session.call("POST", f"{FACTORS}/totp"), 404, "not_found")
        assert (await session.call("DELETE", f"{FACTORS}/totp")).status_code == 204


@pytest.mark.parametrize("policy", ["everyone", "superusers"])
async def test_who_has_to_have_one_keeps_the_last(root: Person, clock: Clock, runtime: Runtime, policy: str) -> None:
    """409, and it can be replaced."""
    await confirmed(root)
    session = await root.log_in()
    await set_up(session, clock)
    async with another(runtime, SECOND_FACTOR=policy) as url, httpx.AsyncClient(base_url=url, timeout=30) as client:
        there = Session(client, session.access_token, session.refresh_token)
        assert (await there.call("GET", FACTORS)).json()["required"] is True
        assert_problem(await there.call("DELETE", f"{FACTORS}/totp"), 409, "last_way_in")
        clock.advance(STEP)
        await set_up(there, clock)
