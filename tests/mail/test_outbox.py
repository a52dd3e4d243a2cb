"""The outbox: one with what it tells of, sealed while it waits, wiped once sent, gone after a while."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import httpx
import pytest

from models import OneTimeToken, OutboxMail, User
from service.core.clock import Clock
from service.core.sql.transactions import transaction
from service.runtime import Runtime
from service.stores.letter_kinds import NEW_DEVICE, SESSIONS_ENDED
from service.stores.outbox import KEPT, LEASE, Outbox
from service.work.letters import send_due
from tests.mail.conftest import only, write
from tests.support.letters import Mailbox
from tests.support.people import PASSWORD, Person
from tests.support.smtp import PostOffice
from tests.support.work import tidy

SECRET = "another-secret-of-the-tests-that-is-long-enough"


async def test_a_letter_is_part_of_what_it_tells_of(runtime: Runtime) -> None:
    """R64: what is rolled back was never written about."""
    with suppress(ZeroDivisionError):
        async with transaction():
            await write(runtime)
            raise ZeroDivisionError
    assert await OutboxMail.all().count() == 0


async def test_sealed_while_it_waits(client: httpx.AsyncClient, sender: Runtime, office: PostOffice) -> None:
    """R20, R36: neither the token of a link nor a name stands in the table; once sent, nothing of it is left."""
    await client.post("/api/auth/register", json={"email": "a@example.com", "password": PASSWORD, "full_name": "Grace"})
    row = await only()
    assert row.values_sealed is not None
    assert b"Grace" not in row.values_sealed
    assert b"token" not in row.values_sealed
    (held,) = await sender.outbox.take()
    token = held.values["token"].encode()
    await sender.outbox.release(held)
    for table in (OutboxMail, User, OneTimeToken):
        assert token.decode() not in str(await table.all().values())
    assert await send_due(sender) == 1
    assert token in office.received[0].as_bytes().replace(b"=\n", b"")
    assert (await only()).values_sealed is None
    assert token.decode() not in str(await OneTimeToken.all().values())


async def test_sealed_under_another_secret(runtime: Runtime, office: PostOffice, sender: Runtime) -> None:
    """R66: the second of several secrets still opens a letter; with none that does, it is dead, and can be saved."""
    old = Outbox((SECRET,), runtime.clock)
    await old.post(SESSIONS_ENDED, to="ada@example.com", language="en", at="now", name="")
    assert await send_due(sender) == 0
    row = await only()
    assert (row.state, row.last_error) == ("dead", "sealed under a SECRET_KEY that is not given any more")
    both = Outbox((*runtime.settings.secrets, SECRET), runtime.clock)
    assert await both.retry(row.id) == 1
    (letter,) = await both.take()
    assert letter.values == {"at": "now", "name": ""}


async def test_moved_to_another_row(runtime: Runtime) -> None:
    """R36: a sealed text opens in its own row only."""
    await write(runtime, "ada@example.com", name="for Ada")
    await write(runtime, "eve@example.com", name="for Eve")
    for_ada = (await OutboxMail.get(recipient="ada@example.com")).values_sealed
    await OutboxMail.filter(recipient="eve@example.com").update(values_sealed=for_ada)
    assert [letter.recipient for letter in await runtime.outbox.take()] == ["ada@example.com"]


async def test_a_letter_of_a_newer_version(sender: Runtime, office: PostOffice) -> None:
    """While a version is rolled out, an old worker leaves a letter that it doesn't know to the new ones."""
    await write(sender, "known@example.com")
    await write(sender, "unknown@example.com")
    await OutboxMail.filter(recipient="unknown@example.com").update(letter="of_tomorrow")
    assert await send_due(sender) == 1
    row = await OutboxMail.get(recipient="unknown@example.com")
    assert (row.state, row.attempts) == ("pending", 1)


