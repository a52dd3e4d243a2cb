"""What happens to an account is told by letter, and can be read in its events."""

from __future__ import annotations

import httpx
import pytest

from models import OutboxMail, User
from service.core.clock import Clock
from service.errors import Unavailable
from tests.support.letters import Mailbox
from tests.support.links import (
    NEW_PASSWORD,
    address_token,
    confirm_address,
    post,
    reset,
    reset_token,
    undo_token,
)  # fmt: skip
from tests.support.people import PASSWORD, Person, Session, assert_problem, confirmed, register

BROWSER = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 Chrome/131.0 Safari/537.36"


async def types(session: Session) -> list[str]:
    """The types of the user's events, newest first."""
    return [event["type"] for event in (await session.call("GET", "/users/me/events")).json()]


async def test_password_changed(ada: Person, mailbox: Mailbox) -> None:
    """R24: when, from which device, and what to do if it was somebody else."""
    session = await ada.log_in()
    await mailbox.letters()
    headers = {**session.headers, "User-Agent": BROWSER}
    answer = await ada.client.put("/api/users/me", json={"password": NEW_PASSWORD}, headers=headers)
    assert answer.status_code == 200
    letter = await mailbox.letter(ada.email)
    assert letter.subject == "Your password was changed"
    assert "Chrome on macOS (127.0.0.1)" in letter.text
    assert letter.link == "http://localhost:8000/forgot-password"
    assert (await types(session))[0] == "password.changed"


async def test_password_reset(client: httpx.AsyncClient, ada: Person, mailbox: Mailbox) -> None:
    """R24: also when it was set with a link."""
    assert (await reset(client, await reset_token(ada, mailbox))).status_code == 204
    assert (await mailbox.letter(ada.email)).subject == "Your password was changed"
    ada.password = NEW_PASSWORD
    assert "password.reset" in await types(await ada.log_in())


async def test_changes_of_address(client: httpx.AsyncClient, ada: Person, mailbox: Mailbox) -> None:
    """R34: each step is an event of the user's."""
    await confirm_address(ada, mailbox)
    old, undo = ada.email, await undo_token(ada, mailbox)
    assert (await post(client, "email/undo", token=undo)).status_code == 204
    assert (await reset(client, (await mailbox.letter(old)).token)).status_code == 204
    ada.email, ada.password = old, NEW_PASSWORD
    seen = [event for event in await types(await ada.log_in()) if event.startswith("email.")]
    assert seen == ["email.change_undone", "email.changed", "email.change_requested", "email.verified"]


@pytest.mark.parametrize(("method", "path"), [("POST", "/auth/logout-all"), ("DELETE", "/sessions")])
async def test_all_sessions_ended(ada: Person, mailbox: Mailbox, method: str, path: str) -> None:
    """R33: whoever ends the other sessions, or all of them, the user hears of it."""
    await ada.log_in()
    session = await ada.log_in()
    await mailbox.letters()
    assert (await session.call(method, path)).status_code == 204
    assert (await mailbox.letter(ada.email)).subject == "You were logged out everywhere"
    assert "sessions.ended" in await types(await ada.log_in())


async def test_what_an_administrator_does(ada: Person, root: Person, mailbox: Mailbox) -> None:
    """R24, R33: the user hears of a new password and of ended sessions, without whose hand it was."""
    roots = await root.log_in()
    await ada.log_in()
    await mailbox.letters()
    assert (await roots.call("DELETE", f"/users/{ada.id}/sessions")).status_code == 204
    assert (await mailbox.letter(ada.email)).subject == "You were logged out everywhere"
    assert (await roots.call("PATCH", f"/users/{ada.id}", json={"password": NEW_PASSWORD})).status_code == 200
    letter = await mailbox.letter(ada.email)
    assert letter.subject == "Your password was changed"
    assert "127.0.0.1" not in letter.text
    ada.password = NEW_PASSWORD
    seen = await types(await ada.log_in())
    assert {"sessions.ended", "user.updated"} <= set(seen)


