"""Accounts whose addresses look like one mailbox share a budget: nobody refills it for another, and no owner pays."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from models import User
from service.core.clock import Clock
from service.errors import Unavailable
from service.runtime import Runtime
from service.stores.throttle import Throttle
from tests.auth.test_budgets import VICTIM, Attack
from tests.auth.test_enumeration import as_bytes
from tests.auth.test_throttle import FREE, LIMITS, Evaluations, evaluations, guess, hold_limited
from tests.http.support import another
from tests.support.letters import Mailbox
from tests.support.people import PASSWORD, Person, assert_problem, register

__all__ = ["evaluations"]  # a fixture
OWN = "o.ther@example.com"
DAY = 86_400


@pytest.fixture
async def door(runtime: Runtime) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a service with the limits that it has by itself, behind one proxy."""
    async with another(runtime, PROXIES_COUNT=1, **LIMITS) as url, httpx.AsyncClient(base_url=url, timeout=60) as found:
        yield found


async def call(door: httpx.AsyncClient, method: str, path: str, token: str, ip: str, **body: Any) -> httpx.Response:
    """Call with a session's token, and no cookie that would make it a known device."""
    door.cookies.clear()
    headers = {"Authorization": f"Bearer {token}", "X-Forwarded-For": ip}
    return await door.request(method, f"/api{path}", headers=headers, json=body or None)


async def opened(door: httpx.AsyncClient, email: str, password: str = PASSWORD, ip: str = "192.0.2.1") -> str:
    answer = await guess(door, email, password, ip=ip)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])


async def reset(door: httpx.AsyncClient, mailbox: Mailbox, email: str, password: str = PASSWORD) -> None:
    await door.post("/api/auth/password/forgot", json={"email": email})
    letters = {letter.subject: letter for letter in await mailbox.letters(email)}
    body = {"token": letters["Set a new password"].token, "password": password}
    assert (await door.post("/api/auth/password/reset", json=body)).status_code == 204


async def move(door: httpx.AsyncClient, mailbox: Mailbox, token: str, email: str) -> None:
    await mailbox.letters()
    assert (await call(door, "POST", "/users/me/email", token, "192.0.2.1", email=email)).status_code == 202
    body = {"token": (await mailbox.letter(email)).token}
    assert (await door.post("/api/auth/email/confirm", json=body)).status_code == 204


async def test_own_reset_refills_nothing(
    door: httpx.AsyncClient, mailbox: Mailbox, evaluations: type[Evaluations]
) -> None:
    """R12, R75: resetting the password of one's own account clears no guesses at another's."""
    for email in (VICTIM, OWN):
        await register(door, email)
    attack = Attack(door)
    for _ in range(5):
        for _ in range(4):
            await attack.guess()
        await reset(door, mailbox, OWN)
        await attack.own_success(OWN)
    attack.hold()


async def test_an_administrators_password_refills_nothing(
    door: httpx.AsyncClient, root: Person, evaluations: type[Evaluations]
) -> None:
    """R12, R75: nor does a password that an administrator sets for one's own account."""
    await register(door, VICTIM)
    own, boss, attack = await register(door, OWN), await root.log_in(), Attack(door)
    for _ in range(10):
        for _ in range(4):
            await attack.guess()
        assert (await boss.call("PATCH", f"/users/{own.id}", json={"password": PASSWORD})).status_code == 200
        await attack.own_success(OWN)
    attack.hold()


async def test_own_step_ups_refill_nothing(door: httpx.AsyncClient, evaluations: type[Evaluations]) -> None:
    """R12, R14, R75: nor does the right password anywhere else that asks for it."""
    for email in (VICTIM, OWN):
        await register(door, email)
    token, attack = await opened(door, OWN), Attack(door)
    for number in range(40):
        await attack.guess()
        if number % 4 == 3:
            ip = f"192.0.2.{number + 10}"
            await call(door, "POST", "/auth/reauthenticate", token, ip, password=PASSWORD)
            await call(door, "PUT", "/users/me", token, ip, password=PASSWORD, current_password=PASSWORD)
    attack.hold()


