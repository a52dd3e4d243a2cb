"""REQUIRE_EMAIL_VERIFICATION: nobody logs in before the address is confirmed, and registration tells nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from models import SecurityEvent, User
from service.runtime import Runtime
from tests.http.support import another
from tests.support.letters import Mailbox
from tests.support.links import NEW_PASSWORD, post, reset
from tests.support.people import PASSWORD, Person, assert_problem, confirmed

SAME = {"X-Request-ID": "same"}


@pytest.fixture
async def strict(runtime: Runtime) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a service that requires it."""
    async with (
        another(runtime, REQUIRE_EMAIL_VERIFICATION=True) as url,
        httpx.AsyncClient(base_url=url, timeout=30) as found,
    ):
        yield found


async def sign_up(client: httpx.AsyncClient, email: str, password: str = PASSWORD) -> httpx.Response:
    return await client.post("/api/auth/register", json={"email": email, "password": password}, headers=SAME)


async def log_in(client: httpx.AsyncClient, email: str, password: str = PASSWORD) -> httpx.Response:
    return await client.post("/api/auth/login", data={"username": email, "password": password}, headers=SAME)


def bytes_of(answer: httpx.Response) -> tuple[object, ...]:
    """All of an answer but the time, and what counts requests (RateLimit fields)."""
    kept = [(name, value) for name, value in answer.headers.items() if not name.startswith(("ratelimit", "date"))]
    return (answer.status_code, answer.content, *sorted(kept))


async def test_from_registration_to_log_in(strict: httpx.AsyncClient, mailbox: Mailbox) -> None:
    """The link in the letter lets the user in."""
    assert (await sign_up(strict, "new@example.com")).status_code == 202
    assert_problem(await log_in(strict, "new@example.com"), 400, "invalid_grant")
    letter = await mailbox.letter("new@example.com")
    assert (await post(strict, "email/verify", token=letter.token, password=PASSWORD)).status_code == 204
    assert (await log_in(strict, "new@example.com")).status_code == 200


async def test_registration_tells_nothing(
    strict: httpx.AsyncClient, ada: Person, grace: Person, mailbox: Mailbox
) -> None:
    """R18: taken, unconfirmed or free, the same bytes; the owner of the address hears of it, and no account changes."""
    await confirmed(ada, yes=False)
    await confirmed(grace)
    await mailbox.letters()
    before = await User.filter(id__in=(ada.id, grace.id)).order_by("id").values()
    names = ("free@example.com", "ADA@example.com", "GRACE@example.com")
    answers = [await sign_up(strict, email, NEW_PASSWORD) for email in names]
    assert len({bytes_of(answer) for answer in answers}) == 1
    assert [(letter.to, letter.subject) for letter in await mailbox.letters()] == [
        ("free@example.com", "Confirm your e-mail address"),
        (ada.email, "Confirm your e-mail address"),
        (grace.email, "You already have an account"),
    ]
    assert await User.filter(id__in=(ada.id, grace.id)).order_by("id").values() == before


async def test_refusals_look_alike(strict: httpx.AsyncClient, ada: Person, grace: Person, mailbox: Mailbox) -> None:
    """R17, R18: unknown, wrong, unconfirmed with the right password: the same bytes.

    Whoever registers somebody's address knows the password, and must not learn by it whether there was an account.
    """
    await confirmed(ada, yes=False)
    answers = [
        await log_in(strict, "nobody@example.com"),
        await log_in(strict, grace.email, "not the password"),
        await log_in(strict, ada.email, "not the password"),
        await log_in(strict, ada.email),
    ]
    assert len({bytes_of(answer) for answer in answers}) == 1
    assert "not confirmed yet" in assert_problem(answers[0], 400, "invalid_grant")["detail"]
    reasons = {event.detail["reason"] for event in await SecurityEvent.filter(type="login.failed", user_id=ada.id)}
    assert reasons == {"password", "unverified"}


async def test_weak_passwords_are_told_whoever_it_is(strict: httpx.AsyncClient, ada: Person) -> None:
    """R18: what is wrong with the password is said before anybody looks whether the address is taken."""
    answers = [await sign_up(strict, email, "short") for email in (ada.email, "bob@example.com")]
    assert len({bytes_of(answer) for answer in answers}) == 1
    assert_problem(answers[0], 422, "validation_error")


async def test_a_squatter_gets_nothing(strict: httpx.AsyncClient, mailbox: Mailbox) -> None:
    """R18: an address that somebody else registered first is its owner's as soon as they ask for a new password."""
    await sign_up(strict, "victim@example.com", "the squatter's password")
    await sign_up(strict, "victim@example.com")
    await post(strict, "password/forgot", email="victim@example.com")
    letters = await mailbox.letters("victim@example.com")
    assert [letter.subject for letter in letters] == [
        "Confirm your e-mail address", "Confirm your e-mail address", "Set a new password",
    ]  # fmt: skip
    assert (await reset(strict, letters[-1].token)).status_code == 204
    assert_problem(await log_in(strict, "victim@example.com", "the squatter's password"), 400, "invalid_grant")
    assert (await log_in(strict, "victim@example.com", NEW_PASSWORD)).status_code == 200


async def test_whom_an_administrator_makes(strict: httpx.AsyncClient, root: Person, mailbox: Mailbox) -> None:
    """With a password they confirm, without one they set it: either way a letter says how to get in."""
    roots = await root.log_in()
    await mailbox.letters()
    for body in ({"email": "with@example.com", "password": PASSWORD}, {"email": "without@example.com"}):
        assert (await roots.call("POST", "/users", json=body)).status_code == 200
    confirm, welcome = await mailbox.letters()
    assert (confirm.to, welcome.to, welcome.subject) == (
        "with@example.com", "without@example.com", "Welcome to Latchkey",
    )  # fmt: skip
    assert (await post(strict, "email/verify", token=confirm.token, password=PASSWORD)).status_code == 204
    assert (await log_in(strict, confirm.to)).status_code == 200
    assert (await reset(strict, welcome.token)).status_code == 204
    assert (await log_in(strict, welcome.to, NEW_PASSWORD)).status_code == 200


async def test_off_by_default(client: httpx.AsyncClient, ada: Person) -> None:
    """The guide's flow: log-in right after registration, and the ordinary words for a wrong password."""
    assert (await log_in(client, ada.email)).status_code == 200
    problem = assert_problem(await log_in(client, ada.email, "not the password"), 400, "invalid_grant")
    assert problem["detail"] == "Incorrect email or password"
