"""The integration guide's React client works against this service unchanged; nobody is logged out by chance."""

from __future__ import annotations

import httpx
import pytest

from service.core.clock import Clock
from service.errors.end_reasons import EndReason
from service.runtime import Runtime
from tests.guide.browser import Rejected, Tab, Wire, burst
from tests.support.people import PASSWORD, Person

EXPIRED = 15 * 60 + 1
ROUNDS = 20


async def logged_in(wire: Wire, person: Person) -> Tab:
    tab = Tab(wire)
    await tab.login(person.email, PASSWORD)
    return tab


async def living_sessions(runtime: Runtime, person: Person) -> int:
    return len(await runtime.sessions.list_living(person.id))


async def test_the_whole_story(client: httpx.AsyncClient, clock: Clock) -> None:
    """Register, log in, see yourself, change your name, come back after the access token has expired."""
    tab = Tab(Wire(client))
    user = await tab.register("ada@example.com", PASSWORD, "Ada Lovelace")
    tokens = await tab.login("ada@example.com", PASSWORD)
    assert {"access_token", "refresh_token", "token_type"} <= tokens.keys()
    assert await tab.get_current_user() == user
    assert {"id", "email", "full_name", "is_active", "created_at", "updated_at"} <= user.keys()
    assert (await tab.update_me(full_name="Ada King"))["full_name"] == "Ada King"
    assert (await tab.get_user_by_id(user["id"]))["full_name"] == "Ada King"
    clock.advance(EXPIRED)
    assert (await tab.get_current_user())["full_name"] == "Ada King"
    assert tab.wire.sent == [
        ("POST", "/auth/register", 200),
        ("POST", "/auth/login", 200),
        ("GET", "/users/me", 200),
        ("PUT", "/users/me", 200),
        ("GET", f"/users/{user['id']}", 200),
        ("GET", "/users/me", 401),
        ("POST", "/auth/refresh", 200),
        ("GET", "/users/me", 200),
    ]


async def test_a_new_password_right_after_logging_in(client: httpx.AsyncClient, ada: Person) -> None:
    """`updateMe({password})` works as the guide writes it, and the tab stays logged in."""
    tab = await logged_in(Wire(client), ada)
    await tab.update_me(password="another horse battery")
    await tab.get_current_user()
    await Tab(Wire(client)).login(ada.email, "another horse battery")


async def test_errors_that_the_user_sees(client: httpx.AsyncClient, ada: Person) -> None:
    """`detail` is a text to show; a wrong password starts no refresh and sends nobody to the log-in page."""
    tab = Tab(Wire(client))
    with pytest.raises(Rejected) as wrong:
        await tab.login(ada.email, "not the password")
    assert wrong.value.shown == "Incorrect email or password"
    with pytest.raises(Rejected) as taken:
        await tab.register(ada.email, PASSWORD, "Ada")
    assert taken.value.shown == "A user with this email already exists."
    assert [path for _, path, _ in tab.wire.sent] == ["/auth/login", "/auth/register"]
    assert tab.location == "/"


async def test_eight_calls_on_one_dead_access_token(
    client: httpx.AsyncClient, ada: Person, clock: Clock, runtime: Runtime
) -> None:
    """Each of the eight refreshes by itself; all succeed, twenty times over, and it is one session throughout."""
    tab = await logged_in(Wire(client), ada)
    for _ in range(ROUNDS):
        clock.advance(EXPIRED)
        await burst(*[tab.get_current_user] * 8)
    statuses = [status for _, path, status in tab.wire.sent if path == "/auth/refresh"]
    assert len(statuses) >= ROUNDS
    assert set(statuses) == {200}
    assert (tab.is_authenticated, tab.location) == (True, "/")
    assert await living_sessions(runtime, ada) == 1


async def test_two_tabs_on_one_storage(client: httpx.AsyncClient, ada: Person, clock: Clock, runtime: Runtime) -> None:
    """Tabs of one browser share localStorage: whoever stores last, both go on."""
    first = await logged_in(Wire(client), ada)
    second = Tab(Wire(client), storage=first.storage)
    for _ in range(ROUNDS):
        clock.advance(EXPIRED)
        await burst(*[first.get_current_user] * 3, *[second.get_current_user] * 3)
    await first.get_current_user()
    await second.get_current_user()
    assert (first.location, second.location) == ("/", "/")
    assert await living_sessions(runtime, ada) == 1


