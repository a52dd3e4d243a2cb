"""What an attacker can do with log-ins by other providers: nothing."""

from __future__ import annotations

import httpx
import pytest

from models import Credential, Identity, User
from service.core.clock import Clock
from service.runtime import Runtime
from tests.auth.test_throttle import LIMITS
from tests.factors.support import owner_of
from tests.http.support import another
from tests.mail_login.support import code_in
from tests.providers.support import PATH, Begun, Tab, linked, recorded
from tests.signin.support import delete_keys
from tests.support.links import undo_token
from tests.support.people import PASSWORD, Person, assert_problem, register
from tests.support.providers import Account

MALLORY = Account(subject="666", email="mallory@example.com", name="Mallory")


async def nobody_is_in(tab: Tab) -> None:
    """Hold that there is no session, and nothing linked."""
    assert not await Identity.exists()
    for user in await User.all():
        assert await tab.runtime.sessions.list_living(user.id) == []


async def test_logged_in_by_somebody_else(tab: Tab) -> None:
    """Log-in CSRF (RFC 6749 section 10.12): Mallory's answer in Ada's browser, which has no flow or one of its own.

    It is refused, and spent: Mallory doesn't get in with it either.
    """
    tab.providers.corp.account = MALLORY
    begun, back = await tab.away()
    hers = await tab.begun()
    assert_problem(await tab.finish(hers, back), 400, "invalid_grant")
    assert_problem(await tab.finish(begun, back), 400, "invalid_grant")
    begun, back = await tab.away()
    missing = {"code": back.code, "state": back.state}
    assert_problem(await tab.client.post(f"{PATH}/corp/finish", json=missing), 422, "validation_error")
    await nobody_is_in(tab)


async def test_the_answer_of_another_provider(tab: Tab) -> None:
    """Mix-up (RFC 9207): what Google has answered, at Corp's page; and Corp's own, naming somebody else."""
    begun, back = await tab.away("google")
    assert_problem(await tab.finish(Begun("corp", begun.url, begun.flow), back), 400, "invalid_grant")
    assert_problem(await tab.finish(begun, back), 400, "invalid_grant")  # spent with that
    begun, back = await tab.away()
    back.fields["iss"] = tab.providers.google.issuer
    assert_problem(await tab.finish(begun, back), 400, "invalid_grant")
    assert tab.providers.corp.asked("/token") == []  # its code went nowhere
    begun, back = await tab.away()
    del back.fields["iss"]
    assert_problem(await tab.finish(begun, back), 400, "invalid_grant")
    await nobody_is_in(tab)


async def test_a_code_of_somebody_else(tab: Tab) -> None:
    """Code injection (RFC 9700 section 4.5): Ada's stolen code in Mallory's flow is no good, for the verifier isn't."""
    _, stolen = await tab.away()
    tab.providers.corp.account = MALLORY
    begun, back = await tab.away()
    back.fields["code"] = stolen.code
    assert_problem(await tab.finish(begun, back), 400, "invalid_grant")
    assert (await recorded())[-1] == ("provider.refused", {"provider": "corp", "why": "answer"})
    await nobody_is_in(tab)


async def test_a_state_again(tab: Tab) -> None:
    """It is good once, with the same code and with another."""
    tab.providers.corp.account = MALLORY
    begun, back = await tab.away()
    session = tab.session(await tab.finish(begun, back))
    assert_problem(await tab.finish(begun, back), 400, "invalid_grant")
    again = await tab.providers.corp.visit(begun.url)
    assert_problem(await tab.finish(begun, again), 400, "invalid_grant")
    assert len(await tab.runtime.sessions.list_living(session.claims["sub"])) == 1


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example", "/\\evil.example", "\\\\evil.example", "https://evil.example", "/a\\b", "/a\nb", "/\t/evil",
        "javascript:alert(1)", "evil", "", "/" + "a" * 2000, "/\x7f", "/\x85", " /x",
    ],
)  # fmt: skip
async def test_nobody_is_sent_away(tab: Tab, path: str) -> None:
    """Open redirect: only a path of the front end is taken, and refused before anything is begun."""
    assert_problem(await tab.start(return_to=path), 422, "validation_error")
    assert tab.providers.corp.calls == []


