"""The moment after a log-in: a page that is opened at once, while its browser makes the key (R85)."""

from __future__ import annotations

import pytest

from models import SecurityEvent
from service.core.clock import Clock
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
