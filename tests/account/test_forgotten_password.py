"""A forgotten password: a letter, a link, a new password."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from models import OneTimeToken, User
from service.core.clock import Clock
from service.core.sql.transactions import transaction
from service.letters import onetime
from tests.support.letters import Mailbox
from tests.support.links import reset_token
from tests.support.people import PASSWORD, Person, assert_problem

NEW = "a new one altogether"


async def forgot(client: httpx.AsyncClient, email: str) -> httpx.Response:
    return await client.post("/api/auth/password/forgot", json={"email": email})


async def reset(client: httpx.AsyncClient, token: str, password: str = NEW) -> httpx.Response:
    return await client.post("/api/auth/password/reset", json={"token": token, "password": password})


async def log_in(client: httpx.AsyncClient, email: str, password: str) -> httpx.Response:
    return await client.post("/api/auth/login", data={"username": email, "password": password})


async def test_from_letter_to_new_password(client: httpx.AsyncClient, ada: Person, mailbox: Mailbox) -> None:
    """R24: the new password works, the old one doesn't, every session is over, nobody is logged in, a notice comes."""
    session = await ada.log_in()
    await mailbox.letters()
    assert (await forgot(client, ada.email)).status_code == 202
    letter = await mailbox.letter(ada.email)
    done = await reset(client, letter.token)
    assert (done.status_code, done.content) == (204, b"")
    assert_problem(await session.me(), 401, "invalid_token")
    assert_problem(await session.refresh(), 400, "invalid_grant")
    assert_problem(await log_in(client, ada.email, PASSWORD), 400, "invalid_grant")
    again = await log_in(client, ada.email, NEW)
    assert again.status_code == 200
    assert (await mailbox.letters(ada.email))[0].subject == "Your password was changed"
    me = await client.get("/api/users/me", headers={"Authorization": f"Bearer {again.json()['access_token']}"})
    assert me.json()["email_verified"] is True  # whoever has the link has the mailbox


async def test_link_is_good_once(client: httpx.AsyncClient, ada: Person, mailbox: Mailbox) -> None:
    """R20: a token is spent by its use."""
    await forgot(client, ada.email)
    token = (await mailbox.letter(ada.email)).token
    assert (await reset(client, token)).status_code == 204
    assert_problem(await reset(client, token, "yet another password"), 400, "invalid_token")


async def test_link_expires(client: httpx.AsyncClient, ada: Person, mailbox: Mailbox, clock: Clock) -> None:
    """R20: a token is good for PASSWORD_RESET_MINUTES."""
    await forgot(client, ada.email)
    token = (await mailbox.letter(ada.email)).token
    clock.advance(30 * 60 + 1)
    assert_problem(await reset(client, token), 400, "invalid_token")


async def test_newer_link_takes_the_place_of_the_older(
    client: httpx.AsyncClient, ada: Person, mailbox: Mailbox
) -> None:
    """R21: only the newest link works."""
    await forgot(client, ada.email)
    older = (await mailbox.letter(ada.email)).token
    await forgot(client, ada.email)
    newer = (await mailbox.letter(ada.email)).token
    assert_problem(await reset(client, older), 400, "invalid_token")
    assert (await reset(client, newer)).status_code == 204


async def test_a_session_does_not_end_the_link(client: httpx.AsyncClient, ada: Person, mailbox: Mailbox) -> None:
    """R21: the mailbox outranks a session. Else a thief who keeps setting the password keeps the owner out."""
    thief = await ada.log_in()
    for _ in range(3):
        await forgot(client, ada.email)
        token = next(
            letter.token for letter in await mailbox.letters(ada.email) if letter.subject == "Set a new password"
        )
        assert (await thief.call("PUT", "/users/me", json={"password": "the thief's own"})).status_code == 200
    assert (await reset(client, token)).status_code == 204
    assert_problem(await thief.me(), 401, "invalid_token")


async def test_a_session_does_not_end_the_request(client: httpx.AsyncClient, ada: Person, mailbox: Mailbox) -> None:
    """R21: nor the letter that waits for a mail server."""
    thief = await ada.log_in()
    await mailbox.letters()
    await forgot(client, ada.email)
    assert (await thief.call("PUT", "/users/me", json={"password": "the thief's own"})).status_code == 200
    letters = {letter.subject: letter for letter in await mailbox.letters(ada.email)}
    assert (await reset(client, letters["Set a new password"].token)).status_code == 204