@pytest.mark.parametrize("path", ["/", "/a", "/a//b", "/a?b=c&d=//e#f", "/ümlaut", "/" + "a" * 1999])
async def test_paths_that_are_ours(tab: Tab, path: str) -> None:
    """These stay here, wherever a browser reads them."""
    assert (await tab.start(return_to=path)).status_code == 200


async def test_a_link_begun_in_one_session_and_finished_in_another(tab: Tab, ada: Person, grace: Person) -> None:
    """Mallory begins to link her account at Corp, and has Ada's browser finish it: 401, and it is spent."""
    tab.providers.corp.account = MALLORY
    mallory, hers = await grace.log_in(), await ada.log_in()
    begun, back = await tab.away("corp", mallory, intent="link")
    assert_problem(await tab.finish(begun, back, hers), 401, "invalid_token")
    assert_problem(await tab.finish(begun, back, mallory), 400, "invalid_grant")
    begun, back = await tab.away("corp", hers, intent="link")
    assert_problem(await tab.finish(begun, back, await ada.log_in()), 401, "invalid_token")  # her other one
    await nothing_linked(ada, grace)


async def nothing_linked(*people: Person) -> None:
    for person in people:
        assert await linked(person.id) == []


@pytest.mark.parametrize("end", ["log out", "flush"])
async def test_a_link_after_the_session_has_ended(tab: Tab, ada: Person, end: str) -> None:
    """401, and nothing is linked: nor by a log-in with what was begun as something else."""
    session = await ada.log_in()
    begun, back = await tab.away("corp", session, intent="link")
    if end == "flush":
        await delete_keys(tab.runtime, f"user:{{{ada.id}}}:*")
    else:
        assert (await session.call("POST", "/auth/logout")).status_code == 204
    assert_problem(await tab.finish(begun, back, session), 401, "invalid_token")
    assert_problem(await tab.finish(begun, back), 401, "not_authenticated")
    await nothing_linked(ada)


async def test_a_log_in_is_no_link(tab: Tab, ada: Person) -> None:
    """What was begun as a log-in lets in, whoever's token comes along: nothing is linked to that one."""
    tab.providers.corp.account = MALLORY
    session = await ada.log_in()
    begun, back = await tab.away()
    found = tab.session(await tab.finish(begun, back, session))
    assert found.claims["sub"] != str(ada.id)
    await nothing_linked(ada)


async def test_an_address_that_nobody_vouches_for(tab: Tab) -> None:
    """nOAuth: a tenant of the attacker's own, with the victim's address: a code is asked for, no link, no hint."""
    victim = await register(tab.client, "victim@example.com")
    tab.providers.microsoft.account = Account("666", victim.email, None)
    seen = [await tab.asked("microsoft")]
    tab.providers.microsoft.account = Account("667", "nobody@example.com", None)
    seen.append(await tab.asked("microsoft"))
    assert seen[0]["methods"] == seen[1]["methods"] == ["mail"]
    assert {name for problem in seen for name in problem} == set(seen[0]) == set(seen[1])
    assert_problem(await tab.link(seen[0]["challenge"], password=PASSWORD), 400, "invalid_challenge")
    options = await tab.client.post(f"{PATH}/link/options", json={"challenge": seen[0]["challenge"]})
    assert_problem(options, 400, "invalid_challenge")
    assert await linked(victim.id) == []
    assert await recorded(victim.id) == []