async def test_a_letter_that_cannot_be_written(
    sender: Runtime, office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault of ours in one letter is no reason not to send the next; an operator can have it tried again."""
    # Without its values.
    await sender.outbox.post(NEW_DEVICE, to="ada@example.com", language="en", confirmed="yes")
    await write(sender)
    assert await send_due(sender) == 2
    assert office.subjects == ["You were logged out everywhere"]
    row = await OutboxMail.get(letter=NEW_DEVICE.name)
    assert (row.state, row.last_error) == ("dead", "UndefinedError while writing it")
    assert row.values_sealed is not None


async def test_gone_after_a_while(sender: Runtime, office: PostOffice) -> None:
    """Rows of sent and dead letters say who got what: they go after thirty days, those that wait stay."""
    await write(sender, "sent@example.com")
    assert await send_due(sender) == 1
    await write(sender, "waits@example.com")
    sender.clock.advance(KEPT.total_seconds() - 60)
    await tidy(sender)
    assert await OutboxMail.all().count() == 2
    sender.clock.advance(120)
    await tidy(sender)
    assert (await only()).recipient == "waits@example.com"


async def forgotten(client: httpx.AsyncClient, person: Person) -> None:
    answer = await client.post("/api/auth/password/forgot", json={"email": person.email})
    assert answer.status_code == 202


async def reset(client: httpx.AsyncClient, token: str) -> int:
    body = {"token": token, "password": "a new one altogether"}
    return (await client.post("/api/auth/password/reset", json=body)).status_code


async def sent_and_not_marked(mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> str:
    """Let a worker die between sending and marking; return the token of what it sent."""
    with monkeypatch.context() as dying:
        dying.setattr(mailbox.runtime.outbox, "done", _die)
        with pytest.raises(ZeroDivisionError):
            await send_due(mailbox.runtime)
    received = mailbox.received()
    assert len(received) == 1
    return received[0].token


async def _die(_: object) -> None:
    raise ZeroDivisionError


async def test_a_used_link_does_not_come_back(
    client: httpx.AsyncClient, ada: Person, mailbox: Mailbox, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R20: a letter that is sent twice, by a worker that died in between, brings back no token that was used."""
    await mailbox.letters()
    await forgotten(client, ada)
    token = await sent_and_not_marked(mailbox, monkeypatch)
    assert await reset(client, token) == 204
    clock.advance(LEASE.total_seconds() + 1)
    assert [letter.subject for letter in await mailbox.letters()] == ["Your password was changed"]
    assert await reset(client, token) == 400


async def test_an_older_link_does_not_take_a_newer_ones_place(
    client: httpx.AsyncClient, ada: Person, mailbox: Mailbox, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R21: neither does it end the link that was asked for later."""
    await mailbox.letters()
    await forgotten(client, ada)
    older = await sent_and_not_marked(mailbox, monkeypatch)
    await forgotten(client, ada)
    newer = (await mailbox.letter(ada.email)).token
    clock.advance(LEASE.total_seconds() + 1)
    assert await mailbox.letters() == []
    assert await reset(client, older) == 400
    assert await reset(client, newer) == 204


async def test_links_live_from_their_arrival(
    client: httpx.AsyncClient, ada: Person, mailbox: Mailbox, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A duplicate works like the first; a letter that is sent hours late brings a link as good as any other."""
    await mailbox.letters()
    await forgotten(client, ada)
    token = await sent_and_not_marked(mailbox, monkeypatch)
    clock.advance(5 * 3600)
    await tidy(mailbox.runtime)
    assert await reset(client, token) == 400
    assert (await mailbox.letter(ada.email)).token == token
    assert await reset(client, token) == 204


async def test_posting_is_one_row_each(runtime: Runtime) -> None:
    """Many at once are as many rows."""
    await asyncio.gather(*(write(runtime, f"user{number}@example.com") for number in range(20)))
    assert await OutboxMail.filter(state="pending").count() == 20
