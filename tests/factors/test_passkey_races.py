"""Passkeys: many at once, one that goes while it is shown, stores that are away in the middle."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from models import Credential, Passkey, SecurityEvent, User
from service.credentials import factors, passkey_challenges, passkeys
from service.errors import Unavailable
from service.runtime import Runtime
from tests.factors.passkey_support import MINE, Holder, holder_of, ok
from tests.factors.test_races_and_guessing import statuses
from tests.support.authenticator import Authenticator
from tests.support.people import Person, assert_problem, confirmed
from tests.support.scripts import away_after


@pytest.fixture
async def holder(ada: Person) -> Holder:
    return await holder_of(ada, Authenticator(synced=False))


async def living(runtime: Runtime, holder: Holder) -> int:
    return len(await runtime.sessions.list_living(holder.person.id))


async def test_one_challenge_many_times(holder: Holder, runtime: Runtime) -> None:
    """Alone it opens one session; the others are refused, and nothing is suspended for them."""
    before = await living(runtime, holder)
    shown = holder.device.show(await holder.options())
    answers = await asyncio.gather(*(holder.enter(shown) for _ in range(20)))
    assert statuses(answers)[200] == 1
    assert set(statuses(answers)) == {200, 400}
    assert await living(runtime, holder) == before + 1
    assert not await SecurityEvent.filter(type="passkey.suspended").exists()


async def test_one_answer_many_times_in_the_second_step(holder: Holder, runtime: Runtime) -> None:
    """One session, one refresh token, and nobody of them is refused."""
    before, challenge = await living(runtime, holder), await holder.first()
    shown = holder.device.show(await holder.second_options(challenge))
    answers = await asyncio.gather(*(holder.second(challenge, shown) for _ in range(50)))
    assert set(statuses(answers)) == {200}
    assert len({answer.json()["refresh_token"] for answer in answers if answer.status_code == 200}) == 1
    assert await living(runtime, holder) == before + 1


async def test_two_copies_at_once(holder: Holder, runtime: Runtime) -> None:
    """With one counter: one of both is refused, and the passkey suspended, with one event."""
    before = await living(runtime, holder)
    both = [holder.device.show(await holder.options(), counter=7) for _ in range(2)]
    answers = await asyncio.gather(*map(holder.enter, both))
    assert sorted(answer.status_code for answer in answers) == [200, 400]
    assert await living(runtime, holder) == before + 1
    assert (await Passkey.get(credential__user_id=holder.person.id)).suspended_at
    assert await SecurityEvent.filter(type="passkey.suspended").count() == 1


async def test_two_set_up_at_once(ada: Person) -> None:
    """The same one twice is there once, with one set of recovery codes."""
    await confirmed(ada)
    session = await ada.log_in()
    made = {"credential": Authenticator().make(await ok(session.call("POST", f"{MINE}/options")))}
    answers = await asyncio.gather(*(session.call("POST", MINE, json=made) for _ in range(5)))
    assert set(statuses(answers)) == {201}
    assert sum("recovery_codes" in answer.json() for answer in answers) == 1
    assert await Passkey.all().count() == 1
    assert await Credential.filter(kind="recovery_code").count() == 10


@pytest.mark.parametrize("when", ["before it is looked up again", "before its session is opened"])
@pytest.mark.parametrize("way", ["removed", "reset"])
async def test_removed_while_it_logs_in(
    holder: Holder, root: Person, runtime: Runtime, monkeypatch: pytest.MonkeyPatch, when: str, way: str
) -> None:
    """Whoever has begun with it doesn't get in any more."""
    admin = await root.log_in()

    async def go() -> None:
        if way == "reset":
            await ok(admin.call("DELETE", f"/users/{holder.person.id}/factors", json={"reason": "x"}))
        else:
            assert (await holder.session.call("DELETE", f"{MINE}/{holder.passkey}")).status_code == 204

    if when == "before it is looked up again":
        claim = passkey_challenges.claim

        async def later(*args: Any) -> bool:
            found = await claim(*args)
            await go()
            return found

        monkeypatch.setattr(passkey_challenges, "claim", later)
    else:
        judge = passkeys.judge

        async def first(*args: Any) -> Any:
            found = await judge(*args)
            await go()
            return found

        monkeypatch.setattr(passkeys, "judge", first)
    shown = holder.device.show(await holder.options())
    assert_problem(await holder.enter(shown), 400, "invalid_passkey")
    assert await living(runtime, holder) == (1 if way == "removed" else 0)


