"""A store that fails while something is being changed: 503, and nothing has happened."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from models import User
from service.errors import Unavailable
from service.letters import notices
from service.runtime import Runtime
from service.sessions import endings
from tests.http.support import another
from tests.support.inflight import ADMIN_CALLS, OWN_CALLS, link_googles, make, state
from tests.support.letters import Mailbox
from tests.support.links import reset, reset_token
from tests.support.passwords import stored
from tests.support.people import PASSWORD, Person, Session, assert_problem


@pytest.fixture
async def session(ada: Person, grace: Person, root: Person, runtime: Runtime) -> Session:
    """A superuser's; there is another one."""
    await link_googles(runtime, grace)
    await User.filter(id=ada.id).update(is_superuser=True)
    return await ada.log_in()


def fails(what: str) -> Any:
    async def failing(*_: object, **__: object) -> None:
        raise Unavailable(what)

    return failing


@pytest.mark.parametrize("deed", [*OWN_CALLS, *ADMIN_CALLS])
async def test_redis_fails_under_the_lock(
    deed: str, session: Session, ada: Person, grace: Person, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R73, R76: a session that can't be looked at changes nothing, and the same call passes when Redis is back."""
    other = await ada.log_in()
    names = {"password": PASSWORD, "self": ada.id, "friend": grace.id, "other": other.sid}
    call = {**OWN_CALLS, **ADMIN_CALLS}[deed]
    before = await state(runtime, ada.id, grace.id)
    with monkeypatch.context() as broken:
        broken.setattr(runtime.sessions.permits, "standing", fails("redis"))
        answer = await make(session, call, **names)
    assert_problem(answer, 503, "unavailable")
    assert await state(runtime, ada.id, grace.id) == before
    answer = await make(session, call, **names)
    assert answer.is_success, answer.text


WITHOUT_A_RECORD = {"name", "a device's name", "export", "somebody's letter"}
BEST_EFFORT = {"one session", "reauthentication"}


@pytest.mark.parametrize("deed", [*OWN_CALLS, *ADMIN_CALLS])
async def test_the_record_fails(
    deed: str, session: Session, ada: Person, grace: Person, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R69: a change whose event can't be written doesn't happen; what is over in Redis is, whatever the record says."""
    other = await ada.log_in()
    names = {"password": PASSWORD, "self": ada.id, "friend": grace.id, "other": other.sid}
    call = {**OWN_CALLS, **ADMIN_CALLS}[deed]
    before = await state(runtime, ada.id, grace.id)
    with monkeypatch.context() as broken:
        broken.setattr("service.audit.events.insert", fails("database"))
        answer = await make(session, call, **names)
    if deed in WITHOUT_A_RECORD | BEST_EFFORT:
        assert answer.is_success, answer.text
        return
    assert_problem(answer, 503, "unavailable")
    assert await state(runtime, ada.id, grace.id) == before
    answer = await make(session, call, **names)
    assert answer.is_success, answer.text


async def test_redis_fails_after_the_first_write(
    session: Session, ada: Person, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R64: the cut-off can't be made: the password that was written a moment ago is undone with it."""
    other = await ada.log_in()
    before = await state(runtime, ada.id)
    for method in ("now", "keep"):
        with monkeypatch.context() as broken:
            broken.setattr(runtime.sessions, method, fails("redis"))
            assert_problem(await make(session, OWN_CALLS["both"]), 503, "unavailable")
        assert await state(runtime, ada.id) == before
    for still in (session, other, await ada.log_in()):
        assert (await still.me()).status_code == 200


async def test_the_database_fails_after_the_session_was_kept(
    session: Session, ada: Person, root: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R76: a session whose `valid_from` was moved for a change that was undone is ended by the next cure."""
    roots = await root.log_in()
    with monkeypatch.context() as broken:
        broken.setattr(notices, "password_changed", fails("database"))
        assert_problem(await make(session, OWN_CALLS["password"]), 503, "unavailable")
    assert (await session.me()).status_code == 200
    with monkeypatch.context() as broken:  # and nothing but the cut-off does it
        broken.setattr(endings, "delete_sessions", fails("redis"))
        await roots.call("DELETE", f"/users/{ada.id}/sessions")
    assert_problem(await session.me(), 401, "invalid_token")


async def test_a_cure_within_the_same_millisecond(
    ada: Person, root: Person, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R76: the cut-off alone ends a session that was kept by one in this very millisecond, or by a clock ahead."""
    thief, roots = await ada.log_in(), await root.log_in()
    frozen = await runtime.sessions.now(ada.id)

    async def now(*_: object) -> int:
        return frozen

    async def nothing(*_: object, **__: object) -> int:
        return 0

    monkeypatch.setattr(runtime.sessions, "now", now)
    monkeypatch.setattr(runtime.sessions, "end_all", nothing)
    assert (await make(thief, OWN_CALLS["password"])).status_code == 200
    assert (await thief.me()).status_code == 200
    assert (await roots.call("DELETE", f"/users/{ada.id}/sessions")).status_code == 204
    assert_problem(await thief.me(), 401, "invalid_token")


async def test_a_log_in_while_the_cure_commits(
    ada: Person, runtime: Runtime, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R24: a log-in with the old password, after the cut-off was made and before it was committed, opens nothing.

    Not even where Redis then fails to delete what there is.
    """
    token = await reset_token(ada, mailbox)
    reached, go_on, tell = asyncio.Event(), asyncio.Event(), notices.password_changed

    async def slow(*args: Any, **kwargs: Any) -> None:
        reached.set()
        await go_on.wait()
        await tell(*args, **kwargs)

    monkeypatch.setattr(notices, "password_changed", slow)
    monkeypatch.setattr(runtime.sessions, "end_all", fails("redis"))
    resetting = asyncio.ensure_future(reset(ada.client, token))
    await reached.wait()
    body = {"email": ada.email, "password": PASSWORD}
    logging_in = asyncio.ensure_future(ada.client.post("/api/auth/login", json=body))
    await asyncio.wait({logging_in}, timeout=0.2)
    go_on.set()
    assert (await resetting).status_code == 204
    answer = await logging_in
    if answer.status_code == 200:
        headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
        answer = await ada.client.get("/api/users/me", headers=headers)
        assert_problem(answer, 401, "invalid_token")
    assert await runtime.sessions.list_living(ada.id) == []


@pytest.fixture
async def strict(runtime: Runtime) -> AsyncIterator[str]:
    async with another(runtime, FRESH_SESSION_MINUTES=0.0) as url:
        yield url


async def test_a_failure_leaves_the_proof(
    ada: Person, strict: str, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R78: a database that fails has used nothing up, and a proof that can't be used up lets nothing through."""
    async with httpx.AsyncClient(base_url=strict) as client:
        ada.client = client
        session = await ada.log_in()
        before = await stored(ada.id)
        assert (await make(session, OWN_CALLS["reauthentication"], password=PASSWORD)).status_code == 204
        for place, name, what in (
            (notices, "password_changed", "database"),
            (runtime.sessions.permits, "spend", "redis"),
        ):
            with monkeypatch.context() as broken:
                broken.setattr(place, name, fails(what))
                assert_problem(await make(session, OWN_CALLS["password"]), 503, "unavailable")
            assert await stored(ada.id) == before
        assert (await make(session, OWN_CALLS["password"])).status_code == 200