async def test_moving_to_and_fro_refills_nothing(
    door: httpx.AsyncClient, mailbox: Mailbox, clock: Clock, evaluations: type[Evaluations]
) -> None:
    """R75: wrong guesses at one's own account, made at another address, aren't taken out of the victim's budget."""
    for email in (VICTIM, "mine@example.com"):
        await register(door, email)
    token, attack = await opened(door, "mine@example.com"), Attack(door)
    for name, new in (
        ("mine@example.com", OWN),
        (OWN, "mine@example.net"),
        ("mine@example.net", "other+z@example.com"),
    ):
        for _ in range(2):
            await attack.guess()
        for number in range(3):
            await guess(door, name, ip=f"198.51.100.{number}")
        await move(door, mailbox, token, new)
        await attack.own_success(new)
    for _ in range(3):
        await attack.guess()
    attack.hold()


async def test_starting_over_refills_nothing(door: httpx.AsyncClient, evaluations: type[Evaluations]) -> None:
    """R75: deleting one's own account and registering it anew is no fresh budget at the victim's."""
    await register(door, VICTIM)
    attack = Attack(door)
    for _ in range(4):
        await register(door, OWN)
        await attack.guess()
        await attack.guess()
        await guess(door, OWN, ip="198.51.100.1")
        answer = await guess(door, OWN, PASSWORD, ip="198.51.100.2")
        if answer.status_code == 200:
            gone = await call(door, "DELETE", "/users/me", answer.json()["access_token"], "198.51.100.2")
            assert gone.status_code == 204
        else:
            await User.filter(email_canonical=OWN).delete()
    attack.hold()


async def test_guesses_follow_the_account(
    door: httpx.AsyncClient, mailbox: Mailbox, evaluations: type[Evaluations]
) -> None:
    """R75: what was guessed at an account stays counted when its address changes: a thief's session gains nothing."""
    await register(door, VICTIM)
    token = await opened(door, VICTIM)
    attack = Attack(door)
    for number in range(5):
        for step in range(3):
            ip = f"198.51.100.{10 * number + step}"
            answer = await call(door, "POST", "/auth/reauthenticate", token, ip, password=f"wrong {step}")
            attack.tried += 1
            attack.looked_at += answer.status_code == 400
            await attack.guess()
        attack.victim = f"thief{number}@example{number}.com"
        await move(door, mailbox, token, attack.victim)
    attack.hold()


async def test_an_own_success_clears_ones_own(
    door: httpx.AsyncClient, clock: Clock, evaluations: type[Evaluations]
) -> None:
    """R12: four slips and then the right password, day after day, each on a new device: none is held against them."""
    await register(door, VICTIM)
    for day in range(5):
        for _ in range(FREE - 1):
            assert_problem(await guess(door, VICTIM, ip=f"198.51.100.{day}"), 400, "invalid_grant")
        answer = await guess(door, VICTIM, PASSWORD, ip=f"198.51.100.{day}", **{"User-Agent": f"Day/{day}"})
        assert answer.status_code == 200
        clock.advance(DAY if day % 2 else 60)


async def test_a_reset_lets_the_owner_in(
    door: httpx.AsyncClient, mailbox: Mailbox, clock: Clock, evaluations: type[Evaluations]
) -> None:
    """R12: guessing at names that share the owner's budget doesn't keep them out once they have reset the password."""
    await register(door, VICTIM)
    attack = Attack(door)
    for _ in range(9):
        for name in ("other+1@example.com", "oth.er@example.com", VICTIM):
            await attack.guess(name)
        clock.advance(901)
        await attack.guess("other+2@example.com")
    hold_limited(await guess(door, VICTIM, PASSWORD, ip="192.0.2.7"))
    await reset(door, mailbox, VICTIM)
    hold_limited(await guess(door, "other+1@example.com", PASSWORD, ip="192.0.2.7"))
    for _ in range(FREE - 1):  # a slip or two is the owner's right
        assert_problem(await guess(door, VICTIM, ip="192.0.2.7"), 400, "invalid_grant")
    assert (await guess(door, VICTIM, PASSWORD, ip="192.0.2.7")).status_code == 200


async def test_nobody_uses_up_what_a_reset_gives(
    door: httpx.AsyncClient, mailbox: Mailbox, clock: Clock, evaluations: type[Evaluations]
) -> None:
    """R12, R19: a hundred guesses at names beside the owner's, then after the reset at theirs: a wait, no lock-out."""
    await register(door, VICTIM)
    attack = Attack(door)
    while attack.looked_at < 100:
        await attack.guess(f"oth.er+{attack.tried}@example.com")
        clock.advance(901)
    assert hold_limited(await guess(door, VICTIM, PASSWORD, ip="192.0.2.7")) > 20 * DAY
    await reset(door, mailbox, VICTIM)
    for number in range(FREE + 3):
        await guess(door, VICTIM, ip=f"198.51.100.{number}")
    clock.advance(hold_limited(await guess(door, VICTIM, PASSWORD, ip="192.0.2.7")))
    assert (await guess(door, VICTIM, PASSWORD, ip="192.0.2.7")).status_code == 200


