"""Log-ins by other providers when many do it at once, and when a store or the provider is away: one, or none."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest

from models import Identity, KnownDevice, SecurityEvent, User
from service.accounts import accounts, claims
from service.core.clock import Clock
from service.credentials import identities, known_devices, mailed_codes, verification
from service.errors import Unavailable
from service.providers import asked, challenges
from service.runtime import Runtime
from service.signin import pending
from service.stores.outbox import Outbox
from service.stores.sessions.pending import PendingLogIns
from service.stores.sessions.store import SessionStore
from tests.factors.support import owner_of
from tests.mail_login.support import code_in, wrong
from tests.providers.support import Tab, linked, recorded
from tests.support.people import PASSWORD, Person, assert_problem, register
from tests.support.providers import Account, Said

STRANGER = Account(subject="99", email="new@example.com")


def fails(what: str) -> Any:
    async def failing(*_: object, **__: object) -> None:
        raise Unavailable(what)

    return failing


async def living(runtime: Runtime, user_id: object) -> int:
    return len(await runtime.sessions.list_living(user_id))  # type: ignore[arg-type]


async def test_fifty_with_one_state(tab: Tab) -> None:
    """One session, one account, one link, whoever is first; the provider is asked once."""
    tab.providers.corp.account = STRANGER
    begun, back = await tab.away()
    answers = await asyncio.gather(*(tab.finish(begun, back) for _ in range(50)))
    statuses = Counter(answer.status_code for answer in answers)
    assert set(statuses) <= {200, 400, 503}
    assert statuses[200] == 1
    (user,) = await User.all()
    assert await living(tab.runtime, user.id) == 1
    assert await linked(user.id) == ["corp"]
    assert len(tab.providers.corp.asked("/token")) == 1


async def test_twenty_tabs_of_somebody_new(tab: Tab) -> None:
    """One account, whoever comes first, and each of them is in."""
    tab.providers.corp.account = STRANGER
    trips = [await tab.away() for _ in range(20)]
    answers = await asyncio.gather(*(tab.finish(begun, back) for begun, back in trips))
    statuses = Counter(answer.status_code for answer in answers)
    assert set(statuses) <= {200, 503}
    assert statuses[200] > 0
    (user,) = await User.all()
    assert await living(tab.runtime, user.id) == statuses[200]
    assert await linked(user.id) == ["corp"]


async def test_two_accounts_link_one_at_once(tab: Tab, ada: Person, grace: Person) -> None:
    """One 204, one 409."""
    sessions = [await ada.log_in(), await grace.log_in()]
    trips = [(*await tab.away("corp", session, intent="link"), session) for session in sessions]
    answers = await asyncio.gather(*(tab.finish(*trip) for trip in trips))
    assert sorted(answer.status_code for answer in answers) == [204, 409]
    assert await Identity.all().count() == 1
    loser = (ada, grace)[[answer.status_code for answer in answers].index(409)]
    assert await recorded(loser.id) == [("provider.refused", {"provider": "corp", "why": "taken"})]


async def test_fifty_link_with_the_password(tab: Tab, ada: Person) -> None:
    """One session, one refresh token, one link, one letter."""
    challenge = (await tab.asked())["challenge"]
    answers = await asyncio.gather(*(tab.link(challenge, password=PASSWORD) for _ in range(50)))
    statuses = Counter(answer.status_code for answer in answers)
    assert set(statuses) <= {200, 429, 503}
    assert statuses[200] > 0
    assert len({answer.json()["refresh_token"] for answer in answers if answer.status_code == 200}) == 1
    assert await living(tab.runtime, ada.id) == 1
    assert await linked(ada.id) == ["corp"]
    told = [letter.subject for letter in await tab.mailbox.letters(ada.email)]
    assert told.count("You can log in with corp now") == 1


@pytest.mark.parametrize("confirmed", [True, False])
async def test_fifty_link_with_the_code(tab: Tab, confirmed: bool) -> None:
    """There is an account: one session, whoever of them comes first; one that was prepared is cleaned once."""
    ada = await register(tab.client, "ada@contoso.com")
    await User.filter(id=ada.id).update(email_verified=confirmed)
    challenge = await tab.mailed((await tab.asked("microsoft"))["challenge"])
    code = code_in(next(one for one in await tab.mailbox.letters(ada.email) if "code" in one.subject))
    answers = await asyncio.gather(*(tab.link(challenge, code=code) for _ in range(50)))
    statuses = Counter(answer.status_code for answer in answers)
    assert set(statuses) <= ({200, 503} if confirmed else {200, 400, 503})
    assert statuses[200] > 0
    assert len({answer.json()["refresh_token"] for answer in answers if answer.status_code == 200}) == 1
    assert await living(tab.runtime, ada.id) == 1
    assert await linked(ada.id) == ["microsoft"]
    claimed = await SecurityEvent.filter(user_id=ada.id, type="account.claimed").count()
    assert claimed == (0 if confirmed else 1)


async def test_fifty_with_the_code_of_nobody(tab: Tab) -> None:
    """There is none yet: one account, one session."""
    challenge = await tab.mailed((await tab.asked("microsoft"))["challenge"])
    code = code_in(await tab.mailbox.letter("ada@contoso.com"))
    answers = await asyncio.gather(*(tab.link(challenge, code=code) for _ in range(50)))
    statuses = Counter(answer.status_code for answer in answers)
    assert set(statuses) <= {200, 400, 503}
    assert statuses[200] == 1
    (user,) = await User.all()
    assert await living(tab.runtime, user.id) == 1


async def test_fifty_guesses_and_the_right_code(tab: Tab, ada: Person) -> None:
    """R13: of fifty at once five are looked at, each once, whichever they are: the right one among them or not."""
    challenge = await tab.mailed((await tab.asked())["challenge"])
    right = code_in(await tab.mailbox.letter(ada.email))
    guesses = [wrong(right, number) for number in range(1, 50)] + [right]
    answers = await asyncio.gather(*(tab.link(challenge, code=guess) for guess in guesses))
    codes = Counter(answer.json()["code"] for answer in answers[:-1] if answer.status_code != 503)
    assert codes["invalid_code"] <= 5
    assert await living(tab.runtime, ada.id) == (answers[-1].status_code == 200)


async def test_a_lost_answer(tab: Tab, ada: Person, clock: Clock) -> None:
    """The same code again within a minute gives the same session; later it is over."""
    challenge = await tab.mailed((await tab.asked())["challenge"])
    code = code_in(await tab.mailbox.letter(ada.email))
    first = tab.session(await tab.link(challenge, code=code))
    again = tab.session(await tab.link(challenge, code=code))
    assert (again.sid, again.refresh_token) == (first.sid, first.refresh_token)
    assert await living(tab.runtime, ada.id) == 1
    clock.advance(61)
    assert_problem(await tab.link(challenge, code=code), 400, "invalid_challenge")


async def test_a_lost_answer_of_the_second_factor(tab: Tab, ada: Person, clock: Clock) -> None:
    """What is linked with it is linked once, and the step may be repeated."""
    owner = await owner_of(ada, clock)
    challenge = (await tab.asked())["challenge"]
    pending_one = assert_problem(await tab.link(challenge, password=PASSWORD), 403, "second_factor_required")
    assert await linked(ada.id) == []
    clock.advance(30)
    code = owner.app.code()
    first = tab.session(await owner.second(pending_one["challenge"], code))
    again = tab.session(await owner.second(pending_one["challenge"], code))
    assert first.sid == again.sid
    assert await linked(ada.id) == ["corp"]


async def test_taken_away_while_it_lets_in(tab: Tab, ada: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between looking it up and opening the session: nobody is in by what is gone."""
    session = await ada.log_in()
    assert (await tab.come("corp", session, intent="link")).status_code == 204
    (shown,) = (await session.call("GET", "/users/me/identities")).json()
    used = identities.used

    async def overtaken(*args: Any) -> None:
        await used(*args)
        gone = await session.call("DELETE", f"/users/me/identities/{shown['id']}")
        assert gone.status_code == 204, gone.text

    monkeypatch.setattr(identities, "used", overtaken)
    assert_problem(await tab.come(), 400, "invalid_grant")
    assert await living(tab.runtime, ada.id) == 1


