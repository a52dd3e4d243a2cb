"""Whose letter is next: recipients and domains take turns, and letters that somebody waits for go first (R80)."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import httpx
import pytest

from models import OutboxMail
from service.runtime import Runtime
from service.stores.letter_kinds import ADDRESS_CHANGED, RESET_PASSWORD, VERIFY_ADDRESS, Letter
from service.stores.mailer import SmtpTransport, Unreachable
from service.stores.outbox import BATCH
from service.stores.turns import deal, domain_of, merge
from service.work.letters import send_due
from tests.mail.conftest import write
from tests.support.people import Person
from tests.support.smtp import PostOffice


async def ask(runtime: Runtime, to: str, letter: Letter = RESET_PASSWORD) -> None:
    """Write a letter that somebody waits for."""
    await runtime.outbox.post(letter, to=to, language="en", token=f"token-for-{to}")


async def taken(runtime: Runtime, letters: int = BATCH) -> list[str]:
    """Return the recipients of the letters that are taken next, in order."""
    return [held.recipient for held in await runtime.outbox.take(letters)]


@pytest.mark.parametrize("at_once", [True, False])
async def test_three_hundred_notices_to_one_mailbox(
    client: httpx.AsyncClient, ada: Person, grace: Person, runtime: Runtime, at_once: bool
) -> None:
    """R80: they stand before nobody: the reset letter of another is the first, and another's notice the second."""
    session = await ada.log_in()
    if at_once:
        await OutboxMail.all().delete()
        for _ in range(50):
            await asyncio.gather(*(write(runtime, ada.email) for _ in range(6)))
        await OutboxMail.filter(recipient=ada.email).update(letter=ADDRESS_CHANGED.name)  # these don't make room
    else:
        for _ in range(30):
            assert (await session.call("DELETE", "/sessions")).status_code == 204
    runtime.clock.advance(3)
    await OutboxMail.filter(letter=VERIFY_ADDRESS.name).delete()
    await write(runtime, grace.email)
    answer = await client.post("/api/auth/password/forgot", json={"email": grace.email})
    assert answer.status_code == 202
    first, *others = await runtime.outbox.take()
    assert (first.letter, first.recipient) == (RESET_PASSWORD, grace.email)
    assert grace.email in [held.recipient for held in others][:2]


async def test_one_domain_stands_before_no_other(runtime: Runtime) -> None:
    """R80: three hundred mailboxes of one domain, and of its subdomains, are one turn among domains."""
    for number in range(150):
        await ask(runtime, f"user{number}@evil.example")
        await ask(runtime, f"user@sub{number}.evil.example")
    runtime.clock.advance(1)
    await ask(runtime, "ada@example.com")
    assert "ada@example.com" in (await taken(runtime))[:2]


async def test_a_mailbox_stands_before_none_at_its_own_domain(runtime: Runtime) -> None:
    """R80: at a domain that many share, one recipient's flood is one turn among recipients, however deep it is."""
    for number in range(700):
        await runtime.outbox.post(ADDRESS_CHANGED, to="mallory@mail.example", language="en", n=str(number))
    runtime.clock.advance(1)
    await write(runtime, "ada@mail.example")
    await write(runtime, "grace@other.example")
    assert {"ada@mail.example", "grace@other.example"} < set((await taken(runtime))[:4])


async def test_waited_for_before_told(runtime: Runtime) -> None:
    """R80: whoever waits comes before those who are only told, however long these have been there; a few of them go."""
    for number in range(40):
        await write(runtime, f"told{number}@domain{number}.example")
    runtime.clock.advance(7200)
    for number in range(40):
        await ask(runtime, f"waits{number}@domain{number}.example")
    batch = await taken(runtime)
    assert [name.startswith("waits") for name in batch] == [True] * 8 + [False] * 2


async def test_all_of_them_go(runtime: Runtime) -> None:
    """No letter is passed over for good: each is taken once, by whichever of several workers."""
    for number in range(60):
        await write(runtime, f"user{number % 7}@domain{number % 3}.example")
        await ask(runtime, f"user{number % 11}@domain{number % 5}.example")
    batches = [await asyncio.gather(*(runtime.outbox.take() for _ in range(4))) for _ in range(4)]
    held = [letter.id for together in batches for batch in together for letter in batch]
    assert len(held) == len(set(held)) == 120


async def test_a_mailbox_that_fails_holds_up_nobody(
    runtime: Runtime, office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R80: of many letters to a mailbox over which the connection breaks one is tried; others' go meanwhile."""
    worker = replace(runtime, mailer=SmtpTransport(office.url))
    for number in range(30):
        await runtime.outbox.post(
            ADDRESS_CHANGED, to="broken@evil.example", language="en", confirmed="yes", name="", at="", providers="",
            new_email=str(number), link="", expires="",
        )  # fmt: skip
    runtime.clock.advance(1)
    for number in range(12):
        await write(runtime, f"user{number}@example.com")
    broken = 0

    def answer(address: str) -> str:
        nonlocal broken
        broken += address.startswith("broken")
        return "421 4.3.2 closing" if address.startswith("broken") else "250 OK"

    office.recipient = answer
    for _ in range(3):
        try:
            while await send_due(worker):
                pass
        except Unreachable:
            continue
    assert len(office.received) == 12
    assert broken == 1


def test_dealing() -> None:
    """Domains alternate, and recipients at each; who is alone keeps the order."""
    names = ["a@x.example", "a@x.example", "b@x.example", "c@y.example", "a@x.example", "d@y.example"]
    from uuid import UUID

    waiting = [(UUID(int=number), name) for number, name in enumerate(names)]
    assert [found.int for found in deal(waiting)] == [0, 3, 2, 5, 1, 4]
    told, waits = [UUID(int=n) for n in range(3)], [UUID(int=n) for n in range(10, 22)]
    assert [found.int for found in merge(waits, told, limit=10)] == [*range(10, 18), 0, 1, *range(18, 22), 2]


@pytest.mark.parametrize(
    ("recipient", "domain"),
    [("a@example.com", "example.com"), ("a@x.y.example.com", "example.com"), ("a@shop.co.uk", "shop.co.uk"),
     ("a@x.shop.co.uk", "shop.co.uk"), ("a@EX\ufe0fample.com", "example.com"), ("a@localhost", "localhost")],
)  # fmt: skip
def test_domains(recipient: str, domain: str) -> None:
    """Spellings and subdomains of a domain are one."""
    assert domain_of(recipient) == domain
