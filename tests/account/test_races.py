"""Many at once with one link, or for one address."""

from __future__ import annotations

import asyncio

import httpx

from models import OneTimeToken, OutboxMail, User
from tests.support.letters import Mailbox
from tests.support.links import (
    NEW_ADDRESS,
    address_token,
    confirm_address,
    post,
    reset,
    reset_token,
    undo_token,
    verify_token,
)
from tests.support.people import Person
from tests.support.waiting import unless_shed


def outcomes(answers: list[httpx.Response]) -> list[tuple[int, str | None]]:
    return sorted((answer.status_code, answer.json()["code"] if answer.content else None) for answer in answers)


ONE_OF_TEN = [(204, None)] + [(400, "invalid_token")] * 9


async def test_ten_new_passwords(client: httpx.AsyncClient, ada: Person, mailbox: Mailbox) -> None:
    """R20: one of ten sets its password, and it is that one's that works."""
    token = await reset_token(ada, mailbox)
    passwords = [f"the password of number {number}" for number in range(10)]
    answers = await asyncio.gather(*(reset(client, token, password) for password in passwords))
    assert outcomes(answers) == ONE_OF_TEN
    ada.password = passwords[[answer.status_code for answer in answers].index(204)]
    await ada.log_in()


async def test_ten_confirmations(client: httpx.AsyncClient, ada: Person, mailbox: Mailbox) -> None:
    """R20: one of ten confirms; the address moves once, and can be taken back once."""
    for path, body in (
        ("email/verify", {"token": await verify_token(ada, mailbox), "password": ada.password}),
        ("email/confirm", {"token": await address_token(await ada.log_in(), mailbox)}),
    ):
        answers = await asyncio.gather(*(post(client, path, **body) for _ in range(10)))
        assert outcomes(answers) == ONE_OF_TEN
    assert (await User.get(id=ada.id)).email == NEW_ADDRESS
    undo = (await mailbox.letter(ada.email)).token
    answers = await asyncio.gather(*(post(client, "email/undo", token=undo) for _ in range(10)))
    assert outcomes(answers) == ONE_OF_TEN
    assert (await User.get(id=ada.id)).email == ada.email


async def test_two_users_confirm_one_address(
    client: httpx.AsyncClient, ada: Person, grace: Person, mailbox: Mailbox
) -> None:
    """R34: the unique index decides; the other keeps the old address, and the link."""
    tokens = [await address_token(await person.log_in(), mailbox) for person in (ada, grace)]
    answers = await asyncio.gather(*(post(client, "email/confirm", token=token) for token in tokens))
    assert outcomes(answers) == [(204, None), (400, "email_taken")]
    assert sorted([user.email for user in await User.all()]) in (
        sorted([NEW_ADDRESS, grace.email]),
        sorted([NEW_ADDRESS, ada.email]),
    )
    assert await OneTimeToken.filter(purpose="address").count() == 1


async def test_confirming_while_somebody_registers(client: httpx.AsyncClient, ada: Person, mailbox: Mailbox) -> None:
    """One account per mailbox: either the user moves there or somebody registers there, and neither fails oddly."""
    token = await address_token(await ada.log_in(), mailbox)
    body = {"email": NEW_ADDRESS, "password": ada.password}
    answers = await asyncio.gather(
        post(client, "email/confirm", token=token),
        *(client.post("/api/auth/register", json=body) for _ in range(3)),
    )
    assert sorted(answer.status_code for answer in answers) in ([200, 400, 400, 400], [204, 400, 400, 400])
    assert {answer.json()["code"] for answer in answers if answer.status_code == 400} == {"email_taken"}
    assert await User.filter(email_canonical=NEW_ADDRESS).count() == 1


async def test_registering_the_address_that_is_given_up(
    client: httpx.AsyncClient, ada: Person, mailbox: Mailbox
) -> None:
    """R34: not even in the moment of the change does anybody else get the old address, once it was confirmed."""
    await confirm_address(ada, mailbox)
    old = ada.email
    token = await address_token(await ada.log_in(), mailbox)
    body = {"email": old, "password": ada.password}
    answers = await asyncio.gather(
        *(client.post("/api/auth/register", json=body) for _ in range(3)),
        post(client, "email/confirm", token=token),
        *(client.post("/api/auth/register", json=body) for _ in range(3)),
    )
    assert outcomes(answers) == [(204, None)] + [(400, "email_taken")] * 6


async def test_links_of_one_user_at_once(client: httpx.AsyncClient, ada: Person, mailbox: Mailbox) -> None:
    """R21, R79: a reset and changes of address that meet: no 500, no 503, and who was first decides.

    Either the way back was used before the new mailbox had set a password, or that has ended it.
    """
    old = ada.email
    undo = await undo_token(ada, mailbox)
    moving = await address_token(await ada.log_in(), mailbox, "third@example.org")
    resetting = await reset_token(ada, mailbox)
    answers = await asyncio.gather(
        reset(client, resetting), post(client, "email/confirm", token=moving), post(client, "email/undo", token=undo)
    )
    assert {answer.status_code for answer in answers} <= {204, 400}
    resets, _, undone = (answer.status_code == 204 for answer in answers)
    assert resets or undone
    assert ((await User.get(id=ada.id)).email == old) == undone
    assert not await OneTimeToken.exclude(purpose="undo").exists()


async def test_twenty_requests_for_one_mailbox(client: httpx.AsyncClient, ada: Person, mailbox: Mailbox) -> None:
    """R21: however many ask at once, one link works: that of the letter that came last."""
    answers = await asyncio.gather(
        *(unless_shed(lambda: post(client, "password/forgot", email=ada.email)) for _ in range(20))
    )
    assert {answer.status_code for answer in answers} == {202}
    letters = await mailbox.letters(ada.email)
    assert 1 <= len(letters) <= 20
    assert await OneTimeToken.filter(purpose="password").count() == 1
    assert await OutboxMail.filter(state="pending").count() == 0
    works = [(await reset(client, letter.token)).status_code for letter in letters]
    assert works == [400] * (len(letters) - 1) + [204]