async def test_an_administrator_ends_the_link(
    client: httpx.AsyncClient, ada: Person, root: Person, mailbox: Mailbox
) -> None:
    """R21: a link that was asked for before an administrator, or another link, set the password is dead."""
    session = await root.log_in()
    await mailbox.letters()
    await forgot(client, ada.email)
    token = (await mailbox.letter(ada.email)).token
    assert (await session.call("PUT", f"/users/{ada.id}", json={"password": NEW})).status_code == 200
    assert_problem(await reset(client, token, "yet another password"), 400, "invalid_token")


async def test_refused_password_leaves_the_link_good(client: httpx.AsyncClient, ada: Person, mailbox: Mailbox) -> None:
    """Bad input loses nothing: after a password that may not be chosen the link still works."""
    await forgot(client, ada.email)
    token = (await mailbox.letter(ada.email)).token
    assert_problem(await reset(client, token, "short"), 422, "validation_error")
    assert (await reset(client, token)).status_code == 204


async def test_nothing_tells_whether_there_is_an_account(
    client: httpx.AsyncClient, ada: Person, grace: Person, mailbox: Mailbox
) -> None:
    """R17, R18: known, unknown and disabled get the same bytes; only the known gets a letter."""
    await User.filter(id=grace.id).update(is_active=False)
    headers = {"X-Request-ID": "same"}
    answers = [
        await client.post("/api/auth/password/forgot", json={"email": email}, headers=headers)
        for email in (ada.email, grace.email, "nobody@example.com")
    ]
    for answer in answers:
        del answer.headers["date"]
    assert len({(answer.status_code, answer.content, *sorted(answer.headers.items())) for answer in answers}) == 1
    assert [letter.to for letter in await mailbox.letters()] == [ada.email]


async def test_letter_goes_to_the_stored_address(client: httpx.AsyncClient, ada: Person, mailbox: Mailbox) -> None:
    """R25: however the address is written in the request, the letter goes where the account says."""
    await forgot(client, "  ADA@Example.COM ")
    assert [letter.to for letter in await mailbox.letters()] == [ada.email]


async def test_link_leads_to_the_front_end_alone(client: httpx.AsyncClient, ada: Person, mailbox: Mailbox) -> None:
    """R23: no Host and no X-Forwarded-Host changes where a link leads."""
    hostile = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}
    answer = await client.post("/api/auth/password/forgot", json={"email": ada.email}, headers=hostile)
    assert answer.status_code == 202
    assert (await mailbox.letter(ada.email)).link.startswith("http://localhost:8000/reset-password#token=")


async def test_only_hashes_are_stored(client: httpx.AsyncClient, ada: Person, mailbox: Mailbox) -> None:
    """R20: the table of tokens has nothing that works."""
    await forgot(client, ada.email)
    token = (await mailbox.letter(ada.email)).token
    stored = await OneTimeToken.all().values()
    assert stored
    assert token not in str(stored)
    for row in stored:
        assert_problem(await reset(client, row["token_hash"]), 400, "invalid_token")


async def test_disabled_meanwhile(client: httpx.AsyncClient, ada: Person, mailbox: Mailbox) -> None:
    """R30: a link doesn't open a disabled account."""
    await forgot(client, ada.email)
    token = (await mailbox.letter(ada.email)).token
    await User.filter(id=ada.id).update(is_active=False)
    assert_problem(await reset(client, token), 400, "invalid_token")


async def test_disabled_between_look_and_use(ada: Person, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """R30: what decides about a link is the user's row under its lock, not a look before that."""
    token, look = await reset_token(ada, mailbox), onetime._look_up

    async def then_disabled(*given: Any) -> Any:
        found = await look(*given)
        await User.filter(id=ada.id).update(is_active=False)
        return found

    monkeypatch.setattr(onetime, "_look_up", then_disabled)
    async with transaction():
        assert await onetime.spend(mailbox.runtime, token, onetime.PASSWORD) is None
