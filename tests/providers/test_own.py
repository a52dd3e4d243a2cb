"""One's own accounts at other providers: linked from within, shown again, seen, taken away."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from models import Credential, Identity, User
from service.core.clock import Clock
from service.runtime import Runtime
from tests.factors.passkey_support import add, holder_of
from tests.factors.support import owner_of
from tests.http.support import another
from tests.providers.support import Tab, linked, recorded
from tests.support.authenticator import Authenticator
from tests.support.letters import Mailbox
from tests.support.people import PASSWORD, Person, Session, assert_problem, confirmed
from tests.support.providers import Account, Fakes

MINE = "/users/me/identities"
HOUR = 3600


async def link(tab: Tab, session: Session, provider: str = "corp") -> httpx.Response:
    """Link an account from within."""
    return await tab.come(provider, session, intent="link")


async def test_linked_from_within(tab: Tab, ada: Person) -> None:
    """Whatever its address is, for Ada is there already: 204, a letter, and it opens her account."""
    tab.providers.corp.account = Account("7", "somebody@else.example")
    session = await ada.log_in()
    answer = await link(tab, session)
    assert (answer.status_code, answer.text) == (204, "")
    (shown,) = (await session.call("GET", MINE)).json()
    assert (shown["provider"], shown["email"], shown["last_used_at"]) == ("corp", "somebody@else.example", None)
    assert await recorded(ada.id) == [("provider.linked", {"provider": "corp"})]
    assert "You can log in with corp now" in [letter.subject for letter in await tab.mailbox.letters(ada.email)]
    assert tab.session(await tab.come()).claims["sub"] == str(ada.id)
    assert (await session.me()).status_code == 200  # linking logs nobody out


async def test_linked_once_more(tab: Tab, ada: Person) -> None:
    """It is linked already, to this very account: done."""
    session = await ada.log_in()
    assert [(await link(tab, session)).status_code for _ in range(2)] == [204, 204]
    assert await linked(ada.id) == ["corp"]


async def test_it_opens_another_account(tab: Tab, ada: Person, grace: Person) -> None:
    """409: one account at a provider opens one here."""
    assert (await link(tab, await ada.log_in())).status_code == 204
    assert_problem(await link(tab, await grace.log_in()), 409, "already_linked")
    assert await linked(grace.id) == []
    assert await recorded(grace.id) == [("provider.refused", {"provider": "corp", "why": "taken"})]


async def test_who_may_link(tab: Tab, ada: Person, clock: Clock) -> None:
    """Nobody who isn't logged in, nor long ago; and not to an address that nobody has confirmed."""
    assert_problem(await tab.start(intent="link"), 401, "not_authenticated")
    session = await ada.log_in()
    await confirmed(ada, yes=False)
    assert_problem(await tab.start("corp", session, intent="link"), 403, "email_unverified")
    await confirmed(ada)
    clock.advance(HOUR)
    await session.advance()
    assert_problem(await tab.start("corp", session, intent="link"), 403, "reauthentication_required")


async def test_who_has_to_log_in_first_can_come_again(tab: Tab, ada: Person, clock: Clock) -> None:
    """An access token has run out meanwhile: 401 means refresh, and nothing is spent."""
    session = await ada.log_in()
    begun, back = await tab.away("corp", session, intent="link")
    assert_problem(await tab.finish(begun, back), 401, "not_authenticated")
    await session.advance()
    assert (await tab.finish(begun, back, session)).status_code == 204


async def test_a_second_factor_that_came_meanwhile(tab: Tab, ada: Person, clock: Clock) -> None:
    """A password was enough to begin; where there is a second factor by the end, it has to be shown."""
    other, session = await ada.log_in(), await ada.log_in()
    begun, back = await tab.away("corp", session, intent="link")
    device = Authenticator()
    assert (await add(other, device)).status_code == 201
    refused = assert_problem(await tab.finish(begun, back, session), 403, "reauthentication_required")
    assert refused["level"] == 2
    assert await linked(ada.id) == []


