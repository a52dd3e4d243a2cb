"""Whoever has a copy without its key can show it all day: like other refused refreshes that has an end (R17, R85)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from service.core.clock import Clock
from service.runtime import Runtime
from tests.http.support import another
from tests.support.bound import Bound, new_key
from tests.support.dpop import Holder
from tests.support.people import Person, assert_problem

FEW = 5


@pytest.fixture
async def door(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a service that takes few."""
    monkeypatch.setattr(runtime.throttle._local, "_windows", {})
    changes: dict[str, Any] = {"RATE_LIMITS_ENABLED": True, "REFUSED_REFRESHES_PER_ADDRESS": FEW}
    async with another(runtime, **changes) as url, httpx.AsyncClient(base_url=url) as found:
        yield found


async def test_the_cookies_of_a_browser(door: httpx.AsyncClient, ada: Person, clock: Clock) -> None:
    """By address, for a minute; whatever the copy says of why there is no proof."""
    bound = Bound(door)
    await bound.log_in(ada.email, ada.password)
    await bound.bind()
    clock.advance(60)
    thief = bound.stolen()
    thief.proof = None
    thief.headers |= {"Secure-Session-Skipped": f'quota_exceeded;session_identifier="{bound.identifier}"'}
    for _ in range(FEW):
        assert_problem(await thief.send("/refresh"), 403, "device_proof_required")
    assert_problem(await thief.send("/refresh"), 429, "rate_limited")
    clock.advance(61)
    assert (await bound.refresh()).status_code == 200


async def test_the_tokens_of_a_client(door: httpx.AsyncClient, ada: Person, clock: Clock) -> None:
    """The same, with another key at each time."""
    holder = Holder(door, clock)
    await holder.log_in(ada)
    for _ in range(FEW):
        assert_problem(await holder.refresh(key=new_key()), 400, "invalid_dpop_proof")
    assert_problem(await holder.refresh(key=new_key()), 429, "rate_limited")
    clock.advance(61)
    assert (await holder.refresh()).status_code == 200
