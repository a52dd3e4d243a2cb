"""Somebody is in another's account. The owner has the old mailbox, and gets the account back."""

from __future__ import annotations

import httpx
import pytest

from models import OneTimeToken, User
from service.core.clock import Clock
from service.letters import onetime
from tests.support.letters import Mailbox
from tests.support.links import (
    NEW_PASSWORD,
    address_token,
    ask_for_address,
    confirm_address,
    post,
    reset,
    reset_token,
    undo_token,
)
from tests.support.people import PASSWORD, Person, assert_problem, register

THIEF = "thief@example.net"
WEEK = 7 * 86_400


async def log_in(client: httpx.AsyncClient, email: str, password: str) -> httpx.Response:
    return await client.post("/api/auth/login", data={"username": email, "password": password})


async def test_taking_it_back_ends_the_password(client: httpx.AsyncClient, ada: Person, mailbox: Mailbox) -> None:
    """R33: the thief knows the password, or has set it. It is worth nothing any more, and the owner gets a link."""
    old = ada.email
    token = await undo_token(ada, mailbox, THIEF)
    thief = await ada.log_in()
    await thief.call("PUT", "/users/me", json={"password": "the thief's own password"})
    await mailbox.letters()
    assert (await post(client, "email/undo", token=token)).status_code == 204
    assert_problem(await thief.me(), 401, "invalid_token")
    assert_problem(await thief.refresh(), 400, "invalid_grant")
    for password in (PASSWORD, "the thief's own password", ""):
        for email in (old, THIEF):
            assert (await log_in(client, email, password)).status_code in (400, 422)
    assert (await reset(client, (await mailbox.letter(old)).token)).status_code == 204
    assert (await log_in(client, old, NEW_PASSWORD)).status_code == 200


async def test_the_thief_cannot_register_the_old_address(
    client: httpx.AsyncClient, ada: Person, mailbox: Mailbox
) -> None:
    """R34: an account at the old address would stand in the way of taking it back, so nobody gets one meanwhile."""
    await confirm_address(ada, mailbox)
    old = ada.email
    token = await undo_token(ada, mailbox, THIEF)
    for spelling in (old, old.upper()):
        answer = await client.post("/api/auth/register", json={"email": spelling, "password": PASSWORD})
        assert_problem(answer, 400, "email_taken")
    accomplice = await register(client, "accomplice@example.net")
    confirming = await address_token(await accomplice.log_in(), mailbox, old)
    assert_problem(await post(client, "email/confirm", token=confirming), 400, "email_taken")
    assert (await User.get(id=accomplice.id)).email == "accomplice@example.net"
    assert (await post(client, "email/undo", token=token)).status_code == 204
    assert (await User.get(id=ada.id)).email == old


async def test_the_old_address_is_free_again(
    client: httpx.AsyncClient, ada: Person, mailbox: Mailbox, clock: Clock
) -> None:
    """It is kept as long as the change can be taken back, and from others only."""
    await confirm_address(ada, mailbox)
    old = ada.email
    await undo_token(ada, mailbox)
    back = await address_token(await ada.log_in(), mailbox, old)
    assert (await post(client, "email/confirm", token=back)).status_code == 204
    ada.email = old
    await undo_token(ada, mailbox)
    clock.advance(WEEK)
    await register(client, old)


@pytest.mark.parametrize("answer", ["password", "address", "reset"])
async def test_what_the_thief_had_asked_for_comes_too_late(
    client: httpx.AsyncClient, ada: Person, mailbox: Mailbox, answer: str
) -> None:
    """R21: asked for before the password or the address changed, sent after it: such a link is never made."""
    session = await ada.log_in()
    resetting = await reset_token(ada, mailbox)
    confirming = await address_token(session, mailbox, "ada@example.com.example")
    await ask_for_address(session, THIEF)  # the mail server is slow: the letter waits
    if answer == "password":
        assert (await session.call("PUT", "/users/me", json={"password": NEW_PASSWORD})).status_code == 200
    elif answer == "reset":
        assert (await reset(client, resetting)).status_code == 204
    else:
        assert (await post(client, "email/confirm", token=confirming)).status_code == 204
    assert [letter.to for letter in await mailbox.letters() if letter.to == THIEF] == []
    left = {token.purpose for token in await OneTimeToken.all()} - {onetime.UNDO}
    assert left == ({onetime.PASSWORD} if answer == "password" else set())


async def test_a_letter_in_hand_comes_too_late_as_well(ada: Person, mailbox: Mailbox) -> None:
    """R21: a worker that took the request before the password changed makes no link of it after."""
    from service.accounts.letter_requests import resolve

    session = await ada.log_in()
    await mailbox.letters()
    await ask_for_address(session, THIEF)
    (taken,) = await mailbox.runtime.outbox.take()
    assert (await session.call("PUT", "/users/me", json={"password": NEW_PASSWORD})).status_code == 200
    assert await resolve(mailbox.runtime, taken) is None
    assert not await OneTimeToken.filter(purpose=onetime.ADDRESS).exists()


async def test_an_administrator_has_the_last_word(
    client: httpx.AsyncClient, ada: Person, root: Person, mailbox: Mailbox
) -> None:
    """R34: neither the mailbox that the account is saved from, nor one of the thief's in between, can take it back."""
    await undo_token(ada, mailbox, THIEF)
    thiefs = await undo_token(ada, mailbox, "second@example.net")
    roots = await root.log_in()
    await mailbox.letters()
    assert (await roots.call("PATCH", f"/users/{ada.id}", json={"email": "ada@example.edu"})).status_code == 200
    assert_problem(await post(client, "email/undo", token=thiefs), 400, "invalid_token")
    letters = {letter.to: letter for letter in await mailbox.letters()}
    assert set(letters) == {"second@example.net", "ada@example.edu"}
    assert "ada@example.edu" in letters["second@example.net"].text
    assert "#token" not in letters["second@example.net"].text
    assert (
        await post(client, "email/verify", token=letters["ada@example.edu"].token, password=PASSWORD)
    ).status_code == 204
    user = await User.get(id=ada.id)
    assert (user.email, user.email_verified) == ("ada@example.edu", True)


async def test_a_deleted_account_is_told_of_where_it_came_from(ada: Person, mailbox: Mailbox) -> None:
    """Deletion can't be taken back: whoever could have taken the change of address back hears of it too."""
    old = ada.email
    await undo_token(ada, mailbox, THIEF)
    session = await ada.log_in()
    await mailbox.letters()
    assert (await session.call("DELETE", "/users/me")).status_code == 204
    assert {(letter.to, letter.subject) for letter in await mailbox.letters()} == {
        (old, "Your account was deleted"),
        (THIEF, "Your account was deleted"),
    }


async def test_a_disabled_account_stays_where_it_is(client: httpx.AsyncClient, ada: Person, mailbox: Mailbox) -> None:
    """R30: links of a disabled account do nothing, and work again when it is enabled."""
    token = await undo_token(ada, mailbox, THIEF)
    await User.filter(id=ada.id).update(is_active=False)
    assert_problem(await post(client, "email/undo", token=token), 400, "invalid_token")
    await User.filter(id=ada.id).update(is_active=True)
    assert (await post(client, "email/undo", token=token)).status_code == 204
