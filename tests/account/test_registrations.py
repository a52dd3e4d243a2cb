"""Registrations that wait beside an account's own: each account's apart, as long as a link can confirm them."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from models import Registration, SecurityEvent, User
from service.accounts import registrations
from service.core.clock import Clock
from service.runtime import Runtime
from tests.account.test_prepared_accounts import STRANGERS, VICTIM, sign_up, strict
from tests.support.letters import Mailbox
from tests.support.links import post
from tests.support.people import PASSWORD

__all__ = ["strict"]
ANOTHER = "another@example.com"


async def test_one_accounts_push_out_no_others(strict: httpx.AsyncClient, mailbox: Mailbox) -> None:
    """R79: however often an address is registered again, what waits for another one stays."""
    for email in (ANOTHER, VICTIM):
        await sign_up(strict, STRANGERS, email=email)
        await sign_up(strict, email=email)
    another = await User.get(email=ANOTHER)
    (waiting,) = await Registration.filter(user_id=another.id)
    for number in range(12):
        await sign_up(strict, f"{STRANGERS}, number {number}")
    assert [row.id for row in await Registration.filter(user_id=another.id)] == [waiting.id]
    letters = await mailbox.letters(ANOTHER)
    answer = await post(strict, "email/verify", token=letters[-1].token, password=PASSWORD)
    assert answer.status_code == 204, answer.text


async def test_kept_as_long_as_a_link(
    strict: httpx.AsyncClient, mailbox: Mailbox, runtime: Runtime, clock: Clock
) -> None:
    """A later link keeps what waits for longer, never for shorter; what is over stays over."""
    await sign_up(strict, STRANGERS)
    await sign_up(strict)
    (row,) = await Registration.all()
    user = await User.get(email=VICTIM)

    async def end_after(end: timedelta) -> timedelta:
        await registrations.keep_until(runtime, user.id, row.expires_at + end)
        return (await Registration.get(id=row.id)).expires_at - row.expires_at

    assert await end_after(timedelta(hours=-1)) == timedelta()
    assert await end_after(timedelta(hours=1)) == timedelta(hours=1)
    assert await registrations.purge(runtime) == 0
    clock.advance((row.expires_at + timedelta(hours=2) - clock.now()).total_seconds())
    assert await end_after(timedelta(hours=5)) == timedelta(hours=1)
    assert await registrations.purge(runtime) == 1


async def test_who_confirmed_is_on_record(strict: httpx.AsyncClient, mailbox: Mailbox) -> None:
    """R69: where from, and with which browser."""
    await sign_up(strict)
    token = (await mailbox.letters(VICTIM))[-1].token
    agent = {"User-Agent": "Confirming/1"}
    answer = await strict.post("/api/auth/email/verify", json={"token": token, "password": PASSWORD}, headers=agent)
    assert answer.status_code == 204, answer.text
    event = await SecurityEvent.get(type="email.verified")
    assert (event.ip, event.user_agent) == ("127.0.0.1", "Confirming/1")


@pytest.mark.parametrize(
    ("registered_in", "confirmed_in", "with_new", "language"),
    [
        ("en", None, False, "en"),  # the registration's that counts
        (None, "en", False, "de"),  # else the account's, whatever the browser of the moment says
        (None, "en", True, "en"),  # who has registered nothing speaks as their browser does
        (None, None, True, "de"),
    ],
)
async def test_whose_language(
    strict: httpx.AsyncClient,
    mailbox: Mailbox,
    registered_in: str | None,
    confirmed_in: str | None,
    with_new: bool,
    language: str,
) -> None:
    """R79: letters to whoever gets an account are in their language; the account's own is better than none."""

    async def send(path: str, speaks: str | None, **body: str) -> None:
        headers = {"Accept-Language": speaks} if speaks else {}
        answer = await strict.post(f"/api/auth/{path}", json=body, headers=headers)
        assert answer.status_code < 300, answer.text

    await send("register", "de", email=VICTIM, password=STRANGERS)
    if not with_new:
        await send("register", registered_in, email=VICTIM, password=PASSWORD)
    shown = {"new_password" if with_new else "password": PASSWORD}
    await send("email/verify", confirmed_in, token=(await mailbox.letters(VICTIM))[-1].token, **shown)
    assert (await User.get(email=VICTIM)).language == language
