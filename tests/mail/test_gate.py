"""The gate: every letter there is, to a confirmed address and to one that nobody confirmed (R80)."""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import cast

import httpx
import pytest

from models import MailBudget, OutboxMail
from service.accounts.letter_gate import Waits
from service.accounts.letter_requests import resolve
from service.core.sql.transactions import transaction
from service.errors import Unavailable
from service.letters import mail_budgets
from service.letters.mail_budgets import MailLimit
from service.letters.rendering import LANGUAGES, compose
from service.mail_login.catalogue import LOG_IN
from service.providers.catalogue import CODE
from service.runtime import Runtime
from service.stores.letter_kinds import (
    ADDRESS_CHANGED,
    ADDRESS_TAKEN,
    CONFIRM_NEW_ADDRESS,
    NEW_DEVICE,
    RESET_PASSWORD,
    SESSIONS_ENDED,
    SET_PASSWORD,
    VERIFY_ADDRESS,
    Letter,
)
from service.stores.mailer import text_of
from service.stores.outbox import Envelope
from service.stores.throttle import Throttle
from tests.support.brought import LETTERS
from tests.support.letters import Mailbox
from tests.support.people import Person, confirmed, register

SHOUT = "URGENT call 0900 123456"
ASK = {VERIFY_ADDRESS, RESET_PASSWORD, SET_PASSWORD, CONFIRM_NEW_ADDRESS, LOG_IN, CODE}
TELL = [letter for letter in LETTERS if letter not in ASK]
STRANGE = {"new_email": f"{SHOUT}@example.org"} | dict.fromkeys(("name", "device", "browser", "ip", "at", "n"), SHOUT)
OURS = {"link": "https://app.example/x", "expires": "soon", "code": "271828", "linked": "yes"}


def name_of(letter: Letter) -> str:
    return letter.name


def html_of(message: object) -> str:
    """Return the HTML of a message."""
    return str(message.get_body(("html",)).get_content())  # type: ignore[attr-defined]  # a message's


async def held(runtime: Runtime, letter: Letter, person: Person, to: str = "", **values: str) -> Envelope:
    """Write a letter full of what a stranger would say, and take it."""
    await OutboxMail.all().delete()
    said = {**STRANGE, **OURS, "token": f"t-{letter.name}", **values}
    await runtime.outbox.post(letter, to=to or person.email, language="en", user_id=person.id, **said)
    (envelope,) = await runtime.outbox.take()
    return envelope


def test_what_a_letter_does_not_say() -> None:
    """Only letters that ask go to an address that nobody confirmed; one that says nothing is held by the strictest."""
    assert {letter for letter in LETTERS if letter.to_unconfirmed} == ASK
    said_nothing = Letter(name="of_tomorrow")
    assert not any((said_nothing.waited_for, said_nothing.to_unconfirmed, said_nothing.greets, said_nothing.link))
    assert said_nothing.an_hour == 5