AT_THE_LOG_IN: list[tuple[Any, str, str]] = [
    (asked, "look", "redis"),
    (identities, "used", "database"),
    (SessionStore, "log_in", "redis"),
    (known_devices, "remember", "database"),
]


@pytest.mark.parametrize(("place", "name", "what"), AT_THE_LOG_IN, ids=[name for _, name, _ in AT_THE_LOG_IN])
async def test_a_store_is_away_at_the_log_in(
    tab: Tab, monkeypatch: pytest.MonkeyPatch, place: Any, name: str, what: str
) -> None:
    """R73: 503 and no session; and the very same answer of the provider is as good afterwards."""
    tab.providers.corp.account = STRANGER
    first = tab.session(await tab.come())
    begun, back = await tab.away()
    with monkeypatch.context() as broken:
        broken.setattr(place, name, fails(what))
        for _ in range(3):
            assert_problem(await tab.finish(begun, back), 503, "unavailable")
    assert await living(tab.runtime, first.claims["sub"]) == 1
    assert (await tab.session(await tab.finish(begun, back)).me()).status_code == 200
    assert await living(tab.runtime, first.claims["sub"]) == 2
    assert len(tab.providers.corp.asked("/token")) == 2  # its code is taken once: what it said was kept


async def test_the_account_can_not_be_made(tab: Tab, monkeypatch: pytest.MonkeyPatch) -> None:
    """R73: 503, and no account without its link, nor a link without its account."""
    tab.providers.corp.account = STRANGER
    begun, back = await tab.away()
    for place, name in ((accounts, "create_account"), (identities, "link")):
        with monkeypatch.context() as broken:
            broken.setattr(place, name, fails("database"))
            assert_problem(await tab.finish(begun, back), 503, "unavailable")
        assert not await User.exists()
    assert (await tab.finish(begun, back)).status_code == 200


