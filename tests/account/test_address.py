"""Addresses: confirming one, changing to another, taking a change back."""

from __future__ import annotations

import httpx
import pytest

from models import SecurityEvent, User
from service.core.clock import Clock
from service.core.passwords.hashing import Passwords
from service.errors import Unavailable
from service.runtime import Runtime
from tests.http.support import another
from tests.support.letters import Mailbox
from tests.support.people import PASSWORD, Person, assert_problem, confirmed, register

NEW = "ada@example.org"


async def post(client: httpx.AsyncClient, path: str, **body: str) -> httpx.Response:
    return await client.post(f"/api/auth/{path}", json=body)


async def changed(ada: Person, mailbox: Mailbox, new: str = NEW) -> str:
    """Change Ada's address; return the token that takes it back."""
    session = await ada.log_in()
    await mailbox.letters()
    old = (await session.me()).json()["email"]
    assert (await session.call("POST", "/users/me/email", json={"email": new})).status_code == 202
    token = (await mailbox.letter(new)).token
    assert (await post(ada.client, "email/confirm", token=token)).status_code == 204
    ada.email = new
    return (await mailbox.letter(old)).token


async def test_confirming_after_registration(client: httpx.AsyncClient, mailbox: Mailbox) -> None:
    """A new user gets a letter, and its link confirms the address, once."""
    person = await register(client, "new@example.com", "New")
    letter = await mailbox.letter(person.email)
    assert letter.link.startswith("http://localhost:8000/verify-email#token=")
    assert (await post(client, "email/verify", token=letter.token, password=PASSWORD)).status_code == 204
    assert (await User.get(id=person.id)).email_verified is True
    assert_problem(await post(client, "email/verify", token=letter.token, password=PASSWORD), 400, "invalid_token")


