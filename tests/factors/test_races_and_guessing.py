"""Many at once, guesses, and stores that are away in the middle: a whole session or none, and no code twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import httpx
import pytest

from models import Credential, OutboxMail, SecurityEvent, User
from service.core.client import Client
from service.core.redis.client import RedisScripts
from service.credentials import recovery_codes, second_factor, totp
from service.credentials.proof import Unproven
from service.credentials.second_factor import Code
from service.errors import RateLimited, Unavailable
from service.runtime import Runtime
from tests.factors.support import STEP, Owner, app_of
from tests.support.letters import Mailbox
from tests.support.people import Session, assert_problem
from tests.support.scripts import away_after

HERE = Client("192.0.2.7", "Test/1.0")


async def living(runtime: Runtime, owner: Owner) -> int:
    return len(await runtime.sessions.list_living(owner.person.id))


def statuses(answers: list[httpx.Response]) -> Counter[int]:
    """What came, without what a busy machine has shed."""
    found = Counter(answer.status_code for answer in answers)
    found.pop(503, None)
    return found


async def test_fifty_times_one_right_code(owner: Owner, runtime: Runtime) -> None:
    """One session, one refresh token, and nobody of them is refused."""
    owner.app.clock.advance(STEP)
    before, challenge, code = await living(runtime, owner), await owner.challenge(), owner.app.code()
    answers = await asyncio.gather(*(owner.second(challenge, code) for _ in range(50)))
    assert set(statuses(answers)) == {200}
    assert len({answer.json()["refresh_token"] for answer in answers if answer.status_code == 200}) == 1
    assert await living(runtime, owner) == before + 1


async def test_one_right_code_in_many_log_ins(owner: Owner, runtime: Runtime) -> None:
    """One of them gets it."""
    owner.app.clock.advance(STEP)
    before, code = await living(runtime, owner), owner.app.code()
    challenges = [await owner.challenge() for _ in range(5)]
    answers = await asyncio.gather(*(owner.second(challenge, code) for challenge in challenges))
    assert statuses(answers)[200] == 1
    assert await living(runtime, owner) == before + 1


async def test_one_recovery_code_in_two_log_ins(owner: Owner, runtime: Runtime, mailbox: Mailbox) -> None:
    """Fifty times, and exactly one of both wins; one event, one letter, one code less."""
    await mailbox.letters()
    before, code = await living(runtime, owner), owner.app.recovery_codes[3]
    challenges = [await owner.challenge(), await owner.challenge()]
    answers = await asyncio.gather(*(owner.second(challenges[number % 2], recovery_code=code) for number in range(50)))
    right = {challenges[number % 2] for number, answer in enumerate(answers) if answer.status_code == 200}
    assert len(right) == 1
    assert len({answer.json()["refresh_token"] for answer in answers if answer.status_code == 200}) == 1
    assert await living(runtime, owner) == before + 1
    assert (await SecurityEvent.get(type="recovery_code.used")).ip == "127.0.0.1"
    assert await OutboxMail.filter(letter="recovery_code_used").count() == 1
    assert (await recovery_codes.left(await User.get(id=owner.person.id))).number == 9


async def test_a_code_that_steps_up_does_it_once(owner: Owner) -> None:
    """Of many at once, one."""
    owner.app.clock.advance(STEP)
    body = {"code": owner.app.code()}
    calls = (owner.session.call("POST", "/auth/reauthenticate", json=body) for _ in range(5))
    assert statuses(await asyncio.gather(*calls))[204] == 1


async def test_two_confirm_at_once(owner: Owner) -> None:
    """One of both secrets is in force afterwards, and its codes are good."""
    clock = owner.app.clock
    begun = [await owner.session.call("POST", "/users/me/factors/totp") for _ in range(2)]
    apps = [app_of(answer, clock) for answer in begun]

    async def confirm(number: int) -> httpx.Response:
        body = {"enrolment": begun[number].json()["enrolment"], "code": apps[number].code()}
        return await owner.session.call("POST", "/users/me/factors/totp/confirm", json=body)

    answers = await asyncio.gather(*(confirm(number % 2) for number in range(6)))
    assert 200 in statuses(answers)
    assert await Credential.filter(user_id=owner.person.id, kind="totp").count() == 1
    clock.advance(STEP)
    good = 0
    for app in apps:
        good += (await owner.second(await owner.challenge(), app.code())).status_code == 200
    assert good == 1


async def test_five_hundred_guesses(owner: Owner, runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over twenty log-ins at once: as many are judged as the account's budget has. A recovery code still opens."""
    owner.app.clock.advance(STEP)
    judged = 0
    judge = totp.judge

    async def counted(*args: Any) -> bool:
        nonlocal judged
        judged += 1
        return await judge(*args)

    monkeypatch.setattr(totp, "judge", counted)
    challenges = [await owner.challenge() for _ in range(20)]
    good = {owner.app.code(steps) for steps in range(-2, 3)}
    wrong = [code for code in (f"{number:06}" for number in range(600)) if code not in good][:500]
    for start in range(0, 500, 100):
        batch = wrong[start : start + 100]
        answers = await asyncio.gather(
            *(owner.second(challenges[(start + n) % 20], code) for n, code in enumerate(batch))
        )
        assert set(statuses(answers)) <= {400, 429}
    assert judged == 5
    assert_problem(await owner.second(await owner.challenge()), 429, "rate_limited")
    letter = OutboxMail.filter(letter="second_factor_failed")
    assert await letter.count() == 1
    assert await SecurityEvent.filter(type="second_factor.failed").count() == 1
    done = await owner.second(await owner.challenge(), recovery_code=owner.app.recovery_codes[0])
    assert done.status_code == 200
    assert (await owner.second(await owner.challenge())).status_code == 200  # it has opened the app's codes, too


