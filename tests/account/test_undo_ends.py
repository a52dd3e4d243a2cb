"""An account is moved to a mailbox, whose reader sets a new password: who can still take it back, and who can't."""

from __future__ import annotations

import httpx
import pytest

from models import OneTimeToken, SecurityEvent, User
from service.core.clock import Clock
from tests.support.letters import Mailbox
from tests.support.links import (
    NEW_PASSWORD,
    address_token,
    confirm_address,
    log_in,
    post,
    reset,
    reset_token,
    undo_token,
)  # fmt: skip
from tests.support.people import PASSWORD, Person, assert_problem, confirmed, register

VICTIM = "victim@example.org"
DAY = 86_400


@pytest.fixture
async def mallory(client: httpx.AsyncClient) -> Person:
    """Somebody with an account and a plan."""
    return await register(client, "mallory@example.net", "Mallory")


@pytest.mark.parametrize("age", [0, 30], ids=["at once", "a month old"])
async def test_an_account_moved_to_a_victims_mailbox(
    client: httpx.AsyncClient, mallory: Person, mailbox: Mailbox, clock: Clock, age: int
) -> None:
    """R79: the victim pressed the link and set a password: the account doesn't go back to where it came from."""
    await confirm_address(mallory, mailbox)
    clock.advance(age * DAY)
    undo = await undo_token(mallory, mailbox, VICTIM)
    assert (await reset(client, await reset_token(mallory, mailbox))).status_code == 204
    letters = await mailbox.letters()
    assert_problem(await post(client, "email/undo", token=undo), 400, "invalid_token")
    assert (await User.get(id=mallory.id)).email == VICTIM
    assert (await log_in(client, VICTIM, NEW_PASSWORD)).status_code == 200
    # The old mailbox hears of it, where it was somebody's: an owner who was robbed knows whom to ask.
    told = [(letter.to, letter.subject) for letter in letters if letter.to == "mallory@example.net"]
    assert told == [("mallory@example.net", "Your old address can no longer take the account back")]
    await register(client, "mallory@example.net")  # and it is held no longer


async def test_an_address_that_nobody_confirmed_takes_nothing_back(
    client: httpx.AsyncClient, mallory: Person, mailbox: Mailbox
) -> None:
    """R79, R80: it is told nothing, holds nothing, and gets no link: it may be anybody's."""
    session = await mallory.log_in()
    token = await address_token(session, mailbox, VICTIM)
    assert (await post(client, "email/confirm", token=token)).status_code == 204
    assert [letter.to for letter in await mailbox.letters()] == []
    assert not await OneTimeToken.filter(purpose="undo").exists()
    await register(client, "mallory@example.net")


async def test_all_stops_on_the_way(client: httpx.AsyncClient, mallory: Person, mailbox: Mailbox) -> None:
    """R79: nor to any mailbox that it came through."""
    await confirm_address(mallory, mailbox)
    undos = [await undo_token(mallory, mailbox, address) for address in ("second@example.net", VICTIM)]
    assert (await reset(client, await reset_token(mallory, mailbox))).status_code == 204
    for undo in undos:
        assert_problem(await post(client, "email/undo", token=undo), 400, "invalid_token")
    assert not await OneTimeToken.exists()


async def test_the_owner_keeps_the_way_back(client: httpx.AsyncClient, ada: Person, mailbox: Mailbox) -> None:
    """R34: nothing that a session can do ends it: passwords, further moves, re-confirmations, letters asked for."""
    await confirm_address(ada, mailbox)
    old = ada.email
    undo = await undo_token(ada, mailbox, "thief@example.net")
    thief = await ada.log_in()
    assert (await thief.call("PUT", "/users/me", json={"password": "the thief's own password"})).status_code == 200
    ada.password = "the thief's own password"
    await undo_token(ada, mailbox, "second@example.net")
    for path in ("password/forgot", "email/verify/resend"):
        assert (await post(client, path, email=ada.email)).status_code == 202
    assert_problem(
        await client.post("/api/auth/register", json={"email": old, "password": PASSWORD}), 400, "email_taken"
    )
    assert (await post(client, "email/undo", token=undo)).status_code == 204
    assert (await User.get(id=ada.id)).email == old
    assert_problem(await thief.me(), 401, "invalid_token")