async def test_shown_again(tab: Tab, ada: Person, clock: Clock) -> None:
    """A new log-in at the provider makes the session fresh; one from before doesn't."""
    session = await ada.log_in()
    assert (await link(tab, session)).status_code == 204
    clock.advance(HOUR)
    await session.advance()
    assert_problem(await session.call("DELETE", f"{MINE}/{uuid4()}"), 403, "reauthentication_required")
    assert (await tab.come("corp", session, intent="reauthenticate")).status_code == 204
    assert_problem(await session.call("DELETE", f"{MINE}/{uuid4()}"), 404, "not_found")
    clock.advance(HOUR)
    await session.advance()
    begun, back = await tab.away("corp", session, intent="reauthenticate")
    tab.providers.corp.claims["auth_time"] = int(clock.timestamp()) - HOUR
    assert_problem(await tab.finish(begun, back, session), 400, "invalid_grant")


async def test_shown_again_by_another(tab: Tab, ada: Person) -> None:
    """Another account at the provider says nothing of who has this session."""
    session = await ada.log_in()
    assert (await link(tab, session)).status_code == 204
    tab.providers.corp.account = Account("8", "ada@example.com")
    assert_problem(await tab.come("corp", session, intent="reauthenticate"), 400, "invalid_grant")


async def test_where_it_can_not_be_shown_again(tab: Tab, ada: Person, clock: Clock) -> None:
    """GitHub doesn't say when somebody logged in; and nothing of Corp opens the account; a second factor is shown."""
    session = await ada.log_in()
    for provider in ("github", "corp"):
        assert_problem(await tab.start(provider, session, intent="reauthenticate"), 400, "bad_request")
    assert_problem(await tab.start("corp", intent="reauthenticate"), 401, "not_authenticated")
    assert (await link(tab, session)).status_code == 204
    owner = await owner_of(ada, clock)
    refused = await tab.start("corp", owner.session, intent="reauthenticate")
    assert assert_problem(refused, 403, "reauthentication_required")["level"] == 2


async def test_taken_away(tab: Tab, ada: Person) -> None:
    """It opens the account no more; every other session ends, and Ada gets a letter."""
    session, other = await ada.log_in(), await ada.log_in()
    assert (await link(tab, session)).status_code == 204
    (shown,) = (await session.call("GET", MINE)).json()
    assert (await session.call("DELETE", f"{MINE}/{shown['id']}")).status_code == 204
    assert (await session.call("GET", MINE)).json() == []
    assert_problem(await other.me(), 401, "invalid_token")
    (_, (name, detail)) = await recorded(ada.id)
    assert (name, detail["provider"]) == ("provider.unlinked", "corp")
    subjects = [letter.subject for letter in await tab.mailbox.letters(ada.email)]
    assert "You can no longer log in with corp" in subjects
    assert_problem(await tab.come(), 400, "account_not_linked")
    assert_problem(await session.call("DELETE", f"{MINE}/{shown['id']}"), 404, "not_found")


async def test_nobody_takes_anothers_away(tab: Tab, ada: Person, grace: Person) -> None:
    """404, as for one that there isn't."""
    session = await ada.log_in()
    assert (await link(tab, session)).status_code == 204
    (shown,) = (await session.call("GET", MINE)).json()
    hers = await grace.log_in()
    assert (await hers.call("GET", MINE)).json() == []
    assert_problem(await hers.call("DELETE", f"{MINE}/{shown['id']}"), 404, "not_found")
    assert_problem(await hers.call("DELETE", f"{MINE}/x"), 404, "not_found")
    assert await linked(ada.id) == ["corp"]


@pytest.fixture
async def bare(runtime: Runtime, providers: Fakes, mailbox: Mailbox) -> AsyncIterator[Tab]:
    """Where nobody logs in by mail, which would open every account."""
    async with another(runtime, EMAIL_SIGN_IN="off") as url, httpx.AsyncClient(base_url=url, timeout=30) as client:
        yield Tab(client, providers, mailbox)