async def test_confirming_while_the_queue_is_full(
    client: httpx.AsyncClient, mailbox: Mailbox, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R11, R12: where no password was looked at none was wrong: no attempt is gone, and the link is good still."""

    async def full(*_: object) -> bool:
        raise Unavailable("passwords")

    person = await register(client, "new@example.com", "New")
    token = (await mailbox.letter(person.email)).token
    async with (
        another(runtime, LOGIN_ATTEMPTS_PER_ACCOUNT=3) as url,
        httpx.AsyncClient(base_url=url, timeout=30) as door,
    ):
        with monkeypatch.context() as crowded:
            crowded.setattr(Passwords, "verify", full)
            for _ in range(6):
                answer = await post(door, "email/verify", token=token, password=PASSWORD)
                assert_problem(answer, 503, "unavailable")
        assert (await post(door, "email/verify", token=token, password=PASSWORD)).status_code == 204


async def test_a_confirmation_ends_the_row_of_guesses(
    client: httpx.AsyncClient, mailbox: Mailbox, runtime: Runtime
) -> None:
    """R12: whoever confirms with the right password has guessed at nothing, however often it was mistyped before."""
    person = await register(client, "new@example.com", "New")
    token = (await mailbox.letter(person.email)).token
    async with (
        another(runtime, LOGIN_ATTEMPTS_PER_ACCOUNT=3) as url,
        httpx.AsyncClient(base_url=url, timeout=30) as door,
    ):
        for path, right in (("email/verify", 204), ("login", 200)):
            for password, status in (("wrong", 400), ("wrong", 400), (PASSWORD, right)):
                body = {"token": token} if path == "email/verify" else {"email": person.email}
                assert (await post(door, path, **body, password=password)).status_code == status


async def test_asking_once_more(client: httpx.AsyncClient, ada: Person, mailbox: Mailbox) -> None:
    """R18: the same answer for everyone; a letter only for an address that is still to be confirmed."""
    await confirmed(ada, yes=False)
    answers = [await post(client, "email/verify/resend", email=email) for email in (ada.email, "nobody@example.com")]
    assert {(answer.status_code, answer.content) for answer in answers} == {(202, answers[0].content)}
    token = (await mailbox.letter(ada.email)).token
    assert (await post(client, "email/verify", token=token, password=PASSWORD)).status_code == 204
    await post(client, "email/verify/resend", email=ada.email)
    assert await mailbox.letters() == []


async def test_changing_the_address(client: httpx.AsyncClient, ada: Person, mailbox: Mailbox) -> None:
    """R34: nothing changes before the new mailbox confirms; the old one hears of it."""
    session = await ada.log_in()
    await mailbox.letters()
    await session.call("POST", "/users/me/email", json={"email": NEW})
    assert (await session.me()).json()["email"] == ada.email
    letter = await mailbox.letter(NEW)
    assert (await post(client, "email/confirm", token=letter.token)).status_code == 204
    me = (await session.me()).json()
    assert (me["email"], me["email_verified"]) == (NEW, True)
    notice = await mailbox.letter(ada.email)
    assert NEW in notice.text
    assert "/undo-email-change#token=" in notice.link


async def test_changing_the_address_needs_a_fresh_session(ada: Person, clock: Clock) -> None:
    """R34: the password must have been given a short while ago."""
    session = await ada.log_in()
    clock.advance(11 * 60)
    await session.advance()
    answer = await session.call("POST", "/users/me/email", json={"email": NEW})
    assert_problem(answer, 403, "reauthentication_required")


async def test_taking_the_change_back(client: httpx.AsyncClient, ada: Person, mailbox: Mailbox) -> None:
    """The old mailbox gets the account back: every session ends, and a link to a new password comes."""
    old = ada.email
    token = await changed(ada, mailbox)
    session = await ada.log_in()
    await mailbox.letters()
    assert (await post(client, "email/undo", token=token)).status_code == 204
    assert_problem(await session.me(), 401, "invalid_token")
    assert (await User.get(id=ada.id)).email == old
    assert "/reset-password#token=" in (await mailbox.letter(old)).link


async def test_a_thief_cannot_take_it_back_in_turn(client: httpx.AsyncClient, ada: Person, mailbox: Mailbox) -> None:
    """R21: whoever moved the account twice loses the second address's claim, and no new password ends the owner's."""
    old = ada.email
    owners = await changed(ada, mailbox)
    thiefs = await changed(ada, mailbox, "thief@example.net")
    session = await ada.log_in()
    await session.call("PUT", "/users/me", json={"password": "the thief's own password"})
    assert (await post(client, "email/undo", token=owners)).status_code == 204
    assert_problem(await post(client, "email/undo", token=thiefs), 400, "invalid_token")
    assert (await User.get(id=ada.id)).email == old


async def test_taking_it_back_has_an_end(
    client: httpx.AsyncClient, ada: Person, mailbox: Mailbox, clock: Clock
) -> None:
    """Seven days, and no longer."""
    token = await changed(ada, mailbox)
    clock.advance(7 * 86_400 + 1)
    assert_problem(await post(client, "email/undo", token=token), 400, "invalid_token")


async def test_address_of_somebody_else(
    client: httpx.AsyncClient, ada: Person, grace: Person, mailbox: Mailbox
) -> None:
    """R18: the answer tells nothing; the owner of the address gets a letter, whoever asked gets none."""
    session = await ada.log_in()
    await mailbox.letters()
    free = await session.call("POST", "/users/me/email", json={"email": "free@example.org"})
    await mailbox.letters()
    taken = await session.call("POST", "/users/me/email", json={"email": grace.email})
    assert (free.status_code, free.content) == (taken.status_code, taken.content)
    letters = await mailbox.letters()
    assert [(letter.to, letter.subject) for letter in letters] == [(grace.email, "You already have an account")]


async def test_ones_own_address(ada: Person, mailbox: Mailbox) -> None:
    """However it is written, one's own address is none to move to: nothing is sent, recorded or counted."""
    session = await ada.log_in()
    await mailbox.letters()
    for own in (ada.email, "Ada@Example.COM"):
        answer = await session.call("POST", "/users/me/email", json={"email": own})
        problem = assert_problem(answer, 422, "validation_error")
        assert problem["errors"] == [{"pointer": "/email", "detail": "That is your address already."}]
    assert await mailbox.letters() == []
    assert not await SecurityEvent.exists(type="email.change_requested")


async def test_address_that_is_taken_meanwhile(client: httpx.AsyncClient, ada: Person, mailbox: Mailbox) -> None:
    """The unique index decides: whoever registers first keeps the address."""
    session = await ada.log_in()
    await mailbox.letters()
    await session.call("POST", "/users/me/email", json={"email": NEW})
    token = (await mailbox.letter(NEW)).token
    await register(client, NEW)
    assert_problem(await post(client, "email/confirm", token=token), 400, "email_taken")
    assert (await User.get(id=ada.id)).email == ada.email


@pytest.mark.parametrize("path", ["email/verify", "email/confirm", "email/undo"])
@pytest.mark.parametrize("token", ["x", "é" * 40, "A" * 4000, "\ud800".encode("utf-8", "surrogatepass").hex()])
async def test_tokens_that_are_none(client: httpx.AsyncClient, runtime: object, path: str, token: str) -> None:
    """R20: whatever is wrong with a token, the answer is the same."""
    assert_problem(await post(client, path, token=token), 400, "invalid_token")


async def test_a_token_serves_one_purpose(client: httpx.AsyncClient, ada: Person, mailbox: Mailbox) -> None:
    """R20: a link that confirms an address sets no password, and moves no account."""
    await confirmed(ada, yes=False)
    await post(client, "email/verify/resend", email=ada.email)
    token = (await mailbox.letter(ada.email)).token
    for path, body in (("password/reset", {"password": PASSWORD}), ("email/confirm", {}), ("email/undo", {})):
        assert_problem(await post(client, path, token=token, **body), 400, "invalid_token")
    assert (await post(client, "email/verify", token=token, password=PASSWORD)).status_code == 204
