"""Fifty at once, and stores that go away in the middle: one binding, one proof, and nobody is logged out (R85, R73)."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from models import SecurityEvent
from service.core.clock import Clock
from service.core.redis.client import RedisScripts
from service.core.sql.lookup import Lookup
from service.errors import Unavailable
from service.runtime import Runtime
from service.signin import unproven
from service.stores.sessions import scripts
from tests.support.bound import Bound, jwt, new_key
from tests.support.people import Person, assert_problem
from tests.support.waiting import unless_shed

MANY = 50


async def at_once(call: Callable[[int], Awaitable[httpx.Response]]) -> list[httpx.Response]:
    """Make a call fifty times at once, each until it isn't shed."""
    return list(await asyncio.gather(*(unless_shed(lambda number=number: call(number)) for number in range(MANY))))  # type: ignore[misc]


def token_in(answer: httpx.Response) -> str:
    """Return the cookie with the refresh token that an answer sets, without how long it is kept."""
    (found,) = (line for line in answer.headers.get_list("set-cookie") if "lkr_" in line)
    return found.partition(";")[0]


async def test_fifty_keys(browser: Bound) -> None:
    """One binds the session; the others are refused, and it is that one which goes on."""
    keys = [new_key() for _ in range(MANY)]
    texts = [jwt(key, browser.offered or "", brings=True) for key in keys]
    answers = await at_once(lambda n: browser.send("/device", headers={"Secure-Session-Response": texts[n]}))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 400: MANY - 1}
    assert await SecurityEvent.filter(type="session.bound").count() == 1
    assert await SecurityEvent.filter(type="session.unproven").count() == 1
    (first,) = (number for number, answer in enumerate(answers) if answer.status_code == 200)
    browser.take(answers[first])
    browser.identifier = answers[first].json()["session_identifier"]
    for number in (first, *(other for other in range(5) if other != first)):
        await browser.ask()
        answer = await browser.ask(jwt(keys[number], browser.challenge))
        assert answer.status_code == (200 if number == first else 400)


async def test_fifty_times_one_key(browser: Bound) -> None:
    """The same registration again and again is one."""
    text = jwt(browser.key, browser.offered or "", brings=True)
    answers = await at_once(lambda _: browser.send("/device", headers={"Secure-Session-Response": text}))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    assert await SecurityEvent.filter(type="session.bound").count() == 1


async def test_fifty_proofs_of_one_challenge(bound: Bound) -> None:
    """One counts; the others are asked for another, and none of them is a theft."""
    await bound.ask()
    headers = {
        "Sec-Secure-Session-Id": bound.identifier,
        "Secure-Session-Response": jwt(bound.key, bound.challenge or ""),
    }
    answers = await at_once(lambda _: bound.send("/device/proof", headers=headers))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 403: MANY - 1}
    assert not await SecurityEvent.filter(type="session.unproven").exists()
    assert (await bound.prove()).status_code == 200


