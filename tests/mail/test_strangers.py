"""Letters that a stranger can cause: they silence nobody, fill no mailbox, and carry no message (R19, R80)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from uuid import UUID

import httpx
import pytest

from models import OutboxMail, User
from service.core.client import Client
from service.core.clock import Clock
from service.credentials import known_devices
from service.errors import Unavailable
from service.runtime import Runtime
from service.stores.letter_kinds import VERIFY_ADDRESS
from service.stores.mailer import LogTransport
from service.work.letters import send_due
from tests.http.support import another
from tests.support.door import entered
from tests.support.letters import Mailbox
from tests.support.links import confirm_address, post, reset
from tests.support.people import PASSWORD, Person, Session, register

SHOUT = "URGENT call 0900 123456"
HOUR = 3600
A_HANDFUL = 5
RESET = "Set a new password"
ONE, TWO = (str(UUID(int=number)) for number in (1, 2))


@pytest.fixture
async def door(runtime: Runtime) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a service with the limits of every day."""
    async with (
        another(runtime, MAIL_REQUESTS_PER_ACCOUNT=5, PROXIES_COUNT=1) as url,
        httpx.AsyncClient(base_url=url, timeout=60) as found,
    ):
        yield found


@pytest.fixture
def letters(runtime: Runtime) -> Mailbox:
    """The mailboxes of that service: its worker has its limits."""
    everyday = runtime.settings.model_copy(update={"MAIL_REQUESTS_PER_ACCOUNT": 5})
    return Mailbox(replace(runtime, settings=everyday, mailer=LogTransport()))


async def confirmed(person: Person, mailbox: Mailbox) -> Person:
    """Confirm the person's address; what has come so far is read."""
    await confirm_address(person, mailbox)
    return person


async def forgot(client: httpx.AsyncClient, email: str, number: int = 0, cookie: str = "") -> None:
    """Ask for a new password, each `number` from another network, and with the cookies of nobody's but `cookie`."""
    headers = {"X-Forwarded-For": f"203.0.{number // 250}.{number % 250}"}
    client.cookies.clear()
    if cookie:
        headers["Cookie"] = f"latchkey_device={cookie}"
    answer = await client.post("/api/auth/password/forgot", json={"email": email}, headers=headers)
    assert answer.status_code == 202, answer.text


@pytest.mark.parametrize(
    "spelling",
    ["victim+{}@example.com", "v.ictim+{}@example.com", "VICTIM+{}@EXAMPLE.com", "victim+{}@ex\ufe0fample.com",
     "victim+{}@example\u3002com", "vi.ctim+{}@\uff45xample.com"],
)  # fmt: skip
async def test_asking_for_nobody_takes_nothing_from_the_owner(
    door: httpx.AsyncClient, letters: Mailbox, spelling: str
) -> None:
    """R19: requests for addresses nobody has, however like the owner's, leave the owner's letter where it was."""
    victim = await confirmed(await register(door, "victim@example.com"), letters)
    for number in range(20):
        await forgot(door, spelling.format(number), number)
    assert await letters.letters() == []
    await forgot(door, victim.email, 99)
    assert (await letters.letter(victim.email)).subject == RESET


async def test_accounts_like_the_owners_take_nothing_either(door: httpx.AsyncClient, letters: Mailbox) -> None:
    """R19: not even letters that really go, to addresses beside the owner's that a stranger has registered."""
    victim = await confirmed(await register(door, "victim@example.com"), letters)
    for number in range(10):
        await register(door, f"victim+{number}@example.com", SHOUT)
        for again in range(3):
            await forgot(door, f"victim+{number}@example.com", 10 * number + again)
    assert len(await letters.letters()) <= A_HANDFUL
    await forgot(door, victim.email, 200)
    assert (await letters.letter(victim.email)).subject == RESET


async def test_many_waiting_requests_are_one_letter(door: httpx.AsyncClient, letters: Mailbox) -> None:
    """R19, R21: what waits for one mailbox becomes one letter, whose link works; the rest of the budget is whole."""
    victim = await confirmed(await register(door, "victim@example.com"), letters)
    for many in range(0, 40, 8):
        await asyncio.gather(*(forgot(door, victim.email, number) for number in range(many, many + 8)))
    first = await letters.letter(victim.email)
    await forgot(door, victim.email, 99)
    second = await letters.letter(victim.email)
    assert (await reset(door, first.token)).status_code == 400
    assert (await reset(door, second.token)).status_code == 204
    assert await OutboxMail.filter(state="pending").count() == 1  # the notice of the new password


