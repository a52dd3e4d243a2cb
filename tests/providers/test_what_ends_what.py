"""What ends a challenge to link, and what an identity outlives."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from models import User
from service.core.clock import Clock
from tests.factors.support import owner_of
from tests.providers.support import Tab, linked
from tests.signin.support import delete_keys
from tests.support.links import NEW_PASSWORD, reset, reset_token
from tests.support.people import PASSWORD, Person, assert_problem

End = Callable[[Tab, Person], Awaitable[None]]


async def _flush(tab: Tab, ada: Person) -> None:
    await delete_keys(tab.runtime, f"user:{{{ada.id}}}:*")


async def _log_out_everywhere(tab: Tab, ada: Person) -> None:
    session = await ada.log_in()
    assert (await session.call("POST", "/auth/logout-all")).status_code == 204


async def _reset(tab: Tab, ada: Person) -> None:
    assert (await reset(tab.client, await reset_token(ada, tab.mailbox))).status_code == 204


async def _second_factor(tab: Tab, ada: Person) -> None:
    await owner_of(ada, tab.runtime.clock)


async def _moved(tab: Tab, ada: Person) -> None:
    await User.filter(id=ada.id).update(email="ada@example.org", email_canonical="ada@example.org")


async def _unlinked(tab: Tab, ada: Person) -> None:
    session = await ada.log_in()
    assert (await tab.come("github", session, intent="link")).status_code == 204
    (shown,) = (await session.call("GET", "/users/me/identities")).json()
    assert (await session.call("DELETE", f"/users/me/identities/{shown['id']}")).status_code == 204


async def _deleted(tab: Tab, ada: Person) -> None:
    await User.filter(id=ada.id).delete()


ENDS: dict[str, End] = {
    "flush": _flush, "log out everywhere": _log_out_everywhere, "password reset": _reset,
    "second factor added": _second_factor, "address changed": _moved, "identity taken away": _unlinked,
    "account deleted": _deleted,
}  # fmt: skip


@pytest.mark.parametrize("end", ENDS)
async def test_a_challenge_ends(tab: Tab, ada: Person, end: str) -> None:
    """By password and by code, and nothing is linked."""
    by_password = (await tab.asked())["challenge"]
    by_code = await tab.mailed(by_password)
    await ENDS[end](tab, ada)
    password = NEW_PASSWORD if end == "password reset" else PASSWORD
    assert_problem(await tab.link(by_password, password=password), 400, "invalid_challenge")
    assert_problem(await tab.link(by_code, code="000000"), 400, "invalid_challenge")
    assert_problem(await tab.mail(by_password), 400, "invalid_challenge")
    assert await linked(ada.id) == []


@pytest.mark.parametrize("end", ["flush", "log out everywhere", "password reset", "second factor added"])
async def test_an_identity_stays(tab: Tab, ada: Person, end: str) -> None:
    """It opens the account as before: it is a way in of its owner's."""
    session = await ada.log_in()
    assert (await tab.come("corp", session, intent="link")).status_code == 204
    await ENDS[end](tab, ada)
    assert await linked(ada.id) == ["corp"]
    assert (await tab.come()).status_code == (403 if end == "second factor added" else 200)


async def test_a_session_from_before_the_cut_off(tab: Tab, ada: Person, clock: Clock) -> None:
    """The user's cut-off ends sessions that came by a provider as it ends all others."""
    session = await ada.log_in()
    assert (await tab.come("corp", session, intent="link")).status_code == 204
    fed = tab.session(await tab.come())
    clock.advance(1)
    await User.filter(id=ada.id).update(sessions_valid_after=clock.now())
    assert_problem(await fed.refresh(), 400, "invalid_grant")
