"""From a request to the token of its link: what the stories of the e-mail flows have in common."""

from __future__ import annotations

import httpx

from tests.support.letters import Mailbox
from tests.support.people import Person, Session, confirmed

NEW_PASSWORD = "a new one altogether"
NEW_ADDRESS = "ada@example.org"


async def post(client: httpx.AsyncClient, path: str, **body: str) -> httpx.Response:
    """Call /api/auth/…"""
    return await client.post(f"/api/auth/{path}", json=body)


async def reset(client: httpx.AsyncClient, token: str, password: str = NEW_PASSWORD) -> httpx.Response:
    """Set a new password with a token."""
    return await post(client, "password/reset", token=token, password=password)


async def reset_token(person: Person, mailbox: Mailbox) -> str:
    """Ask for a new password; return the token."""
    await mailbox.letters()
    assert (await post(person.client, "password/forgot", email=person.email)).status_code == 202
    return (await mailbox.letter(person.email)).token


async def verify_token(person: Person, mailbox: Mailbox) -> str:
    """Ask for the link that confirms the address; return the token."""
    await confirmed(person, yes=False)
    await mailbox.letters()
    assert (await post(person.client, "email/verify/resend", email=person.email)).status_code == 202
    return (await mailbox.letter(person.email)).token


async def confirm_address(person: Person, mailbox: Mailbox) -> None:
    """Confirm a person's address, with the password."""
    token = await verify_token(person, mailbox)
    assert (await post(person.client, "email/verify", token=token, password=person.password)).status_code == 204


async def ask_for_address(session: Session, address: str = NEW_ADDRESS) -> None:
    """Ask for another address."""
    assert (await session.call("POST", "/users/me/email", json={"email": address})).status_code == 202


async def address_token(session: Session, mailbox: Mailbox, address: str = NEW_ADDRESS) -> str:
    """Ask for another address; return the token that went to it."""
    await mailbox.letters()
    await ask_for_address(session, address)
    return (await mailbox.letter(address)).token


async def undo_token(person: Person, mailbox: Mailbox, address: str = NEW_ADDRESS) -> str:
    """Move a person to another address; return the token that takes it back."""
    old = person.email
    token = await address_token(await person.log_in(), mailbox, address)
    assert (await post(person.client, "email/confirm", token=token)).status_code == 204
    person.email = address
    return (await mailbox.letter(old)).token


async def log_in(client: httpx.AsyncClient, email: str, password: str) -> httpx.Response:
    """Log in, and return the answer."""
    return await client.post("/api/auth/login", data={"username": email, "password": password})