async def test_a_request_over_the_budget_waits(door: httpx.AsyncClient, letters: Mailbox, clock: Clock) -> None:
    """R19: five letters, and then the next as soon as there is room: one that is asked for is late, never lost."""
    victim = await confirmed(await register(door, "victim@example.com"), letters)
    came = []
    for number in range(60):
        await forgot(door, victim.email, number)
        came += await letters.letters(victim.email)
    assert len(came) == 5
    await forgot(door, victim.email, 99)
    assert await letters.letters() == []
    assert await OutboxMail.filter(state="pending").count() == 1
    assert (await reset(door, came[-1].token, "short")).status_code == 422  # the last one that came still works
    clock.advance(HOUR / 5 + 1)
    late = await letters.letter(victim.email)
    assert (await reset(door, late.token)).status_code == 204


async def test_the_owners_device_has_a_budget_of_its_own(door: httpx.AsyncClient, letters: Mailbox) -> None:
    """R19, R21: on a device that the owner logged in with, no stranger's asking delays the letter or kills its link."""
    victim = await confirmed(await register(door, "victim@example.com"), letters)
    await victim.log_in()
    cookie = door.cookies["latchkey_device"]
    for number in range(20):
        await forgot(door, victim.email, number)
        await letters.letters()
    await forgot(door, victim.email, 99, cookie)
    link = await letters.letter(victim.email)
    for number in range(20):
        await forgot(door, victim.email, 100 + number)
        await letters.letters()
    assert (await reset(door, link.token)).status_code == 204


async def test_a_forgotten_device_is_a_strangers(door: httpx.AsyncClient, letters: Mailbox) -> None:
    """R19, R24: a device that a new password has made a stranger has no budget of its own any more."""
    victim = await confirmed(await register(door, "victim@example.com"), letters)
    await victim.log_in()
    cookie = door.cookies["latchkey_device"]
    await known_devices.forget_all(letters.runtime, victim.id)
    for number in range(6):
        await forgot(door, victim.email, number)
        await letters.letters()
    await forgot(door, victim.email, 99, cookie)
    assert await letters.letters() == []


async def test_a_strangers_letter_leaves_the_owners_link(
    door: httpx.AsyncClient, letters: Mailbox, clock: Clock
) -> None:
    """R21: the owner's link outlives a stranger's newer one, and not the owner's own newer one; a use ends all."""
    victim = await confirmed(await register(door, "victim@example.com"), letters)
    await victim.log_in()
    cookie = door.cookies["latchkey_device"]
    tokens: list[str] = []
    for asked_with in (cookie, "", cookie, ""):
        await forgot(door, victim.email, len(tokens), asked_with)
        tokens.append((await letters.letter(victim.email)).token)
    alive = [(await reset(door, token, "short")).status_code for token in tokens]
    assert alive == [400, 400, 422, 422]
    assert (await reset(door, tokens[2])).status_code == 204
    assert (await reset(door, tokens[3])).status_code == 400


async def test_another_users_cookie_is_no_device_of_the_owners(door: httpx.AsyncClient, letters: Mailbox) -> None:
    """R19: with a cookie of one's own account one is a stranger at everybody else's."""
    victim = await confirmed(await register(door, "victim@example.com"), letters)
    mallory = await confirmed(await register(door, "mallory@example.com"), letters)
    await mallory.log_in()
    cookie = door.cookies["latchkey_device"]
    for number in range(30):
        await forgot(door, victim.email, number, cookie)
        await letters.letters() if number >= 10 else None
    came = await letters.letters(victim.email)
    assert len(came) <= 5


async def flood(runtime: Runtime, session: Session, times: int) -> None:
    """Cause notices: open another session and end it, again and again."""
    user = await User.get(id=session.claims["sub"])
    for _ in range(times):
        await user.refresh_from_db()
        with suppress(Unavailable):  # as below
            await entered(runtime, user, Client("127.0.0.1", "tests"))
        # 503: a slow machine's database, at so many at once for one account.
        assert (await session.call("DELETE", "/sessions")).status_code in (204, 503)


