"""A stranger at the same moment: registering, logging in, refreshing, while the owner of the mailbox confirms."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from models import MailBudget, Registration, User
from tests.account.test_prepared_accounts import STRANGERS, VICTIM, assert_only, prepared, sign_up, strict
from tests.support.letters import Mailbox
from tests.support.links import NEW_PASSWORD, log_in, post, reset, verify_token
from tests.support.people import PASSWORD, Person, Session, assert_problem

__all__ = ["strict"]
ROUNDS = 5


async def test_ten_first_registrations(strict: httpx.AsyncClient, mailbox: Mailbox) -> None:
    """R18, R79: ten at once are one account and the newest five beside it, with the same answer for all."""
    passwords = [f"the password of number {number}" for number in range(10)]
    answers = await asyncio.gather(*(sign_up(strict, password) for password in passwords))
    assert {(answer.status_code, answer.content) for answer in answers} == {(202, answers[0].content)}
    assert (await User.all().count(), await Registration.all().count()) == (1, 5)
    token = (await mailbox.letters(VICTIM))[-1].token
    answers = [await post(strict, "email/verify", token=token, password=password) for password in passwords]
    assert sum(answer.status_code == 204 for answer in answers) == 1
    assert {answer.json()["code"] for answer in answers if answer.status_code == 400} <= {
        "invalid_grant",
        "invalid_token",
    }


@pytest.mark.parametrize("pressed", [0, 1])
async def test_registering_while_it_is_confirmed(strict: httpx.AsyncClient, mailbox: Mailbox, pressed: int) -> None:
    """R79: a registration is over with the confirmation, or finds the address confirmed: it never waits beyond it."""
    await sign_up(strict, STRANGERS)
    await sign_up(strict)
    token = (await mailbox.letters(VICTIM))[pressed].token
    late = [f"another stranger's password {number}" for number in range(4)]
    answers = await asyncio.gather(
        *(sign_up(strict, password) for password in late[:2]),
        post(strict, "email/verify", token=token, password=PASSWORD),
        *(sign_up(strict, password) for password in late[2:]),
    )
    assert sorted(answer.status_code for answer in answers) == [202] * 4 + [204]
    assert not await Registration.exists()
    await assert_only(strict, PASSWORD, STRANGERS, *late)
    for letter in await mailbox.letters(VICTIM):
        assert "#token=" not in letter.link


async def test_two_who_confirm(strict: httpx.AsyncClient, mailbox: Mailbox) -> None:
    """R20, R79: two links, two passwords: one of them counts, and the other opens nothing."""
    for _ in range(ROUNDS):
        await User.all().delete()
        await MailBudget.all().delete()
        await sign_up(strict, STRANGERS)
        first = await mailbox.letter(VICTIM)
        await sign_up(strict)
        second = await mailbox.letter(VICTIM)
        answers = await asyncio.gather(
            post(strict, "email/verify", token=first.token, password=STRANGERS),
            post(strict, "email/verify", token=second.token, password=PASSWORD),
            post(strict, "email/verify", token=first.token, new_password=NEW_PASSWORD),
        )
        assert sorted(answer.status_code for answer in answers) == [204, 400, 400]
        passwords = [STRANGERS, PASSWORD, NEW_PASSWORD]
        right = passwords.pop([answer.status_code for answer in answers].index(204))
        await assert_only(strict, right, *passwords)


@pytest.mark.parametrize("way", ["verify", "reset"])
async def test_the_strangers_sessions_in_flight(client: httpx.AsyncClient, mailbox: Mailbox, way: str) -> None:
    """R79: log-ins and refreshes that are under way while the account is claimed are over with it."""
    for _ in range(ROUNDS):
        await User.all().delete()
        await MailBudget.all().delete()
        stranger = await prepared(client)
        sessions = [await stranger.log_in() for _ in range(3)]
        token = await verify_token(stranger, mailbox)
        if way == "reset":
            await post(client, "password/forgot", email=VICTIM)
            token = (await mailbox.letter(VICTIM)).token
        claim = (
            post(client, "email/verify", token=token, new_password=NEW_PASSWORD)
            if way == "verify"
            else reset(client, token)
        )
        *under_way, done = await asyncio.gather(
            *(log_in(client, VICTIM, STRANGERS) for _ in range(5)),
            *(session.refresh() for session in sessions),
            *(log_in(client, VICTIM, STRANGERS) for _ in range(5)),
            claim,
        )
        assert done.status_code == 204
        for answer in under_way:
            if answer.status_code == 200:
                got = Session(client, answer.json()["access_token"], answer.json()["refresh_token"])
                assert_problem(await got.me(), 401, "invalid_token")
                assert_problem(await got.refresh(), 400, "invalid_grant")
        await assert_only(client, NEW_PASSWORD, STRANGERS)


async def test_undo_and_reset_at_once(client: httpx.AsyncClient, ada: Person, mailbox: Mailbox) -> None:
    """R79: the reset from the new mailbox and the way back: one of them counts, and the other finds its link dead."""
    from tests.support.links import confirm_address, reset_token, undo_token

    await confirm_address(ada, mailbox)
    for number in range(ROUNDS):
        undo = await undo_token(ada, mailbox, f"number{number}@example.org")
        token = await reset_token(ada, mailbox)
        answers = await asyncio.gather(reset(client, token), post(client, "email/undo", token=undo))
        assert sorted(answer.status_code for answer in answers) == [204, 400]
        ada.email = (await User.get(id=ada.id)).email
        if answers[0].status_code == 400:
            letters = await mailbox.letters(ada.email)
            assert (await reset(client, letters[-1].token)).status_code == 204
        ada.password = NEW_PASSWORD