async def reused(ada: Person, clock: Clock) -> tuple[Session, str]:
    """A session that has moved on, and its spent token."""
    session = await ada.log_in()
    spent = session.refresh_token
    for _ in range(2):
        clock.advance(20)
        await session.advance()
        assert (await session.me()).status_code == 200
    return session, spent


async def test_token_reused(ada: Person, mailbox: Mailbox, clock: Clock) -> None:
    """R27: reuse of a refresh token ends the session, and the user hears of it once."""
    session, spent = await reused(ada, clock)
    await mailbox.letters()
    assert assert_problem(await session.refresh(spent), 400, "invalid_grant")["reason"] == "reused"
    assert assert_problem(await session.refresh(spent), 400, "invalid_grant")["reason"] == "revoked"
    letter = await mailbox.letter(ada.email)
    assert letter.subject == "We ended a session to be safe"
    assert letter.link == "http://localhost:8000/devices"
    assert "session.token_reused" in await types(await ada.log_in())


async def test_token_reused_while_the_database_is_away(
    ada: Person, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R27, R69: neither the event nor the letter can be stored: the session is over and the answer is the same."""

    async def away(*_: object, **__: object) -> None:
        raise Unavailable("database")

    session, spent = await reused(ada, clock)
    with monkeypatch.context() as broken:
        broken.setattr("service.audit.events.insert", away)
        broken.setattr(OutboxMail, "create", away)
        assert assert_problem(await session.refresh(spent), 400, "invalid_grant")["reason"] == "reused"
    assert_problem(await session.me(), 401, "invalid_token")


async def test_account_deleted(ada: Person, root: Person, mailbox: Mailbox) -> None:
    """R30: the owner hears of the end of the account, whoever ended it."""
    roots = await root.log_in()
    grace = await confirmed(await register(ada.client, "grace@example.com"))
    session = await ada.log_in()
    await mailbox.letters()
    assert (await session.call("DELETE", "/users/me")).status_code == 204
    assert (await roots.call("DELETE", f"/users/{grace.id}")).status_code == 204
    assert [(letter.to, letter.subject) for letter in await mailbox.letters()] == [
        (ada.email, "Your account was deleted"),
        (grace.email, "Your account was deleted"),
    ]


async def test_in_the_users_language(client: httpx.AsyncClient, mailbox: Mailbox) -> None:
    """Letters are in the language that the browser asked for at registration, whoever asks later."""
    body = {"email": "new@example.com", "password": PASSWORD}
    answer = await client.post("/api/auth/register", json=body, headers={"Accept-Language": "de-AT,en;q=0.5"})
    assert answer.status_code == 200
    assert (await mailbox.letter("new@example.com")).subject.startswith("Bestätigen Sie")
    await client.post("/api/auth/password/forgot", json={"email": "new@example.com"}, headers={"Accept-Language": "en"})
    assert "Passwort" in (await mailbox.letter("new@example.com")).subject
    await User.filter(email="new@example.com").update(language=None)  # then in that of whoever asks
    for language, word in (("de", "Passwort"), ("en", "password")):
        headers = {"Accept-Language": language}
        await client.post("/api/auth/password/forgot", json={"email": "new@example.com"}, headers=headers)
        assert word in (await mailbox.letter("new@example.com")).subject


async def test_a_change_of_address_that_nobody_asked_for(ada: Person, grace: Person, mailbox: Mailbox) -> None:
    """R18: the owner of an address that another user asks for is told, and not by whom."""
    await mailbox.letters()
    session = await grace.log_in()
    await mailbox.letters()
    assert (await session.call("POST", "/users/me/email", json={"email": ada.email})).status_code == 202
    letter = await mailbox.letter(ada.email)
    assert letter.subject == "You already have an account"
    assert "Grace" not in letter.text
    assert grace.email not in letter.text


async def test_confirming_needs_the_mailbox(client: httpx.AsyncClient, ada: Person, mailbox: Mailbox) -> None:
    """R34: the token for the new address is in the new mailbox alone."""
    session = await ada.log_in()
    token = await address_token(session, mailbox)
    export = (await session.call("GET", "/users/me/export")).text
    assert token not in export
    assert "#token" not in export