async def test_a_mailbox_that_never_confirmed(door: httpx.AsyncClient, letters: Mailbox) -> None:
    """R80: an account with somebody else's address, and 240 things done with it: a handful of letters, and no name."""
    squatter = await register(door, "victim@example.com", SHOUT)
    session = await squatter.log_in()
    came = await letters.letters()
    await asyncio.gather(*(flood(letters.runtime, session, 50) for _ in range(4)))
    for number in range(20):
        body = {"password": f"the password of number {number}"}
        assert (await session.call("PUT", "/users/me", json=body)).status_code == 200
        squatter.password = body["password"]
        await squatter.log_in(**{"User-Agent": f"{SHOUT}/{number} CFNetwork/1 Darwin/1"})
        door.cookies.clear()
        came += await letters.letters()
    assert 1 <= len(came) <= A_HANDFUL
    assert {letter.subject for letter in came} == {"Confirm your e-mail address"}
    assert "0900 123456" not in str(came)


async def test_a_handful_a_day_of_every_kind(door: httpx.AsyncClient, letters: Mailbox, clock: Clock) -> None:
    """R80: to confirm, to reset, as a new address, to aliases of it: a handful a day in all, and none with a name."""
    mallory = await confirmed(await register(door, "mallory@example.org", SHOUT), letters)
    session = await mallory.log_in()
    came = []
    for number in range(12):
        alias = f"vic.tim+{number}@example.com"
        await register(door, alias, SHOUT)
        await post(door, "email/verify/resend", email=alias)
        await forgot(door, alias, number)
        await session.call("POST", "/users/me/email", json={"email": f"v.ictim+x{number}@example.com"})
        came += [letter for letter in await letters.letters() if letter.to != mallory.email]
        clock.advance(60)
    assert 1 <= len(came) <= A_HANDFUL
    assert "0900 123456" not in str(came)
    clock.advance(24 * HOUR)
    await forgot(door, "vic.tim+0@example.com", 77)
    more = await letters.letters()
    assert 1 <= len(more) <= A_HANDFUL


async def test_deleting_and_registering_again(door: httpx.AsyncClient, letters: Mailbox) -> None:
    """R80: a new account at the address is no new budget."""
    came = []
    for _ in range(20):
        squatter = await register(door, "victim@example.com", SHOUT)
        assert (await (await squatter.log_in()).call("DELETE", "/users/me")).status_code == 204
        came += await letters.letters()
        await register(door, "victim@example.com", SHOUT)
        came += await letters.letters()
        await User.filter(email="victim@example.com").delete()
    assert len(came) <= A_HANDFUL
    assert {letter.subject for letter in came} == {"Confirm your e-mail address"}


async def test_an_address_that_was_never_confirmed_and_is_left(door: httpx.AsyncClient, letters: Mailbox) -> None:
    """R80: moving an account away from an address that nobody confirmed tells that address nothing."""
    squatter = await register(door, "victim@example.com", SHOUT)
    session = await squatter.log_in()
    await letters.letters()
    assert (await session.call("POST", "/users/me/email", json={"email": "mine@example.org"})).status_code == 202
    token = (await letters.letter("mine@example.org")).token
    assert (await post(door, "email/confirm", token=token)).status_code == 204
    assert await letters.letters("victim@example.com") == []


@pytest.mark.parametrize("owner_confirmed", [True, False])
async def test_asking_for_an_address_that_has_an_owner(
    door: httpx.AsyncClient, letters: Mailbox, owner_confirmed: bool
) -> None:
    """R80: whoever asks for another user's address causes a few letters, without a name of either."""
    owner = await register(door, "victim@example.com", SHOUT)
    if owner_confirmed:
        await confirmed(owner, letters)
    mallory = await confirmed(await register(door, "mallory@example.org", f"Mallory {SHOUT}"), letters)
    session = await mallory.log_in()
    came = []
    for _ in range(30):
        assert (await session.call("POST", "/users/me/email", json={"email": owner.email})).status_code == 202
        came += await letters.letters(owner.email)
    assert 1 <= len(came) <= A_HANDFUL
    expected = {"You already have an account"} if owner_confirmed else {"Confirm your e-mail address", RESET}
    assert {letter.subject for letter in came} <= expected
    assert "0900 123456" not in str(came)
    assert "Mallory" not in str(came)