async def only_by_corp(tab: Tab) -> tuple[Session, str]:
    """Somebody whose account opens by Corp alone; the path of what opens it."""
    tab.providers.corp.account = Account("99", "new@example.com")
    session = tab.session(await tab.come())
    (shown,) = (await session.call("GET", MINE)).json()
    return session, f"{MINE}/{shown['id']}"


async def test_the_last_way_in(bare: Tab) -> None:
    """409, and it stays; with another provider it can go, and that one is the last then."""
    session, path = await only_by_corp(bare)
    assert_problem(await session.call("DELETE", path), 409, "last_way_in")
    assert bare.session(await bare.come()).claims["sub"] == session.claims["sub"]
    assert (await link(bare, session, "github")).status_code == 204
    assert (await session.call("DELETE", path)).status_code == 204
    (left,) = (await session.call("GET", MINE)).json()
    assert_problem(await session.call("DELETE", f"{MINE}/{left['id']}"), 409, "last_way_in")


async def test_what_else_opens_an_account(bare: Tab, tab: Tab) -> None:
    """A password; letters to log in with; and a provider that the settings name no more opens nothing."""
    session, path = await only_by_corp(bare)
    await Identity.create(
        id=uuid4(), user_id=session.claims["sub"], provider="gone", issuer="https://gone.example", subject="1",
        created_at=bare.runtime.clock.now(),
    )  # fmt: skip
    assert_problem(await session.call("DELETE", path), 409, "last_way_in")
    shown = {one["provider"]: one for one in (await session.call("GET", MINE)).json()}
    assert shown["gone"]["brand"] == "openid"
    within = Session(tab.client, session.access_token, session.refresh_token)
    assert (await within.call("DELETE", path)).status_code == 204  # there, letters open every account


async def test_a_passkey_that_opens_alone(bare: Tab) -> None:
    """It is enough; and beside an account at a provider it isn't the last way in."""
    session, path = await only_by_corp(bare)
    device = Authenticator()
    done = await add(session, device)
    assert done.status_code == 201
    holder: dict[str, Any] = {"id": done.json()["id"]}
    options = (await session.call("POST", "/auth/reauthenticate/options")).json()
    shown = await session.call("POST", "/auth/reauthenticate", json={"passkey": device.show(options)})
    assert shown.status_code == 204, shown.text
    assert (await session.call("DELETE", f"/users/me/factors/passkeys/{holder['id']}")).status_code == 204
    assert (await add(session, Authenticator())).status_code == 201
    await session.advance()
    (key,) = await Credential.filter(user_id=session.claims["sub"], kind="passkey")
    assert key is not None
    answer = await session.call("DELETE", path)
    assert answer.status_code in (204, 403), answer.text


async def test_a_passkey_beside_a_provider(bare: Tab, ada: Person) -> None:
    """The last passkey of an account without a password goes where a provider opens it, and stays where none does."""
    mine = Person(bare.client, ada.id, ada.email)
    holder = await holder_of(mine)
    await Credential.filter(user_id=ada.id, kind="password").delete()
    path = f"/users/me/factors/passkeys/{holder.passkey}"
    assert (await holder.step_up(holder.session)).status_code == 204
    assert_problem(await holder.session.call("DELETE", path), 409, "last_way_in")
    await Identity.create(
        id=uuid4(), user_id=ada.id, provider="corp", issuer="https://corp.example", subject="1",
        created_at=bare.runtime.clock.now(),
    )  # fmt: skip
    assert (await holder.session.call("DELETE", path)).status_code == 204


async def test_an_export_has_them(tab: Tab, ada: Person) -> None:
    """All that is kept of each; and a deletion takes them."""
    session = await ada.log_in()
    assert (await link(tab, session)).status_code == 204
    (shown,) = (await session.call("GET", "/users/me/export")).json()["features"]["providers"]
    assert set(shown) == {"id", "provider", "issuer", "subject", "email", "created_at", "last_used_at"}
    assert shown["subject"] == tab.providers.corp.account.subject
    answer = await session.call("DELETE", "/users/me", json={"password": PASSWORD})
    assert answer.status_code == 204, answer.text
    assert not await Identity.exists()
    assert not await User.exists(id=ada.id)
