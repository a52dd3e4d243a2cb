"""A store fails at one exact step: what was decided before it holds, and nothing is acknowledged that isn't done."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from typing import Any
from uuid import uuid4

import httpx
import pytest
from redis.exceptions import ConnectionError as RedisConnectionError
from tortoise import connections
from tortoise.exceptions import IntegrityError

from models import SecurityEvent, User
from service.core.redis import client as redis
from service.core.sql import database
from service.core.sql.lookup import Lookup
from service.core.sql.pool import LimitedConnection
from service.core.sql.transactions import transaction
from service.errors import Unavailable
from service.runtime import Runtime
from service.settings.checks import ConfigurationError
from tests.support.passwords import stored
from tests.support.people import PASSWORD, Person, Session, assert_problem, register
from tests.support.stores import Stores
from tests.support.waiting import eventually


def _fails(what: str) -> Any:
    async def fail(*_: object, **__: object) -> None:
        raise Unavailable(what)

    return fail


async def _generation(runtime: Runtime, session: Session) -> bytes:
    key = f"user:{{{session.claims['sub']}}}:session:{session.sid}"
    found = await runtime.redis.client.hget(key, "gen")  # type: ignore[attr-defined]  # of redis-py
    assert isinstance(found, bytes)
    return found


async def test_database_failure_spends_no_refresh_token(
    ada: Person, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R64, R73: the user is read before the token is spent, so a database that fails has consumed nothing."""
    session = await ada.log_in()
    with monkeypatch.context() as broken:
        broken.setattr(Lookup, "__call__", _fails("database"))
        answer = await session.refresh()
    assert_problem(answer, 503, "unavailable")
    assert answer.headers["retry-after"] == "1"
    assert await _generation(runtime, session) == b"1"
    await session.advance()
    assert await _generation(runtime, session) == b"2"


