"""The moment after a log-in: a page that is opened at once, while its browser makes the key (R85)."""

from __future__ import annotations

import pytest

from models import SecurityEvent
from service.core.clock import Clock
from service.runtime import Runtime
from tests.factors.support import STEP, owner_of
from tests.support.bound import Bound, jwt
from tests.support.letters import Mailbox
from tests.support.people import Person, assert_problem


async def test_a_page_that_is_opened_at_once(browser: Bound, ada: Person, mailbox: Mailbox) -> None:
    """Its refresh is under way when the session is bound, and the cookie of the proof is on its way back.

    It is refused, and asked again it goes through: nobody has tried anything, and no letter says so.
    """
    text = jwt(browser.key, browser.offered or "", brings=True)
    bound = await browser.send("/device", headers={"Secure-Session-Response": text})
    early = await browser.send("/refresh")
    assert_problem(early, 403, "device_proof_required")
    assert early.headers["retry-after"] == "1"
    browser.take(bound)
    assert (await browser.refresh()).status_code == 200
    assert not await SecurityEvent.filter(type="session.unproven").exists()
    assert not await mailbox.letters(ada.email)


@pytest.mark.parametrize(("seconds", "tells"), [(14, False), (16, True)])
async def test_how_long_that_takes(bound: Bound, clock: Clock, seconds: int, tells: bool) -> None:
    """A quarter of a minute; whoever comes without the key later is told of, and what is given out is the same."""
    clock.advance(seconds)
    thief = bound.stolen()
    thief.proof = None
    answer = await thief.send("/refresh")
    assert_problem(answer, 403, "device_proof_required")
    assert ("retry-after" in answer.headers) is not tells
    assert await SecurityEvent.filter(type="session.unproven").exists() is tells


async def test_whoever_comes_right_after_the_owner(bound: Bound, clock: Clock) -> None:
    """That moment is the log-in's alone: after a proof, its browser has the cookie of it."""
    clock.advance(600)
    thief = bound.stolen()
    thief.proof = None
    await bound.prove()
    answer = await thief.send("/refresh")
    assert_problem(answer, 403, "device_proof_required")
    assert "retry-after" not in answer.headers
    assert await SecurityEvent.filter(type="session.unproven").exists()


async def test_the_last_step_once_more(ada: Person, runtime: Runtime, clock: Clock) -> None:
    """Its answer may have got lost, so it is given again; not once the session is bound, for that takes the answer.

    Whoever has seen ticket and code would have an access token of a session whose key they lack.
    """
    owner = await owner_of(ada, runtime.clock)
    clock.advance(STEP)
    browser = Bound(ada.client)
    owed = assert_problem(await browser.log_in(ada.email, ada.password), 403, "second_factor_required")
    body = {"challenge": owed["challenge"], "code": owner.app.code()}
    for _ in range(2):
        answer = browser.take(await browser.send("/second-factor", json=body))
        assert answer.status_code == 200, answer.text
    await browser.bind()
    for headers in (browser.headers, {}):
        assert_problem(await browser.send("/second-factor", headers=headers, json=body), 400, "invalid_challenge")
    assert (await browser.refresh()).status_code == 200
