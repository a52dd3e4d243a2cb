"""R79: who proves the mailbox first gets the account clean; and an address without an account may get one."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from models import KnownDevice, OneTimeToken, SecurityEvent, User
from service.core.clock import Clock
from service.runtime import Runtime
from tests.http.support import another
from tests.mail_login.support import APART, Desk, code_in
from tests.support.letters import Mailbox
from tests.support.links import log_in, reset
from tests.support.people import Person, assert_problem, confirmed, register

VICTIM = "victim@example.com"
STRANGERS = "correct horse battery"


async def types(user_id: object) -> list[str]:
    """What has happened to an account, the oldest first, but for its log-ins."""
    rows = await SecurityEvent.filter(user_id=user_id).order_by("created_at", "id")
    return [row.type for row in rows if not row.type.startswith("login.")]


@pytest.mark.parametrize("way", ["code", "link"])
async def test_what_a_stranger_has_prepared_ends(desk: Desk, way: str) -> None:
    """Their password and sessions are dead, the account is the victim's, who is in, and told of it."""
    stranger = await register(desk.client, VICTIM, "URGENT call 0900")
    sessions = [await stranger.log_in() for _ in range(2)]
    await desk.mailbox.letters()
    challenge, letter = await desk.asked_and_sent(VICTIM)
    assert "Firefox" not in letter.text  # nothing that whoever asked could have chosen
    assert "URGENT" not in letter.text
    body = {"challenge": challenge, "code": code_in(letter)} if way == "code" else {"token": letter.token}
    victim = desk.session(await desk.finish(body))
    me = (await victim.me()).json()
    assert (me["email"], me["email_verified"], me["full_name"]) == (VICTIM, True, None)
    for session in sessions:
        assert_problem(await session.me(), 401, "invalid_token")
        problem = assert_problem(await session.refresh(), 400, "invalid_grant")
        assert problem["cause"] == "account_claimed"
    assert_problem(await log_in(desk.client, VICTIM, STRANGERS), 400, "invalid_grant")
    assert (await types(stranger.id))[-2:] == ["account.claimed", "email.verified"]
    told = [letter.subject for letter in await desk.mailbox.letters(VICTIM)]
    assert "Your account is yours now" in told
    again = desk.session(await desk.finish(body))
    assert (again.sid, again.refresh_token) == (victim.sid, victim.refresh_token)


async def test_ones_own_password_ends_too(desk: Desk) -> None:
    """Nobody can tell it from a stranger's: it is set again with a letter."""
    ada = await register(desk.client, "ada@example.com", "Ada Lovelace")
    await desk.mailbox.letters()
    challenge, letter = await desk.asked_and_sent(ada.email)
    session = desk.session(await desk.by_code(challenge, code_in(letter)))
    assert_problem(await log_in(desk.client, ada.email, ada.password), 400, "invalid_grant")
    told = next(one for one in await desk.mailbox.letters(ada.email) if "yours now" in one.subject)
    assert told.link.endswith("/forgot-password")
    await desk.client.post("/api/auth/password/forgot", json={"email": ada.email})
    assert (await reset(desk.client, (await desk.mailbox.letter(ada.email)).token)).status_code == 204
    assert_problem(await session.me(), 401, "invalid_token")
    assert (await log_in(desk.client, ada.email, "a new one altogether")).status_code == 200


async def test_a_confirmed_account_keeps_everything(desk: Desk, ada: Person) -> None:
    """Its owner logs in in another way, and that is all: the password and the other sessions stay."""
    session = await ada.log_in()
    challenge, letter = await desk.asked_and_sent(ada.email)
    desk.session(await desk.by_code(challenge, code_in(letter)))
    assert (await session.me()).status_code == 200
    assert (await log_in(desk.client, ada.email, ada.password)).status_code == 200


async def test_before_an_address_has_to_be_confirmed(runtime: Runtime, mailbox: Mailbox) -> None:
    """With `REQUIRE_EMAIL_VERIFICATION` the letter does both: it confirms, and logs in."""
    async with (
        another(runtime, EMAIL_SIGN_IN="code", REQUIRE_EMAIL_VERIFICATION=True) as url,
        httpx.AsyncClient(base_url=url, timeout=30) as client,
    ):
        desk = Desk(client, mailbox)
        body = {"email": VICTIM, "password": STRANGERS}
        assert (await client.post("/api/auth/register", json=body)).status_code == 202
        await mailbox.letters()
        challenge, letter = await desk.asked_and_sent(VICTIM)
        assert (await desk.session(await desk.by_code(challenge, code_in(letter))).me()).status_code == 200


