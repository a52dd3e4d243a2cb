"""Users kept in memory: what is changed by the service counts at the next request, everywhere; all else soon."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import Any

import asyncpg
import httpx
import pytest

from models import User
from service.app import create_app
from service.core.clock import steady_seconds
from service.core.redis import client as redis_client
from service.core.sql import database, hearing, touched
from service.core.sql.transactions import transaction
from service.runtime import Runtime
from service.stores.known_users import CHANNEL, KnownUsers
from service.stores.sessions.store import SessionStore
from tests.support.people import Person, Session
from tests.support.serving import served
from tests.support.statements import noted
from tests.support.stores import Stores
from tests.support.waiting import eventually

pytestmark = pytest.mark.real_only


@asynccontextmanager
async def another_worker(runtime: Runtime) -> AsyncIterator[tuple[httpx.AsyncClient, KnownUsers]]:
    """Serve with a memory of its own, which hears by connections of its own."""
    settings = runtime.settings
    connection = redis_client.connect(settings)
    watch, heard = connection.watch("user:"), database.hearing_on(settings, CHANNEL)
    assert heard is not None
    users = KnownUsers(connection, settings, watch, heard)
    sessions = SessionStore(connection, settings, runtime.clock, watch)
    other = replace(runtime, redis=connection, sessions=sessions, users=users)
    try:
        async with served(create_app(runtime=other)) as url, httpx.AsyncClient(base_url=url, trust_env=False) as client:
            yield client, users
    finally:
        await heard.close()
        await connection.close()


async def me(client: httpx.AsyncClient, session: Session) -> httpx.Response:
    return await client.get("/api/users/me", headers=session.headers)


async def kept(client: httpx.AsyncClient, users: KnownUsers, session: Session) -> None:
    """Wait until an answer comes from memory."""

    async def from_memory() -> bool:
        hits = users.hits
        return (await me(client, session)).status_code == 200 and users.hits > hits

    await eventually(from_memory)


@pytest.fixture
async def session(ada: Person) -> Session:
    return await ada.log_in()


async def test_no_statement_and_no_script(
    runtime: Runtime, client: httpx.AsyncClient, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is known is answered without asking anybody."""
    await kept(client, runtime.users, session)
    with noted(monkeypatch) as statements:
        hits = runtime.users.hits
        for _ in range(50):
            assert (await me(client, session)).status_code == 200
    assert runtime.users.hits > hits
    assert len([one for one in statements if '"users"' in one]) < 25, "a beat now and then, on however slow a machine"


async def test_what_the_service_changes_counts_at_once_everywhere(
    runtime: Runtime, client: httpx.AsyncClient, ada: Person, session: Session, root: Person
) -> None:
    boss = await root.log_in()
    async with another_worker(runtime) as (elsewhere, users):
        for number in range(50):
            await kept(elsewhere, users, session)
            answer = await session.call("PATCH", "/users/me", json={"full_name": f"Ada {number}"})
            assert answer.status_code == 200
            assert (await me(elsewhere, session)).json()["full_name"] == f"Ada {number}"
            assert (await me(client, session)).json()["full_name"] == f"Ada {number}"
        await kept(elsewhere, users, session)
        path = f"/users/{ada.id}"
        assert (await boss.call("PATCH", path, json={"is_superuser": True})).status_code == 200
        assert (await elsewhere.get("/api/users", headers=session.headers)).status_code == 200
        assert (await boss.call("PATCH", path, json={"is_superuser": False})).status_code == 200
        assert (await elsewhere.get("/api/users", headers=session.headers)).status_code in (401, 403)
        session = await ada.log_in()
        await kept(elsewhere, users, session)
        assert (await boss.call("PATCH", path, json={"is_active": False})).status_code == 200
        assert (await me(elsewhere, session)).status_code == 401


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE users SET is_active = false",
        "UPDATE users SET is_active = false WHERE email = 'ada@example.com'",
        "UPDATE users SET sessions_valid_after = now() + interval '1 minute'",
        "DELETE FROM users WHERE email = 'ada@example.com'",
        "TRUNCATE users CASCADE",
    ],
)
async def test_what_others_change_counts_soon(
    statement: str, runtime: Runtime, stores: Stores, client: httpx.AsyncClient, session: Session
) -> None:
    """By `psql`: within half a second, and mostly at once."""
    assert stores.postgres is not None
    await kept(client, runtime.users, session)
    other = await asyncpg.connect(stores.postgres.url)
    try:
        await other.execute(statement)
        changed = steady_seconds()
        while (await me(client, session)).status_code == 200:
            assert steady_seconds() - changed < 2, "the machine may be busy; half a second is the promise"
            await asyncio.sleep(0.005)
    finally:
        await other.close()


async def test_many_at_once(runtime: Runtime, stores: Stores, client: httpx.AsyncClient, session: Session) -> None:
    """More than are named one by one."""
    assert stores.postgres is not None
    other = await asyncpg.connect(stores.postgres.url)
    try:
        await other.execute(
            "INSERT INTO users (id, email, email_canonical, is_active, is_superuser, email_verified, created_at) "
            "SELECT gen_random_uuid(), n || '@many.test', n || '@many.test', true, false, true, now() "
            "FROM generate_series(1, 500) AS n"
        )
        await kept(client, runtime.users, session)
        await other.execute("UPDATE users SET full_name = 'the same'")

        async def renamed() -> bool:
            return bool((await me(client, session)).json()["full_name"] == "the same")

        await eventually(renamed)
    finally:
        await other.close()


