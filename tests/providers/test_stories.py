"""Logging in by another provider: who comes back, and what that means, row by row."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from models import Credential, Identity, SecurityEvent, User
from service.audit.timeline import explain
from service.core.clock import Clock
from service.core.telemetry import metrics
from service.runtime import Runtime
from service.stores.event_kinds import Language
from tests.factors.passkey_support import holder_of
from tests.factors.support import Owner, owner_of
from tests.http.support import another
from tests.mail_login.support import code_in, wrong
from tests.providers.support import PATH, Tab, linked, recorded
from tests.support.browsers import Browser
from tests.support.letters import Mailbox
from tests.support.people import PASSWORD, Person, assert_problem, confirmed, register
from tests.support.providers import Account, Fakes

MINUTE = 60
STRANGER = Account(subject="99", email="new@example.com", name="New Person")
UNVOUCHED = "ada@contoso.com"
"""What Microsoft's fake says, for which nobody vouches."""


async def ada_linked(tab: Tab, ada: Person) -> None:
    """Ada has linked her account at Corp."""
    problem = await tab.asked()
    assert (await tab.link(problem["challenge"], password=PASSWORD)).status_code == 200
    await tab.mailbox.letters()


async def test_which_there_are(tab: Tab) -> None:
    """For the log-in page, in the order of the settings: in a list of their own, and among the ways in."""
    answer = await tab.client.get(PATH)
    assert answer.headers["cache-control"] == "public, max-age=60"
    assert answer.json()[0] == {"id": "corp", "name": "Example Corp", "brand": "openid"}
    assert [(one["id"], one["brand"]) for one in answer.json()[1:]] == [
        (name, name) for name in ("google", "github", "microsoft", "apple")
    ]
    ways = [way for way in (await tab.client.get("/api/auth/options")).json()["ways"] if way["kind"] == "provider"]
    assert ways == [{"kind": "provider", **one, "registers": True} for one in answer.json()]
    again = await tab.client.get(PATH, headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


async def test_somebody_new_gets_an_account(tab: Tab) -> None:
    """The provider vouches for the address: it is confirmed, there is no password, and the next log-in finds it."""
    tab.providers.corp.account = STRANGER
    session = tab.session(await tab.come())
    me = (await session.me()).json()
    assert (me["email"], me["full_name"], me["email_verified"]) == ("new@example.com", "New Person", True)
    assert not await Credential.exists(user_id=me["id"])
    assert (session.claims["amr"], session.claims["acr"]) == (["fed"], "aal1")
    again = tab.session(await tab.come())
    assert (await again.me()).json()["id"] == me["id"]
    assert again.sid != session.sid
    assert await recorded(me["id"]) == [("provider.linked", {"provider": "corp"})]
    assert await SecurityEvent.filter(user_id=me["id"], type="user.registered").count() == 1
    assert [letter.subject for letter in await tab.mailbox.letters()] == []  # what they have just asked for is no news


@pytest.mark.parametrize("provider", ["google", "github", "apple"])
async def test_each_kind(tab: Tab, provider: str) -> None:
    """Each lets in whom it vouches for."""
    if provider == "google":
        tab.providers.google.account = Account("1", "ada@gmail.com")
    session = tab.session(await tab.come(provider))
    me = (await session.me()).json()
    assert await linked(me["id"]) == [provider]
    assert (await tab.session(await tab.come(provider)).me()).json()["id"] == me["id"]


async def test_nobody_is_found_by_an_address_once_linked(tab: Tab) -> None:
    """The address at the provider changes, and the account stays the same; what is shown of it is the new one."""
    tab.providers.corp.account = STRANGER
    first = tab.session(await tab.come())
    tab.providers.corp.account = Account(subject="99", email="renamed@example.com")
    second = tab.session(await tab.come())
    assert (await second.me()).json()["email"] == "new@example.com"
    (shown,) = (await first.call("GET", "/users/me/identities")).json()
    assert (shown["email"], shown["provider"], shown["name"]) == ("renamed@example.com", "corp", "Example Corp")
    assert shown["brand"] == "openid"
    assert shown["last_used_at"] is not None


async def test_where_to_go_afterwards(tab: Tab) -> None:
    """It comes back beside the tokens, from where nobody between could change it."""
    tab.providers.corp.account = STRANGER
    begun, back = await tab.away(return_to="/settings?tab=2#there")
    answer = await tab.finish(begun, back)
    assert answer.json()["return_to"] == "/settings?tab=2#there"
    assert "return_to" not in (await tab.come()).json()


async def test_in_a_cookie(tab: Tab) -> None:
    """In cookie mode the refresh token is in the cookie, and nowhere else."""
    tab.providers.corp.account = STRANGER
    begun, back = await tab.away(return_to="/x")
    browser = Browser(tab.client)
    answer = browser.take(await tab.finish(begun, back, headers=browser.headers))
    assert answer.status_code == 200
    assert set(answer.json()) == {"access_token", "token_type", "expires_in", "return_to"}
    assert browser.cookie
    assert (await browser.me()).status_code == 200


@pytest.fixture
async def closed(runtime: Runtime, providers: Fakes, mailbox: Mailbox) -> AsyncIterator[Tab]:
    """Where nobody registers by a provider."""
    async with (
        another(runtime, REGISTER_BY_PROVIDER=False) as url,
        httpx.AsyncClient(base_url=url, timeout=30) as client,
    ):
        yield Tab(client, providers, mailbox)


async def test_nobody_registers_so(closed: Tab) -> None:
    """There is no account, and none is made: nor by a code."""
    closed.providers.corp.account = STRANGER
    assert_problem(await closed.come(), 403, "forbidden")
    assert not await User.exists()
    assert await recorded() == [("provider.refused", {"provider": "corp", "why": "registration"})]
    challenge = await closed.mailed((await closed.asked("microsoft"))["challenge"])
    code = code_in(await closed.mailbox.letter(UNVOUCHED))
    assert_problem(await closed.link(challenge, code=code), 403, "forbidden")
    assert not await User.exists()
    ways = (await closed.client.get("/api/auth/options")).json()["ways"]
    assert {way["registers"] for way in ways if way["kind"] == "provider"} == {False}


async def test_an_account_is_linked_with_its_password(tab: Tab, ada: Person) -> None:
    """The provider vouches for Ada's address: she shows that the account is hers, and is straight in from then on."""
    problem = await tab.asked()
    assert problem["provider"] == "corp"
    assert problem["methods"] == ["password", "mail"]
    assert problem["email"] == ada.email
    assert problem["challenge"].startswith("lkl_")
    assert await linked(ada.id) == []
    assert await recorded(ada.id) == [("provider.refused", {"provider": "corp", "why": "not_linked"})]
    assert_problem(await tab.link(problem["challenge"], password="not this one"), 400, "invalid_grant")
    session = tab.session(await tab.link(problem["challenge"], password=PASSWORD))
    assert session.claims["amr"] == ["fed", "pwd"]
    assert await linked(ada.id) == ["corp"]
    assert (await recorded(ada.id))[-1] == ("provider.linked", {"provider": "corp"})
    told = [letter.subject for letter in await tab.mailbox.letters(ada.email)]
    assert "You can log in with corp now" in told
    again = tab.session(await tab.come())
    assert again.claims["sub"] == str(ada.id)


async def test_an_account_is_linked_with_its_passkey(tab: Tab, ada: Person) -> None:
    """It is two factors with the provider's word: nothing more is asked."""
    holder = await holder_of(ada)
    problem = await tab.asked()
    assert problem["methods"] == ["password", "passkey", "mail"]
    asked = await tab.client.post(f"{PATH}/link/options", json={"challenge": problem["challenge"]})
    assert asked.status_code == 200, asked.text
    shown = holder.device.show(asked.json())
    session = tab.session(await tab.link(problem["challenge"], passkey=shown))
    assert session.claims["acr"] == "aal2" or session.claims["acr"].startswith("phr")
    assert {"fed", "swk"} <= set(session.claims["amr"])
    assert await linked(ada.id) == ["corp"]


async def test_an_account_without_a_passkey_is_not_asked_for_one(tab: Tab, ada: Person) -> None:
    """404: `methods` hasn't it."""
    challenge = (await tab.asked())["challenge"]
    assert_problem(await tab.client.post(f"{PATH}/link/options", json={"challenge": challenge}), 404, "not_found")


async def test_an_account_is_linked_with_its_mailbox(tab: Tab, ada: Person, clock: Clock) -> None:
    """A code goes to the account's address, and works with the new challenge alone."""
    first = (await tab.asked())["challenge"]
    challenge = await tab.mailed(first)
    letter = await tab.mailbox.letter(ada.email)
    assert letter.subject == f"{code_in(letter)} is your code"
    assert_problem(await tab.link(first, code=code_in(letter)), 400, "invalid_challenge")
    assert_problem(await tab.link(challenge, password=PASSWORD), 400, "invalid_challenge")
    wrong_one = assert_problem(await tab.link(challenge, code=wrong(code_in(letter))), 400, "invalid_code")
    assert wrong_one["attempts_left"] == 4
    session = tab.session(await tab.link(challenge, code=code_in(letter)))
    assert session.claims["amr"] == ["fed", "mail"]
    assert await linked(ada.id) == ["corp"]


async def test_an_address_where_there_is_one(tab: Tab, ada: Person) -> None:
    """The code goes where the provider has said: nobody names another address."""
    problem = await tab.asked()
    refused = await tab.mail(problem["challenge"], email="else@example.com")
    assert assert_problem(refused, 422, "validation_error")["errors"][0]["pointer"] == "/email"


@pytest.fixture
async def trusting(runtime: Runtime, providers: Fakes, mailbox: Mailbox) -> AsyncIterator[Tab]:
    """Where the provider's word about an address is enough."""
    async with (
        another(runtime, PROVIDER_LINKING="verified") as url,
        httpx.AsyncClient(base_url=url, timeout=30) as client,
    ):
        yield Tab(client, providers, mailbox)


async def test_linked_at_once(trusting: Tab, ada: Person, runtime: Runtime) -> None:
    """`PROVIDER_LINKING=verified`: and Ada hears of it."""
    session = trusting.session(await trusting.come())
    assert session.claims["sub"] == str(ada.id)
    assert await linked(ada.id) == ["corp"]
    assert any("corp" in letter.subject for letter in await trusting.mailbox.letters(ada.email))


async def test_linked_at_once_but_for_the_second_factor(trusting: Tab, ada: Person, clock: Clock) -> None:
    """Nor does the provider's own stand for it, as long as the account isn't linked: it appears when the door opens."""
    owner = await owner_of(ada, clock)
    trusting.providers.corp.claims["amr"] = ["mfa"]
    problem = assert_problem(await trusting.come(), 403, "second_factor_required")
    assert await linked(ada.id) == []
    clock.advance(30)
    trusting.session(await owner.second(problem["challenge"]))
    assert await linked(ada.id) == ["corp"]


async def test_nobody_vouches_and_there_is_an_account(tab: Tab) -> None:
    """A code to the mailbox, and what opens is the account that has it."""
    ada = await confirmed(await register(tab.client, UNVOUCHED))
    problem = await tab.asked("microsoft")
    assert (problem["methods"], problem["email"]) == (["mail"], UNVOUCHED)
    assert await recorded(ada.id) == []
    assert await recorded() == [("provider.refused", {"provider": "microsoft", "why": "unvouched"})]
    challenge = await tab.mailed(problem["challenge"])
    session = tab.session(await tab.link(challenge, code=code_in((await tab.mailbox.letters(UNVOUCHED))[-1])))
    assert session.claims["sub"] == str(ada.id)
    assert await linked(ada.id) == ["microsoft"]
    assert tab.session(await tab.come("microsoft")).claims["sub"] == str(ada.id)


async def test_nobody_vouches_and_there_is_none(tab: Tab) -> None:
    """The mailbox is shown, so it makes an account, once; from then on it is known."""
    challenge = await tab.mailed((await tab.asked("microsoft"))["challenge"])
    code = code_in(await tab.mailbox.letter(UNVOUCHED))
    session = tab.session(await tab.link(challenge, code=code))
    me = (await session.me()).json()
    assert (me["email"], me["email_verified"]) == (UNVOUCHED, True)
    assert session.claims["amr"] == ["fed", "mail"]
    assert await linked(me["id"]) == ["microsoft"]
    assert_problem(await tab.link(challenge, code=code), 400, "invalid_challenge")
    assert tab.session(await tab.come("microsoft")).claims["sub"] == me["id"]


async def test_a_provider_that_says_no_address(tab: Tab) -> None:
    """Its user says one, and shows that it is theirs."""
    tab.providers.microsoft.account = Account("no-address", None, None)
    problem = await tab.asked("microsoft")
    assert (problem["methods"], problem["email"]) == (["mail"], None)
    refused = assert_problem(await tab.mail(problem["challenge"]), 422, "validation_error")
    assert refused["errors"][0]["pointer"] == "/email"
    challenge = await tab.mailed(problem["challenge"], email="mine@example.com")
    session = tab.session(await tab.link(challenge, code=code_in(await tab.mailbox.letter("mine@example.com"))))
    assert (await session.me()).json()["email"] == "mine@example.com"
    (row,) = await Identity.all()
    assert row.email is None


async def test_the_second_factor_is_asked_for(tab: Tab, ada: Person, clock: Clock) -> None:
    """A provider is one factor; and one whose own second factor is believed is two."""
    await ada_linked(tab, ada)
    owner: Owner = await owner_of(ada, clock)
    problem = assert_problem(await tab.come(), 403, "second_factor_required")
    clock.advance(30)
    session = tab.session(await owner.second(problem["challenge"]))
    assert (session.claims["amr"], session.claims["acr"]) == (["fed", "otp"], "aal2")
    tab.providers.corp.claims["amr"] = ["mfa"]
    trusted = tab.session(await tab.come())
    assert trusted.claims["acr"] == "aal2"


async def test_apple(tab: Tab) -> None:
    """Its answer is a form, which comes to the service, and goes on to the front end in the fragment."""
    begun, back = await tab.away("apple")
    assert back.target == "http://localhost:8000/api/auth/providers/apple/callback"
    headers = {"Origin": "https://appleid.apple.com", "Sec-Fetch-Site": "cross-site"}
    answer = await tab.client.post(f"{PATH}/apple/callback", data={**back.fields, "more": "x"}, headers=headers)
    assert (answer.status_code, answer.text) == (303, "")
    page, _, fragment = answer.headers["location"].partition("#")
    assert page == "http://localhost:8000/login/callback/apple"
    assert dict(httpx.QueryParams(fragment)) == {
        "code": back.code, "state": back.state, "user": back.user,
    }  # fmt: skip
    assert "set-cookie" not in answer.headers
    session = tab.session(await tab.finish(begun, back))
    assert (await session.me()).json()["full_name"] == "Ada Lovelace"
    refused = await tab.client.post(f"{PATH}/apple/callback", data={"error": "user_cancelled", "state": "s"})
    assert refused.headers["location"].endswith("#state=s&error=user_cancelled")


async def test_only_apple_posts(tab: Tab) -> None:
    """Others come back with a redirect; the form is nothing of theirs, and nothing but a form is one."""
    assert_problem(await tab.client.post(f"{PATH}/corp/callback", data={"code": "x"}), 404, "not_found")
    assert_problem(await tab.client.post(f"{PATH}/nobody/callback", data={"code": "x"}), 404, "not_found")
    answer = await tab.client.post(f"{PATH}/apple/callback", json={"code": "x"})
    assert_problem(answer, 415, "unsupported_media_type")


@pytest.mark.parametrize("call", ["start", "finish"])
async def test_no_such_provider(tab: Tab, call: str) -> None:
    """404, whatever is sent."""
    body = {"code": "c", "state": "s", "flow": "f"} if call == "finish" else {}
    assert_problem(await tab.client.post(f"{PATH}/nobody/{call}", json=body), 404, "not_found")


async def test_a_disabled_account(tab: Tab, ada: Person) -> None:
    """It is told so to who may know."""
    await ada_linked(tab, ada)
    await User.filter(id=ada.id).update(is_active=False)
    assert_problem(await tab.come(), 400, "inactive_user")


async def test_the_log_in_is_over_after_ten_minutes(tab: Tab, clock: Clock) -> None:
    """So are the challenges to link."""
    tab.providers.corp.account = STRANGER
    begun, back = await tab.away()
    clock.advance(10 * MINUTE + 1)
    assert_problem(await tab.finish(begun, back), 400, "invalid_grant")
    problem = await tab.asked("microsoft")
    clock.advance(10 * MINUTE + 1)
    assert_problem(await tab.mail(problem["challenge"]), 400, "invalid_challenge")


async def test_counted(tab: Tab, ada: Person) -> None:
    """What a log-in began with; also where something else was shown beside, to link it."""

    def counted() -> float:
        labels = {"result": "succeeded", "method": "fed"}
        return metrics.REGISTRY.get_sample_value("latchkey_logins_total", labels) or 0

    before = counted()
    await ada_linked(tab, ada)
    assert (await tab.come()).status_code == 200
    assert counted() == before + 2


async def test_told_in_both_languages(tab: Tab, ada: Person, runtime: Runtime) -> None:
    """The record says which provider, and what came of it; letters are in the user's language."""
    await User.filter(id=ada.id).update(language="de")
    problem = await tab.asked()
    assert (await tab.link(problem["challenge"], password=PASSWORD)).status_code == 200
    said: list[tuple[Language, str]] = [("en", "opens this one"), ("de", "öffnet dieses")]
    for language, words in said:
        told = await explain(runtime, user_id=ada.id, language=language)
        assert any(words in entry.text and "corp" in entry.text for entry in told.entries)
    subjects = [letter.subject for letter in await tab.mailbox.letters(ada.email)]
    assert "Sie können sich jetzt mit corp anmelden" in subjects


async def test_a_device_is_trusted(tab: Tab, ada: Person, clock: Clock) -> None:
    """By who has shown two factors, be it at the provider; by nobody else."""
    await ada_linked(tab, ada)
    owner = await owner_of(ada, clock)
    clock.advance(1)
    begun, back = await tab.away()
    assert_problem(await tab.finish(begun, back, trust_device=True), 403, "second_factor_required")
    assert_problem(await owner.first(), 403, "second_factor_required")
    tab.providers.corp.claims["amr"] = ["mfa"]
    begun, back = await tab.away()
    tab.session(await tab.finish(begun, back, trust_device=True))
    assert (await owner.first()).status_code == 200


async def test_a_device_is_trusted_with_a_passkey_that_links(tab: Tab, ada: Person) -> None:
    """The same where something is shown to link it: a password alone trusts nothing."""
    holder = await holder_of(ada)
    problem = await tab.asked()
    assert_problem(
        await tab.link(problem["challenge"], password=PASSWORD, trust_device=True), 403, "second_factor_required"
    )
    await holder.first()
    problem = await tab.asked()
    options = (await tab.client.post(f"{PATH}/link/options", json={"challenge": problem["challenge"]})).json()
    shown = holder.device.show(options)
    tab.session(await tab.link(problem["challenge"], passkey=shown, trust_device=True))
    login = await tab.client.post("/api/auth/login", json={"email": ada.email, "password": PASSWORD})
    assert login.status_code == 200