@pytest.fixture
async def open_desk(runtime: Runtime, mailbox: Mailbox) -> AsyncIterator[Desk]:
    """Whoever logs in by mail gets an account."""
    async with (
        another(runtime, EMAIL_SIGN_IN="both", REGISTER_BY_EMAIL=True) as url,
        httpx.AsyncClient(base_url=url, timeout=30) as client,
    ):
        yield Desk(client, mailbox)


@pytest.mark.parametrize("way", ["code", "link"])
async def test_an_account_without_a_password(open_desk: Desk, way: str) -> None:
    """Made when it is asked for, confirmed with the first log-in, and nothing to be cleaned: nobody was ever in it."""
    challenge, letter = await open_desk.asked_and_sent(VICTIM)
    body = {"challenge": challenge, "code": code_in(letter)} if way == "code" else {"token": letter.token}
    session = open_desk.session(await open_desk.finish(body))
    me = (await session.me()).json()
    assert (me["email"], me["email_verified"]) == (VICTIM, True)
    assert await types(me["id"]) == ["user.registered", "email.verified"]
    for password in ("", " ", STRANGERS):
        answer = await log_in(open_desk.client, VICTIM, password)
        assert answer.status_code in (400, 422)
    assert await open_desk.mailbox.letters() == []


async def test_an_account_that_nobody_comes_into(open_desk: Desk) -> None:
    """Whoever asks for somebody else's address makes an account that opens to that mailbox alone."""
    await open_desk.asked(VICTIM)
    user = await User.get(email=VICTIM)
    assert (user.email_verified, user.is_active) == (False, True)
    challenge = await open_desk.asked(VICTIM)
    assert_problem(await open_desk.by_code(challenge, "000000"), 400, "invalid_code")
    assert await User.all().count() == 1


async def test_registered_in_between(open_desk: Desk) -> None:
    """Somebody registers the address with a password after it was asked for by mail: the mailbox still decides."""
    challenge, letter = await open_desk.asked_and_sent(VICTIM)
    body = {"email": VICTIM, "password": STRANGERS}
    assert_problem(await open_desk.client.post("/api/auth/register", json=body), 400, "email_taken")
    assert (await open_desk.by_code(challenge, code_in(letter))).status_code == 200
    assert_problem(await log_in(open_desk.client, VICTIM, STRANGERS), 400, "invalid_grant")


async def test_sessions_of_a_mailbox_before(open_desk: Desk, root: Person) -> None:
    """An account without a password is moved by an administrator: its sessions end with the new mailbox's first log-in.

    Nobody knows whether whoever was in it has that mailbox, too.
    """
    challenge, letter = await open_desk.asked_and_sent(VICTIM)
    session = open_desk.session(await open_desk.by_code(challenge, code_in(letter)))
    uid = (await session.me()).json()["id"]
    roots = await root.log_in()
    moved = await roots.call("PATCH", f"/users/{uid}", json={"email": "other@example.com"})
    assert moved.status_code == 200
    await open_desk.mailbox.letters()
    challenge, letter = await open_desk.asked_and_sent("other@example.com")
    assert (await open_desk.by_code(challenge, code_in(letter))).status_code == 200
    assert_problem(await session.me(), 401, "invalid_token")


async def test_an_address_without_an_account(desk: Desk) -> None:
    """As it is by default: no account comes of it, and no letter goes."""
    await desk.asked(VICTIM)
    assert await desk.mailbox.letters() == []
    assert not await User.filter(email=VICTIM).exists()
    assert not await OneTimeToken.exists()
    assert not await KnownDevice.exists()


async def test_an_account_that_is_made_later_is_not_opened(desk: Desk, clock: Clock) -> None:
    """What was asked for while there was no account never is for the one that comes later."""
    challenge = await desk.asked(VICTIM)
    await confirmed(await register(desk.client, VICTIM))
    letter = next(one for one in await desk.mailbox.letters(VICTIM) if one.subject == "Log in to Latchkey")
    assert_problem(await desk.by_code(challenge, code_in(letter)), 400, "invalid_code")
    assert_problem(await desk.press(letter.token), 400, "invalid_challenge")
    clock.advance(APART)
    challenge, letter = await desk.asked_and_sent(VICTIM)
    assert (await desk.by_code(challenge, code_in(letter))).status_code == 200