async def test_a_last_log_in_is_not_told_of(runtime: Runtime, client: httpx.AsyncClient, session: Session) -> None:
    told = list[object]()

    async def teller(users: object) -> None:
        told.append(users)

    end = touched.tell(teller)
    try:
        await User.filter(email="ada@example.com").update(last_login_at=runtime.clock.now())
        assert told == []
        await User.filter(email="ada@example.com").update(full_name="Ada")
        assert told == [None]
        found = await User.get(email="ada@example.com")
        await found.save(update_fields=["full_name"])
        await User.filter(id=found.id).update(full_name="A")
        assert told[1:] == [frozenset({found.id})] * 2
    finally:
        end()


async def test_what_is_rolled_back_is_not_told(ada: Person) -> None:
    told = list[object]()

    async def teller(users: object) -> None:
        told.append(users)

    end = touched.tell(teller)
    try:
        with suppress(RuntimeError):
            async with transaction():
                await User.filter(id=ada.id).update(full_name="never")
                raise RuntimeError
        assert told == []
        async with transaction():
            await User.filter(id=ada.id).update(full_name="first")
            async with transaction():
                await User.filter(id=ada.id).update(full_name="then")
            assert told == [], "not before it is committed"
        assert told == [frozenset({ada.id})]
    finally:
        end()


async def test_whoever_is_answered_may_change_what_they_got(runtime: Runtime, ada: Person, session: Session) -> None:
    await kept(session.client, runtime.users, session)
    one, other = runtime.users.recall(ada.id), runtime.users.recall(ada.id)
    assert one is not None
    assert other is not None
    one.full_name = "Mallory"
    assert other.full_name == "Ada Lovelace"
    third = runtime.users.recall(ada.id)
    assert third is not None
    assert third.full_name == "Ada Lovelace"
    await one.save(update_fields=["full_name"])
    assert (await me(session.client, session)).json()["full_name"] == "Mallory"


async def test_a_connection_that_is_cut(runtime: Runtime, stores: Stores, session: Session, ada: Person) -> None:
    """What changes while nobody listens is known afterwards."""
    assert stores.postgres is not None
    client = session.client
    await kept(client, runtime.users, session)
    other = await asyncpg.connect(stores.postgres.url)
    try:
        await other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query ~ 'LISTEN|pg_notify'"
                            " AND pid <> pg_backend_pid()")  # fmt: skip
        await other.execute("UPDATE users SET full_name = 'unheard of'")

        async def known() -> bool:
            answer = await me(client, session)
            return answer.status_code == 200 and answer.json()["full_name"] == "unheard of"

        await eventually(known)
        await kept(client, runtime.users, session)
    finally:
        await other.close()


async def test_behind_a_pooler_nothing_is_kept(
    runtime: Runtime, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PgBouncer in transaction mode takes `LISTEN`, and what is notified of reaches nobody."""
    monkeypatch.setattr(hearing, "OPEN_SECONDS", 0.3)
    real = asyncpg.connect

    async def through_a_pooler(**options: object) -> object:
        connection = await real(**options)

        async def add_listener(channel: str, callback: object) -> None:
            await connection.execute(f"LISTEN {channel}_elsewhere")

        monkeypatch.setattr(type(connection), "add_listener", lambda self, *args: add_listener(*args))
        return connection

    monkeypatch.setattr(asyncpg, "connect", through_a_pooler)
    logged = list[str]()
    monkeypatch.setattr(hearing, "log_event", lambda name, *_, **__: logged.append(name))
    async with another_worker(runtime) as (elsewhere, users):
        for _ in range(3):
            assert (await me(elsewhere, session)).status_code == 200
        await eventually(lambda: logged)
        assert logged == ["users.not_kept"]
        assert (await me(elsewhere, session)).status_code == 200
        assert users.hits == 0
        assert users._hearing is not None
        assert users._hearing.is_barred


async def test_a_listener_that_stopped_is_not_believed(
    runtime: Runtime, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After half a second without a beat of its own that came back."""
    await kept(session.client, runtime.users, session)
    monkeypatch.setattr(hearing, "steady_seconds", lambda: steady_seconds() + hearing.TRUST_SECONDS)
    hits = runtime.users.hits
    assert (await me(session.client, session)).status_code == 200
    assert runtime.users.hits == hits


async def test_asked_while_it_begins_to_listen(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks meanwhile doesn't disturb it; and nothing is kept that was read before it could hear of changes."""
    heard = database.hearing_on(runtime.settings, CHANNEL)
    assert heard is not None
    opened, seen = list[asyncpg.Connection](), list[bool]()
    connect, listen = heard._connect, asyncpg.Connection.add_listener

    async def counted() -> asyncpg.Connection:
        opened.append(await connect())
        return opened[-1]

    async def slowly(self: asyncpg.Connection, *arguments: Any) -> None:
        for _ in range(50):
            seen.append(heard.hears() or heard.listens)
            await asyncio.sleep(0)
        await listen(self, *arguments)

    monkeypatch.setattr(heard, "_connect", counted)
    monkeypatch.setattr(asyncpg.Connection, "add_listener", slowly)
    try:
        await eventually(heard.hears)
        assert (len(opened), any(seen), len(seen)) == (1, False, 50)
    finally:
        await heard.close()
