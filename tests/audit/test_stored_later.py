"""Events that the database can't take when they happen are kept, and stored later, each once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final
from uuid import uuid4

import asyncpg
import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from models import SecurityEvent, UnfinishedRemoval, User
from service.audit import events, late, timeline
from service.core.telemetry import metrics
from service.errors import Unavailable
from service.runtime import Runtime
from service.sessions import receipts
from service.stores import waiting_events
from service.stores.waiting_events import WaitingEvents
from tests.support.people import Person, Session


@contextmanager
def refusing(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have the events' table take nothing, whoever inserts."""

    async def fail(*_: object, **__: object) -> None:
        raise Unavailable("database")

    with monkeypatch.context() as broken:
        broken.setattr("service.audit.events.insert", fail)
        broken.setattr(SecurityEvent, "bulk_create", fail)
        yield


@pytest.fixture(autouse=True)
def nothing_here(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing of before, and nobody but the test stores anything: the service does so beside its requests."""
    monkeypatch.setattr(late, "REST", timedelta(days=1))
    runtime.waiting_events.here, runtime.waiting_events.lost_here = [], waiting_events.Lost()
    yield
    runtime.waiting_events.here, runtime.waiting_events.lost_here = [], waiting_events.Lost()


async def told(runtime: Runtime, session: Session) -> tuple[str, str]:
    (story,) = (await timeline.explain(runtime, session_id=session.sid)).stories
    return story.verdict, story.text


async def size(runtime: Runtime) -> int:
    return (await runtime.waiting_events.read(1)).number


async def test_a_log_out_that_could_not_be_stored(
    ada: Person, runtime: Runtime, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """R69: it is explained rightly at once and for ever, stored once with its own time, whoever stores it, and killed
    processes take nothing along: what is kept is in Redis before the answer.
    """
    session, other = await ada.log_in(), await ada.log_in()
    before = metrics.events_not_stored.labels("kept")._value.get()
    with refusing(monkeypatch):
        assert (await session.call("POST", "/auth/logout")).status_code == 204
        await other.client.post("/api/auth/login", data={"username": ada.email, "password": "wrong"})
        await late.store(runtime)  # it is still away: nothing is lost by trying
        assert await size(runtime) == 2
        assert (await told(runtime, session))[1].startswith("Logged out")
        assert (await session.refresh()).json()["cause"] == "logged_out"
    assert metrics.events_not_stored.labels("kept")._value.get() == before + 2
    lines = [vars(line)["latchkey_fields"] for line in caplog.records if line.message == "security_event.not_stored"]
    assert {(line["type"], line["kept"]) for line in lines} == {
        ("session.logged_out", "redis"),
        ("login.failed", "redis"),
    }
    assert not await SecurityEvent.filter(type__in=["session.logged_out", "login.failed"]).exists()
    # Another process, which knows of nothing; three at once.
    fresh = replace(runtime, waiting_events=WaitingEvents(runtime.redis, runtime.settings))
    await late.store_later(fresh)
    assert await size(runtime) == 2  # too young: whoever has just failed isn't asked again at once
    stored = await asyncio.gather(*(late.store(one) for one in (fresh, runtime, fresh)))
    assert sum(stored) >= 2
    assert (await size(runtime), await late.store(runtime)) == (0, 0)
    (event,) = await SecurityEvent.filter(type="session.logged_out")
    login = await SecurityEvent.get(type="login.succeeded", session_id=session.sid)
    failed = await SecurityEvent.get(type="login.failed")
    assert login.created_at < event.created_at < failed.created_at
    assert (event.user_id, event.session_id, event.ip) == (ada.id, session.sid, "127.0.0.1")  # type: ignore[attr-defined]
    assert (event.request_id is not None, failed.detail) == (True, {"reason": "password"})
    assert (await told(runtime, session))[1].startswith("Logged out")
    assert not await SecurityEvent.filter(type="session.vanished").exists()


async def test_found_gone_before_it_is_stored(ada: Person, runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """A log-out that waits is no deletion of keys, also when nothing in Redis says any more why the session ended."""
    session = await ada.log_in()
    with refusing(monkeypatch):
        await session.call("POST", "/auth/logout")
    redis: Any = runtime.redis.client
    await redis.unlink(f"user:{{{ada.id}}}:ended:{session.sid}")
    assert (await session.refresh()).json()["cause"] == "logged_out"
    assert not await SecurityEvent.filter(type="session.vanished").exists()


async def test_both_stores_are_away(ada: Person, runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then this process keeps it, says so, and hands it to Redis or stores it, whichever is back first."""
    session = await ada.log_in()

    async def gone(*_: object) -> None:
        raise RedisConnectionError("gone")

    async def record(sid: Any) -> None:
        await events.record(runtime, events.LOGGED_OUT, user_id=ada.id, session_id=sid, once="")

    with refusing(monkeypatch):
        with monkeypatch.context() as broken:
            broken.setattr(runtime.redis.client, "evalsha", gone)
            await record(session.sid)
            assert len(runtime.waiting_events.here) == 1
            await late.store(runtime)
            assert len(runtime.waiting_events.here) == 1
        await late.store(runtime)
        assert (len(runtime.waiting_events.here), await size(runtime)) == (0, 1)
    with monkeypatch.context() as broken, refusing(broken):
        broken.setattr(runtime.redis.client, "evalsha", gone)
        await record(uuid4())
    await late.leave(runtime)  # a command's last word
    assert runtime.waiting_events.here == []
    await late.store(runtime)
    assert await SecurityEvent.filter(type="session.logged_out").count() == 2
    assert await size(runtime) == 0


async def test_more_than_there_is_room_for(ada: Person, runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """What anybody can cause gets half of the room. What is beyond is lost, counted and on record, and of the sessions
    of that time nobody says that nothing ended them.
    """
    monkeypatch.setattr(waiting_events, "MOST", 4)
    ended, kept, untouched = await ada.log_in(), await ada.log_in(), await ada.log_in()
    with refusing(monkeypatch):
        for _ in range(3):
            await events.record(runtime, events.LOGIN_FAILED, user_id=ada.id, reason="password")
        for _ in range(2):
            await events.record(runtime, events.DEVICE_TRUST_ENDED, user_id=ada.id)
        assert await size(runtime) == 4
        await ended.call("POST", "/auth/logout")
    await late.store(runtime)
    await late.store(runtime)
    lost = await SecurityEvent.get(type="events.lost")
    assert (lost.detail["lost"], set(lost.detail)) == (2, {"lost", "since", "until"})
    assert await SecurityEvent.filter(type="login.failed").count() == 2
    redis: Any = runtime.redis.client
    await redis.unlink(f"user:{{{ada.id}}}:ended:{ended.sid}", f"user:{{{ada.id}}}:session:{kept.sid}")
    for session in (ended, kept):
        assert (await session.refresh()).json()["cause"] == "revoked"
        verdict, text = await told(runtime, session)
        assert (verdict, "can't be known" in text) == ("unknown", True)
    assert (await told(runtime, untouched))[0] == "living"
    assert not await SecurityEvent.filter(type="session.vanished").exists()
    later = await ada.log_in()  # nothing is lost of what comes afterwards
    runtime.clock.advance(60)
    later = await ada.log_in()
    await redis.unlink(f"user:{{{ada.id}}}:session:{later.sid}")
    await later.refresh()
    assert (await told(runtime, later))[0] == "deleted"


async def test_what_cannot_be_stored_stops_nothing(ada: Person, runtime: Runtime) -> None:
    """Somebody else's key, a row that no table takes: the others are stored, and what is lost is said."""
    waiting = runtime.waiting_events
    good = SecurityEvent(
        id=uuid4(), type="device.trust_ended", created_at=runtime.clock.now(), user_id=ada.id, detail={}
    )
    bad = {**json.loads(late.written(good)), "id": str(uuid4()), "type": "x" * 300}
    for number, text in enumerate(("nonsense", "[]", '{"id": 3}', json.dumps(bad), late.written(good))):
        await waiting.share(text, number, anybodys=False)
    await late.store(runtime)
    assert await size(runtime) == 0
    assert await SecurityEvent.filter(type="device.trust_ended").count() == 1


async def test_the_account_is_gone_by_then(ada: Person, runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """R83: what is stored of an account that was deleted meanwhile is noted to be taken, as all of it was."""
    session = await ada.log_in()
    with refusing(monkeypatch):
        await session.call("POST", "/auth/logout")
    await User.filter(id=ada.id).delete()
    runtime.clock.advance(10 * 3600)
    await late.store(runtime)
    assert await UnfinishedRemoval.filter(id=ada.id).exists()


async def test_an_operators_ends_are_kept_too(ada: Person, runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """`sessions revoke` while no event can be stored: none of them is unrecorded, and the right sessions are named."""
    phone, laptop = await ada.log_in(**{"User-Agent": "Phone/1"}), await ada.log_in(**{"User-Agent": "Laptop/1"})
    with refusing(monkeypatch):
        receipt = await receipts.revoke(runtime, receipts.Wanted(user_agent="phone"))
    assert (receipt.ended, receipt.unrecorded) == (1, 0)
    await late.store(runtime)
    assert "by an operator" in (await told(runtime, phone))[1]
    assert (await told(runtime, laptop))[0] == "living"


_REFUSE: Final = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'permission denied for table security_events' USING ERRCODE = '42501'; END $$;
CREATE TRIGGER refuse BEFORE INSERT ON security_events FOR EACH ROW EXECUTE FUNCTION refuse();
"""


@pytest.mark.real_only
async def test_a_table_that_is_locked_or_takes_nothing(ada: Person, runtime: Runtime) -> None:
    """A dump or an upgrade that holds the table, a plan that allows no INSERT: log-outs are answered, and stored once
    it is over, by whoever is there.
    """
    session, other = await ada.log_in(), await ada.log_in()
    beside = await asyncpg.connect(runtime.settings.DATABASE_URL)
    try:
        async with beside.transaction():
            await beside.execute("LOCK TABLE security_events IN ACCESS EXCLUSIVE MODE")
            assert (await session.call("POST", "/auth/logout")).status_code == 204
            assert await size(runtime) == 1
        await beside.execute(_REFUSE)
        try:
            assert (await other.call("POST", "/auth/logout")).status_code == 204
            await late.store(runtime)
            assert await size(runtime) == 2
        finally:
            await beside.execute("DROP TRIGGER refuse ON security_events; DROP FUNCTION refuse()")
    finally:
        await beside.close()
    assert await late.store(runtime) == 2
    assert await SecurityEvent.filter(type="session.logged_out").count() == 2
    assert [(await told(runtime, one))[0] for one in (session, other)] == ["ended", "ended"]
