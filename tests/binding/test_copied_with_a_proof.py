"""A bound session that was copied while its last proof was good: the copy is out, its owner goes on (R77, R85)."""

from __future__ import annotations

import asyncio
from collections import Counter
from copy import copy

import httpx
import pytest

from models import OutboxMail, SecurityEvent
from service.core.clock import Clock
from service.errors import Unavailable
from service.runtime import Runtime
from tests.binding.test_races_and_faults import token_in
from tests.oauth.support import a_service
from tests.support.bound import Bound
from tests.support.following import following
from tests.support.letters import Mailbox
from tests.support.people import Person, assert_problem, confirmed
from tests.support.waiting import unless_shed

EVENT = "session.copy_locked_out"


async def copied(owner: Bound, clock: Clock) -> Bound:
    """Somebody has gone on with a copy, and uses what they got; they keep the token from before, too."""
    thief = owner.stolen()
    clock.advance(60)
    assert (await thief.refresh()).status_code == 200
    assert (await thief.me()).status_code == 200
    clock.advance(60)
    return thief


async def shut_out(thief: Bound, owner: Bound, proof: str | None) -> None:
    """Nothing that they hold is worth anything: no token, old or new, with the proof that they have or without."""
    for token in {thief.cookie, owner.cookie}:
        for shown in (proof, None):
            other = copy(thief)
            other.cookie, other.proof = token, shown
            assert_problem(await other.refresh(), 403, "device_proof_required")
    assert_problem(await thief.me(), 401, "invalid_token")


async def test_the_owner_comes_first(bound: Bound, clock: Clock, mailbox: Mailbox, ada: Person) -> None:
    """The spent token comes back: both are asked for a new proof, which only the owner's browser can give."""
    await confirmed(ada)
    await mailbox.letters()
    thief = await copied(bound, clock)
    proof, access = bound.proof, bound.access_token
    answer = await bound.refresh()
    assert_problem(answer, 403, "device_proof_required")
    assert "retry-after" not in answer.headers
    assert bound.proof is None, "a browser that has the cookie proves nothing anew"
    await shut_out(thief, bound, proof)
    assert_problem(await bound.me(), 401, "invalid_token")
    assert (await bound.used()).status_code == 200
    assert (await bound.me()).status_code == 200
    await shut_out(thief, bound, proof)
    for _ in range(3):
        assert (await bound.me()).status_code == 200  # it is known by now, and isn't asked for
    assert_problem(await thief.me(), 401, "invalid_token")
    thief.access_token = access  # the one that was copied
    assert_problem(await thief.me(), 401, "invalid_token")
    for _ in range(3):
        clock.advance(700)
        bound.proof = None
        assert (await bound.used()).status_code == 200
        assert (await bound.me()).status_code == 200
    event = await SecurityEvent.get(type=EVENT)
    assert event.user_id == ada.id  # type: ignore[attr-defined]
    assert event.detail["previous_user_agent"] == "Thief/1.0"
    assert not await SecurityEvent.filter(type="session.token_reused").exists()
    letter = next(one for one in await mailbox.letters(ada.email) if "copy" in one.subject)
    assert letter.link == "http://localhost:8000/devices"
    assert "stay logged in" in letter.text


async def test_the_thief_comes_first(bound: Bound, clock: Clock) -> None:
    """They show what was spent: they are shut out, and the owner is asked for one more proof."""
    thief = bound.stolen()
    clock.advance(60)
    assert (await bound.refresh()).status_code == 200
    assert (await bound.me()).status_code == 200
    clock.advance(60)
    assert_problem(await thief.refresh(), 403, "device_proof_required")
    await shut_out(thief, bound, bound.proof)
    assert_problem(await bound.me(), 401, "invalid_token")
    assert_problem(await bound.refresh(), 403, "device_proof_required")
    assert (await bound.used()).status_code == 200
    assert (await bound.me()).status_code == 200
    assert await SecurityEvent.filter(type=EVENT).count() == 1


async def test_other_services_hear_of_it(
    bound: Bound, clock: Clock, client: httpx.AsyncClient, runtime: Runtime, ada: Person
) -> None:
    """Who follows, and has taken the copy's access token for good, is told to ask again, and hears the truth."""
    billing = await a_service(client, runtime)
    thief = await copied(bound, clock)

    async def active(whose: Bound) -> bool:
        return bool((await billing.ask(whose.access_token))["active"])

    assert await active(thief)
    async with following(client, (billing.client_id, billing.secret)) as follower:
        assert (await bound.refresh()).status_code == 403
        told = await follower.hears(sub=ada.id)
        assert not await active(thief)
        assert (await bound.used()).status_code == 200
        assert await active(bound)
        assert told.data["reason"] == "changed"
        assert not [event for event in follower.events if "sid" in event.data], "nothing has ended"


