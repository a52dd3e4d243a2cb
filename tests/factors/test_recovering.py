"""The second factor is lost, with all recovery codes: after a while it goes, unless somebody who is at home says no."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from models import FactorRecovery, OneTimeToken, SecurityEvent, User
from service.audit import events
from service.audit.timeline import explain
from service.credentials import factor_recoveries
from service.errors import Unavailable
from service.factors import recovering
from service.letters import notices, typed
from service.runtime import Runtime
from service.sessions import endings
from tests.cli.test_commands import Shell
from tests.factors.passkey_support import Holder, holder_of, ok
from tests.factors.support import SECOND, STEP, Owner
from tests.factors.test_said_again import ELSEWHERE
from tests.http.support import another
from tests.http.test_said_again import SAID
from tests.mail_login.support import Desk, code_in
from tests.signin.support import delete_keys
from tests.support.letters import Mailbox, Received
from tests.support.links import NEW_ADDRESS, NEW_PASSWORD, address_token, log_in, post, reset, reset_token
from tests.support.people import Person, assert_problem, confirmed
from tests.support.stores import Stores
from tests.support.work import work_off

HOURS = 72
DAY = 24 * 3600
PATH = f"{SECOND}/recovery"
MINE = "/users/me/factors/recovery"


@dataclass
class House:
    """A service that lets people recover, somebody with an app, and every mailbox."""

    runtime: Runtime
    owner: Owner
    mailbox: Mailbox

    @property
    def email(self) -> str:
        return self.owner.person.email

    @property
    def client(self) -> httpx.AsyncClient:
        return self.owner.client

    async def ask(self, challenge: str | None = None) -> httpx.Response:
        challenge = challenge or await self.owner.challenge()
        return await self.client.post(PATH, json={"challenge": challenge})

    async def link(self) -> str:
        """Ask; return the token that proves the mailbox."""
        await self.mailbox.letters()
        assert (await self.ask()).status_code == 202
        letter = await self.mailbox.letter(self.email)
        assert "/recover-second-factor#" in letter.link
        assert typed.shown(letter.token) in letter.text
        return letter.token

    async def confirm(self, token: str) -> httpx.Response:
        return await self.client.post(f"{PATH}/confirm", json={"token": token})

    async def cancel(self, token: str) -> httpx.Response:
        return await self.client.post(f"{PATH}/cancel", json={"token": token})

    async def begin(self) -> Received:
        """Ask, and prove the mailbox; return the first of the e-mails that tell of it."""
        assert (await self.confirm(await self.link())).status_code == 200
        return await self.mailbox.letter(self.email)

    async def pass_days(self, days: float, *, times: int = 1) -> list[Received]:
        """Let so many days pass, with a worker at the end of each; return what the mailbox has got."""
        found = []
        for _ in range(times):
            self.runtime.clock.advance(days * DAY)
            await work_off(self.runtime, recovering.KINDS)
            found += await self.mailbox.letters(self.email)
        return found

    async def has_factor(self) -> bool:
        return (await User.get(id=self.owner.person.id)).has_factor

    async def stays(self) -> bool:
        """Whether it is still there when the time is over, and a day later."""
        await self.pass_days(1, times=5)
        return await self.has_factor()

    async def events(self) -> list[str]:
        rows = await SecurityEvent.filter(user_id=self.owner.person.id, type__startswith="factors.").order_by(
            "created_at"
        )
        return [row.type for row in rows]


@pytest.fixture
async def house(owner: Owner, runtime: Runtime, mailbox: Mailbox) -> AsyncIterator[House]:
    settings = runtime.settings.model_copy(update={"SECOND_FACTOR_RECOVERY_HOURS": HOURS})
    async with another(runtime, SECOND_FACTOR_RECOVERY_HOURS=HOURS) as url:
        owner.client.base_url = httpx.URL(url)
        yield House(replace(runtime, settings=settings), owner, mailbox)


async def test_the_story(house: House, stores: Stores) -> None:
    """Password, mailbox, three days with an e-mail each: then the password opens, and every session is over."""
    assert "recovery" not in await ok(house.owner.session.call("GET", "/users/me/factors"))
    assert (await ok(house.client.get("/api/auth/options")))["second_factor"]["recovery"] is True
    token = await house.link()
    answer = await ok(house.confirm(token))
    assert_problem(await house.confirm(token), 400, "invalid_token")
    first = await house.mailbox.letter(house.email)
    assert first.subject == "Your second factor will be taken away"
    assert "/keep-second-factor#" in first.link
    assert (await ok(house.owner.session.call("GET", "/users/me/factors")))["recovery"] == answer
    shell = Shell(stores)
    told = await shell.ok("users", "factors", "--email", house.email)
    assert told["go_at"][:19] == answer["at"][:19]
    assert "Taken away at" in await shell.text("users", "factors", "--email", house.email)
    exported = await ok(house.owner.session.call("GET", "/users/me/export"))
    assert exported["features"]["factors"]["recovery"][0]["due_at"][:19] == answer["at"][:19]

    daily = await house.pass_days(1, times=2)
    assert [letter.subject for letter in daily] == [first.subject] * 2
    assert len({first.token, *(letter.token for letter in daily)}) == 3
    assert await house.pass_days(0.9) == []
    assert await house.has_factor()
    assert_problem(await house.owner.first(), 403, "second_factor_required")
    (last,) = await house.pass_days(0.11)
    assert last.subject == "Your second factor was taken away"
    assert_problem(await house.owner.session.refresh(), 400, "invalid_grant")
    assert (await house.owner.first()).status_code == 200
    for letter in (first, *daily):
        assert_problem(await house.cancel(letter.token), 400, "invalid_token")
    assert await house.events() == ["factors.recovery", "factors.recovered"]
    assert not await FactorRecovery.all().exists()
    assert not await OneTimeToken.filter(purpose=factor_recoveries.STOP).exists()
    explained = await explain(house.runtime, user_id=house.owner.person.id)
    assert any("as had been asked (totp)" in entry.text for entry in explained.entries)


async def test_said_no(house: House) -> None:
    """Any session, however stale; the link of the first e-mail as well as that of the last."""
    await house.begin()
    await house.pass_days(0.5)
    await house.owner.session.advance()
    assert (await house.owner.session.call("DELETE", MINE)).status_code == 204
    assert_problem(await house.owner.session.call("DELETE", MINE), 404, "not_found")
    assert await house.stays()

    first = await house.begin()
    (second,) = await house.pass_days(1)
    # As it is typed where a mail program has cut the link (ML4).
    assert typed.shown(first.token) in first.text
    assert (await house.cancel(typed.shown(first.token).lower())).status_code == 204
    assert_problem(await house.cancel(second.token), 400, "invalid_token")
    assert await house.stays()

    await house.begin()
    last = (await house.pass_days(1, times=2))[-1]
    assert (await house.cancel(last.token)).status_code == 204
    assert await house.stays()
    assert await house.events() == ["factors.recovery", "factors.kept"] * 3
    by = await SecurityEvent.filter(type="factors.kept").order_by("created_at")
    assert [row.detail["by"] for row in by] == ["session", "link", "link"]


async def _by_code(house: House) -> None:
    await house.owner.log_in()


async def _by_recovery_code(house: House) -> None:
    await house.owner.log_in(recovery_code=house.owner.app.recovery_codes[0])


async def _password_changed(house: House) -> None:
    session = await house.owner.log_in()
    await house.begin()  # the log-in has ended the one before
    body = {"password": NEW_PASSWORD}
    assert (await session.call("PATCH", "/users/me", json=body)).status_code == 200


async def _password_reset(house: House) -> None:
    assert (await reset(house.client, await reset_token(house.owner.person, house.mailbox))).status_code == 204


async def _codes_replaced(house: House) -> None:
    await house.owner.step_up(house.owner.session)
    assert (await house.owner.session.call("POST", "/users/me/recovery-codes")).status_code == 200


async def _reset_by_the_operator(house: House) -> None:
    from service.credentials import factor_resets

    await factor_resets.reset(house.runtime, house.owner.person.id, actor=None, reason="lost")
    session = await house.owner.person.log_in()
    from tests.factors.support import set_up

    house.owner.app, _ = await set_up(session, house.runtime.clock)


ENDED: dict[str, Callable[[House], Awaitable[None]]] = {
    "a code": _by_code,
    "a recovery code": _by_recovery_code,
    "another password": _password_changed,
    "a reset": _password_reset,
    "other recovery codes": _codes_replaced,
    "an operator": _reset_by_the_operator,
}


@pytest.mark.parametrize("how", ENDED)
async def test_ended_by(house: House, how: str) -> None:
    """Whatever changes the account, and the second factor itself: it stays, and nobody is told that it goes."""
    await house.begin()
    await house.pass_days(0.25)
    await house.owner.session.advance()
    await ENDED[how](house)
    await house.mailbox.letters()
    letters = await house.pass_days(1, times=5)
    assert await house.has_factor()
    assert not [letter.subject for letter in letters if "taken away" in letter.subject]
    assert not await FactorRecovery.all().exists()


async def test_ended_by_another_address(house: House) -> None:
    """Moving, and taking that back: neither leaves it."""
    await house.begin()
    await house.owner.step_up(house.owner.session)

    person, old = house.owner.person, house.owner.person.email
    moved = await address_token(house.owner.session, house.mailbox)
    assert (await post(house.client, "email/confirm", token=moved)).status_code == 204
    person.email = NEW_ADDRESS
    token = (await house.mailbox.letter(old)).token
    assert (await post(house.client, "email/undo", token=token)).status_code == 204
    person.email = old
    await house.mailbox.letters()
    assert await house.stays()
    assert not await FactorRecovery.all().exists()


async def test_ended_by_a_passkey(grace: Person, runtime: Runtime, mailbox: Mailbox, house: House) -> None:
    """Alone it is two factors, and the owner's: whoever has it has lost nothing."""
    holder: Holder = await holder_of(grace)
    await mailbox.letters()
    answer = await grace.client.post(PATH, json={"challenge": await holder.first()})
    assert answer.status_code == 202
    token = (await mailbox.letter(grace.email)).token
    assert (await house.confirm(token)).status_code == 200
    assert await FactorRecovery.filter(user_id=grace.id).exists()
    await holder.log_in()
    assert not await FactorRecovery.filter(user_id=grace.id).exists()


