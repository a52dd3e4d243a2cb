"""Strangers ask for letters without end: the owner's own request is heard, and they hold up nobody (R19, R80)."""

from __future__ import annotations

import secrets

import httpx
import pytest

from models import OutboxMail
from service.stores.device_cookies import DeviceCookies
from tests.mail.test_strangers import confirmed, door, forgot, letters
from tests.support.letters import Mailbox
from tests.support.people import register

__all__ = ["door", "letters"]  # fixtures
VICTIM = "victim@example.com"


@pytest.mark.parametrize("others", [1, 40])
async def test_a_flood_around_the_owners_request(door: httpx.AsyncClient, letters: Mailbox, others: int) -> None:
    """R19: with the mailbox's budget used up and more requests than may wait, the owner's device still gets its letter.

    Strangers send cookies of that name, too.
    """
    victim = await confirmed(await register(door, VICTIM), letters)
    await victim.log_in()
    cookie = door.cookies["latchkey_device"]
    for number in range(20):
        await forgot(door, victim.email, number)
        await letters.letters()
    for number in range(20):
        await forgot(door, victim.email, 20 + number, secrets.token_urlsafe(48))
    await forgot(door, victim.email, 99, cookie)
    for number in range(others):
        await forgot(door, victim.email, 100 + number, secrets.token_urlsafe(48))
    await letters.letter(victim.email)


async def test_cookies_that_are_nobodys_cost_nothing(
    door: httpx.AsyncClient, letters: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R72: 1,600 made-up device cookies aren't kept, and aren't looked up one by one while the user's row is locked."""
    victim = await confirmed(await register(door, VICTIM), letters)
    for number in range(20):
        made_up = "; latchkey_device=".join(secrets.token_urlsafe(48) for _ in range(80))
        await forgot(door, victim.email, number, made_up)
    assert max(len(row.values_sealed or b"") for row in await OutboxMail.filter(state="pending")) < 500
    asked, decode = [], DeviceCookies.decode

    def counted(self: DeviceCookies, value: str, user_id: object) -> object:
        asked.append(value)
        return decode(self, value, user_id)  # type: ignore[arg-type]

    monkeypatch.setattr(DeviceCookies, "decode", counted)
    await letters.letter(victim.email)
    assert asked == []