async def test_an_account_that_was_prepared(tab: Tab) -> None:
    """Pre-hijacking: Mallory registers Ada's address and waits; Ada comes by Corp, which vouches for her: the password
    and Mallory's session are dead at once, and the letter says so.
    """
    prepared = await register(tab.client, "ada@example.com", "Click http://evil.example")
    mallory = await prepared.log_in()
    session = tab.session(await tab.come())
    assert session.claims["sub"] == str(prepared.id)
    assert_problem(await mallory.me(), 401, "invalid_token")
    assert_problem(await mallory.refresh(), 400, "invalid_grant")
    login = await tab.client.post("/api/auth/login", data={"username": prepared.email, "password": PASSWORD})
    assert_problem(login, 400, "invalid_grant")
    me = (await session.me()).json()
    assert (me["email_verified"], me["full_name"]) == (True, None)
    assert await linked(prepared.id) == ["corp"]
    (letter,) = [one for one in await tab.mailbox.letters(prepared.email) if "yours now" in one.subject]
    assert "its password, and every other session" in letter.text


async def test_a_prepared_account_and_a_code(tab: Tab) -> None:
    """The same where nobody vouches: the mailbox is shown, and the account is its owner's alone."""
    prepared = await register(tab.client, "ada@contoso.com")
    mallory = await prepared.log_in()
    challenge = await tab.mailed((await tab.asked("microsoft"))["challenge"])
    code = code_in(next(one for one in await tab.mailbox.letters(prepared.email) if "code" in one.subject))
    session = tab.session(await tab.link(challenge, code=code))
    assert session.claims["sub"] == str(prepared.id)
    assert_problem(await mallory.me(), 401, "invalid_token")
    assert not await Credential.exists(user_id=prepared.id)
    assert await linked(prepared.id) == ["microsoft"]


async def test_what_was_linked_before_the_claim(tab: Tab, ada: Person, root: Person) -> None:
    """An account gets another address from an administrator: who has that mailbox gets it without old identities."""
    tab.providers.corp.account = Account("old", "whoever@else.example")
    session = await ada.log_in()
    assert (await tab.come("corp", session, intent="link")).status_code == 204
    admin = await root.log_in()
    moved = await admin.call("PATCH", f"/users/{ada.id}", json={"email": "owner@gmail.com"})
    assert moved.status_code == 200, moved.text
    tab.providers.google.account = Account("new", "owner@gmail.com")
    owner = tab.session(await tab.come("google"))
    assert owner.claims["sub"] == str(ada.id)
    assert await linked(ada.id) == ["google"]
    assert_problem(await session.me(), 401, "invalid_token")


async def test_a_second_factor_outlives_the_claim(tab: Tab, ada: Person, root: Person, clock: Clock) -> None:
    """An administrator mistypes Ada's address: whoever has that mailbox has not her second factor, whatever theirs is
    at Corp, and nothing of theirs opens the account before it is shown.
    """
    await owner_of(ada, clock)
    admin = await root.log_in()
    moved = await admin.call("PATCH", f"/users/{ada.id}", json={"email": "other@example.com"})
    assert moved.status_code == 200, moved.text
    tab.providers.corp.account = Account("666", "other@example.com")
    tab.providers.corp.claims["amr"] = ["mfa"]
    assert_problem(await tab.come(), 403, "second_factor_required")
    assert await linked(ada.id) == []


async def test_the_second_factor_of_the_provider_is_not_that_of_the_account(
    tab: Tab, ada: Person, clock: Clock
) -> None:
    """Who has the mailbox and an account of their own at Corp with a second factor has not shown Ada's."""
    await owner_of(ada, clock)
    await tab.mailbox.letters()
    tab.providers.corp.claims["amr"] = ["mfa"]
    challenge = await tab.mailed((await tab.asked())["challenge"])
    answer = await tab.link(challenge, code=code_in(await tab.mailbox.letter(ada.email)))
    assert_problem(answer, 403, "second_factor_required")
    assert await linked(ada.id) == []


