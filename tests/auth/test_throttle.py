"""Guessing at passwords: slower and slower, wherever it is tried, and without locking the owner out."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from time import monotonic

import httpx
import pytest

from models import User
from service.core.clock import Clock
from service.core.passwords.hashing import Passwords
from service.core.windows import LOCAL_BUCKETS
from service.credentials.budgets import FIRST_WAIT
from service.errors import Unavailable
from service.runtime import Runtime
from service.settings import Settings
from tests.http.support import another
from tests.ops.test_metrics import here
from tests.support.people import PASSWORD, Person, assert_problem, register

URL = "/api/auth/login"
LIMITS = {
    name: Settings.model_fields[name].default
    for name in (
        "LOGIN_ATTEMPTS_PER_ACCOUNT",
        "LOGIN_ATTEMPTS_PER_ADDRESS",
        "REGISTRATIONS_PER_ADDRESS",
        "MAIL_REQUESTS_PER_ACCOUNT",
        "MAIL_REQUESTS_PER_ADDRESS",
        "REFUSED_REFRESHES_PER_ADDRESS",
    )
}
FREE = LIMITS["LOGIN_ATTEMPTS_PER_ACCOUNT"]
WAIT = FIRST_WAIT / 1000


class Evaluations:
    """How many passwords were looked at."""

    count = 0


@pytest.fixture
async def door(runtime: Runtime) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a service with the limits that it has by itself, behind one proxy."""
    async with (
        another(runtime, PROXIES_COUNT=1, **LIMITS) as url,
        httpx.AsyncClient(base_url=url, timeout=30) as client,
    ):
        yield client


@pytest.fixture
def evaluations(monkeypatch: pytest.MonkeyPatch) -> type[Evaluations]:
    """Counts, and takes the time of a look instead of a hash."""
    Evaluations.count = 0

    async def verify(_: Passwords, password: str, hashed: str | None) -> bool:
        Evaluations.count += 1
        await asyncio.sleep(0)
        return hashed is not None and password == PASSWORD

    monkeypatch.setattr(Passwords, "verify", verify)
    return Evaluations


async def guess(
    client: httpx.AsyncClient, email: str = "ada@example.com", password: str = "wrong", ip: str = "", **headers: str
) -> httpx.Response:
    if ip:
        headers["X-Forwarded-For"] = ip
    client.cookies.clear()
    return await client.post(URL, data={"username": email, "password": password}, headers=headers)


def hold_limited(response: httpx.Response) -> int:
    """Hold that an answer is a 429 as promised; return its Retry-After."""
    assert_problem(response, 429, "rate_limited")
    wait = int(response.headers["retry-after"])
    policy = re.fullmatch(r'"([a-z-]+)";q=(\d+);w=(\d+)', response.headers["ratelimit-policy"])
    left = re.fullmatch(r'"([a-z-]+)";r=0;t=(\d+)', response.headers["ratelimit"])
    assert policy
    assert left
    assert policy[1] == left[1]
    assert int(policy[2]) > 0
    assert wait >= int(left[2]) > 0
    return wait


async def test_waits_grow(door: httpx.AsyncClient, ada: Person, clock: Clock, evaluations: type[Evaluations]) -> None:
    """R12: five wrong passwords are free; then each costs a wait, twice as long every time, up to a quarter hour."""
    for _ in range(FREE):
        assert_problem(await guess(door), 400, "invalid_grant")
    for wait in (15, 30, 60, 120, 240, 480, 900, 900):
        assert wait - 5 <= hold_limited(await guess(door)) <= wait
        clock.advance(wait)
        assert_problem(await guess(door), 400, "invalid_grant")
    assert evaluations.count == FREE + 8


async def test_never_more_than_a_hundred(
    door: httpx.AsyncClient, ada: Person, clock: Clock, evaluations: type[Evaluations]
) -> None:
    """R12: however long somebody waits between them, the hundredth wrong password in a row is the last."""
    for number in range(100):
        assert_problem(await guess(door, ip=f"203.0.113.{number}"), 400, "invalid_grant")
        clock.advance(901)
    assert hold_limited(await guess(door, password=PASSWORD)) > 86_400
    assert evaluations.count == 100