async def test_what_was_never_confirmed_is_never_held(
    client: httpx.AsyncClient, mallory: Person, mailbox: Mailbox
) -> None:
    """R79: a stranger registers an address and moves away from it: it is its owner's to register, or to move to."""
    stranger = await register(client, VICTIM)
    away = await address_token(await stranger.log_in(), mailbox, "away@example.net")
    assert (await post(client, "email/confirm", token=away)).status_code == 204
    assert not await OneTimeToken.filter(held_address__isnull=False).exists()
    owner = await register(client, VICTIM)
    session = await owner.log_in()
    assert (await session.call("DELETE", "/users/me")).status_code == 204
    token = await address_token(await mallory.log_in(), mailbox, VICTIM)
    assert (await post(client, "email/confirm", token=token)).status_code == 204


async def test_a_confirmed_address_is_held(client: httpx.AsyncClient, ada: Person, mailbox: Mailbox) -> None:
    """R34: one that was confirmed waits for its owner, and is free as soon as the way back is over."""
    await confirm_address(ada, mailbox)
    old = ada.email
    await undo_token(ada, mailbox)
    assert_problem(
        await client.post("/api/auth/register", json={"email": old, "password": PASSWORD}), 400, "email_taken"
    )


async def test_the_owners_own_reset_after_taking_it_back(
    client: httpx.AsyncClient, ada: Person, mailbox: Mailbox
) -> None:
    """R34, R79: taken back and given a new password, the account can't be taken by an address from before either."""
    await confirm_address(ada, mailbox)
    first = await undo_token(ada, mailbox, "second@example.org")
    second = await undo_token(ada, mailbox, "thief@example.net")
    assert (await post(client, "email/undo", token=second)).status_code == 204
    token = next(letter.token for letter in await mailbox.letters("second@example.org") if "reset" in letter.link)
    assert (await reset(client, token)).status_code == 204
    assert_problem(await post(client, "email/undo", token=first), 400, "invalid_token")


async def test_a_held_address_is_nobody_elses_by_an_administrator_either(
    client: httpx.AsyncClient, ada: Person, grace: Person, root: Person, mailbox: Mailbox
) -> None:
    """R34: another account can't be put in the way of taking it back; the account itself can be given back."""
    await confirm_address(ada, mailbox)
    old = ada.email
    undo = await undo_token(ada, mailbox, "thief@example.net")
    roots = await root.log_in()
    answer = await roots.call("PATCH", f"/users/{grace.id}", json={"email": old})
    assert_problem(answer, 400, "email_taken")
    assert (await roots.call("PATCH", f"/users/{ada.id}", json={"email": old})).status_code == 200
    assert_problem(await post(client, "email/undo", token=undo), 400, "invalid_token")


@pytest.mark.parametrize("way", ["verify", "reset"])
async def test_a_way_back_never_ends_unheard(
    way: str, client: httpx.AsyncClient, ada: Person, root: Person, mailbox: Mailbox
) -> None:
    """R34, R79: a superuser's account that was moved by id, and confirmed with another password: the old mailbox hears.

    Whoever moved it had a session. The letter and the event are what the owner who was robbed has.
    """
    await confirmed(ada)
    await User.filter(id=ada.id).update(is_superuser=True)
    session = await ada.log_in()
    await mailbox.letters()
    moved = await session.call("PATCH", f"/users/{ada.id}", json={"email": "thief@example.net"})
    assert moved.status_code == 200
    token = (await mailbox.letter("thief@example.net")).token
    if way == "verify":
        done = await post(client, "email/verify", token=token, new_password=NEW_PASSWORD)
    else:
        await post(client, "password/forgot", email="thief@example.net")
        done = await reset(client, (await mailbox.letter("thief@example.net")).token)
    assert done.status_code == 204
    told = [letter.subject for letter in await mailbox.letters(ada.email)]
    assert told == ["Your old address can no longer take the account back"]
    assert await SecurityEvent.filter(user_id=ada.id, type="email.change_final").count() == 1
