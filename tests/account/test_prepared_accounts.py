"""A stranger registers somebody's address, and its owner confirms it: nothing of the stranger's becomes good."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from models import KnownDevice, OneTimeToken, Registration, SecurityEvent, User
from service.core.clock import Clock
from service.runtime import Runtime
from service.settings import Settings
from tests.auth.test_throttle import LIMITS
from tests.http.support import another
from tests.support.letters import Mailbox
from tests.support.links import NEW_PASSWORD, ask_for_address, log_in, post, reset, verify_token
from tests.support.people import PASSWORD, Person, Session, assert_problem

VICTIM = "victim@example.com"
STRANGERS = "the stranger's password"
CONFIRM = "Confirm your e-mail address"
DAY = 86_400


@pytest.fixture
async def strict(runtime: Runtime) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a service that requires confirmed addresses."""
    async with (
        another(runtime, REQUIRE_EMAIL_VERIFICATION=True) as url,
        httpx.AsyncClient(base_url=url, timeout=30) as found,
    ):
        yield found


async def sign_up(
    client: httpx.AsyncClient, password: str = PASSWORD, name: str | None = None, email: str = VICTIM
) -> httpx.Response:
    return await client.post("/api/auth/register", json={"email": email, "password": password, "full_name": name})


async def prepared(client: httpx.AsyncClient) -> Person:
    """An account that a stranger has registered at the victim's address, and is logged in to (setting off)."""
    answer = await sign_up(client, STRANGERS, "URGENT call 0900")
    assert answer.status_code == 200, answer.text
    return Person(client, answer.json()["id"], VICTIM, STRANGERS)


async def assert_only(client: httpx.AsyncClient, password: str, *refused: str) -> Session:
    """Hold that `password` logs in and the others don't; return the session."""
    for other in refused:
        assert_problem(await log_in(client, VICTIM, other), 400, "invalid_grant")
    answer = await log_in(client, VICTIM, password)
    assert answer.status_code == 200, answer.text
    return Session(client, answer.json()["access_token"], answer.json()["refresh_token"])


@pytest.mark.parametrize("order", ["the stranger first", "the victim first"])
@pytest.mark.parametrize("pressed", [0, 1])
async def test_the_victims_press(strict: httpx.AsyncClient, mailbox: Mailbox, order: str, pressed: int) -> None:
    """R79: whoever was first, and whichever letter the victim opens: their own password is good, with their name."""
    both = [(STRANGERS, "URGENT call 0900"), (PASSWORD, "Victoria")]
    for password, name in both if order == "the stranger first" else reversed(both):
        assert (await sign_up(strict, password, name)).status_code == 202
    letters = await mailbox.letters(VICTIM)
    assert [letter.subject for letter in letters] == [CONFIRM, CONFIRM]
    answer = await post(strict, "email/verify", token=letters[pressed].token, password=PASSWORD)
    assert (answer.status_code, answer.content) == (204, b"")
    session = await assert_only(strict, PASSWORD, STRANGERS)
    me = (await session.me()).json()
    assert (me["email_verified"], me["full_name"]) == (True, "Victoria")
    assert_problem(
        await post(strict, "email/verify", token=letters[1 - pressed].token, password=STRANGERS), 400, "invalid_token"
    )
    assert not await Registration.exists()


@pytest.mark.parametrize("path", ["email/verify"])
async def test_a_press_alone_confirms_nothing(strict: httpx.AsyncClient, mailbox: Mailbox, path: str) -> None:
    """R79: the link proves the mailbox, not the person; without a password it confirms nothing, and stays good."""
    await sign_up(strict, STRANGERS)
    await sign_up(strict)
    token = (await mailbox.letters(VICTIM))[-1].token
    problem = assert_problem(await post(strict, path, token=token), 422, "validation_error")
    assert problem["errors"] == [
        {"pointer": "/password", "detail": "Give the password you registered with, or choose one."}
    ]
    assert not (await User.get(email=VICTIM)).email_verified
    for password in (PASSWORD, STRANGERS):
        assert_problem(await log_in(strict, VICTIM, password), 400, "invalid_grant")
    assert (await post(strict, path, token=token, password=PASSWORD)).status_code == 204