async def test_fifty_refreshes_of_the_owner(bound: Bound, clock: Clock) -> None:
    """Tabs that all come with the spent token: one finds it out, and once proven anew they get one successor."""
    thief = await copied(bound, clock)
    proof = bound.proof
    answers = await asyncio.gather(*(unless_shed(lambda: bound.send("/refresh")) for _ in range(50)))
    assert Counter(answer.status_code for answer in answers) == {403: 50}
    assert await SecurityEvent.filter(type=EVENT).count() == 1
    assert not await SecurityEvent.filter(type="session.unproven").exists(), "it was the owner's own browser"
    bound.take(answers[0])
    assert (await bound.prove()).status_code == 200

    async def one(number: int) -> tuple[int, str]:
        if number % 2:
            other = copy(thief)
            other.proof = proof
            return (await unless_shed(lambda: other.send("/refresh"))).status_code, ""
        answer = await unless_shed(lambda: bound.send("/refresh"))
        return answer.status_code, token_in(answer)

    found = await asyncio.gather(*(one(number) for number in range(50)))
    assert Counter(status for status, _ in found) == {200: 25, 403: 25}
    assert len({token for status, token in found if status == 200}) == 1


async def test_a_lost_answer(bound: Bound, clock: Clock) -> None:
    """Exactly once, here too: the answer to the owner's new proof gets lost, and comes again when asked for."""
    await copied(bound, clock)
    await bound.refresh()
    await bound.prove()
    lost = await bound.send("/refresh")
    assert lost.status_code == 200
    assert token_in(await bound.send("/refresh")) == token_in(lost)
    clock.advance(30)
    assert (await bound.refresh()).status_code == 200
    assert (await bound.me()).status_code == 200


async def test_again_and_again(bound: Bound, clock: Clock) -> None:
    """A copy a day: each is found out, and none of them ends anything."""
    for number in range(1, 4):
        thief = await copied(bound, clock)
        assert_problem(await bound.refresh(), 403, "device_proof_required")
        assert (await bound.used()).status_code == 200
        assert_problem(await thief.refresh(), 403, "device_proof_required")
        assert await SecurityEvent.filter(type=EVENT).count() == number
        clock.advance(86_400)
        bound.proof = None
        assert (await bound.used()).status_code == 200


async def test_copied_before_it_was_bound(browser: Bound, clock: Clock) -> None:
    """In the second between the log-in and its key: the copy is out as soon as both go on, and the owner isn't."""
    thief = browser.stolen()
    assert (await thief.refresh()).status_code == 200
    assert (await thief.me()).status_code == 200
    await browser.bind()
    clock.advance(60)
    assert_problem(await browser.refresh(), 403, "device_proof_required")
    assert (await browser.used()).status_code == 200
    assert_problem(await thief.me(), 401, "invalid_token")
    assert_problem(await thief.refresh(), 403, "device_proof_required")


async def test_the_browser_signs_no_more_for_a_while(bound: Bound, clock: Clock) -> None:
    """It says so, is told when to come again, and goes on then."""
    await copied(bound, clock)
    assert_problem(await bound.refresh(), 403, "device_proof_required")
    skipped = {"Secure-Session-Skipped": f'quota_exceeded;session_identifier="{bound.identifier}"'}
    answer = await bound.send("/refresh", headers=bound.headers | skipped)
    assert_problem(answer, 403, "device_proof_required")
    assert answer.headers["retry-after"] == "90"
    clock.advance(90)
    assert (await bound.used()).status_code == 200


async def test_the_database_away(bound: Bound, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the event nor the letter can be stored: the copy is out all the same, and the owner goes on."""

    async def away(*_: object, **__: object) -> None:
        raise Unavailable("database")

    thief = await copied(bound, clock)
    with monkeypatch.context() as broken:
        broken.setattr("service.audit.events.insert", away)
        broken.setattr(OutboxMail, "create", away)
        assert_problem(await bound.refresh(), 403, "device_proof_required")
    assert_problem(await thief.me(), 401, "invalid_token")
    assert (await bound.used()).status_code == 200
