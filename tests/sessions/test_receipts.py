"""Ending many sessions, with a receipt (R31)."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from models import SecurityEvent, User
from service.audit import late
from service.core.clock import Clock
from service.core.redis.sweep import scan_hashes
from service.errors import Unavailable
from service.runtime import Runtime
from service.sessions.receipts import Counted, Receipt, Wanted, count, revoke
from service.stores import waiting_events
from tests.support.people import Person, assert_problem

PHONE, LAPTOP = "Phone/1.0 (stolen)", "Laptop/2.0"


async def test_by_browser(ada: Person, grace: Person, runtime: Runtime) -> None:
    """Counted first; then ended, proven, recorded for each user; everybody else goes on."""
    phones = [await person.log_in(**{"User-Agent": PHONE}) for person in (ada, ada, grace)]
    laptop = await grace.log_in(**{"User-Agent": LAPTOP})
    wanted = Wanted(user_agent="STOLEN")
    assert await count(runtime, wanted) == Counted(3, 2)
    assert (await phones[0].me()).status_code == 200
    assert await revoke(runtime, wanted) == Receipt(3, 2, 0)
    for session in phones:
        assert_problem(await session.me(), 401, "invalid_token")
        assert_problem(await session.refresh(), 400, "invalid_grant")
    assert (await laptop.me()).status_code == 200
    recorded = await SecurityEvent.filter(type="sessions.revoked")
    assert sorted(event.detail["ended"] for event in recorded) == [1, 2]
    assert {event.detail["way"] for event in recorded} == {"user agent"}


async def test_by_age_and_address(ada: Person, runtime: Runtime, clock: Clock) -> None:
    """What is given together must fit together."""
    old = await ada.log_in()
    clock.advance(3600)
    new = await ada.log_in()
    assert await count(runtime, Wanted(ip="192.0.2.1")) == Counted(0, 0)
    assert await revoke(runtime, Wanted(ip="127.0.0.1", older_than=timedelta(minutes=30))) == Receipt(1, 1, 0)
    assert_problem(await old.me(), 401, "invalid_token")
    assert (await new.me()).status_code == 200


async def test_all_of_a_user_but_one(ada: Person, grace: Person, runtime: Runtime) -> None:
    """The cut-off moves too, and the session that is kept moves with it."""
    kept, other, hers = await ada.log_in(), await ada.log_in(), await grace.log_in()
    assert await revoke(runtime, Wanted(user_id=ada.id, keep=kept.sid)) == Receipt(1, 1, 0)
    assert_problem(await other.me(), 401, "invalid_token")
    assert (await kept.me()).status_code == (await hers.me()).status_code == 200
    assert (await User.get(id=ada.id)).sessions_valid_after is not None
    event = await SecurityEvent.get(type="sessions.revoked")
    ended = {"way": "user, all but one", "ended": 1, "sessions": str(other.sid)}
    assert event.detail == ended | {"kept": str(kept.sid)}


async def test_the_one_to_be_kept_is_over(ada: Person, runtime: Runtime) -> None:
    """Then there is nothing to keep, and all the others end."""
    over, other = await ada.log_in(), await ada.log_in()
    assert (await over.call("POST", "/auth/logout")).status_code == 204
    assert await revoke(runtime, Wanted(user_id=ada.id, keep=over.sid)) == Receipt(1, 1, 0)
    assert_problem(await other.me(), 401, "invalid_token")


async def test_everybody(ada: Person, grace: Person, runtime: Runtime) -> None:
    """Every session ends, and the database knows it: a restored Redis brings none back. Log-in works at once."""
    sessions = [await ada.log_in(), await grace.log_in()]
    assert await revoke(runtime, Wanted()) == Receipt(2, 2, 0)
    for session in sessions:
        assert_problem(await session.me(), 401, "invalid_token")
    assert not await User.filter(sessions_valid_after=None).exists()
    recorded = await SecurityEvent.filter(type="sessions.revoked")
    assert {event.detail.pop("sessions") for event in recorded} == {str(session.sid) for session in sessions}
    assert [event.detail for event in recorded] == [{"way": "all", "ended": 1}] * 2
    assert (await (await ada.log_in()).me()).status_code == 200


async def test_a_refresh_that_races_brings_nothing_back(ada: Person, runtime: Runtime) -> None:
    """Race: sessions that refresh all the while are over for good."""
    sessions = [await ada.log_in() for _ in range(5)]
    stop = asyncio.Event()

    async def refreshing(number: int) -> None:
        while not stop.is_set():
            await sessions[number].refresh()

    tasks = [asyncio.create_task(refreshing(number)) for number in range(5)]
    try:
        assert (await revoke(runtime, Wanted(ip="127.0.0.1"))).left == 0
    finally:
        stop.set()
        await asyncio.gather(*tasks)
    assert await count(runtime, Wanted()) == Counted(0, 0)


@pytest.mark.parametrize("prefix", ["", "odd[1]*?:"])
async def test_keys_of_others_are_left_alone(ada: Person, runtime: Runtime, prefix: str) -> None:
    """Only keys of ours, with our prefix taken literally, are looked at."""
    redis: Any = runtime.redis.client
    await ada.log_in()
    await redis.hset(f"{prefix}x:user:{{{ada.id}}}:session:{ada.id}", "created_at", "1")
    await redis.hset(f"user:{{{ada.id}}}:session:not-an-id", "created_at", "1")
    assert (await count(runtime, Wanted())).sessions == 1


async def test_redis_goes_away_in_the_middle(ada: Person, runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """R73: what was ended by then is said and recorded, and that it isn't known what is left."""
    session = await ada.log_in()

    async def cut_short(*given: Any) -> Any:
        async for batch in scan_hashes(*given):
            yield batch
            raise Unavailable("redis")

    monkeypatch.setattr("service.sessions.receipts.scan_hashes", cut_short)
    assert await revoke(runtime, Wanted(ip="127.0.0.1")) == Receipt(1, 1, None)
    assert_problem(await session.me(), 401, "invalid_token")
    event = await SecurityEvent.get(type="sessions.revoked")
    assert event.detail["sessions"] == str(session.sid)


async def test_database_goes_away(ada: Person, runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """R73: a database that can't take the events ends no revocation; they are stored later, and where there is no room
    for them the receipt counts what is not on record.
    """

    async def away(*_: object, **__: object) -> None:
        raise Unavailable("database")

    session = await ada.log_in()
    with monkeypatch.context() as patched:
        patched.setattr(SecurityEvent, "bulk_create", away)
        assert await revoke(runtime, Wanted(ip="127.0.0.1")) == Receipt(1, 1, 0)
        other = await ada.log_in()
        patched.setattr(waiting_events, "MOST", 0)
        assert await revoke(runtime, Wanted(ip="127.0.0.1")) == Receipt(1, 1, 0, unrecorded=1)
    for ended in (session, other):
        assert_problem(await ended.me(), 401, "invalid_token")
    await late.store(runtime)
    (event,) = await SecurityEvent.filter(type="sessions.revoked")
    assert event.detail["sessions"] == str(session.sid)
