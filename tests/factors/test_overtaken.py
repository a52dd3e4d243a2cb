"""Set-ups that something else has overtaken: begun when the account had less to lose, or as somebody else's."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from models import Credential, Passkey, User
from service.core.clock import Clock
from service.runtime import Runtime
from tests.factors.passkey_support import MINE, add, holder_of, ok
from tests.factors.support import SECOND, STEP, Owner, app_of, set_up
from tests.factors.test_at_the_door import Visitor, visitor
from tests.mail_login.support import code_in
from tests.support.authenticator import Authenticator
from tests.support.letters import Mailbox
from tests.support.people import Person, assert_problem, confirmed

assert visitor  # a fixture


@pytest.mark.parametrize("first", ["app", "passkey"])
@pytest.mark.parametrize("begun", ["app", "passkey"])
async def test_begun_before_there_was_a_factor(ada: Person, clock: Clock, begun: str, first: str) -> None:
    """Who has a session and the password begins a set-up; its owner is quicker. What was begun is no way round theirs:
    it would replace the owner's factor, or stand beside it, with nothing shown but the password.
    """
    await confirmed(ada)
    thief, session = await ada.log_in(), await ada.log_in()
    if begun == "app":
        answer = await thief.call("POST", "/users/me/factors/totp")
        app = app_of(answer, clock)
        path, body = "/users/me/factors/totp/confirm", {"enrolment": answer.json()["enrolment"], "code": app.code()}
    else:
        path, body = MINE, {"credential": Authenticator().make(await ok(thief.call("POST", f"{MINE}/options")))}
    if first == "app":
        mine, _ = await set_up(session, clock)
    else:
        await ok(add(session, Authenticator()), 201)
    before = {row.id for row in await Credential.filter(user_id=ada.id)}
    asked = assert_problem(await thief.call("POST", path, json=body), 403, "reauthentication_required")
    assert asked["level"] == 2
    assert {row.id for row in await Credential.filter(user_id=ada.id)} == before
    if first == "app":
        clock.advance(STEP)
        await Owner(ada, thief, mine).step_up(thief)  # it was the owner, in another tab
        if begun == "app":
            body["code"] = app.code()
        assert (await thief.call("POST", path, json=body)).status_code in (200, 201)


async def test_the_same_confirmation_at_once(ada: Person, clock: Clock) -> None:
    """As one after the other: it is done, and the recovery codes are told once."""
    await confirmed(ada)
    session = await ada.log_in()
    begun = await session.call("POST", "/users/me/factors/totp")
    body = {"enrolment": begun.json()["enrolment"], "code": app_of(begun, clock).code()}
    calls = (session.call("POST", "/users/me/factors/totp/confirm", json=body) for _ in range(10))
    answers = [answer for answer in await asyncio.gather(*calls) if answer.status_code != 503]
    assert {answer.status_code for answer in answers} == {200}
    assert sum("recovery_codes" in answer.json() for answer in answers) == 1
    assert await Credential.filter(user_id=ada.id, kind="recovery_code").count() == 10


async def test_anothers_passkey_at_the_door(visitor: Visitor, grace: Person, mailbox: Mailbox) -> None:
    """An authenticator that calls a key what another account's is called: refused, and nothing is set up."""
    key = Authenticator()
    await holder_of(grace, key)
    challenge = await visitor.first()
    await mailbox.letters()
    begun = await ok(visitor.client.post(f"{SECOND}/enrol", json={"challenge": challenge, "kind": "passkey"}))
    code = code_in(await mailbox.letter(visitor.person.email))
    made = Authenticator().make(begun["options"], raw_id=key.key.raw_id)
    body = {"challenge": challenge, "passkey": made, "mail_code": code}
    assert_problem(await visitor.confirm(body), 400, "invalid_passkey")
    assert (await User.get(id=visitor.person.id)).factors == 0
    assert await Passkey.all().count() == 1


async def test_one_name_for_two_keys_at_once(ada: Person, grace: Person) -> None:
    """Of two accounts that set up what is called alike one gets it, and the other is told so."""
    raw_id = bytes(range(16))
    calls = []
    for person in (ada, grace):
        session = await (await confirmed(person)).log_in()
        made = Authenticator().make(await ok(session.call("POST", f"{MINE}/options")), raw_id=raw_id)
        calls += [session.call("POST", MINE, json={"credential": made})] * 1
    answers = await asyncio.gather(*calls)
    assert sorted(answer.status_code for answer in answers) == [201, 400]
    assert_problem(next(answer for answer in answers if answer.status_code == 400), 400, "invalid_passkey")


async def test_never_eleven(ada: Person, clock: Clock) -> None:
    """Fifteen at once, beside those that there are: ten in the end."""
    await confirmed(ada)
    session = await ada.log_in()
    await ok(add(session, Authenticator()), 201)
    made = [Authenticator().make(await ok(session.call("POST", f"{MINE}/options"))) for _ in range(15)]

    async def hand_in(credential: dict[str, object]) -> httpx.Response:
        while True:
            answer = await session.call("POST", MINE, json={"credential": credential})
            if answer.status_code != 503:  # it waits for its turn in vain where a machine is busy
                return answer

    answers = await asyncio.gather(*map(hand_in, made))
    assert sorted(answer.status_code for answer in answers) == [201] * 9 + [409] * 6
    assert await Passkey.all().count() == 10
    assert_problem(await session.call("POST", f"{MINE}/options"), 409, "too_many_passkeys")


async def test_both_last_ways_in_at_once(ada: Person, runtime: Runtime) -> None:
    """Of an account without a password, with two passkeys: one goes, the other stays."""
    from service.core.sql.transactions import transaction
    from service.credentials import passwords
    from tests.http.support import another

    holder = await holder_of(ada)
    second = await ok(add(holder.session, Authenticator()), 201)
    async with transaction():
        await passwords.take_away(await User.get(id=ada.id))
    async with another(runtime, EMAIL_SIGN_IN="off") as url, httpx.AsyncClient(base_url=url, timeout=30) as client:
        both = (holder.passkey, second["id"])
        headers = holder.session.headers
        answers = await asyncio.gather(*(client.delete(f"/api{MINE}/{key}", headers=headers) for key in both))
        assert sorted(answer.status_code for answer in answers) == [204, 409]
        assert await Passkey.all().count() == 1


async def test_a_passkey_of_another_domain_is_no_way_in(ada: Person, runtime: Runtime) -> None:
    """After a change of PASSKEY_RP_ID what is left of the old domain opens nothing: the new one is the last."""
    from service.core.sql.transactions import transaction
    from service.credentials import passwords
    from tests.http.support import another

    holder = await holder_of(ada)
    await ok(add(holder.session, Authenticator()), 201)
    await Passkey.exclude(credential_id=holder.passkey).update(rp_id="old.example")
    async with transaction():
        await passwords.take_away(await User.get(id=ada.id))
    async with another(runtime, EMAIL_SIGN_IN="off") as url, httpx.AsyncClient(base_url=url, timeout=30) as client:
        answer = await client.delete(f"/api{MINE}/{holder.passkey}", headers=holder.session.headers)
        assert_problem(answer, 409, "last_way_in")
    assert await Passkey.all().count() == 2