async def test_two_tabs_with_copies(client: httpx.AsyncClient, ada: Person, clock: Clock, runtime: Runtime) -> None:
    """Two that each keep a copy and come back together get the identical successor, so they stay together."""
    first = await logged_in(Wire(client), ada)
    second = Tab(Wire(client), storage=dict(first.storage))
    for _ in range(ROUNDS):
        clock.advance(EXPIRED)
        await burst(first.get_current_user, second.get_current_user)
        assert first.storage["refresh_token"] == second.storage["refresh_token"]
    assert (first.location, second.location) == ("/", "/")
    assert await living_sessions(runtime, ada) == 1


async def test_a_copy_that_comes_late_is_a_thief(client: httpx.AsyncClient, ada: Person, clock: Clock) -> None:
    """R27: the price of noticing theft: a copy that was left behind for longer than the grace ends the session."""
    first = await logged_in(Wire(client), ada)
    second = Tab(Wire(client), storage=dict(first.storage))
    clock.advance(EXPIRED)
    await first.get_current_user()
    clock.advance(60)
    with pytest.raises(Rejected) as late:
        await second.get_current_user()
    assert late.value.response is not None
    assert late.value.response.json()["reason"] == "reused"
    assert second.location == "/login"
    with pytest.raises(Rejected):
        await first.get_current_user()


async def test_the_end_of_a_session(client: httpx.AsyncClient, ada: Person, runtime: Runtime) -> None:
    """An operator ends it: the next call fails, tries one refresh, forgets the tokens and goes to the log-in page."""
    tab = await logged_in(Wire(client), ada)
    await runtime.sessions.end_all(ada.id, EndReason.REVOKED)
    with pytest.raises(Rejected):
        await tab.get_current_user()
    assert tab.wire.sent[1:] == [("GET", "/users/me", 401), ("POST", "/auth/refresh", 400)]
    assert (tab.storage, tab.location) == ({}, "/login")
    await tab.login(ada.email, PASSWORD)
    await tab.get_current_user()


async def test_logging_out_in_the_client_alone(client: httpx.AsyncClient, ada: Person, runtime: Runtime) -> None:
    """The guide's `logout()` only forgets; `POST /auth/logout` before it ends the session as well."""
    tab = await logged_in(Wire(client), ada)
    kept = dict(tab.storage)
    tab.logout()
    assert not tab.is_authenticated
    await Tab(Wire(client), storage=kept).get_current_user()
    assert await living_sessions(runtime, ada) == 1

    told = await logged_in(Wire(client), ada)
    kept = dict(told.storage)
    assert (await told.api("POST", "/auth/logout")).status_code == 204
    told.logout()
    assert await living_sessions(runtime, ada) == 1
    with pytest.raises(Rejected):
        await Tab(Wire(client), storage=kept).get_current_user()


async def test_a_straggler_of_the_same_burst(client: httpx.AsyncClient, ada: Person) -> None:
    """One call's refresh is stored before another's 401 arrives, which refreshes again; a third one's was overtaken."""
    tab = await logged_in(Wire(client), ada)
    old = dict(tab.storage)
    overtaken = Tab(tab.wire, storage=dict(old))
    await tab._refresh()
    await tab._refresh()
    await overtaken._refresh()
    await tab.get_current_user()


async def test_bursts_over_a_network(client: httpx.AsyncClient, ada: Person, clock: Clock, runtime: Runtime) -> None:
    """Through a browser's six connections, with answers that overtake each other, the eight still stay logged in."""
    tab = await logged_in(Wire.slow(client, jitter=0.03, seed=1), ada)
    for _ in range(ROUNDS):
        clock.advance(EXPIRED)
        await burst(*[tab.get_current_user] * 8)
    assert (tab.is_authenticated, tab.location) == (True, "/")
    assert await living_sessions(runtime, ada) == 1