async def test_a_victim_who_never_registered(strict: httpx.AsyncClient, mailbox: Mailbox) -> None:
    """R79: a wrong password leaves the link good; a new one takes the account over, without the stranger's name."""
    await sign_up(strict, STRANGERS, "URGENT call 0900")
    token = (await mailbox.letter(VICTIM)).token
    assert_problem(await post(strict, "email/verify", token=token, password="not the password"), 400, "invalid_grant")
    problem = assert_problem(
        await post(strict, "email/verify", token=token, new_password="short"), 422, "validation_error"
    )
    assert problem["errors"][0]["pointer"] == "/new_password"
    both = await post(strict, "email/verify", token=token, password=STRANGERS, new_password=NEW_PASSWORD)
    assert assert_problem(both, 422, "validation_error")["errors"][0]["pointer"] == "/new_password"
    assert (await post(strict, "email/verify", token=token, new_password=NEW_PASSWORD)).status_code == 204
    session = await assert_only(strict, NEW_PASSWORD, STRANGERS)
    assert (await session.me()).json()["full_name"] is None


async def test_guesses_are_counted(runtime: Runtime, mailbox: Mailbox) -> None:
    """R14: a password tried with a link is an attempt like any other; a new one can be chosen all the same."""
    async with (
        another(runtime, REQUIRE_EMAIL_VERIFICATION=True, **LIMITS) as url,
        httpx.AsyncClient(base_url=url, timeout=30) as client,
    ):
        await sign_up(client, STRANGERS)
        await sign_up(client)
        token = (await mailbox.letters(VICTIM))[-1].token
        seen = [
            (await post(client, "email/verify", token=token, password=f"guess number {number}")).status_code
            for number in range(7)
        ]
        assert seen == [400] * 5 + [429] * 2
        assert (await post(client, "email/verify", token=token, new_password=NEW_PASSWORD)).status_code == 204
        await assert_only(client, NEW_PASSWORD)


async def test_registrations_are_kept_within_bounds(
    strict: httpx.AsyncClient, mailbox: Mailbox, clock: Clock, settings: Settings
) -> None:
    """R79: the five newest are kept, as long as their links are; one that fell out chooses a password."""
    for number in range(8):
        await sign_up(strict, f"password of number {number}")
        clock.advance(1)
    assert await Registration.all().count() == 5
    token = (await mailbox.letters(VICTIM))[-1].token
    assert_problem(
        await post(strict, "email/verify", token=token, password="password of number 1"), 400, "invalid_grant"
    )
    clock.advance(settings.EMAIL_VERIFY_HOURS * 3600 + 60)
    await sign_up(strict, "a day later altogether")
    assert await Registration.all().count() == 1
    clock.advance(settings.EMAIL_VERIFY_HOURS * 3600 + 60)
    from tests.support.work import tidy

    await tidy(mailbox.runtime)
    assert not await Registration.exists()
    assert await User.all().count() == 1


async def test_another_device(strict: httpx.AsyncClient, base_url: str, mailbox: Mailbox) -> None:
    """R79: a registration is confirmed from wherever its letter is read, with what its maker knows."""
    await sign_up(strict)
    token = (await mailbox.letter(VICTIM)).token
    async with httpx.AsyncClient(base_url=str(strict.base_url), headers={"User-Agent": "a telephone"}) as telephone:
        assert (await post(telephone, "email/verify", token=token, password=PASSWORD)).status_code == 204
    await assert_only(strict, PASSWORD)


async def test_a_new_letter_for_all_of_them(strict: httpx.AsyncClient, mailbox: Mailbox) -> None:
    """R79: the letter that is asked for once more serves every registration of the address."""
    await sign_up(strict, STRANGERS)
    await sign_up(strict, PASSWORD, "Victoria")
    await mailbox.letters()
    await post(strict, "email/verify/resend", email=VICTIM)
    token = (await mailbox.letter(VICTIM)).token
    assert (await post(strict, "email/verify", token=token, password=PASSWORD)).status_code == 204
    await assert_only(strict, PASSWORD, STRANGERS)