async def test_a_thief_of_the_account(tab: Tab, ada: Person) -> None:
    """A thief moves the account to another address and links their own: taking it back takes that along, and the
    letter to the old address says what opens it.
    """
    kept = await ada.log_in()
    tab.providers.google.account = Account("mine", "ada@gmail.com")
    assert (await tab.come("google", kept, intent="link")).status_code == 204
    tab.runtime.clock.advance(1)
    token = await undo_token(ada, tab.mailbox)
    tab.runtime.clock.advance(1)
    tab.providers.corp.account = MALLORY
    assert (
        await tab.come("corp", await Person(tab.client, ada.id, "ada@example.org").log_in(), intent="link")
    ).status_code == 204
    assert await linked(ada.id) == ["google", "corp"]
    assert (await tab.client.post("/api/auth/email/undo", json={"token": token})).status_code == 204
    assert await linked(ada.id) == ["google"]
    assert_problem(await kept.me(), 401, "invalid_token")


async def test_the_letter_of_a_change_lists_what_opens_the_account(tab: Tab, ada: Person) -> None:
    """So that its owner sees what a thief might have left."""
    session = await ada.log_in()
    for provider in ("github", "corp"):
        assert (await tab.come(provider, session, intent="link")).status_code == 204
    assert (await session.call("POST", "/users/me/email", json={"email": "ada@example.org"})).status_code == 202
    token = (await tab.mailbox.letter("ada@example.org")).token
    assert (await tab.client.post("/api/auth/email/confirm", json={"token": token})).status_code == 204
    (letter,) = [one for one in await tab.mailbox.letters(ada.email) if "address" in one.subject]
    assert "GitHub, corp" in letter.text


async def test_by_a_page_of_another_site(tab: Tab, runtime: Runtime) -> None:
    """In cookie mode from an origin that isn't ours: 403 before there is a session, and the state stays good."""
    tab.providers.corp.account = MALLORY
    begun, back = await tab.away()
    evil = {"X-Session-Transport": "cookie", "Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    assert_problem(await tab.finish(begun, back, headers=evil), 403, "forbidden")
    assert (await tab.finish(begun, back)).status_code == 200


async def test_starts_are_counted(tab: Tab, runtime: Runtime) -> None:
    """R12: of one network so many begin in a quarter of an hour."""
    async with (
        another(runtime, LOGIN_ATTEMPTS_PER_ADDRESS=3) as url,
        httpx.AsyncClient(base_url=url, timeout=30) as client,
    ):
        answers = [(await client.post(f"{PATH}/corp/start", json={})).status_code for _ in range(5)]
    assert answers == [200, 200, 200, 429, 429]


async def test_guesses_at_a_password_cost_what_they_cost_at_the_log_in(tab: Tab, ada: Person, runtime: Runtime) -> None:
    """R12: challenges are free, and the account's budget pays: log-in page and challenges together."""
    async with another(runtime, **LIMITS) as url, httpx.AsyncClient(base_url=url, timeout=30) as client:
        limited = Tab(client, tab.providers, tab.mailbox)
        challenges = [(await limited.asked())["challenge"] for _ in range(3)]
        for number in range(5):
            answer = await limited.link(challenges[number % 2], password=f"wrong {number}")
            assert_problem(answer, 400, "invalid_grant")
        assert_problem(await limited.link(challenges[2], password=PASSWORD), 429, "rate_limited")
        login = await client.post("/api/auth/login", data={"username": ada.email, "password": PASSWORD})
        assert_problem(login, 429, "rate_limited")
    assert await linked(ada.id) == []


async def test_five_wrong_ones_end_it(tab: Tab, ada: Person) -> None:
    """The challenge is over, with the right password, too."""
    challenge = (await tab.asked())["challenge"]
    for number in range(5):
        assert_problem(await tab.link(challenge, password=f"wrong {number}"), 400, "invalid_grant")
    assert_problem(await tab.link(challenge, password=PASSWORD), 400, "invalid_challenge")
