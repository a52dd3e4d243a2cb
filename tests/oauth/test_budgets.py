"""Guesses at the token endpoint and at /api/auth are guesses at the same thing: one budget for both."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from models import SecurityEvent
from service.core.clock import Clock
from service.runtime import Runtime
from tests.auth.test_throttle import FREE, LIMITS, WAIT, Evaluations, evaluations
from tests.http.support import another, hold_oauth
from tests.oauth.token_support import TOKEN, hold_tokens, password_of, refresh_of
from tests.support.people import Person, assert_problem

__all__ = ["evaluations"]  # a fixture

ANYBODY = {"X-Forwarded-For": "192.0.2.7"}


@pytest.fixture
async def door(runtime: Runtime) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a service with the limits that it has by itself, behind one proxy."""
    async with (
        another(runtime, PROXIES_COUNT=1, **LIMITS) as url,
        httpx.AsyncClient(base_url=url, timeout=30, headers=ANYBODY) as client,
    ):
        yield client


def hold_limited(response: httpx.Response) -> int:
    """Hold that it is 429 in OAuth 2's form; return for how long."""
    assert hold_oauth(response, 429, "temporarily_unavailable").code == "rate_limited"
    assert response.headers["ratelimit"].endswith(f"t={response.headers['retry-after']}")
    return int(response.headers["retry-after"])


@pytest.mark.parametrize("first", ["form", "json"])
async def test_one_budget(
    door: httpx.AsyncClient, ada: Person, clock: Clock, evaluations: type[Evaluations], first: str
) -> None:
    """R12, R75: what was guessed at one is used up at the other, before anything is hashed; a right one waits, too."""
    wrong = {**password_of(ada), "password": "wrong"}

    async def by_form(form: dict[str, str]) -> httpx.Response:
        return await door.post(TOKEN, data=form)

    async def by_json(form: dict[str, str]) -> httpx.Response:
        return await door.post("/api/auth/login", json={name: form[name] for name in ("username", "password")})

    one, other = (by_form, by_json) if first == "form" else (by_json, by_form)
    for number in range(FREE):
        assert (await (one if number % 3 else other)(wrong)).status_code == 400
    looked_at = evaluations.count
    hold_limited(await by_form(wrong))
    hold_limited(await by_form(password_of(ada)))
    problem = assert_problem(await by_json(password_of(ada)), 429, "rate_limited")
    assert problem["error"] == "temporarily_unavailable"
    assert evaluations.count == looked_at
    clock.advance(WAIT + 1)
    assert (await other(password_of(ada))).status_code == 200
    door.cookies.clear()
    assert await SecurityEvent.filter(type="login.failed", user_id=ada.id).count() >= FREE


async def test_refused_refreshes(door: httpx.AsyncClient, ada: Person) -> None:
    """R12: so are refused refreshes, of one network; who has a good token and comes from elsewhere isn't kept out."""
    session = await ada.log_in()
    most = LIMITS["REFUSED_REFRESHES_PER_ADDRESS"]
    refused = 0
    for number in range(most + 1):
        form = number % 2 == 0
        text = f"lkr_{number}"
        answer = await (
            door.post(TOKEN, data=refresh_of(text))
            if form
            else door.post("/api/auth/refresh", json={"refresh_token": text})
        )
        if answer.status_code == 429:
            break
        refused += 1
    assert refused == most
    hold_limited(await door.post(TOKEN, data=refresh_of(session.refresh_token)))
    problem = assert_problem(
        await door.post("/api/auth/refresh", json={"refresh_token": session.refresh_token}), 429, "rate_limited"
    )
    assert problem["error"] == "temporarily_unavailable"
    elsewhere = {"X-Forwarded-For": "198.51.100.9"}
    hold_tokens(await door.post(TOKEN, data=refresh_of(session.refresh_token), headers=elsewhere))


async def test_nonsense(runtime: Runtime) -> None:
    """Requests that no client of ours would send use up their network's budget here, too."""
    async with (
        another(runtime, PROXIES_COUNT=1, RATE_LIMITS_ENABLED=True, REFUSED_REQUESTS_PER_ADDRESS=5) as url,
        httpx.AsyncClient(base_url=url, headers={"X-Forwarded-For": "192.0.2.99"}) as client,
    ):
        answers = [await client.post(TOKEN, json={}) for _ in range(7)]
    assert [answer.status_code for answer in answers[:5]] == [415] * 5
    hold_limited(answers[-1])