@pytest.mark.parametrize("way", ["verify", "reset"])
async def test_nothing_older_survives_the_first_proof(client: httpx.AsyncClient, mailbox: Mailbox, way: str) -> None:
    """R79: sessions, password, name, devices, links and a change of address under way: all the stranger's, all over."""
    stranger = await prepared(client)
    sessions = [await stranger.log_in() for _ in range(3)]
    await ask_for_address(sessions[0], "stranger@example.net")
    moving = (await mailbox.letter("stranger@example.net")).token
    await ask_for_address(sessions[0], "second@example.net")  # the mail server is slow: this letter waits
    await post(client, "email/verify/resend", email=VICTIM)
    await post(client, "password/forgot", email=VICTIM)
    letters = await mailbox.letters(VICTIM)
    links = {letter.subject: letter.token for letter in letters}
    await ask_for_address(sessions[0], "third@example.net")
    assert_problem(await sign_up(client), 400, "email_taken")
    if way == "verify":
        done = await post(client, "email/verify", token=links.pop(CONFIRM), new_password=NEW_PASSWORD)
    else:
        done = await reset(client, links.pop("Set a new password"))
    assert done.status_code == 204
    for session in sessions:
        assert_problem(await session.me(), 401, "invalid_token")
        assert_problem(await session.refresh(), 400, "invalid_grant")
    assert await mailbox.letters("third@example.net") == []
    assert_problem(await post(client, "email/confirm", token=moving), 400, "invalid_token")
    for path, body in (("email/verify", {"password": STRANGERS}), ("password/reset", {"password": STRANGERS})):
        for token in links.values():
            assert_problem(await post(client, path, token=token, **body), 400, "invalid_token")
    assert not await KnownDevice.filter(forgotten_at__isnull=True).exists()
    assert not await OneTimeToken.exists()
    me = (await (await assert_only(client, NEW_PASSWORD, STRANGERS)).me()).json()
    assert (me["email"], me["email_verified"], me["full_name"]) == (VICTIM, True, None)
    seen = [event.type for event in await SecurityEvent.filter(user_id=stranger.id, type__startswith="account.")]
    assert seen == ["account.claimed"]


async def test_the_strangers_session_is_no_proof(client: httpx.AsyncClient, mailbox: Mailbox) -> None:
    """R79: a session that somebody planted in the victim's browser doesn't stand for the password."""
    stranger = await prepared(client)
    session = await stranger.log_in()
    token = await verify_token(stranger, mailbox)
    answer = await session.call("POST", "/auth/email/verify", json={"token": token})
    assert_problem(answer, 422, "validation_error")
    assert not (await User.get(email=VICTIM)).email_verified


async def test_ones_own_sessions_stay(client: httpx.AsyncClient, ada: Person, mailbox: Mailbox) -> None:
    """R79: with the account's own password nobody else was ever in it: sessions, devices and name are as they were."""
    session = await ada.log_in()
    token = await verify_token(ada, mailbox)
    assert (await post(client, "email/verify", token=token, password=ada.password)).status_code == 204
    me = (await session.me()).json()
    assert (me["email_verified"], me["full_name"]) == (True, "Ada Lovelace")
    assert (await session.refresh()).status_code == 200
    assert not await SecurityEvent.filter(type="account.claimed").exists()