async def test_a_hundred_wrong_ones_close_it(owner: Owner, runtime: Runtime) -> None:
    """For weeks, also to the right one; the waits grow from a minute to an hour. A recovery code opens it."""
    owner.client.cookies.clear()
    owner.app.clock.advance(STEP)
    user, waits = await User.get(id=owner.person.id), [0]
    wrong = Code(owner.app.wrong())
    for _ in range(100):
        while True:
            try:
                assert isinstance(await second_factor.verify(runtime, user, wrong, HERE), Unproven)
                break
            except RateLimited as refused:
                waits.append(int(refused.headers["Retry-After"]))
                owner.app.clock.advance(waits[-1] + 1)
    assert 50 < min(waits[1:]) <= 60
    assert 3500 < max(waits) <= 3600
    owner.app.clock.advance(2 * 86_400)
    assert_problem(await owner.second(await owner.challenge()), 429, "rate_limited")
    owner.client.cookies.clear()
    done = await owner.second(await owner.challenge(), recovery_code=owner.app.recovery_codes[0])
    assert done.status_code == 200
    owner.client.cookies.clear()
    assert (await owner.second(await owner.challenge())).status_code == 200


async def test_strangers_guesses_are_not_the_owners(owner: Owner) -> None:
    """On a device that is known by its cookie the owner isn't kept out."""
    cookies = dict(owner.client.cookies)
    owner.client.cookies.clear()
    owner.app.clock.advance(STEP)
    challenge = await owner.challenge()
    for number in range(5):
        await owner.second(challenge, owner.app.wrong(number * 20))
    assert_problem(await owner.second(await owner.challenge()), 429, "rate_limited")
    for name, value in cookies.items():
        owner.client.cookies.set(name, value)
    assert (await owner.second(await owner.challenge())).status_code == 200


async def test_the_same_wrong_code_later_is_another_guess(owner: Owner) -> None:
    """What is wrong now may be right half a minute later: each step of the clock is paid for, also in one log-in."""
    owner.app.clock.advance(STEP)
    challenge, code = await owner.challenge(), owner.app.wrong()
    for left in (4, 3, 2, 1):
        answer = await owner.second(challenge, code)
        assert assert_problem(answer, 400, "invalid_code")["attempts_left"] == left
        owner.app.clock.advance(STEP)
    assert_problem(await owner.second(await owner.challenge(), owner.app.wrong(40)), 400, "invalid_code")
    assert_problem(await owner.second(await owner.challenge()), 429, "rate_limited")


async def test_a_right_password_gives_no_more_guesses(owner: Owner) -> None:
    """Neither does another log-in, nor stepping up."""
    owner.app.clock.advance(STEP)
    for number in range(5):
        answer = await owner.second(await owner.challenge(), owner.app.wrong(number * 20))
        assert assert_problem(answer, 400, "invalid_code")["attempts_left"] == 4
    body = {"code": owner.app.code()}
    assert_problem(await owner.session.call("POST", "/auth/reauthenticate", json=body), 429, "rate_limited")


async def _redis_away_everywhere(
    owner: Owner, runtime: Runtime, monkeypatch: pytest.MonkeyPatch, act: Any, *, most: int = 30
) -> int:
    """Do it again and again, Redis being away from one call later on each time, until it gets through."""
    for after in range(most):
        with away_after(monkeypatch, after):
            answer: httpx.Response = await act()
        if answer.status_code < 300:
            return after
        assert answer.status_code == 503, answer.text
    raise AssertionError("it never got through")