async def test_not_ended_by(house: House) -> None:
    """Emptied Redis, ended sessions: whoever can only do that has stopped nothing. A trusted device shows no factor."""
    house.runtime.clock.advance(STEP)
    trusted = await house.owner.second(await house.owner.challenge(), trust_device=True)
    assert trusted.status_code == 200
    cookies = dict(house.client.cookies)
    house.client.cookies.clear()
    await house.begin()
    house.client.cookies.update(cookies)
    assert (await house.owner.first()).status_code == 200  # not asked
    assert (await house.owner.session.call("DELETE", "/sessions")).status_code == 204
    await delete_keys(house.runtime, "user:*")
    await house.pass_days(1, times=3)
    assert not await house.has_factor()


async def test_who_may_ask(house: House, runtime: Runtime, base_url: str) -> None:
    """The password has to have been shown; without the setting nobody can; a link is good for what it is for."""
    assert_problem(await house.ask("lkc_nothing"), 400, "invalid_challenge")
    desk = Desk(house.client, house.mailbox)
    challenge, letter = await desk.asked_and_sent(house.email)
    owed = assert_problem(await desk.by_code(challenge, code_in(letter)), 403, "second_factor_required")
    assert_problem(await house.ask(owed["challenge"]), 403, "forbidden")
    first = await house.begin()
    assert_problem(await house.confirm(first.token), 400, "invalid_token")
    assert_problem(await house.cancel("nothing"), 400, "invalid_token")
    token = await house.link()
    assert_problem(await house.cancel(token), 400, "invalid_token")
    house.runtime.clock.advance(runtime.settings.PASSWORD_RESET_MINUTES * 60 + 1)
    assert_problem(await house.confirm(token), 400, "invalid_token")
    challenge = await house.owner.challenge()
    async with httpx.AsyncClient(base_url=base_url) as off:
        assert_problem(await off.post(PATH, json={"challenge": challenge}), 404, "not_found")
        assert_problem(await off.post(f"{PATH}/confirm", json={"token": token}), 400, "invalid_token")