async def test_the_account_can_not_be_cleaned(tab: Tab, monkeypatch: pytest.MonkeyPatch) -> None:
    """R79: where that fails nobody is let in, and nothing is confirmed; the same answer works afterwards."""
    ada = await register(tab.client, "ada@example.com")
    begun, back = await tab.away()
    for place, name in ((claims, "settle"), (identities, "link")):
        with monkeypatch.context() as broken:
            broken.setattr(place, name, fails("database"))
            assert_problem(await tab.finish(begun, back), 503, "unavailable")
        assert not (await User.get(id=ada.id)).email_verified
    assert tab.session(await tab.finish(begun, back)).claims["sub"] == str(ada.id)


async def test_a_store_is_away_at_the_start(tab: Tab, monkeypatch: pytest.MonkeyPatch) -> None:
    """R73: 503, and nobody is sent anywhere that they couldn't come back from."""
    with monkeypatch.context() as broken:
        broken.setattr(asked, "note", fails("redis"))
        assert_problem(await tab.start(), 503, "unavailable")


async def test_a_store_is_away_while_something_is_linked(
    tab: Tab, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R73: from within; the same answer is good afterwards."""
    session = await ada.log_in()
    begun, back = await tab.away("corp", session, intent="link")
    with monkeypatch.context() as broken:
        broken.setattr(identities, "link", fails("database"))
        assert_problem(await tab.finish(begun, back, session), 503, "unavailable")
    assert await linked(ada.id) == []
    assert (await tab.finish(begun, back, session)).status_code == 204


AT_THE_LINK: list[tuple[Any, str, str]] = [
    (challenges, "find", "redis"),
    (verification, "verify", "redis"),
    (PendingLogIns, "finish", "redis"),
    (identities, "link", "database"),
    (known_devices, "remember", "database"),
]


@pytest.mark.parametrize(("place", "name", "what"), AT_THE_LINK, ids=[name for _, name, _ in AT_THE_LINK])
async def test_a_store_is_away_at_the_link(
    tab: Tab, ada: Person, monkeypatch: pytest.MonkeyPatch, place: Any, name: str, what: str
) -> None:
    """R73: 503, nothing linked and no session; afterwards the challenge is as good as it was."""
    challenge = (await tab.asked())["challenge"]
    with monkeypatch.context() as broken:
        broken.setattr(place, name, fails(what))
        for _ in range(6):
            assert_problem(await tab.link(challenge, password=PASSWORD), 503, "unavailable")
    assert await linked(ada.id) == []
    assert await living(tab.runtime, ada.id) == 0
    assert (await tab.link(challenge, password=PASSWORD)).status_code == 200
    assert await linked(ada.id) == ["corp"]


AT_THE_CODE: list[tuple[Any, str, str]] = [
    (mailed_codes, "may_try", "redis"),
    (challenges, "use", "redis"),
    (accounts, "create_account", "database"),
    (SessionStore, "log_in", "redis"),
]


@pytest.mark.parametrize(("place", "name", "what"), AT_THE_CODE, ids=[name for _, name, _ in AT_THE_CODE])
async def test_a_store_is_away_at_the_code(
    tab: Tab, monkeypatch: pytest.MonkeyPatch, place: Any, name: str, what: str
) -> None:
    """R73: also where the account is still to be made; the same code makes it afterwards."""
    challenge = await tab.mailed((await tab.asked("microsoft"))["challenge"])
    code = code_in(await tab.mailbox.letter("ada@contoso.com"))
    with monkeypatch.context() as broken:
        broken.setattr(place, name, fails(what))
        for _ in range(6):
            assert_problem(await tab.link(challenge, code=code), 503, "unavailable")
    session = tab.session(await tab.link(challenge, code=code))
    assert await living(tab.runtime, session.claims["sub"]) == 1


@pytest.mark.parametrize("step", ["expect", "note", "post"])
async def test_a_store_is_away_while_somebody_asks_for_a_code(
    tab: Tab, ada: Person, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """R73: 503, and no letter that leads to nothing."""
    challenge = (await tab.asked())["challenge"]
    await tab.mailbox.letters()
    place: Any = {"expect": pending, "note": challenges, "post": Outbox}[step]
    with monkeypatch.context() as broken:
        broken.setattr(place, step, fails("database" if step == "post" else "redis"))
        assert_problem(await tab.mail(challenge), 503, "unavailable")
    assert await tab.mailbox.letters() == []
    assert (await tab.mail(challenge)).status_code == 200


async def test_the_provider_is_away(tab: Tab) -> None:
    """502 at the start; and at the end, where the same answer is good once it is back."""
    tab.providers.corp.account = STRANGER
    begun, back = await tab.away()
    tab.providers.corp.instead["/token"] = Said(500, {})
    problem = assert_problem(await tab.finish(begun, back), 502, "provider_failed")
    assert problem["provider"] == "corp"
    assert (await recorded())[-1] == ("provider.refused", {"provider": "corp", "why": "failed"})
    tab.providers.corp.instead.clear()
    assert (await tab.finish(begun, back)).status_code == 200


async def test_the_provider_is_away_at_the_start(tab: Tab) -> None:
    """502, and nothing is kept."""
    tab.providers.corp.instead["/.well-known/openid-configuration"] = Said(500, {})
    assert assert_problem(await tab.start(), 502, "provider_failed")["provider"] == "corp"
    redis: Any = tab.runtime.redis.client
    assert [key async for key in redis.scan_iter("*flow:*")] == []


async def test_devices_are_remembered_once(tab: Tab) -> None:
    """Coming by a provider is a log-in like any: the device is known afterwards."""
    tab.providers.corp.account = STRANGER
    session = tab.session(await tab.come())
    tab.session(await tab.come())
    assert await KnownDevice.filter(user_id=session.claims["sub"]).count() == 1
