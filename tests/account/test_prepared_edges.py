"""Prepared accounts, at the edges: what refusals tell, stores that are away, and names that nobody's owner chose."""

from __future__ import annotations

import httpx
import pytest

from models import Registration, User
from service.core.passwords.hashing import Passwords
from service.core.redis.client import RedisScripts
from service.core.windows import Taken
from service.errors import Unavailable
from service.stores.throttle import Throttle
from tests.account.test_prepared_accounts import STRANGERS, VICTIM, assert_only, sign_up, strict
from tests.account.test_required_verification import bytes_of
from tests.support.letters import Mailbox
from tests.support.links import NEW_PASSWORD, post, verify_token
from tests.support.people import PASSWORD, Person, assert_problem

__all__ = ["strict"]
SAME = {"X-Request-ID": "same"}


async def test_log_in_refuses_all_of_them_alike(strict: httpx.AsyncClient, mailbox: Mailbox) -> None:
    """R17, R79: the account's password, another registration's, a wrong one, nobody's: the same bytes before."""
    await sign_up(strict, STRANGERS)
    await sign_up(strict)
    answers = [
        await strict.post("/api/auth/login", data={"username": name, "password": password}, headers=SAME)
        for name, password in (
            (VICTIM, STRANGERS), (VICTIM, PASSWORD), (VICTIM, "not the password"), ("nobody@example.com", PASSWORD),
        )
    ]  # fmt: skip
    assert len({bytes_of(answer) for answer in answers}) == 1
    assert_problem(answers[0], 400, "invalid_grant")


@pytest.mark.parametrize("what", ["redis", "hashing"])
async def test_away_while_it_is_confirmed(
    strict: httpx.AsyncClient, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """R64, R73: 503, nothing confirmed or ended, and the link works afterwards."""

    async def away(*_: object) -> None:
        raise Unavailable(what)

    await sign_up(strict, STRANGERS)
    await sign_up(strict)
    token = (await mailbox.letters(VICTIM))[-1].token
    with monkeypatch.context() as broken:
        if what == "redis":
            broken.setattr(RedisScripts, "run", away)
        else:
            broken.setattr(Passwords, "_run", away)
        for proof in ({"password": PASSWORD}, {"new_password": NEW_PASSWORD}):
            assert_problem(await post(strict, "email/verify", token=token, **proof), 503, "unavailable")
    assert not (await User.get(email=VICTIM)).email_verified
    assert await Registration.all().count() == 1
    assert (await post(strict, "email/verify", token=token, password=PASSWORD)).status_code == 204
    await assert_only(strict, PASSWORD, STRANGERS)


async def test_what_was_looked_at_is_paid_for(
    strict: httpx.AsyncClient, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R12: the queue is full behind the first of two passwords: one was looked at, so the attempt is gone."""
    given_back: list[Taken] = []

    async def full_after(looked_at: int) -> None:
        seen: list[int] = []

        async def verify(*_: object) -> bool:
            if len(seen) == looked_at:
                raise Unavailable("passwords")
            seen.append(1)
            return False

        with monkeypatch.context() as crowded:
            crowded.setattr(Passwords, "verify", verify)
            assert_problem(await post(strict, "email/verify", token=token, password=PASSWORD), 503, "unavailable")

    async def give_back(_: Throttle, taken: Taken) -> None:
        given_back.append(taken)

    await sign_up(strict, STRANGERS)
    await sign_up(strict)
    token = (await mailbox.letters(VICTIM))[-1].token
    monkeypatch.setattr(Throttle, "give_back", give_back)
    await full_after(1)
    assert given_back == []
    await full_after(0)
    assert given_back != []


async def test_a_link_that_confirms_sets_no_password_later(
    client: httpx.AsyncClient, ada: Person, mailbox: Mailbox
) -> None:
    """R21, R79: an account that an import has confirmed meanwhile gets no new password by the longer-lived link."""
    token = await verify_token(ada, mailbox)
    await User.filter(id=ada.id).update(email_verified=True)
    assert_problem(await post(client, "email/verify", token=token, new_password=NEW_PASSWORD), 400, "invalid_token")
    await ada.log_in()
    assert (await post(client, "email/verify", token=token, password=ada.password)).status_code == 204


async def test_a_disabled_account_stays_disabled(
    client: httpx.AsyncClient, strict: httpx.AsyncClient, ada: Person, mailbox: Mailbox
) -> None:
    """R30, R79: no registration and no link brings it back; its owner hears that somebody tried."""
    token = await verify_token(ada, mailbox)
    await User.filter(id=ada.id).update(is_active=False)
    assert (await sign_up(strict, NEW_PASSWORD, email=ada.email)).status_code == 202
    assert not await Registration.exists()
    assert_problem(await post(client, "email/verify", token=token, new_password=NEW_PASSWORD), 400, "invalid_token")
    assert not (await User.get(id=ada.id)).email_verified


async def test_an_administrators_password_ends_what_waits(
    client: httpx.AsyncClient, strict: httpx.AsyncClient, root: Person, mailbox: Mailbox
) -> None:
    """R21, R79: a password from an administrator ends links and registrations; the mailbox gets a new link for it."""
    await sign_up(strict, STRANGERS)
    await sign_up(strict)
    token = (await mailbox.letters(VICTIM))[-1].token
    user = await User.get(email=VICTIM)
    roots = await root.log_in()
    assert (await roots.call("PATCH", f"/users/{user.id}", json={"password": NEW_PASSWORD})).status_code == 200
    assert not await Registration.exists()
    assert_problem(await post(client, "email/verify", token=token, password=PASSWORD), 400, "invalid_token")
    await mailbox.letters()
    await post(client, "email/verify/resend", email=VICTIM)
    token = (await mailbox.letter(VICTIM)).token
    assert (await post(client, "email/verify", token=token, password=NEW_PASSWORD)).status_code == 204
    await assert_only(strict, NEW_PASSWORD, STRANGERS, PASSWORD)


async def test_registering_again_and_again_pushes_out_no_link(strict: httpx.AsyncClient, mailbox: Mailbox) -> None:
    """R79: the owner's letter has gone: however many registrations follow, their own password is good with it."""
    await sign_up(strict, STRANGERS)
    await sign_up(strict)
    token = (await mailbox.letters(VICTIM))[-1].token
    for number in range(12):
        await sign_up(strict, f"{STRANGERS}, number {number}")
        await mailbox.letters(VICTIM)
    assert await Registration.all().count() <= 10
    assert (await post(strict, "email/verify", token=token, password=PASSWORD)).status_code == 204
    await assert_only(strict, PASSWORD, STRANGERS, f"{STRANGERS}, number 11")