async def test_the_right_password_ends_the_row(door: httpx.AsyncClient, ada: Person) -> None:
    """R12: after a success the count begins anew."""
    for _ in range(2):
        for _ in range(FREE - 1):
            assert_problem(await guess(door), 400, "invalid_grant")
        # Another device each time: a known one would have its own budget.
        assert (await guess(door, password=PASSWORD, ip="198.51.100.9")).status_code == 200
        assert (await guess(door, password=PASSWORD)).status_code == 200


async def test_two_hundred_at_once(door: httpx.AsyncClient, ada: Person, evaluations: type[Evaluations]) -> None:
    """R13: of 200 wrong log-ins at once, from as many addresses, five passwords are looked at.

    (Fewer where a busy machine sheds some of the load before anything is counted.)
    """
    before, began = here(), monotonic()
    answers = await asyncio.gather(*(guess(door, ip=f"10.0.{n % 7}.{n}") for n in range(200)))
    free = FREE + int((monotonic() - began) / WAIT)  # a very busy machine takes so long that another one is free
    statuses = [answer.status_code for answer in answers]
    assert 0 < evaluations.count <= free
    assert set(statuses) <= {400, 429, 503}
    told = here() - before
    assert told["latchkey_throttled_total"] == told["latchkey_throttled_total{budget=login}"] == statuses.count(429)
    assert statuses.count(400) <= evaluations.count
    if 503 not in statuses and free == FREE:
        assert (evaluations.count, statuses.count(429)) == (FREE, 200 - FREE)


async def test_one_budget_for_every_path(
    door: httpx.AsyncClient, ada: Person, clock: Clock, evaluations: type[Evaluations]
) -> None:
    """R14: log-in, reauthentication and a change of password share it: no path is a way around another."""
    tokens = (await guess(door, password=PASSWORD)).json()
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    paths: list[Callable[[], Awaitable[httpx.Response]]] = [
        lambda: guess(door),
        lambda: door.post("/api/auth/reauthenticate", json={"password": "wrong"}, headers=bearer),
        lambda: door.put(
            "/api/users/me", json={"password": "a new one altogether", "current_password": "wrong"}, headers=bearer
        ),
    ]
    for number in range(FREE):
        assert_problem(await paths[number % 3](), 400, "invalid_grant")
    for path in paths:
        hold_limited(await path())
    assert evaluations.count == 1 + FREE


@pytest.mark.parametrize(
    "spelling",
    [
        "ADA@EXAMPLE.COM", " ada@example.com ", "a.d.a@example.com", "ada+x@example.com", "\uff41da@example.com",
        "ada @example.com", "ada@example.com.",
    ],
)  # fmt: skip
async def test_spellings_share_a_budget(
    door: httpx.AsyncClient, ada: Person, spelling: str, evaluations: type[Evaluations]
) -> None:
    """R12: case, spaces, dots, tags and look-alikes don't make another account of it."""
    for number in range(FREE):
        await guess(door, email=spelling if number % 2 else ada.email)
    hold_limited(await guess(door, email=spelling))
    hold_limited(await guess(door, email=ada.email))


async def test_nothing_else_of_a_request_counts(
    door: httpx.AsyncClient, ada: Person, evaluations: type[Evaluations]
) -> None:
    """R12, R65: no header, no field, no cookie and no other form of the body is a fresh budget."""
    for number in range(FREE):
        await guess(door, ip=f"203.0.113.{number}")
    hold_limited(await guess(door, ip="198.51.100.1, 203.0.113.77", **{"User-Agent": "Another/1.0"}))
    hold_limited(await guess(door, **{"Cookie": "latchkey_device=" + "A" * 64, "X-Real-IP": "1.2.3.4"}))
    body = {"email": ada.email, "password": "wrong", "scope": "x", "client_id": "y"}
    hold_limited(await door.post(URL, json=body))
    assert evaluations.count == FREE