async def test_tabs_that_refresh_while_it_proves(bound: Bound, clock: Clock) -> None:
    """Tabs whose cookie has run out are refused or let by, as the proof comes; each asks again, and all go on."""
    clock.advance(700)
    bound.proof = None
    await bound.ask()

    async def tab(number: int) -> httpx.Response:
        if number == 10:
            return await bound.prove()
        answer = await bound.send("/refresh")
        while answer.status_code == 403:
            await asyncio.sleep(0.02)
            answer = await bound.send("/refresh")
        return answer

    answers = await asyncio.gather(*(tab(number) for number in range(20)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({token_in(answer) for number, answer in enumerate(answers) if number != 10}) == 1


async def test_fifty_refreshes(bound: Bound) -> None:
    """Of one token, each with its proof: one successor, as ever."""
    answers = await at_once(lambda _: bound.send("/refresh"))
    assert {answer.status_code for answer in answers} == {200}
    assert len({token_in(answer) for answer in answers}) == 1


async def test_ended_while_it_is_bound(browser: Bound, ada: Person) -> None:
    """A log-out and registrations at once: whatever comes first, the session is over, and nothing brings it back."""
    texts = [jwt(new_key(), browser.offered or "", brings=True) for _ in range(MANY)]

    async def one(number: int) -> httpx.Response:
        if number == MANY // 2:
            return await browser.send("/logout")
        return await browser.send("/device", headers={"Secure-Session-Response": texts[number]})

    answers = await at_once(one)
    assert answers[MANY // 2].status_code == 204
    assert_problem(await browser.refresh(), 400, "invalid_grant")
    session = await ada.log_in()
    assert [one["bound"] for one in (await session.call("GET", "/sessions")).json()] == [None]


SCRIPTS = {"bind": scripts.BIND, "held": scripts.HELD, "prove": scripts.PROVE, "rotate": scripts.ROTATE}


def failing(monkeypatch: pytest.MonkeyPatch, name: str, *, after: bool = False) -> None:
    """Have Redis go away when it is asked this; with `after`, once it has done it, before its answer."""
    run = RedisScripts.run

    async def away(self: Any, script: Any, *arguments: Any) -> Any:
        if script is not SCRIPTS[name]:
            return await run(self, script, *arguments)
        if after:
            await run(self, script, *arguments)
        raise Unavailable("redis")

    monkeypatch.setattr(RedisScripts, "run", away)


@pytest.mark.parametrize("after", [False, True])
async def test_redis_away_while_it_registers(browser: Bound, monkeypatch: pytest.MonkeyPatch, after: bool) -> None:
    """503, which a browser takes for an outage; the same key again is taken."""
    with monkeypatch.context() as patched:
        failing(patched, "bind", after=after)
        assert_problem(await browser.register(), 503, "unavailable")
    assert (await browser.register()).status_code == 200
    assert (await browser.refresh()).status_code == 200


@pytest.mark.parametrize(("name", "after"), [("held", False), ("prove", False), ("prove", True)])
async def test_redis_away_while_it_proves(
    bound: Bound, clock: Clock, monkeypatch: pytest.MonkeyPatch, name: str, after: bool
) -> None:
    """503, and the key isn't forgotten: no 4xx, no `continue: false`. A proof whose answer got lost is asked anew."""
    await bound.ask()
    clock.advance(601)
    bound.proof = None
    with monkeypatch.context() as patched:
        failing(patched, name, after=after)
        assert_problem(await bound.ask(jwt(bound.key, bound.challenge or "")), 503, "unavailable")
    assert (await bound.prove()).status_code == 200
    assert (await bound.refresh()).status_code == 200


async def test_redis_away_while_it_refreshes(bound: Bound, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """503 whether or not it has rotated; the repetition gets its tokens, and no cookie is cleared."""
    for after in (False, True):
        clock.advance(60)
        with monkeypatch.context() as patched:
            failing(patched, "rotate", after=after)
            answer = await bound.send("/refresh")
            assert_problem(answer, 503, "unavailable")
            assert "set-cookie" not in answer.headers
        assert (await bound.refresh()).status_code == 200


async def test_the_database_away(bound: Bound, monkeypatch: pytest.MonkeyPatch, runtime: Runtime) -> None:
    """What was tried is refused all the same, and nothing that it can't be recorded lets by."""

    async def away(*_: object, **__: object) -> None:
        raise Unavailable("database")

    thief = bound.stolen()
    thief.proof = None
    with monkeypatch.context() as patched:
        patched.setattr(unproven, "_once", away)
        assert_problem(await thief.refresh(), 403, "device_proof_required")
    with monkeypatch.context() as patched:
        patched.setattr(Lookup, "__call__", away)
        assert (await thief.refresh()).status_code in (403, 503)
    assert (await bound.refresh()).status_code == 200


async def test_the_database_away_while_it_registers(browser: Bound, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is bound, and the event comes later; or it isn't, with a 503: then it can be."""

    async def away(*_: object, **__: object) -> None:
        raise Unavailable("database")

    with monkeypatch.context() as patched:
        patched.setattr(SecurityEvent, "create", away)
        assert (await browser.register()).status_code == 200
    assert (await browser.refresh()).status_code == 200


async def test_refreshes_while_it_binds(browser: Bound, ada: Person) -> None:
    """A page that opens while the key comes: let by or refused, one successor, and nobody is taken for a thief."""
    text = jwt(browser.key, browser.offered or "", brings=True)

    async def one(number: int) -> httpx.Response:
        if number % 2:
            return await browser.send("/device", headers={"Secure-Session-Response": text})
        return await browser.send("/refresh")

    answers = await at_once(one)
    refreshed, bound = answers[::2], answers[1::2]
    assert {answer.status_code for answer in bound} == {200}
    assert {answer.status_code for answer in refreshed} <= {200, 403}
    assert len({token_in(answer) for answer in refreshed if answer.status_code == 200}) <= 1
    for answer in (bound[0], *(answer for answer in refreshed if answer.status_code == 200)):
        browser.take(answer)
    assert (await browser.refresh()).status_code == 200
    assert not await SecurityEvent.filter(type="session.unproven").exists()