@pytest.mark.parametrize("how", ["flushed", "deleted keys"])
async def test_redis_is_emptied_between_both_steps(holder: Holder, runtime: Runtime, how: str) -> None:
    """Nothing is half done: the user begins again."""
    challenge = await holder.first()
    shown = holder.device.show(await holder.second_options(challenge))
    redis: Any = runtime.redis.client
    if how == "flushed":
        await redis.flushall()
    else:
        async for key in redis.scan_iter(f"*user:{{{holder.person.id}}}:*"):
            await redis.delete(key)
    assert_problem(await holder.second(challenge, shown), 400, "invalid_challenge")
    await holder.log_in()


async def _away_everywhere(monkeypatch: pytest.MonkeyPatch, act: Any, *, good: int = 200) -> int:
    """Do it again and again, Redis being away from one call later on each time, until it gets through."""
    for after in range(30):
        with away_after(monkeypatch, after):
            answer: httpx.Response = await act()
        if answer.status_code == good:
            return after
        assert answer.status_code == 503, answer.text
    raise AssertionError("it never got through")


async def test_redis_goes_away_in_a_log_in(holder: Holder, runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whenever it goes: 503, no session that lives; another touch of the passkey is good when it is back."""
    before, options = await living(runtime, holder), iter([await holder.options() for _ in range(30)])
    steps = await _away_everywhere(monkeypatch, lambda: holder.enter(holder.device.show(next(options))))
    assert steps >= 3
    assert await living(runtime, holder) == before + 1
    assert (await Passkey.get(credential__user_id=holder.person.id)).suspended_at is None


async def test_redis_goes_away_in_the_second_step(
    holder: Holder, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same answer in the same log-in is good when it is back; one session in the end."""
    before, challenge = await living(runtime, holder), await holder.first()
    shown = holder.device.show(await holder.second_options(challenge))
    assert await _away_everywhere(monkeypatch, lambda: holder.second(challenge, shown)) >= 3
    assert await living(runtime, holder) == before + 1


async def test_redis_goes_away_in_a_set_up(ada: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of it or nothing; and the recovery codes reach their owner."""
    await confirmed(ada)
    session = await ada.log_in()
    made = {"credential": Authenticator().make(await ok(session.call("POST", f"{MINE}/options")))}
    answers: list[httpx.Response] = []

    async def act() -> httpx.Response:
        answers.append(await session.call("POST", MINE, json=made))
        return answers[-1]

    await _away_everywhere(monkeypatch, act, good=201)
    assert len(answers[-1].json()["recovery_codes"]) == 10
    assert (await session.me()).status_code == 200
    assert await Passkey.all().count() == 1


@pytest.mark.parametrize("step", ["in the second step", "in a set-up", "in a log-in"])
async def test_the_database_goes_away(holder: Holder, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    """503 and nothing half done; the same again is good, but for a log-in with it alone, which wants a new touch."""
    challenge, body = "", {}
    if step == "in a set-up":
        body = {"credential": Authenticator().make(await ok(holder.session.call("POST", f"{MINE}/options")))}
    elif step == "in the second step":
        challenge = await holder.first()
        body = holder.device.show(await holder.second_options(challenge))

    async def act() -> httpx.Response:
        if step == "in a set-up":
            return await holder.session.call("POST", MINE, json=body)
        if step == "in the second step":
            return await holder.second(challenge, body)
        return await holder.enter(holder.device.show(await holder.options()))

    async def away(*_: Any, **__: Any) -> Any:
        raise Unavailable("database")

    before = await Passkey.all().order_by("credential_id").values()
    setting_up: list[tuple[Any, str]] = [(passkeys, "add"), (factors, "changed"), (Passkey, "get_or_none")]
    showing: list[tuple[Any, str]] = [(passkeys, "_use"), (Passkey, "get_or_none"), (Passkey, "filter")]
    for module, name in setting_up if step == "in a set-up" else showing:
        with monkeypatch.context() as broken:
            broken.setattr(module, name, _raises if module is Passkey else away)
            assert_problem(await act(), 503, "unavailable")
        assert await Passkey.all().order_by("credential_id").values() == before
    assert (await act()).status_code in (200, 201)
    assert (await User.get(id=holder.person.id)).has_factor


def _raises(*_: Any, **__: Any) -> Any:
    raise Unavailable("database")


async def test_a_key_overwritten_with_another_type(holder: Holder, runtime: Runtime) -> None:
    """What somebody has put in the place of ours is none of ours: the challenge counts as unused."""
    options = await holder.options()
    shown = holder.device.show(options)
    assert (await holder.enter(shown)).status_code == 200
    redis: Any = runtime.redis.client
    async for key in redis.scan_iter("*throttle:passkey-used:*"):
        await redis.delete(key)
        await redis.rpush(key, "x")
    assert (await holder.enter(holder.device.show(await holder.options()))).status_code == 200
    # Its counter is behind by now, so it is refused all the same.
    assert_problem(await holder.enter(shown), 400, "invalid_passkey")
