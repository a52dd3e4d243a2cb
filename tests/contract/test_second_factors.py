"""What every Redis must do for second factors: guesses are paid for once each, challenges are good once, trust ends."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import cast
from uuid import uuid4

import pytest

from models import User
from service.core.redis.client import RedisScripts
from service.credentials import factor_guesses, passkey_challenges, trusted_devices
from service.errors import RateLimited
from service.factors import waiting
from service.runtime import Runtime
from service.settings import Settings
from service.stores.throttle import Throttle
from service.stores.tickets import TicketCodec
from tests.contract.conftest import Subject


@pytest.fixture
def runtime(subject: Subject, redis: RedisScripts, store_settings: Settings) -> Runtime:
    """The parts that this takes; of the database none."""
    settings, clock = store_settings, subject.clock
    parts = SimpleNamespace(
        settings=settings,
        clock=clock,
        redis=redis,
        throttle=Throttle(redis, settings, clock),
        tickets=TicketCodec(settings.secrets),
        sessions=subject.store,
    )
    return cast(Runtime, parts)


@pytest.fixture
def user(subject: Subject) -> User:
    return User(id=subject.uid, email="ada@example.com", email_canonical="ada@example.com")


async def test_guesses(runtime: Runtime, user: User, subject: Subject) -> None:
    """A hundred at once, over twenty log-ins and without one: five are paid for, of each kind; again they cost nothing
    where they were paid for, and it is known there which was wrong.
    """
    challenges = [uuid4() for _ in range(20)]
    paid: list[tuple[int, factor_guesses.Paid]] = []

    async def guess(number: int, method: factor_guesses.Method) -> None:
        challenge = challenges[number % 20] if number % 3 else None
        try:
            found = await factor_guesses.pay(runtime, user, method, f"{number}", known=None, challenge=challenge)
        except RateLimited:
            return
        paid.append((number, found))

    for method in factor_guesses.BUDGETS:
        paid.clear()
        await asyncio.gather(*(guess(number, method) for number in range(100)))
        assert len(paid) == factor_guesses.AT_ONCE
        assert sum(found.waits for _, found in paid) == 1
        for number, found in paid:
            if number % 3:
                challenge = challenges[number % 20]
                again = await factor_guesses.pay(runtime, user, method, f"{number}", known=None, challenge=challenge)
                assert (again.taken, again.wrong) == (None, False)
                await factor_guesses.note_wrong(runtime, user, method, f"{number}", challenge)
                once_more = await factor_guesses.pay(
                    runtime, user, method, f"{number}", known=None, challenge=challenge
                )
                assert once_more.wrong
            assert found.subject.startswith("user")
    await factor_guesses.forget_all(runtime, user)
    for method in factor_guesses.BUDGETS:
        assert (await factor_guesses.pay(runtime, user, method, "x", known=None, challenge=None)).left == 4


async def test_with_another_password_the_letters_code_is_another(runtime: Runtime, user: User) -> None:
    """What was guessed at the door with the old one doesn't count; guesses at the app's codes do."""
    for method, again in (("set_up", True), ("totp", False)):
        for number in range(factor_guesses.AT_ONCE):
            await factor_guesses.pay(
                runtime, user, cast(factor_guesses.Method, method), f"{number}", known=None, challenge=None
            )
        user.credentials_version += 1
        guess = factor_guesses.pay(runtime, user, cast(factor_guesses.Method, method), "x", known=None, challenge=None)
        if again:
            assert (await guess).left == 4
        else:
            with pytest.raises(RateLimited):
                await guess


async def test_a_challenge_is_good_once(runtime: Runtime) -> None:
    """Of twenty at once one gets it, and may say so again."""
    challenge = passkey_challenges.make(runtime, passkey_challenges.LOG_IN)
    uses = [uuid4() for _ in range(20)]
    got = await asyncio.gather(*(passkey_challenges.claim(runtime, challenge, use) for use in uses))
    assert sum(got) == 1
    assert await passkey_challenges.claim(runtime, challenge, uses[got.index(True)])
    assert not await passkey_challenges.claim(runtime, challenge, uuid4())


async def test_a_set_up(runtime: Runtime, user: User, subject: Subject) -> None:
    """It is found by whom it was begun for, five wrong codes and no more, and not past its time."""
    made_for = uuid4()
    first, second = [await waiting.begin(runtime, user, made_for) for _ in range(2)]
    assert first.secret != second.secret
    assert await waiting.find(runtime, user, first.enrolment, made_for)
    assert await waiting.find(runtime, user, first.enrolment, uuid4()) is None
    left = await asyncio.gather(*(waiting.fail(runtime, user, first.enrolment) for _ in range(7)))
    assert sorted(left) == [0, 0, 0, 1, 2, 3, 4]
    assert await waiting.find(runtime, user, first.enrolment, made_for) is None
    subject.clock.advance(899)
    assert await waiting.find(runtime, user, second.enrolment, made_for)
    subject.clock.advance(2)
    assert await waiting.find(runtime, user, second.enrolment, made_for) is None


async def test_trust(runtime: Runtime, user: User, subject: Subject) -> None:
    """With the session that it comes with, for as long as was said; of many devices at once; forgotten together."""
    grant, devices = await subject.log_in(), [uuid4() for _ in range(3)]
    for device in devices:
        keys = [
            trusted_devices._key(runtime, user.id, device),
            trusted_devices._session(runtime, user.id, grant.sid),
        ]
        arguments = (subject.clock.shift_ms, "ground", grant.auth_at, 60_000)
        assert await subject.redis.run(trusted_devices._TRUST, keys, *arguments) == 1
        gone = [keys[0], trusted_devices._session(runtime, user.id, uuid4())]
        assert await subject.redis.run(trusted_devices._TRUST, gone, *arguments) == 0
    found = await trusted_devices._read(runtime, user.id, devices)
    assert [said.split()[2] for said in found] == ["ground"] * 3
    subject.clock.advance(61)
    assert await trusted_devices._read(runtime, user.id, devices) == ["", "", ""]
    subject.clock.advance(-61)
    assert await trusted_devices.forget(runtime, user.id, *devices) == 3
    assert await trusted_devices._read(runtime, user.id, devices) == ["", "", ""]
