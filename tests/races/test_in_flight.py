"""Requests in flight: authenticated while their session was good, and not at their deed before it was ended.

Each is held behind its authentication, so that nothing is left to luck.
"""

from __future__ import annotations

import asyncio
import re
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest
from tortoise import connections

from models import User
from service.accounts import accounts
from service.core.clock import Clock
from service.core.sql.transactions import transaction
from service.credentials import passwords
from service.runtime import Runtime
from service.sessions import acting, endings
from service.sessions.callers import cut_off
from service.settings import Settings
from tests.http.support import operations
from tests.support.inflight import ADMIN_CALLS, CURES, OWN_CALLS, Cures, held, link_googles, state
from tests.support.letters import Mailbox
from tests.support.links import NEW_PASSWORD, log_in
from tests.support.people import PASSWORD, Person, Session, assert_problem
from tests.support.waiting import eventually

READS = {
    "GET /api/users/me", "GET /api/users/me/events", "GET /api/users", "GET /api/users/{user_id}",
    "GET /api/users/{user_id}/sessions", "GET /api/users/{user_id}/identities",
    "GET /api/users/{user_id}/explanation", "GET /api/sessions", "GET /api/admin/events", "GET /api/admin/statistics",
    "GET /api/auth/check",
}  # fmt: skip
NOTHING_CHANGES = {"POST /api/auth/test-token", "POST /api/auth/reauthenticate/options"}
BY_ITSELF = {"POST /api/auth/logout"}
"""Ending the very session that calls: that it is over is what was wanted."""


@dataclass
class Scene:
    """A person, their own session and a stolen one, a friend, and an administrator."""

    person: Person
    own: Session
    thief: Session
    friend: Person
    friends: Session
    root: Session

    @property
    def names(self) -> dict[str, object]:
        return {
            "password": PASSWORD, "self": self.person.id, "friend": self.friend.id, "other": self.own.sid,
        }  # fmt: skip


@pytest.fixture
async def scene(ada: Person, grace: Person, root: Person, mailbox: Mailbox, runtime: Runtime) -> Scene:
    await mailbox.letters()
    await link_googles(runtime, grace)
    return Scene(ada, await ada.log_in(), await ada.log_in(), grace, await grace.log_in(), await root.log_in())


