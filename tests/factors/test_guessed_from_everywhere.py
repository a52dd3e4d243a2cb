"""Guesses from everywhere at once: whatever is mixed, an account's budget is judged; and its owner isn't kept out."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from service.core.clock import Clock
from service.core.passwords.hashing import Passwords
from service.credentials import recovery_codes, totp
from service.runtime import Runtime
from tests.factors.passkey_support import Holder, add, ok
from tests.factors.support import SECOND, STEP, Owner, set_up
from tests.factors.test_at_the_door import Visitor, visitor
from tests.factors.test_races_and_guessing import statuses
from tests.support.authenticator import Authenticator
from tests.support.links import NEW_PASSWORD, reset, reset_token
from tests.support.people import PASSWORD, Person, assert_problem, confirmed

assert visitor  # a fixture


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often a code was looked at, and how many recovery codes were hashed."""
    found: Counter[str] = Counter()

    def counted(name: str, real: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def judge(*args: Any) -> Any:
            found[name] += 1
            return await real(*args)

        return judge

    monkeypatch.setattr(totp, "judge", counted("totp", totp.judge))
    monkeypatch.setattr(recovery_codes, "judge", counted("recovery_code", recovery_codes.judge))
    return found


async def test_mixed(owner: Owner, runtime: Runtime, judged: Counter[str]) -> None:
    """Five hundred over twenty log-ins, two stolen sessions and both kinds of codes, from as many addresses."""
    device = Authenticator()
    passkey = await ok(add(owner.session, device), 201)
    cookies = dict(owner.client.cookies)
    owner.client.cookies.clear()
    owner.app.clock.advance(STEP)
    challenges = [await owner.challenge() for _ in range(20)]
    good = {owner.app.code(steps) for steps in range(-3, 4)}
    wrong = iter([code for code in (f"{number:06}" for number in range(700)) if code not in good])

    def guess(number: int) -> Awaitable[httpx.Response]:
        headers = {"X-Forwarded-For": f"203.0.113.{number % 250}"}
        match number % 4:
            case 0 | 1:
                return owner.second(challenges[number % 20], next(wrong), headers=headers)
            case 2:
                body = {"code": next(wrong)}
                return owner.session.call("POST", "/auth/reauthenticate", json=body)
            case _:
                text = f"{number:05}-AAAA-AAAA"
                return owner.second(challenges[number % 20], recovery_code=text, headers=headers)

    for start in range(0, 500, 100):
        answers = await asyncio.gather(*(guess(number) for number in range(start, start + 100)))
        assert set(statuses(answers)) <= {400, 429}
    assert judged["totp"] == 5
    assert judged["recovery_code"] == 5
    judged.clear()
    # A right password is no new budget; what is known, or can't be guessed, opens all the same.
    assert_problem(await owner.second(await owner.challenge()), 429, "rate_limited")
    assert judged == {}
    holder = Holder(owner.person, owner.session, device, passkey["id"])
    for name, value in cookies.items():
        owner.client.cookies.set(name, value)
    assert (await holder.step_up(owner.session)).status_code == 204
    assert (await holder.log_in()).claims["acr"] == "phr"
    owner.client.cookies.clear()
    assert (await owner.second(await owner.challenge())).status_code == 200  # the passkey has opened it


async def test_one_wrong_recovery_code_again_and_again(owner: Owner, monkeypatch: pytest.MonkeyPatch) -> None:
    """In one log-in, a hundred times at once: it is paid for once, and hashed once."""
    challenge, hashed, real = await owner.challenge(), 0, Passwords.hash_like

    async def hash_like(self: Passwords, *args: Any) -> str:
        nonlocal hashed
        hashed += 1
        return await real(self, *args)

    monkeypatch.setattr(Passwords, "hash_like", hash_like)
    answers = await asyncio.gather(*(owner.second(challenge, recovery_code="AAAAA-AAAA-AAAA") for _ in range(100)))
    assert set(statuses(answers)) <= {400, 429}
    assert hashed == 1
    assert_problem(await owner.second(challenge, recovery_code="AAAAA-AAAA-AAAA"), 400, "invalid_challenge")


async def test_guesses_at_the_mailbox_keep_nobody_out(visitor: Visitor, runtime: Runtime) -> None:
    """Somebody with the password guesses at the code of the letter. Who has set another password is the owner, and can
    set a factor up at once.
    """
    visitor.client.cookies.clear()
    for _ in range(3):
        challenge = await visitor.first()
        _, body = await visitor.begun(challenge)
        for number in range(5):
            guess = f"{(int(body['mail_code']) + 1 + number) % 10**6:06}"
            answer = await visitor.confirm({**body, "mail_code": guess})
            if answer.status_code == 429:
                break
            assert_problem(answer, 400, "invalid_code")
        visitor.clock.advance(int(answer.headers.get("Retry-After", 60)) + 1)
    _, body = await visitor.begun(await visitor.first())
    assert_problem(await visitor.confirm({**body, "mail_code": guess}), 400, "invalid_code")
    assert_problem(await visitor.confirm(body), 429, "rate_limited")
    token = await reset_token(visitor.person, visitor.mailbox)
    assert (await reset(visitor.person.client, token)).status_code == 204
    visitor.client.cookies.clear()
    login = {"email": visitor.person.email, "password": NEW_PASSWORD}
    response = await visitor.client.post("/api/auth/login", json=login)
    challenge = assert_problem(response, 403, "enrolment_required")["challenge"]
    _, body = await visitor.begun(challenge)
    assert (await visitor.confirm(body)).status_code == 200


async def test_guessed_before_there_was_one(visitor: Visitor, ada: Person) -> None:
    """Codes that somebody with the password has tried while there was no app count for none: its owner sets one up, and
    logs in elsewhere.
    """
    challenge = await visitor.first()
    for number in range(5):
        body = {"challenge": challenge, "code": f"{number:06}"}
        assert_problem(await visitor.client.post(SECOND, json=body), 400, "invalid_code")
    challenge = await visitor.first()
    app, body = await visitor.begun(challenge)
    assert (await visitor.confirm(body)).status_code == 200
    visitor.client.cookies.clear()
    owed = await visitor.client.post("/api/auth/login", json={"email": ada.email, "password": PASSWORD})
    shown = {"challenge": owed.json()["challenge"], "code": app.code(1)}
    done = await visitor.client.post(SECOND, json=shown)
    assert done.status_code == 200, done.text


async def test_guessed_in_a_stolen_session(ada: Person, clock: Clock) -> None:
    """The same where a session is stolen, and the app is set up in another."""
    await confirmed(ada)
    thief = await ada.log_in()
    ada.client.cookies.clear()
    for number in range(5):
        answer = await thief.call("POST", "/auth/reauthenticate", json={"code": f"{number:06}"})
        assert_problem(answer, 400, "invalid_code")
    session = await ada.log_in()
    app, _ = await set_up(session, clock)
    clock.advance(STEP)
    ada.client.cookies.clear()
    owner = Owner(ada, session, app)
    assert (await owner.second(await owner.challenge())).status_code == 200
