"""Whose budget a guess is counted on: no spelling, no account of one's own and no network is a fresh one (R75)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from time import monotonic
from uuid import uuid4

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models import User
from service.core.text.email_address import parse_email
from service.credentials.budgets import Subject, subject_of
from service.credentials.budgets import mailbox as mailbox_of
from service.runtime import Runtime
from tests.auth.test_throttle import FREE, LIMITS, Evaluations, evaluations, guess
from tests.http.support import another
from tests.support.letters import Mailbox
from tests.support.people import PASSWORD, register
from tests.support.spellings import spellings, written_as
from tests.support.stores import empty

__all__ = ["evaluations"]  # a fixture
VICTIM = "other@example.com"
SIBLINGS = ("o.ther@example.com", "other+x@example.com", "o.t.h.e.r+y@example.com")


@pytest.fixture
async def door(runtime: Runtime) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a service with the limits that it has by itself, behind one proxy."""
    async with another(runtime, PROXIES_COUNT=1, **LIMITS) as url, httpx.AsyncClient(base_url=url, timeout=60) as found:
        yield found


class Attack:
    """A stranger's guesses at one account, each from an address of its own; those that were looked at are counted."""

    def __init__(self, door: httpx.AsyncClient, victim: str = VICTIM) -> None:
        self.door, self.victim = door, victim
        self.tried = self.looked_at = 0
        self.began = monotonic()

    async def guess(self, name: str | None = None) -> None:
        self.tried += 1
        answer = await guess(self.door, name or self.victim, f"wrong {self.tried}", ip=f"100.64.{self.tried % 250}.1")
        assert answer.status_code in (400, 429), answer.text
        self.looked_at += answer.status_code == 400

    async def own_success(self, name: str, password: str = PASSWORD) -> None:
        """Log in to an account of the stranger's own, where that isn't a known device."""
        ip = f"100.65.{self.tried % 250}.1"
        await guess(self.door, name, password, ip=ip, **{"User-Agent": f"Own/{self.tried}"})

    @property
    def allowed(self) -> int:
        """What the budget gives: five, and on a slow machine one more for each wait that has really gone by."""
        left, wait, waits = monotonic() - self.began, 15, 0
        while left >= wait:
            left, wait, waits = left - wait, 2 * wait, waits + 1
        return int(FREE) + waits

    def hold(self) -> None:
        assert self.looked_at <= self.allowed, f"{self.looked_at} of {self.tried} looked at"


async def test_spellings_of_a_domain(door: httpx.AsyncClient, evaluations: type[Evaluations]) -> None:
    """R12, R75: 130 spellings of one domain, all of which reach the account, are five guesses."""
    await register(door, VICTIM)
    signs, attack = written_as(), Attack(door)
    for number in range(130):
        nothing, dot = signs[""][number], signs["."][number % len(signs["."])]
        await attack.guess(
            f"other@ex{nothing}ample{dot}com" if number % 2 else f"OTHER@{signs['e'][number % 30]}xample.com"
        )
    attack.hold()
    assert evaluations.count == attack.looked_at


@pytest.mark.parametrize("spelling", ["b@bücher.example.com", "b@xn--bcher-kva.example.com", "B@BÜCHER。example.com"])
async def test_one_name_in_two_scripts(door: httpx.AsyncClient, spelling: str, evaluations: type[Evaluations]) -> None:
    """R12, R75: a domain is the same in its own script, in Punycode, with the accent apart, and with a wide dot."""
    await register(door, spelling)
    attack = Attack(door)
    for _ in range(5):
        for name in (
            "b@bu\u0308cher.example.com",
            "b@bücher.example.com",
            "B@XN--bcher-KVA.example.com",
            "b@bücher.\uff45xample.com",
        ):
            await attack.guess(name)
    attack.hold()


async def test_any_spelling_that_reaches_an_account(
    runtime: Runtime, door: httpx.AsyncClient, evaluations: type[Evaluations]
) -> None:
    """R12, R75: whatever spelling reaches an account is counted on that account: five guesses over all of them."""
    loop = asyncio.get_running_loop()

    async def rounds(texts: list[str]) -> None:
        await empty(runtime)
        await register(door, VICTIM)
        evaluations.count = 0
        attack = Attack(door)
        for text in texts:
            await attack.guess(text)
        attack.hold()
        assert evaluations.count == attack.looked_at >= FREE, texts

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(spellings(VICTIM), min_size=FREE + 1, max_size=FREE + 4))
    def property_holds(texts: list[str]) -> None:
        asyncio.run_coroutine_threadsafe(rounds(texts), loop).result()

    await asyncio.to_thread(property_holds)


@pytest.mark.parametrize("own", SIBLINGS)
async def test_own_success_refills_nothing(door: httpx.AsyncClient, own: str, evaluations: type[Evaluations]) -> None:
    """R12, R75: 120 guesses with a log-in to an account of one's own after every four: five are looked at."""
    await register(door, VICTIM)
    await register(door, own)
    attack = Attack(door)
    for number in range(120):
        await attack.guess()
        if number % 4 == 3:
            await attack.own_success(own)
    attack.hold()


async def test_own_successes_in_parallel(door: httpx.AsyncClient, evaluations: type[Evaluations]) -> None:
    """R13, R75: nor where the log-ins run beside the guesses: none opens a wait that a guess has closed."""
    await register(door, VICTIM)
    for own in SIBLINGS:
        await register(door, own)
    attack = Attack(door)
    for _ in range(8):
        steps = [step for own in SIBLINGS for step in (attack.own_success(own), attack.guess(), attack.guess())]
        await asyncio.gather(*steps)
    attack.hold()
    assert attack.looked_at > 0


@pytest.mark.parametrize("path", ["password/forgot", "email/verify/resend"])
async def test_letters_to_a_mailbox(door: httpx.AsyncClient, mailbox: Mailbox, path: str) -> None:
    """R19, R75: thirty spellings of one address are one mailbox, and get the letters of one."""
    await register(door, VICTIM)
    await mailbox.letters()
    signs = written_as()
    for number in range(30):
        email = f"other@ex{signs[''][number]}ample{signs['.'][number % 4]}com"
        headers = {"X-Forwarded-For": f"198.51.100.{number}"}
        answer = await door.post(f"/api/auth/{path}", json={"email": email}, headers=headers)
        assert answer.status_code == 202
    assert 0 < len(await mailbox.letters(VICTIM)) <= LIMITS["MAIL_REQUESTS_PER_ACCOUNT"]


@settings(max_examples=300, deadline=None)
@given(st.one_of(spellings("o.ther+x@mail.example.com"), st.text(), st.emails()))
def test_one_subject(text: str) -> None:
    """R75: what reaches an account has that account's subject; every text has one, in whatever spelling."""
    subject = subject_of(None, text)
    assert subject.mailbox == mailbox_of(text)
    try:
        canonical = parse_email(text).canonical
    except ValueError:
        assert subject.own == subject_of(None, "nonsense").own
        return
    assert subject == subject_of(None, canonical)
    user = User(id=uuid4(), email=text, email_canonical=canonical)
    assert subject_of(user, text) == subject_of(user, "") == Subject(f"user {user.id}", subject.mailbox)
    local, _, domain = canonical.partition("@")
    assert mailbox_of(f"{local.partition('+')[0]}+tag@{domain}") == subject.mailbox