async def test_forwarded_addresses_of_strangers(runtime: Runtime, evaluations: type[Evaluations]) -> None:
    """R65: without a trusted proxy X-Forwarded-For is noise; all these come from one address."""
    async with (
        another(runtime, **{**LIMITS, "LOGIN_ATTEMPTS_PER_ADDRESS": 7}) as url,
        httpx.AsyncClient(base_url=url) as client,
    ):
        answers = [await guess(client, f"u{n}@example.com", ip=f"203.0.113.{n}") for n in range(9)]
    assert [answer.status_code for answer in answers] == [400] * 7 + [429] * 2


@pytest.mark.parametrize(
    ("addresses", "shared"),
    [
        (["203.0.113.7"] * 4, True),
        (["2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:db8:1:2:a:b:c:d", "2001:db8:1:2::2"], True),
        (["203.0.113.7", "203.0.113.8", "203.0.113.9", "203.0.113.10"], False),
        (["2001:db8:1:2::1", "2001:db8:1:3::1", "2001:db8:1:4::1", "2001:db8:1:5::1"], False),
    ],
)
async def test_addresses(runtime: Runtime, addresses: list[str], shared: bool, evaluations: type[Evaluations]) -> None:
    """R12: whoever tries many accounts is counted by IPv4 address, or by the IPv6 /64 that they have all of."""
    async with (
        another(runtime, PROXIES_COUNT=1, **{**LIMITS, "LOGIN_ATTEMPTS_PER_ADDRESS": 3}) as url,
        httpx.AsyncClient(base_url=url) as client,
    ):
        answers = [await guess(client, f"u{n}@example.com", ip=ip) for n, ip in enumerate(addresses)]
        assert [answer.status_code for answer in answers] == [400] * 3 + [429 if shared else 400]
        if shared:
            assert 'login-address";q=3;w=900' in answers[-1].headers["ratelimit-policy"]
            hold_limited(answers[-1])


async def test_own_success_frees_no_guesses(
    runtime: Runtime, ada: Person, grace: Person, evaluations: type[Evaluations]
) -> None:
    """R12: logging in to an account of one's own doesn't give the address its wrong attempts back."""
    async with (
        another(runtime, **{**LIMITS, "LOGIN_ATTEMPTS_PER_ADDRESS": 3}) as url,
        httpx.AsyncClient(base_url=url) as client,
    ):
        for number in range(3):
            assert_problem(await guess(client, f"u{number}@example.com"), 400, "invalid_grant")
            if number < 2:
                assert (await guess(client, grace.email, PASSWORD)).status_code == 200
        hold_limited(await guess(client, ada.email))