async def test_a_flood_of_notices_collapses(door: httpx.AsyncClient, letters: Mailbox, clock: Clock) -> None:
    """R80: a confirmed user's notices of a kind are a few an hour; the last one comes, and other kinds at once."""
    user = await confirmed(await register(door, "ada@example.com", "Ada"), letters)
    session = await user.log_in()
    came = []
    for _ in range(24):
        await flood(letters.runtime, session, 10)
        came += await letters.letters()
    assert 1 <= len(came) <= 10
    assert await OutboxMail.filter(state="pending").count() == 1
    body = {"password": "a new one altogether"}
    assert (await session.call("PUT", "/users/me", json=body)).status_code == 200
    assert [letter.subject for letter in await letters.letters()] == ["Your password was changed"]
    clock.advance(HOUR)
    last = await letters.letter(user.email)
    assert last.subject == "You were logged out everywhere"
    assert "Hello Ada," in last.text


async def test_registering_taken_addresses(runtime: Runtime, letters: Mailbox) -> None:
    """R80: with REQUIRE_EMAIL_VERIFICATION, registering an address again and again is a few letters to its owner."""
    async with (
        another(runtime, REQUIRE_EMAIL_VERIFICATION=True, MAIL_REQUESTS_PER_ACCOUNT=5) as url,
        httpx.AsyncClient(base_url=url, timeout=60) as strict,
    ):
        came = []
        for number in range(20):
            body = {"email": "victim@example.com", "password": PASSWORD, "full_name": f"{SHOUT} {number}"}
            assert (await strict.post("/api/auth/register", json=body)).status_code == 202
            came += await letters.letters()
    assert 1 <= len(came) <= A_HANDFUL
    assert "0900 123456" not in str(came)


async def test_a_thousand_addresses_nobody_has(door: httpx.AsyncClient, letters: Mailbox) -> None:
    """R19: whoever asks for made-up addresses pays with their own network's budget, and leaves no row behind."""
    for number in range(100):
        await forgot(door, f"nobody{number}@example.com", number)
    for number in range(5):
        headers = {"X-Forwarded-For": f"198.51.100.{number}"}
        body = {"email": f"nobody{number}@example.com"}
        assert (await door.post("/api/auth/email/verify/resend", json=body, headers=headers)).status_code == 202
    assert await letters.letters() == []
    assert await OutboxMail.all().count() == 0


async def test_rows_of_one_mailbox_have_a_bound(door: httpx.AsyncClient, letters: Mailbox, clock: Clock) -> None:
    """R80: while no worker looks, requests for one mailbox and notices to it don't pile up without end."""
    user = await confirmed(await register(door, "ada@example.com"), letters)
    session = await user.log_in()
    for number in range(60):
        await forgot(door, user.email, number)
    await flood(letters.runtime, session, 60)
    assert await OutboxMail.filter(state="pending").count() <= 50
    assert len(await letters.letters()) >= 2


async def test_several_workers_at_one_mailbox(door: httpx.AsyncClient, letters: Mailbox) -> None:
    """R19, R21: workers that hold requests for one user at the same moment send one letter, and its link works."""
    victim = await confirmed(await register(door, "victim@example.com"), letters)
    for number in range(20):
        await forgot(door, victim.email, number)
    await asyncio.gather(*(send_due(letters.runtime) for _ in range(4)))
    letter = await letters.letter(victim.email)
    assert (await reset(door, letter.token)).status_code == 204


async def test_letters_of_several_registrations_stay_apart(
    door: httpx.AsyncClient, runtime: Runtime, letters: Mailbox
) -> None:
    """R79: what waits for one address and is of different registrations is a letter each."""
    person = await register(door, "victim@example.com")
    for registration in (ONE, TWO, TWO):
        await runtime.outbox.post(
            VERIFY_ADDRESS, to=person.email, language="en", token=f"t-{registration}", registration=registration
        )
    assert len(await letters.letters(person.email)) == 3  # its own, and of two others


async def test_a_link_is_kept_when_its_successor_does_not_go(
    door: httpx.AsyncClient, letters: Mailbox, clock: Clock
) -> None:
    """R21: to an unconfirmed address, too, a request that is over the budget ends no link that has come."""
    person = await register(door, "victim@example.com")
    came = []
    for number in range(20):
        await forgot(door, person.email, number)
        came += await letters.letters(person.email)
    assert len(came) == A_HANDFUL
    assert (await reset(door, came[-1].token)).status_code == 204