async def test_whom_an_administrator_made(client: httpx.AsyncClient, root: Person, mailbox: Mailbox) -> None:
    """R79: the name that an administrator gave stays; the password they gave is proven like any other, or replaced."""
    roots = await root.log_in()
    await mailbox.letters()
    for email, proof in (
        ("one@example.com", {"password": PASSWORD}),
        ("two@example.com", {"new_password": NEW_PASSWORD}),
    ):
        body = {"email": email, "password": PASSWORD, "full_name": "Given Name"}
        assert (await roots.call("POST", "/users", json=body)).status_code == 200
        token = (await mailbox.letter(email)).token
        assert_problem(await post(client, "email/verify", token=token), 422, "validation_error")
        assert (await post(client, "email/verify", token=token, **proof)).status_code == 204
        user = await User.get(email=email)
        assert (user.email_verified, user.full_name) == (True, "Given Name")
    body = {"email": "three@example.com", "full_name": "Given Name"}
    assert (await roots.call("POST", "/users", json=body)).status_code == 200
    await post(client, "email/verify/resend", email="three@example.com")
    welcome, confirm = await mailbox.letters("three@example.com")
    for password in ("", PASSWORD):
        answer = await post(client, "email/verify", token=confirm.token, password=password)
        assert answer.status_code in (400, 422)
    assert (await post(client, "email/verify", token=confirm.token, new_password=NEW_PASSWORD)).status_code == 204
    assert_problem(await reset(client, welcome.token), 400, "invalid_token")
    assert (await User.get(email="three@example.com")).full_name == "Given Name"


async def test_an_administrator_moves_a_strangers_account(
    client: httpx.AsyncClient, root: Person, mailbox: Mailbox
) -> None:
    """R79: the new mailbox confirms nobody else's password either."""
    stranger = await prepared(client)
    session = await stranger.log_in()
    roots = await root.log_in()
    await mailbox.letters()
    answer = await roots.call("PATCH", f"/users/{stranger.id}", json={"email": "other@example.com"})
    assert answer.status_code == 200
    token = (await mailbox.letter("other@example.com")).token
    assert_problem(await post(client, "email/verify", token=token), 422, "validation_error")
    assert (await post(client, "email/verify", token=token, new_password=NEW_PASSWORD)).status_code == 204
    assert_problem(await session.me(), 401, "invalid_token")
    assert_problem(await log_in(client, "other@example.com", STRANGERS), 400, "invalid_grant")


async def test_the_setting_is_turned_on(client: httpx.AsyncClient, strict: httpx.AsyncClient, mailbox: Mailbox) -> None:
    """R79: a stranger's session from before sees and keeps nothing of the registration that confirms."""
    stranger = await prepared(client)
    session = await stranger.log_in()
    await mailbox.letters()
    await sign_up(strict, PASSWORD, "Victoria")
    export = await session.call("GET", "/users/me/export")
    assert "Victoria" not in export.text
    assert len(export.json()["registrations"]) == 1
    token = (await mailbox.letter(VICTIM)).token
    assert (await post(strict, "email/verify", token=token, password=PASSWORD)).status_code == 204
    assert_problem(await session.me(), 401, "invalid_token")
    await assert_only(strict, PASSWORD, STRANGERS)


async def test_a_late_registration_is_told_nothing(strict: httpx.AsyncClient, mailbox: Mailbox) -> None:
    """R18, R79: once the address is confirmed, registering it is a letter to its owner, and no registration."""
    await sign_up(strict)
    before = await sign_up(strict, STRANGERS)
    token = (await mailbox.letters(VICTIM))[0].token
    assert (await post(strict, "email/verify", token=token, password=PASSWORD)).status_code == 204
    after = await sign_up(strict, STRANGERS)
    assert (after.status_code, after.content) == (before.status_code, before.content)
    assert not await Registration.exists()
    assert [letter.subject for letter in await mailbox.letters(VICTIM)] == ["You already have an account"]
    await assert_only(strict, PASSWORD, STRANGERS)


async def test_a_letter_on_its_way(strict: httpx.AsyncClient, mailbox: Mailbox) -> None:
    """R79: a registration whose letter waits while the address is confirmed gets no link out of it."""
    await sign_up(strict)
    token = (await mailbox.letter(VICTIM)).token
    await sign_up(strict, STRANGERS)
    assert (await post(strict, "email/verify", token=token, password=PASSWORD)).status_code == 204
    assert await mailbox.letters(VICTIM) == []
    assert not await OneTimeToken.exists()