async def test_a_shed_log_in_costs_nothing(
    door: httpx.AsyncClient, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R11, R12: where the queue of hashes is full no password was looked at, so no attempt is gone."""

    async def full(*_: object) -> bool:
        raise Unavailable("passwords")

    with monkeypatch.context() as crowded:
        crowded.setattr(Passwords, "verify", full)
        for _ in range(3 * FREE):
            assert_problem(await guess(door), 503, "unavailable")
    assert (await guess(door, password=PASSWORD)).status_code == 200


async def test_without_redis_nobody_guesses(
    door: httpx.AsyncClient,
    ada: Person,
    runtime: Runtime,
    monkeypatch: pytest.MonkeyPatch,
    evaluations: type[Evaluations],
) -> None:
    """R12, R73: no store, no count, no look at the password."""

    async def fail(*_: object) -> None:
        raise Unavailable("redis")

    monkeypatch.setattr(runtime.redis, "run", fail)
    assert_problem(await guess(door), 503, "unavailable")
    assert evaluations.count == 0


async def test_registrations(door: httpx.AsyncClient, runtime: Runtime) -> None:
    """R15: one address can't fill the place with accounts; 429 says when to come back, also to a browser."""
    async with (
        another(runtime, **{**LIMITS, "REGISTRATIONS_PER_ADDRESS": 2}) as url,
        httpx.AsyncClient(base_url=url) as client,
    ):
        await register(client, "a@example.com")
        taken = await client.post("/api/auth/register", json={"email": "a@example.com", "password": PASSWORD})
        assert_problem(taken, 400, "email_taken")
        body = {"email": "b@example.com", "password": PASSWORD}
        answer = await client.post("/api/auth/register", json=body, headers={"Origin": "http://localhost:3000"})
    assert 3500 < hold_limited(answer) <= 3600
    exposed = answer.headers["access-control-expose-headers"].lower()
    assert {"retry-after", "ratelimit", "ratelimit-policy"} <= set(exposed.split(", "))
    assert await User.all().count() == 1


async def test_emergency_limits(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """R12, R73: what goes on without Redis is limited by each process for itself, and never open."""

    async def fail(*_: object) -> None:
        raise Unavailable("redis")

    monkeypatch.setattr(runtime.redis, "run", fail)
    monkeypatch.setattr(runtime.throttle._local, "_windows", {})
    async with (
        another(runtime, **{**LIMITS, "REGISTRATIONS_PER_ADDRESS": 2, "MAIL_REQUESTS_PER_ADDRESS": 2}) as url,
        httpx.AsyncClient(base_url=url) as client,
    ):
        for name in "ab":
            await register(client, f"{name}@example.com")
            answer = await client.post("/api/auth/password/forgot", json={"email": f"{name}@example.com"})
            assert answer.status_code == 202
        body = {"email": "c@example.com", "password": PASSWORD}
        hold_limited(await client.post("/api/auth/register", json=body))
        hold_limited(await client.post("/api/auth/password/forgot", json={"email": "c@example.com"}))
        # Even a flood from everywhere doesn't get it to forget.
        runtime.throttle._local._windows = {str(n): (1, 1e12) for n in range(LOCAL_BUCKETS)}
        hold_limited(await client.post("/api/auth/register", json=body))


async def test_refused_refreshes(runtime: Runtime, ada: Person, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """R15: bad refresh tokens are counted, good ones never are; a minute later it is over."""
    session = await ada.log_in()
    monkeypatch.setattr(runtime.throttle._local, "_windows", {})
    async with (
        another(runtime, **{**LIMITS, "REFUSED_REFRESHES_PER_ADDRESS": 3}) as url,
        httpx.AsyncClient(base_url=url) as client,
    ):

        async def refresh(token: str) -> httpx.Response:
            return await client.post("/api/auth/refresh", json={"refresh_token": token})

        for _ in range(5):
            assert (await refresh(session.refresh_token)).status_code == 200
        for _ in range(3):
            assert_problem(await refresh("lkr_nonsense"), 400, "invalid_grant")
        hold_limited(await refresh("lkr_nonsense"))
        clock.advance(61)
        assert (await refresh(session.refresh_token)).status_code == 200


async def test_an_ordinary_refresh_asks_redis_once(
    ada: Person, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R12: the throttle adds no round trip to it."""
    session = await ada.log_in()
    calls = []
    run = runtime.redis.run

    async def counted(*args: object) -> object:
        calls.append(args)
        return await run(*args)  # type: ignore[arg-type]  # passed on as they came

    monkeypatch.setattr(runtime.redis, "run", counted)
    await session.advance()
    assert len(calls) == 1


async def test_switched_off(
    runtime: Runtime, ada: Person, evaluations: type[Evaluations], monkeypatch: pytest.MonkeyPatch
) -> None:
    """RATE_LIMITS_ENABLED=false is no limit at all, for load tests."""
    monkeypatch.setattr(runtime.throttle, "_enabled", False)
    async with another(runtime, **LIMITS) as url, httpx.AsyncClient(base_url=url) as client:
        for _ in range(3 * FREE):
            assert_problem(await guess(client), 400, "invalid_grant")
