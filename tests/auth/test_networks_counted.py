"""Many addresses of one customer: a /48 of IPv6 is 65,536 networks, and counts as ten at most (R75)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest

from service.runtime import Runtime
from tests.auth.test_throttle import LIMITS, Evaluations, evaluations, guess, hold_limited
from tests.http.support import another
from tests.support.people import PASSWORD, Person, assert_problem

__all__ = ["evaluations"]  # a fixture
QUOTA = 3
SMALL: dict[str, Any] = {name: QUOTA if name.endswith("_PER_ADDRESS") else value for name, value in LIMITS.items()}
HOME = "2001:db8:7:1::5"


def neighbour(number: int) -> str:
    """An address in a /64 of its own of the /48 that HOME is in."""
    return f"2001:db8:7:{number + 0x100:x}::{number + 1:x}"


@pytest.fixture
async def door(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a service where a network may do everything three times, behind one proxy."""
    monkeypatch.setattr(runtime.throttle._local, "_windows", {})
    async with (
        another(runtime, PROXIES_COUNT=1, EMAIL_SIGN_IN="both", **SMALL) as url,
        httpx.AsyncClient(base_url=url, timeout=60) as found,
    ):
        yield found


async def log_in(door: httpx.AsyncClient, number: int, ip: str) -> httpx.Response:
    return await guess(door, f"u{number}@example.com", ip=ip)


async def register(door: httpx.AsyncClient, number: int, ip: str) -> httpx.Response:
    body = {"email": f"u{number}@example.com", "password": PASSWORD}
    return await door.post("/api/auth/register", json=body, headers={"X-Forwarded-For": ip})


async def forgot(door: httpx.AsyncClient, number: int, ip: str) -> httpx.Response:
    body = {"email": f"u{number}@example.com"}
    return await door.post("/api/auth/password/forgot", json=body, headers={"X-Forwarded-For": ip})


async def resend(door: httpx.AsyncClient, number: int, ip: str) -> httpx.Response:
    body = {"email": f"u{number}@example.com"}
    return await door.post("/api/auth/email/verify/resend", json=body, headers={"X-Forwarded-For": ip})


async def mail_login(door: httpx.AsyncClient, number: int, ip: str) -> httpx.Response:
    body = {"email": f"u{number}@example.com"}
    return await door.post("/api/auth/email/start", json=body, headers={"X-Forwarded-For": ip})


async def refresh(door: httpx.AsyncClient, number: int, ip: str) -> httpx.Response:
    body = {"refresh_token": f"lkr_nonsense{number}"}
    return await door.post("/api/auth/refresh", json=body, headers={"X-Forwarded-For": ip})


Call = Callable[[httpx.AsyncClient, int, str], Awaitable[httpx.Response]]
CALLS: list[Call] = [log_in, register, forgot, resend, mail_login, refresh]


@pytest.mark.parametrize("call", CALLS)
async def test_a_48_counts_beside_the_64(door: httpx.AsyncClient, call: Call, evaluations: type[Evaluations]) -> None:
    """R12, R19, R75: from 60 networks of one /48, ten times what one may is looked at; another /48 is not concerned."""
    for number in range(QUOTA):
        assert (await call(door, number, HOME)).status_code != 429
    hold_limited(await call(door, QUOTA, HOME))  # its own /64 first, and that takes nothing of the neighbours'
    answers = [await call(door, number, neighbour(number)) for number in range(QUOTA + 1, 60)]
    assert sum(answer.status_code != 429 for answer in answers) == 9 * QUOTA
    hold_limited(answers[-1])
    assert f";q={10 * QUOTA};" in answers[-1].headers["ratelimit-policy"]
    assert (await call(door, 98, "2001:db8:8:1::5")).status_code != 429
    assert (await call(door, 99, "203.0.113.7")).status_code != 429


@pytest.mark.parametrize("call", [register, forgot])
async def test_without_redis_too(
    door: httpx.AsyncClient, call: Call, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R73, R75: the budgets of one process know the /48 as well."""
    from service.errors import Unavailable

    async def fail(*_: object) -> None:
        raise Unavailable("redis")

    monkeypatch.setattr(runtime.redis, "run", fail)
    answers = [await call(door, number, neighbour(number)) for number in range(40)]
    assert [answer.status_code == 429 for answer in answers] == [False] * 30 + [True] * 10


async def test_eleven_hundred_networks(runtime: Runtime, evaluations: type[Evaluations]) -> None:
    """R12, R75: with the service's own limits, of 1,100 guesses from one /48 a thousand are looked at."""
    async with another(runtime, PROXIES_COUNT=1, **LIMITS) as url, httpx.AsyncClient(base_url=url, timeout=60) as door:
        answers = []
        for first in range(0, 1100, 10):
            some = (log_in(door, number, neighbour(number)) for number in range(first, first + 10))
            answers += await asyncio.gather(*some)
    assert sum(answer.status_code == 400 for answer in answers) == evaluations.count == 1000


@pytest.mark.parametrize(
    "forms",
    [
        [f"2002:cb00:7107:{number:x}::1" for number in range(9)],
        [f"2001:0:{number:x}:1:8000:f227:34ff:8ef8" for number in range(9)],
        ["203.0.113.7", "::ffff:203.0.113.7", "64:ff9b::203.0.113.7", "2002:cb00:7107::1", "::ffff:0:203.0.113.7"],
    ],
)
async def test_one_host_in_many_forms(
    door: httpx.AsyncClient, forms: list[str], evaluations: type[Evaluations]
) -> None:
    """R75: 6to4, Teredo and translators write one IPv4 host in many ways, and it is one all the same."""
    answers = [await log_in(door, number, ip) for number, ip in enumerate(forms)]
    assert [answer.status_code for answer in answers[: QUOTA + 1]] == [400] * QUOTA + [429]
    assert evaluations.count == QUOTA


async def test_behind_one_translator(door: httpx.AsyncClient, evaluations: type[Evaluations]) -> None:
    """R12: IPv4 hosts behind a NAT64 are in one /64, and don't spend each other's attempts."""
    for number in range(60):
        assert_problem(await log_in(door, number, f"64:ff9b::198.51.100.{number}"), 400, "invalid_grant")


async def test_neighbours_keep_nobody_out(door: httpx.AsyncClient, ada: Person, evaluations: type[Evaluations]) -> None:
    """R12: whoever has logged in here before does so whatever the /48 around has used up, with or without cookie."""
    first = await guess(door, ada.email, PASSWORD, ip=HOME)
    assert first.status_code == 200
    cookie = first.cookies["latchkey_device"]
    for number in range(60):
        await log_in(door, number, neighbour(number))
    hold_limited(await log_in(door, 99, HOME))
    assert (await guess(door, ada.email, PASSWORD, ip=HOME)).status_code == 200
    moved = await guess(door, ada.email, PASSWORD, ip=neighbour(99), Cookie=f"latchkey_device={cookie}")
    assert moved.status_code == 200


async def test_right_passwords_cost_the_neighbours_nothing(
    door: httpx.AsyncClient, ada: Person, evaluations: type[Evaluations]
) -> None:
    """R12: log-ins that succeed take nothing of the /48's budget, nor do those that are refused."""
    for number in range(40):
        ip = neighbour(number)
        assert (await guess(door, ada.email, PASSWORD, ip=ip, **{"User-Agent": f"N/{number}"})).status_code == 200
    for number in range(QUOTA):
        assert_problem(await log_in(door, number, HOME), 400, "invalid_grant")