async def test_redis_goes_away_in_the_second_step(
    owner: Owner, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whenever it goes, the same code in the same log-in is good when it is back; one session in the end."""
    owner.app.clock.advance(STEP)
    before, challenge, code = await living(runtime, owner), await owner.challenge(), owner.app.code()
    steps = await _redis_away_everywhere(owner, runtime, monkeypatch, lambda: owner.second(challenge, code))
    assert steps >= 3
    assert await living(runtime, owner) == before + 1


async def test_redis_goes_away_in_a_recovery(owner: Owner, runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same with a recovery code: one is used up, however often it was tried."""
    challenge, code = await owner.challenge(), owner.app.recovery_codes[0]
    await _redis_away_everywhere(owner, runtime, monkeypatch, lambda: owner.second(challenge, recovery_code=code))
    assert (await recovery_codes.left(await User.get(id=owner.person.id))).number == 9


async def test_redis_goes_away_while_it_is_confirmed(
    owner: Owner, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old secret or the new one: never none, never half; and the session stays."""
    clock = owner.app.clock
    begun = await owner.session.call("POST", "/users/me/factors/totp")
    app, number = app_of(begun, clock), begun.json()["enrolment"]
    body = {"enrolment": number, "code": app.code()}
    await _redis_away_everywhere(
        owner, runtime, monkeypatch,
        lambda: owner.session.call("POST", "/users/me/factors/totp/confirm", json=body),
    )  # fmt: skip
    assert (await owner.session.me()).status_code == 200
    assert await Credential.filter(user_id=owner.person.id, kind="totp").count() == 1
    clock.advance(STEP)
    assert (await owner.second(await owner.challenge(), app.code())).status_code == 200


@pytest.mark.parametrize("shown", ["code", "recovery_code"])
async def test_the_database_goes_away(owner: Owner, monkeypatch: pytest.MonkeyPatch, shown: str) -> None:
    """503, nothing is used up, and the same again is good."""
    owner.app.clock.advance(STEP)
    challenge = await owner.challenge()
    body = {shown: owner.app.code() if shown == "code" else owner.app.recovery_codes[0]}

    def away(*_: Any, **__: Any) -> Any:
        raise Unavailable("database")

    for name in ("filter", "get_or_none"):
        with monkeypatch.context() as broken:
            broken.setattr(Credential, name, away)
            answer = await owner.second(challenge, **body)
        if name == "filter":
            assert_problem(answer, 503, "unavailable")
    done = await owner.second(challenge, **body)
    assert done.status_code == 200, done.text


async def test_a_session_is_taken_back_whole(owner: Owner, runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """Redis away just when the trust of a device is noted: the log-in stands, and nothing is trusted."""
    owner.app.clock.advance(STEP)
    challenge = await owner.challenge()
    real = RedisScripts.run

    async def run(self: RedisScripts, script: Any, *args: Any, **named: Any) -> Any:
        if script.name == "trust_device":
            raise Unavailable("redis")
        return await real(self, script, *args, **named)

    with monkeypatch.context() as broken:
        broken.setattr(RedisScripts, "run", run)
        done = await owner.second(challenge, trust_device=True)
    assert done.status_code == 200
    session = Session(owner.client, done.json()["access_token"], done.json()["refresh_token"])
    assert (await session.call("GET", "/users/me/trusted-devices")).json() == []
    assert await SecurityEvent.filter(type="device.trusted").count() == 0


async def test_keys_overwritten_with_another_type(owner: Owner, runtime: Runtime) -> None:
    """What somebody has put in the place of ours is none of ours: asked again, begun again."""
    redis: Any = runtime.redis.client
    owner.app.clock.advance(STEP)
    challenge = await owner.challenge()
    await owner.second(challenge, trust_device=True)
    begun = await owner.session.call("POST", "/users/me/factors/totp")
    async for key in redis.scan_iter(f"*user:{{{owner.person.id}}}:*"):
        if any(f":{kind}:" in key.decode() for kind in ("trusted", "enrolment", "tried")):
            await redis.delete(key)
            await redis.rpush(key, "x")
    assert_problem(await owner.first(), 403, "second_factor_required")
    body = {"enrolment": begun.json()["enrolment"], "code": "123456"}
    answer = await owner.session.call("POST", "/users/me/factors/totp/confirm", json=body)
    assert_problem(answer, 400, "invalid_challenge")
    owner.app.clock.advance(STEP)
    assert (await owner.second(await owner.challenge())).status_code == 200