@pytest.mark.parametrize("tried", ["victim", "sibling", "stranger"])
@pytest.mark.parametrize("looked", ["victim", "sibling", "stranger"])
async def test_variants_tell_nothing(
    door: httpx.AsyncClient, tried: str, looked: str, evaluations: type[Evaluations]
) -> None:
    """R17: used up in one spelling, a budget looks used up in each, whether that spelling has an account or not."""
    names = {"victim": VICTIM, "sibling": OWN, "stranger": "oth.er+1@example.com"}
    for email in (VICTIM, OWN):
        await register(door, email)
    unknown = {name: email.replace("other", "nobody").replace("o.ther", "n.obody") for name, email in names.items()}
    unknown["stranger"] = "nob.ody+1@example.com"
    for number in range(FREE + 1):
        ip = f"198.51.100.{number}"
        assert as_bytes(await guess(door, names[tried], ip=ip)) == as_bytes(await guess(door, unknown[tried], ip=ip))
    known = await guess(door, names[looked], ip="198.51.100.99")
    assert as_bytes(known) == as_bytes(await guess(door, unknown[looked], ip="198.51.100.99"))
    hold_limited(known)


async def test_coming_and_going_tells_nothing(door: httpx.AsyncClient, evaluations: type[Evaluations]) -> None:
    """R17: a throttled name stays throttled when an account of it is made, and when that is deleted."""
    attack = Attack(door)
    for _ in range(FREE):
        await attack.guess()
    hold_limited(await guess(door, VICTIM))
    person = await register(door, VICTIM)
    hold_limited(await guess(door, VICTIM))
    await User.filter(id=person.id).delete()
    hold_limited(await guess(door, VICTIM))


async def test_what_is_no_address(door: httpx.AsyncClient, clock: Clock, evaluations: type[Evaluations]) -> None:
    """R17, R75: whatever can't be an address is one budget, and is answered like an unknown name."""
    nonsense = (
        "ada",
        "ada@",
        "@example.com",
        "a@b@example.com",
        "ada@example..com",
        "ada@exa mple.com",
        "a" * 300,
        "\u00e4@x.org",
    )
    for number in range(FREE):
        unknown = as_bytes(await guess(door, "nobody@example.com", ip="198.51.100.1"))
        assert as_bytes(await guess(door, nonsense[number], ip="198.51.100.1")) == unknown
    unknown = as_bytes(await guess(door, "nobody@example.com", ip="198.51.100.1"))
    for text in nonsense:
        answer = await guess(door, text, ip="198.51.100.1")
        assert as_bytes(answer) == unknown
        assert hold_limited(answer) <= 15
    # From anywhere, and never for long. Whom an address reaches isn't slowed by it.
    assert hold_limited(await guess(door, "ada", ip="198.51.100.2")) <= 15
    assert_problem(await guess(door, "somebody@example.com", ip="198.51.100.2"), 400, "invalid_grant")
    for number in range(30):
        clock.advance(15)
        assert_problem(await guess(door, f"nonsense {number}", ip="198.51.100.1"), 400, "invalid_grant")


async def test_one_nonsense_from_everywhere(door: httpx.AsyncClient, evaluations: type[Evaluations]) -> None:
    """R17, R75: names that can't be one are throttled over all networks and spellings, as an unknown one is."""
    for number in range(FREE):
        for name in (f"not an address {number}", "nobody@example.com"):
            assert_problem(await guess(door, name, ip=f"198.51.100.{number}"), 400, "invalid_grant")
    for name in ("not an address", "n\u00f6body@example.com", "nobody@ex\u00adample.com", "nobody@example.com"):
        hold_limited(await guess(door, name, ip="198.51.100.99"))


async def test_redis_away_when_it_is_settled(
    door: httpx.AsyncClient, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch, evaluations: type[Evaluations]
) -> None:
    """R73: a log-in and a reset are what they are, whether or not their attempts can be given back."""

    async def away(*_: object) -> None:
        raise Unavailable("redis")

    await register(door, VICTIM)
    for name in ("clear", "give_back", "pardon", "forget"):
        monkeypatch.setattr(Throttle, name, away)
    await opened(door, VICTIM)
    await mailbox.letters()
    await reset(door, mailbox, VICTIM)
    await opened(door, VICTIM)