async def test_an_address_that_nobody_confirmed(house: House) -> None:
    """It gets no link: where an administrator has moved the account, the mailbox may be anybody's."""
    await confirmed(house.owner.person, yes=False)
    challenge = await house.owner.challenge()
    await house.mailbox.letters()
    assert (await house.ask(challenge)).status_code == 202
    assert await house.mailbox.letters() == []


async def test_asked_twice(house: House) -> None:
    """One wait: asking again neither shortens nor lengthens it. Of many presses of one button one counts."""
    token = await house.link()
    answers = await asyncio.gather(*(house.confirm(token) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers if answer.status_code != 503)[:2] == [200, 400]
    (at,) = {answer.json()["at"] for answer in answers if answer.status_code == 200}
    assert len(await house.mailbox.letters(house.email)) == 1
    await house.pass_days(0.5)
    again = await ok(house.confirm(await house.link()))
    assert again["at"] == at
    assert await house.mailbox.letters(house.email) == []
    assert await house.events() == ["factors.recovery"]


@pytest.mark.parametrize("how", ["session", "link", "log-in"])
async def test_said_no_as_it_goes(house: House, how: str) -> None:
    """At the last moment one of both wins, and everybody is told the same."""
    letter = await house.begin()
    await house.pass_days(1, times=2)
    house.runtime.clock.advance(DAY)
    await house.owner.session.advance()
    challenge = await house.owner.challenge()
    says: dict[str, Callable[[], Awaitable[httpx.Response]]] = {
        "session": lambda: house.owner.session.call("DELETE", MINE),
        "link": lambda: house.cancel(letter.token),
        "log-in": lambda: house.owner.second(challenge),
    }
    uid = house.owner.person.id
    workers = [recovering.see_to(house.runtime, uid) for _ in range(3)]
    asked = asyncio.ensure_future(says[how]())
    await asyncio.gather(asked, *workers)
    answer = asked.result()
    stayed = await house.has_factor()
    assert (answer.status_code in (200, 204)) == stayed, answer.text
    assert (await house.events())[-1] == ("factors.kept" if stayed else "factors.recovered")
    assert len(await house.events()) == 2
    assert not await FactorRecovery.all().exists()
    subjects = [letter.subject for letter in await house.mailbox.letters(house.email)]
    assert ("Your second factor was taken away" in subjects) != stayed


async def test_said_again(house: House) -> None:
    """Each of the calls made twice: what docs/api.md says the second one hears."""
    heard: dict[str, httpx.Response] = {}
    challenge = await house.owner.challenge()
    await house.ask(challenge)
    heard["POST /api/auth/second-factor/recovery"] = await house.ask(challenge)
    token = (await house.mailbox.letter(house.email)).token
    await house.confirm(token)
    heard["POST /api/auth/second-factor/recovery/confirm"] = await house.confirm(token)
    link = (await house.mailbox.letter(house.email)).token
    await house.cancel(link)
    heard["POST /api/auth/second-factor/recovery/cancel"] = await house.cancel(link)
    await house.begin()
    await house.owner.session.call("DELETE", MINE)
    heard["DELETE /api/users/me/factors/recovery"] = await house.owner.session.call("DELETE", MINE)
    assert {call for call in SAID if ELSEWHERE.search(call) and "register" not in call} == set(heard)
    for call, answer in heard.items():
        status, code = SAID[call]
        assert (answer.status_code, answer.json().get("code")) == (status, code or None), call


async def test_one_e_mail_a_day(house: House) -> None:
    """However many workers look at once, and however often."""
    await house.begin()
    house.runtime.clock.advance(DAY)
    uid = house.owner.person.id
    await asyncio.gather(*(recovering.see_to(house.runtime, uid) for _ in range(4)))
    await recovering.see_to(house.runtime, uid)
    assert len(await house.mailbox.letters(house.email)) == 1


async def test_disabled(house: House) -> None:
    """Nobody could say no, so it waits; enabled again, its owner is written to and has a day."""
    await house.begin()
    uid = house.owner.person.id
    await User.filter(id=uid).update(is_active=False)
    assert await house.pass_days(1, times=6) == []
    assert await house.has_factor()
    await User.filter(id=uid).update(is_active=True)
    (told,) = await house.pass_days(1)
    assert told.subject == "Your second factor will be taken away"
    assert await house.has_factor()
    await house.pass_days(1)
    assert not await house.has_factor()


async def test_switched_off(house: House, runtime: Runtime) -> None:
    """An operator who takes the setting away ends what waits."""
    await house.begin()
    runtime.clock.advance(DAY)
    await work_off(runtime, recovering.KINDS)
    assert await house.events() == ["factors.recovery", "factors.kept"]
    assert await house.stays()


@pytest.mark.parametrize("place", ["record", "end_all", "tell"])
async def test_cut_off_in_the_middle(house: House, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    """Nothing has happened then, and the next run does all of it."""
    await house.begin()
    await house.pass_days(1, times=2)

    async def fail(*_: Any, **__: Any) -> None:
        raise Unavailable("database")

    owner = {"record": events, "end_all": endings, "tell": notices}[place]
    with monkeypatch.context() as patched:
        patched.setattr(owner, place, fail)
        house.runtime.clock.advance(DAY)
        await work_off(house.runtime, recovering.KINDS)
    assert await house.has_factor()
    assert await FactorRecovery.filter(due_at__lte=house.runtime.clock.now()).exists()
    assert (await house.owner.session.refresh()).status_code == 200
    await house.pass_days(0.1)
    assert not await house.has_factor()
    assert await house.events() == ["factors.recovery", "factors.recovered"]


async def test_with_the_account(house: House, grace: Person) -> None:
    """It goes with the account, and is nobody else's."""
    await house.begin()
    await house.owner.step_up(house.owner.session)
    assert (await house.owner.session.call("DELETE", "/users/me")).status_code == 204
    assert not await FactorRecovery.all().exists()
    await house.pass_days(1, times=4)
    assert (await log_in(house.client, grace.email, grace.password)).status_code == 200


async def test_many(house: House, runtime: Runtime) -> None:
    """A worker sees to all that are due, a batch at a time, and makes room for others in between."""
    await house.begin()
    now = runtime.clock.now()
    for number in range(recovering.BATCH + 5):
        user = await User.create(
            id=UUID(int=number + 1),
            email=f"u{number}@example.com", email_canonical=f"u{number}@example.com", created_at=now,
        )  # fmt: skip
        await FactorRecovery.create(user=user, standing="old", created_at=now, due_at=now, next_at=now)
    found = await factor_recoveries.to_be_seen_to(house.runtime, 1000)
    assert len(found) == recovering.BATCH + 5
    await work_off(house.runtime, recovering.KINDS)
    assert await FactorRecovery.all().count() == 1
    assert (await FactorRecovery.get()).due_at - now <= timedelta(hours=HOURS)