async def test_refresh_whose_answer_was_lost(ada: Person, runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """R73: a rotation that Redis applied but couldn't tell of is told at the retry with the same token."""
    session = await ada.log_in()
    run = runtime.redis.run

    async def applied_but_lost(*args: Any) -> None:
        await run(*args)
        raise Unavailable("redis")

    with monkeypatch.context() as broken:
        broken.setattr(runtime.redis, "run", applied_but_lost)
        assert_problem(await session.refresh(), 503, "unavailable")
    assert await _generation(runtime, session) == b"2"
    await session.advance()
    assert await _generation(runtime, session) == b"2"
    assert (await session.me()).status_code == 200


async def _dead(*sessions: Session) -> None:
    for session in sessions:
        assert_problem(await session.me(), 401, "invalid_token")
        assert assert_problem(await session.refresh(), 400, "invalid_grant")["reason"] == "revoked"


async def test_log_out_everywhere_holds_without_redis(
    ada: Person, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R29, R73: once the cut-off is committed, sessions that Redis couldn't delete are dead all the same."""
    sessions = [await ada.log_in() for _ in range(3)]
    with monkeypatch.context() as broken:
        broken.setattr(runtime.sessions, "end_all", _fails("redis"))
        assert (await sessions[0].call("POST", "/auth/logout-all")).status_code == 204
    await _dead(*sessions)
    assert (await (await ada.log_in()).me()).status_code == 200


async def test_password_change_holds_without_redis(
    ada: Person, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R33, R73: a new password ends the other sessions, even those that Redis couldn't delete, and keeps this one."""
    kept, *others = [await ada.log_in() for _ in range(3)]
    with monkeypatch.context() as broken:
        broken.setattr(runtime.sessions, "end_all", _fails("redis"))
        changed = await kept.call("PATCH", "/users/me", json={"password": "another horse battery"})
    assert changed.status_code == 200, changed.text
    await _dead(*others)
    assert (await kept.me()).status_code == 200
    await kept.advance()


async def test_password_change_fails_whole(ada: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """R64: a database that fails in the middle of a password change leaves the password and every session."""
    session, other = await ada.log_in(), await ada.log_in()
    with monkeypatch.context() as broken:
        broken.setattr("service.letters.notices.password_changed", _fails("database"))
        answer = await session.call("PATCH", "/users/me", json={"password": "another horse battery"})
    assert_problem(answer, 503, "unavailable")
    for still in (session, other, await ada.log_in()):
        assert (await still.me()).status_code == 200


async def test_log_out_without_redis_is_not_acknowledged(
    ada: Person, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R29, R48: without Redis a session can't be ended: 503, never a false 204; the retry ends it."""
    session = await ada.log_in()

    async def gone(*_: object) -> None:
        raise RedisConnectionError("gone")

    for token in ({"headers": session.headers}, {"json": {"refresh_token": session.refresh_token}}):
        with monkeypatch.context() as broken:
            broken.setattr(runtime.redis.client, "evalsha", gone)
            answer = await session.client.post("/api/auth/logout", **token)  # type: ignore[arg-type]  # by keyword
            assert_problem(answer, 503, "unavailable")
            assert_problem(await session.me(), 503, "unavailable")
        assert (await session.me()).status_code == 200
    assert (await session.call("POST", "/auth/logout")).status_code == 204
    await _dead(session)


async def test_events_that_cannot_be_stored_fail_nothing(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """R69: what such an event tells of has happened; a database that won't store it leaves the log line."""
    person = await register(client, "eve@example.com")
    await SecurityEvent.all().delete()
    with monkeypatch.context() as broken:
        broken.setattr("service.audit.events.insert", _fails("database"))
        session = await person.log_in()
        wrong = await client.post("/api/auth/login", data={"username": person.email, "password": "wrong password"})
        assert_problem(wrong, 400, "invalid_grant")
        assert (await session.call("POST", "/auth/reauthenticate", json={"password": PASSWORD})).status_code == 204
        assert (await session.call("POST", "/auth/logout")).status_code == 204
    assert await SecurityEvent.all().count() == 0
    assert [record.message for record in caplog.records].count("security_event.not_stored") == 4
    await _dead(session)


@pytest.mark.real_only
async def test_swallowed_failure_is_not_committed(ada: Person, grace: Person) -> None:
    """R64: PostgreSQL rolls back after a failed statement and says nothing at COMMIT: that is no success."""

    @transaction()
    async def swallow() -> None:
        await User.filter(id=ada.id).update(full_name="Changed")
        with pytest.raises(IntegrityError):
            await User.filter(id=ada.id).update(email_canonical=grace.email)

    with pytest.raises(Unavailable):
        await swallow()
    assert (await User.get(id=ada.id)).full_name == "Ada Lovelace"


@pytest.mark.real_only
async def test_failed_commit_leaves_no_transaction_behind(ada: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """R73: a COMMIT that gets no answer is 503, and the task's next statement is outside of that transaction."""

    async def late(_: object) -> None:
        raise TimeoutError

    async def cut(holder: Any, _: float) -> None:
        holder.terminate()
        raise TimeoutError

    @transaction()
    async def change() -> None:
        await User.filter(id=ada.id).update(full_name="Changed")

    with monkeypatch.context() as broken:
        broken.setattr("service.core.sql.postgres._Transaction.commit", late)
        broken.setattr("asyncpg.pool.PoolConnectionHolder.release", cut)
        with pytest.raises(Unavailable):
            await change()
    assert (await User.get(id=ada.id)).full_name == "Ada Lovelace"


@pytest.mark.real_only
async def test_cancelled_transaction_stays_cancelled(ada: Person) -> None:
    """R73: a client that hangs up in a transaction rolls it back, and its cancellation is not lost on the way."""

    @transaction()
    async def slow() -> None:
        await User.filter(id=ada.id).update(full_name="Changed")
        await connections.get(database.CONNECTION).execute_query("SELECT pg_sleep(30)")

    task = asyncio.create_task(slow())
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await User.get(id=ada.id)).full_name == "Ada Lovelace"


@pytest.mark.embedded_only
async def test_locked_file(ada: Person, stores: Stores) -> None:
    """R73: a file that another process has locked is an outage, and the service is itself again when it's free."""
    session = await ada.log_in()
    with closing(sqlite3.connect(stores.database_url.removeprefix("sqlite://"), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert_problem(await session.call("PATCH", "/users/me", json={"full_name": "Other"}), 503, "unavailable")
        body = {"email": "new@example.com", "password": PASSWORD}
        assert_problem(await session.client.post("/api/auth/register", json=body), 503, "unavailable")
        assert (await session.me()).json()["full_name"] == "Ada Lovelace"
        other.execute("ROLLBACK")
    assert (await session.call("PATCH", "/users/me", json={"full_name": "Other"})).status_code == 200
    await register(session.client, "new@example.com")


async def test_cancelled_log_ins_leave_the_queue_whole(ada: Person, runtime: Runtime) -> None:
    """R11: a permit is free again when its hash is done, also when nobody waits for it any more."""
    hashed = await stored(ada.id)
    tasks = [asyncio.create_task(runtime.passwords.verify(PASSWORD, hashed)) for _ in range(20)]
    await asyncio.sleep(0.02)
    for task in tasks[::2]:
        task.cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert results.count(True) >= 10

    await eventually(lambda: runtime.passwords._turns.pending == 0)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DATABASE_URL", "mysql://user:hunter2@localhost/name"),
        ("DATABASE_URL", "postgres://user:hun/ter2@localhost/name"),
        ("DATABASE_URL", "postgres://user:hunter2@localhost:port/name"),
        ("DATABASE_URL", "postgres://user:hunter2@localhost/name?port=hunter2"),
        ("DATABASE_URL", "postgres://user:hunter2@localhost/name?sslmode=hunter2"),
        ("DATABASE_URL", "hunter2"),
        ("REDIS_URL", "http://user:hunter2@localhost"),
        ("REDIS_URL", "redis://:hunter2@localhost:port/0"),
        ("REDIS_URL", "hunter2"),
    ],
)
def test_malformed_address(stores: Stores, variable: str, value: str) -> None:
    """R66: an address that can't be read is one clear line that names the variable and shows no secret."""

    def read() -> None:
        settings = stores.settings(**{variable: value})
        database.tortoise_config(settings)
        redis.connect(settings)

    with pytest.raises(ConfigurationError) as caught:
        read()
    assert len(caught.value.mistakes) == 1
    assert caught.value.mistakes[0].startswith(f"{variable}: ")
    assert "ter2" not in str(caught.value)


@pytest.mark.real_only
@pytest.mark.parametrize("word", ["SAVEPOINT", "RELEASE", "ROLLBACK TO"])
async def test_a_transaction_in_another_one(runtime: Runtime, monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    """R73: where its beginning or its end takes too long, that is an outage, and none of both is done."""
    execute = LimitedConnection.execute

    async def too_long(self: LimitedConnection, query: str, *args: Any, **options: Any) -> Any:
        if query.startswith(word):
            raise TimeoutError
        return await execute(self, query, *args, **options)

    async def both() -> None:
        async with transaction(), transaction():
            email = "a@example.com"
            await User.create(id=uuid4(), email=email, email_canonical=email, created_at=runtime.clock.now())
            if word == "ROLLBACK TO":
                raise ZeroDivisionError

    monkeypatch.setattr(LimitedConnection, "execute", too_long)
    with pytest.raises(Unavailable):
        await both()
    assert not await User.exists()