async def test_a_turn_that_does_not_come(ada: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """R73: of one user's changes one runs at a time; who waits for too long does nothing, and may ask again."""
    session = await ada.log_in()
    turn = acting._turns.setdefault(("user", ada.id), asyncio.Lock())
    async with turn:
        with monkeypatch.context() as hurried:
            hurried.setattr(acting, "TURN_SECONDS", 0.05)
            answer = await session.call("PUT", "/users/me", json={"full_name": "Countess"})
        assert_problem(answer, 503, "unavailable")
    assert (await User.get(id=ada.id)).full_name != "Countess"
    assert (await session.call("PUT", "/users/me", json={"full_name": "Countess"})).status_code == 200


async def test_a_cut_off_by_a_clock_ahead(ada: Person, clock: Clock) -> None:
    """R30: what ends the others while the last cut-off is still to come ends those that came after it, too."""
    await User.filter(id=ada.id).update(sessions_valid_after=clock.now() + timedelta(minutes=1))
    kept, other = await ada.log_in(), await ada.log_in()
    assert (await kept.call("PUT", "/users/me", json={"password": NEW_PASSWORD})).status_code == 200
    assert (await kept.me()).status_code == 200
    assert_problem(await other.me(), 401, "invalid_token")
    assert (await User.get(id=ada.id)).sessions_valid_after > clock.now() + timedelta(seconds=50)  # type: ignore[operator]


@pytest.mark.real_only
@pytest.mark.parametrize("way", ["call", "log-in"])
async def test_an_end_that_is_about_to_be_committed(ada: Person, runtime: Runtime, way: str) -> None:
    """R30: whoever is under way, in this process or another one, waits for it, and does nothing after it."""
    session = await ada.log_in()
    new = await runtime.passwords.hash(NEW_PASSWORD)

    async def one_waits() -> bool:
        waiting = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        return len((await connections.get("default").execute_query(waiting))[1]) > 0

    async def under_way() -> httpx.Response:
        if way == "call":
            return await session.call("PUT", "/users/me", json={"full_name": "Mallory"})
        return await log_in(ada.client, ada.email, PASSWORD)

    async with transaction():
        user = await User.filter(id=ada.id).select_for_update().get()
        await endings.end_all(runtime, user)
        await passwords.put(runtime, user, new)
        answer = asyncio.create_task(under_way())
        await eventually(one_waits)
    found = await answer
    if found.status_code != 503:  # a busy machine's: it has waited for too long
        assert_problem(found, *((401, "invalid_token") if way == "call" else (400, "invalid_grant")))
    user = await User.get(id=ada.id)
    assert user.full_name != "Mallory"
    since = cut_off(user)
    assert [one for one in await runtime.sessions.list_living(ada.id) if one.valid_from >= since] == []


@pytest.mark.parametrize("cure", CURES)
async def test_a_thiefs_own_calls(
    cure: str, scene: Scene, runtime: Runtime, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R76: whatever a stolen session has under way when it is cured is refused, and has changed nothing."""
    cures = Cures(runtime, mailbox, scene.person, scene.thief, scene.own, scene.root)
    await cures.prepare(cure)
    async with held(monkeypatch, scene.thief, [*OWN_CALLS.values()], **scene.names) as calls:
        await cures.do(cure)
        before = await state(runtime, scene.person.id)
    hold_refused(dict(zip(OWN_CALLS, await calls, strict=True)), 401, "invalid_token")
    assert await state(runtime, scene.person.id) == before


@pytest.mark.parametrize("cure", CURES)
async def test_a_superusers_calls(
    cure: str, scene: Scene, runtime: Runtime, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R76: a superuser who is cured, demoted or disabled meanwhile does nothing more, to himself least of all."""
    await User.filter(id=scene.person.id).update(is_superuser=True)
    cures = Cures(runtime, mailbox, scene.person, scene.thief, scene.own, scene.root)
    await cures.prepare(cure)
    async with held(monkeypatch, scene.thief, [*ADMIN_CALLS.values()], **scene.names) as calls:
        await cures.do(cure)
        before = await state(runtime, scene.person.id, scene.friend.id)
    hold_refused(dict(zip(ADMIN_CALLS, await calls, strict=True)), 401, "invalid_token")
    assert await state(runtime, scene.person.id, scene.friend.id) == before


async def test_a_role_taken_away_by_hand(scene: Scene, runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """R76: where only the role is gone (a statement in the database), the session lives and the deed is forbidden."""
    await User.filter(id=scene.person.id).update(is_superuser=True)
    async with held(monkeypatch, scene.thief, [*ADMIN_CALLS.values()], **scene.names) as calls:
        await User.filter(id=scene.person.id).update(is_superuser=False)
        before = await state(runtime, scene.person.id, scene.friend.id)
    hold_refused(dict(zip(ADMIN_CALLS, await calls, strict=True)), 403, "forbidden")
    assert await state(runtime, scene.person.id, scene.friend.id) == before


@pytest.mark.parametrize("deed", [*OWN_CALLS, *ADMIN_CALLS])
async def test_the_same_call_of_a_living_session(deed: str, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """A call that is held up while its session is kept goes through: its `valid_from` moves behind the call's back."""
    await User.filter(id=scene.person.id).update(is_superuser=True)
    call = {**OWN_CALLS, **ADMIN_CALLS}[deed]
    other = await scene.person.log_in() if deed == "one session" else scene.own
    if deed == "a device's name":  # the others are gone
        other = scene.thief
    async with held(monkeypatch, scene.thief, [call], **{**scene.names, "other": other.sid}) as calls:
        if deed != "one session":
            assert (await scene.thief.call("DELETE", "/sessions")).status_code == 204
    (answer,) = await calls
    assert answer.status_code in (200, 202, 204), answer.text


def hold_refused(answers: dict[str, httpx.Response], status: int, code: str) -> None:
    found = {deed: (answer.status_code, answer.json()["code"]) for deed, answer in answers.items() if answer.content}
    assert found == dict.fromkeys(answers, (status, code))


async def test_every_call_that_changes_something_is_looked_at() -> None:
    """R76: a new call belongs in the tables above, or in the short lists of those that only read."""
    secured = {call.name for call in operations() if call.secured and (not call.optional or call.name in BY_ITSELF)}
    shown = {
        "PUT /api/users/me", "PATCH /api/users/me", "POST /api/users/me/email", "DELETE /api/users/me",
        "GET /api/users/me/export", "DELETE /api/sessions", "DELETE /api/sessions/{session_id}",
        "PATCH /api/sessions/{session_id}",
        "POST /api/auth/logout-all", "POST /api/auth/reauthenticate", "POST /api/users", "PUT /api/users/{user_id}",
        "PATCH /api/users/{user_id}", "DELETE /api/users/{user_id}", "DELETE /api/users/{user_id}/sessions",
        "DELETE /api/users/{user_id}/identities/{identity_id}", "POST /api/users/{user_id}/letter",
        "GET /api/users.csv", "GET /api/admin/events.csv",
    }  # fmt: skip
    factors = {name for name in secured if re.search(r"/factors|/recovery-codes|/trusted-devices", name)}
    providers = {name for name in secured if "/identities" in name}
    elsewhere = factors | providers  # tests/factors/test_in_flight.py, tests/providers/test_in_flight.py
    assert secured == shown | READS | NOTHING_CHANGES | BY_ITSELF | elsewhere


async def test_no_deadlock(scene: Scene, root: Person) -> None:
    """Superusers who change each other and themselves, all at once: every call is answered, none 500 or 503."""
    everyone = [scene.person, root]
    await User.filter(id__in=[person.id for person in everyone]).update(is_superuser=True)
    sessions = [await person.log_in() for person in everyone]
    for _ in range(20):
        calls = [
            call
            for session in sessions
            for target in everyone
            for call in (
                session.call("PATCH", f"/users/{target.id}", json={"full_name": "X"}),
                session.call("PUT", "/users/me", json={"full_name": "Y"}),
            )
        ]
        answers = await asyncio.gather(*calls)
        assert {answer.status_code for answer in answers} == {200}


@pytest.mark.embedded_only
async def test_sqlite_holds_it_against_other_processes(
    ada: Person, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R76: an operator's command on the same file waits, or is waited for: what a change has read stays true."""
    session, reached, go_on = await ada.log_in(), asyncio.Event(), asyncio.Event()
    ask = accounts.ask

    async def slow(*args: Any, **kwargs: Any) -> None:
        reached.set()
        await go_on.wait()
        await ask(*args, **kwargs)

    monkeypatch.setattr(accounts, "ask", slow)
    call = asyncio.ensure_future(session.call("POST", "/users/me/email", json={"email": "ada@example.org"}))
    await reached.wait()
    with closing(sqlite3.connect(settings.DATABASE_URL.removeprefix("sqlite://"), timeout=0)) as other:
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("UPDATE users SET is_active = 0")
        go_on.set()
        assert (await call).status_code == 202
        other.execute("UPDATE users SET is_active = 0")
        other.rollback()
