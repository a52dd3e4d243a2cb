"""What is stored about a user: all of it is in the export, and none of it is left when the account is deleted."""

from __future__ import annotations

from typing import Any

import httpx
from tortoise import Tortoise
from tortoise.models import Model

from models import OneTimeToken, OutboxMail, SecurityEvent, User
from service.auth.flows import register_quietly
from service.core.email_address import parse_email
from service.runtime import Runtime
from service.sessions.store import Client
from tests.support.letters import Mailbox
from tests.support.links import address_token, ask_for_address, post, undo_token
from tests.support.people import PASSWORD, Person

# Where the rows of a table that names users stand in the export. A new table needs a place here, and there.
EXPORTED = {
    "security_events": "events", "known_devices": "devices", "one_time_tokens": "links", "outbox_mails": "letters",
    "registrations": "registrations",
}  # fmt: skip
# What of the users table isn't: the hash, and the form of the address that is compared.
WITHHELD = {"hashed_password", "email_canonical"}


def tables_that_name_users() -> dict[str, type[Model]]:
    models = Tortoise.apps["models"]
    return {model._meta.db_table: model for model in models.values() if "user_id" in model._meta.fields_db_projection}


async def lived_in(ada: Person, mailbox: Mailbox) -> Any:
    """An account with something in every table; return a fresh session of it."""
    await undo_token(ada, mailbox)
    session = await ada.log_in()
    await address_token(session, mailbox, "third@example.org")
    await post(ada.client, "password/forgot", email=ada.email.upper())
    await ask_for_address(session, "fourth@example.org")
    # It is unconfirmed again, as an import can say, and registered once more by nobody knows whom.
    await User.filter(id=ada.id).update(email_verified=False)
    client = Client("203.0.113.9", "a stranger's browser")
    await register_quietly(mailbox.runtime, parse_email(ada.email), PASSWORD, "Mallory", client)
    return session


async def test_every_table_has_its_place(runtime: Runtime) -> None:
    """A table that names users, and isn't in the export, is a table that somebody forgot."""
    assert set(tables_that_name_users()) == set(EXPORTED)


async def test_every_row_is_in_the_export(ada: Person, grace: Person, mailbox: Mailbox) -> None:
    """As many as there are, of every table, and none of anybody else's."""
    await grace.log_in()
    session = await lived_in(ada, mailbox)
    body = (await session.call("GET", "/users/me/export")).json()
    for table, model in tables_that_name_users().items():
        mine = await model.filter(user_id=ada.id).count()
        assert mine > 0, table
        if model is OutboxMail:  # those by address alone come on top: somebody asked for a link, and isn't known to us
            mine += await OutboxMail.filter(user_id=None, recipient=ada.email).count()
        assert len(body[EXPORTED[table]]) == mine, table
    assert set(body) == {"user", "sessions", *EXPORTED.values()}
    assert len(body["sessions"]) == 2
    assert grace.email not in str(body)
    assert "Mallory" not in str(body)  # whoever registers an address again needn't be who has the account
    assert "ada@example.com" in str(body["links"])  # the address that can take the last change back


async def test_the_whole_row_of_the_user(ada: Person) -> None:
    """Every column of the users table, but for the hash and the compared form of the address."""
    session = await ada.log_in()
    body = (await session.call("GET", "/users/me/export")).json()
    assert set(body["user"]) == set(User._meta.fields_db_projection) - WITHHELD
    assert "argon2" not in str(body)


async def test_the_export_opens_nothing(ada: Person, mailbox: Mailbox) -> None:
    """R20: links are told by purpose and date, letters by kind and date; no token and no hash of one."""
    session = await lived_in(ada, mailbox)
    text = (await session.call("GET", "/users/me/export")).text
    for row in await OneTimeToken.all():
        assert row.token_hash not in text
    assert "token=" not in text


async def test_nothing_of_a_deleted_user_is_left(client: httpx.AsyncClient, ada: Person, mailbox: Mailbox) -> None:
    """No row names the user or holds one of the addresses, but the letters that tell of the end."""
    session = await lived_in(ada, mailbox)
    assert (await session.call("DELETE", "/users/me")).status_code == 204
    for table, model in tables_that_name_users().items():
        assert not await model.filter(user_id=ada.id).exists(), table
    for event in await SecurityEvent.all():
        assert (event.ip, event.user_agent, event.actor_id) == (None, None, None)
        assert "@" not in str(event.detail)
    assert {row.letter for row in await OutboxMail.all()} == {"account_deleted"}
    assert not await User.all().exists()
    await mailbox.letters()
    body = {"email": ada.email, "password": PASSWORD}
    assert (await client.post("/api/auth/register", json=body)).status_code == 200


async def test_sent_letters_say_nothing(ada: Person, mailbox: Mailbox) -> None:
    """R20: what a letter said is wiped once it is sent."""
    await lived_in(ada, mailbox)
    await mailbox.letters()
    assert {row.values_sealed for row in await OutboxMail.all()} == {None}