@pytest.mark.parametrize("said", [{"confirmed": "no"}, {}, {"confirmed": "whatever"}])
@pytest.mark.parametrize("letter", TELL, ids=name_of)
async def test_what_tells_goes_to_no_unconfirmed_address(
    client: httpx.AsyncClient,
    runtime: Runtime,
    letter: Letter,
    said: dict[str, str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """R80: whatever kind of notice it is, an address that nobody confirmed doesn't get it; the log says why."""
    stranger = await register(client, "victim@example.com", SHOUT)
    envelope = await held(runtime, letter, stranger, **said)
    assert await resolve(runtime, envelope) is None
    (dropped,) = [record for record in caplog.records if record.getMessage() == "mail.dropped"]
    assert "the address is not confirmed" in str(vars(dropped))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("letter", [letter for letter in LETTERS if letter in ASK], ids=name_of)
async def test_what_asks_says_nothing_of_a_strangers(
    client: httpx.AsyncClient, runtime: Runtime, letter: Letter, language: str
) -> None:
    """R80: what may go to it has no name and nothing else that somebody chose, as text and as HTML."""
    stranger = await register(client, "victim@example.com", SHOUT)
    to = "another@example.com" if letter is CONFIRM_NEW_ADDRESS else ""
    settled = await resolve(runtime, await held(runtime, letter, stranger, to))
    assert isinstance(settled, Envelope)
    message = compose(replace(settled, language=language), runtime.settings, runtime.clock)
    for said in (str(message["Subject"]), text_of(message), html_of(message)):
        assert "0900 123456" not in said
        assert "URGENT" not in said
    assert ("#token=" in text_of(message)) == (letter.link is not None)
    assert letter.link or OURS["code"] in text_of(message)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("letter", [CONFIRM_NEW_ADDRESS, ADDRESS_TAKEN], ids=name_of)
async def test_no_name_where_a_stranger_asks(runtime: Runtime, ada: Person, letter: Letter, language: str) -> None:
    """R80: the two letters that one user can have sent to another's mailbox greet nobody."""
    to = "another@example.com" if letter is CONFIRM_NEW_ADDRESS else ""
    settled = await resolve(runtime, await held(runtime, letter, ada, to, confirmed="yes"))
    assert isinstance(settled, Envelope)
    message = compose(replace(settled, language=language), runtime.settings, runtime.clock)
    for said in (text_of(message), html_of(message)):
        assert "0900 123456" not in said
        assert not re.search(r"\bAda\b", said)


@pytest.mark.parametrize("letter", TELL, ids=name_of)
async def test_a_confirmed_mailbox_has_a_budget_for_each_kind(runtime: Runtime, ada: Person, letter: Letter) -> None:
    """R80: so many of one kind in an hour, then they wait; a letter that is tried again is paid for once."""
    everyday = replace(runtime, settings=runtime.settings.model_copy(update={"MAIL_REQUESTS_PER_ACCOUNT": 5}))
    most = letter.an_hour if letter is not ADDRESS_TAKEN else 5
    first = await held(everyday, letter, ada, confirmed="yes")
    assert isinstance(await resolve(everyday, first), Envelope)
    await everyday.outbox.failed(first, "not now", final=False)
    everyday.clock.advance(20)
    (again,) = await everyday.outbox.take()
    for _ in range(3):
        assert isinstance(await resolve(everyday, again), Envelope)
    for _ in range(most - 1):
        assert isinstance(await resolve(everyday, await held(everyday, letter, ada, confirmed="yes")), Envelope)
    over = await resolve(everyday, await held(everyday, letter, ada, confirmed="yes"))
    if letter.waits:
        assert isinstance(over, Waits)
        assert over.until - everyday.clock.now() <= timedelta(hours=1) / most
    else:
        assert over is None
    other = NEW_DEVICE if letter is not NEW_DEVICE else SESSIONS_ENDED
    assert isinstance(await resolve(everyday, await held(everyday, other, ada, confirmed="yes")), Envelope)


async def test_budgets_are_taken_one_at_a_time(runtime: Runtime) -> None:
    """R13, R80: of forty workers at once five get something, and nobody is made to fail."""
    limits = [MailLimit("kind of a mailbox", 7, timedelta(hours=1)), MailLimit("all of it", 5, timedelta(days=1))]

    async def take() -> bool:
        while True:
            with suppress(Unavailable):  # on a busy machine no connection is free in time for so many
                async with transaction():
                    return await mail_budgets.take(runtime, limits) is None

    assert sum(await asyncio.gather(*(take() for _ in range(40)))) == 5
    runtime.clock.advance(86_400 / 5 + 1)
    assert sum(await asyncio.gather(*(take() for _ in range(10)))) == 1


@pytest.mark.parametrize(("letter", "both"), [(ADDRESS_CHANGED, True), (SESSIONS_ENDED, False)], ids=["own", "same"])
async def test_which_of_two_waits(runtime: Runtime, ada: Person, letter: Letter, both: bool) -> None:
    """R19: over the budget the newest of those that say the same has the last word; each waits that says its own."""
    for _ in range(letter.an_hour):
        assert isinstance(await resolve(runtime, await held(runtime, letter, ada, confirmed="yes")), Envelope)
    await OutboxMail.all().delete()
    for _ in range(2):
        await runtime.outbox.post(letter, to=ada.email, language="en", user_id=ada.id, confirmed="yes", **OURS)
        runtime.clock.advance(1)
    found = [await resolve(runtime, envelope) for envelope in await runtime.outbox.take()]
    assert [isinstance(one, Waits) for one in found] == [both, True]


async def test_budgets_need_no_redis_and_keep_no_address(runtime: Runtime, ada: Person) -> None:
    """R73, R80: the worker counts in the database alone; the rows name nobody, and go when all of it is there again."""
    alone = replace(runtime, throttle=cast("Throttle", None))
    assert isinstance(await resolve(alone, await held(alone, NEW_DEVICE, ada, confirmed="yes")), Envelope)
    (row,) = await MailBudget.all()
    assert len(row.key) == 64
    assert set(row.key) <= set("0123456789abcdef")
    runtime.clock.advance((row.full_at - runtime.clock.now()).total_seconds() + 3590)
    assert await mail_budgets.purge(runtime) == 0  # who has looked at it a moment ago goes on with it
    runtime.clock.advance(20)
    assert await mail_budgets.purge(runtime) == 1


async def test_limits_can_be_switched_off(runtime: Runtime, client: httpx.AsyncClient) -> None:
    """RATE_LIMITS_ENABLED=false makes these budgets endless, too; what goes to whom stays as it is."""
    person = await register(client, "victim@example.com")
    endless = replace(runtime, settings=runtime.settings.model_copy(update={"RATE_LIMITS_ENABLED": False}))
    for _ in range(12):
        assert isinstance(await resolve(endless, await held(endless, RESET_PASSWORD, person)), Envelope)
    assert await resolve(endless, await held(endless, NEW_DEVICE, person)) is None


async def test_what_an_older_version_wrote(runtime: Runtime, ada: Person) -> None:
    """A notice that doesn't say whether its address is confirmed goes by the user's row."""
    assert isinstance(await resolve(runtime, await held(runtime, SESSIONS_ENDED, ada)), Envelope)
    await confirmed(ada, yes=False)
    assert await resolve(runtime, await held(runtime, SESSIONS_ENDED, ada)) is None


async def test_a_notice_outlives_its_account(ada: Person, mailbox: Mailbox) -> None:
    """R30: whether the address was confirmed is known of a letter whose account is gone."""
    session = await ada.log_in()
    await mailbox.letters()
    assert (await session.call("DELETE", "/users/me")).status_code == 204
    assert (await mailbox.letter(ada.email)).subject == "Your account was deleted"
