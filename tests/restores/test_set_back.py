"""A store that was set back is noticed, and nobody whose session was ended is let in again."""

from __future__ import annotations

import json
import sqlite3
from datetime import timedelta
from pathlib import Path
from unittest.mock import AsyncMock

import httpx
import pytest

from models import Job, OneTimeToken, OutboxMail, SecurityEvent, SigningKey, User
from service.core.clock import Clock
from service.core.sql.leases import DEAD, PENDING
from service.errors import Unavailable
from service.feature.doctor import Deployment
from service.jobs.kinds import Again, Turn
from service.letters.onetime import UNDO
from service.restores import checking, comparing, finishing
from service.restores.checking import FIX, FIX_REDIS
from service.restores.finishing import Finished
from service.runtime import Runtime
from service.sessions import receipts
from service.sessions.receipts import Wanted
from service.stores.job_queue import last_run
from service.stores.marks import EVERY, TOLERANCE, Marks
from tests.restores.snapshots import Snapshot
from tests.support.letters import Mailbox
from tests.support.people import PASSWORD, Person, Session, assert_problem
from tests.support.process import latchkey
from tests.support.stores import Stores
from tests.support.work import work_off

HOUR = 3600.0


@pytest.fixture
def marks(runtime: Runtime) -> Marks:
    return Marks(runtime.redis, runtime.settings)


async def set_back_events() -> list[dict[str, object]]:
    found = await SecurityEvent.filter(type="stores.set_back").order_by("created_at")
    return [dict(event.detail) for event in found]


async def is_over(session: Session) -> None:
    assert_problem(await session.refresh(), 400, "invalid_grant")
    assert_problem(await session.me(), 401, "invalid_token")


async def test_redis_of_this_morning(runtime: Runtime, clock: Clock, client: httpx.AsyncClient, ada: Person) -> None:
    """What ended since stays over, whoever ended it; the others stay logged in; operators are told until it is done."""
    out, stolen, ended, revoked, kept = [await ada.log_in() for _ in range(5)]
    thief = Session(client, stolen.access_token, stolen.refresh_token)
    await work_off(runtime, comparing.KINDS)
    morning = await Snapshot.of(runtime)

    clock.advance(HOUR)
    for one in (out, ended, revoked, kept):
        await one.advance()
    assert (await client.post("/api/auth/logout", headers=out.headers)).status_code == 204
    assert (await kept.call("DELETE", f"/sessions/{ended.sid}")).status_code == 204
    assert (await receipts.revoke(runtime, Wanted(session_id=revoked.sid))).ended == 1
    await thief.advance()  # somebody else, some time later ...
    clock.advance(HOUR)
    await thief.advance()
    assert_problem(await stolen.refresh(), 400, "invalid_grant")  # ... is found out
    await kept.advance()
    later = await ada.log_in()
    await work_off(runtime, comparing.KINDS)

    await morning.put_back(runtime)
    assert (await out.refresh()).status_code == 200  # so it would be without the job
    await morning.put_back(runtime)
    clock.advance(HOUR / 12)
    await work_off(runtime, comparing.KINDS)
    for over in (out, stolen, thief, ended, revoked, later):
        await is_over(over)
    await kept.advance()
    assert (await kept.me()).status_code == 200
    assert await set_back_events() == [{"store": "redis", "minutes": 120}]

    clock.advance(HOUR / 12)
    await work_off(runtime, comparing.KINDS)
    assert await set_back_events() == [{"store": "redis", "minutes": 120}]  # once
    (says,) = (await checking.look(runtime)).traces.sentences
    assert says == "Redis was set back to an earlier state, by 120 minute(s)."

    done = await finishing.finish(runtime, only_redis=True, keep_keys=False)
    assert isinstance(done, Finished)
    assert (done.receipt.ended, done.receipt.left, done.kid) == (1, 0, None)
    await is_over(kept)
    assert not (await checking.look(runtime)).traces.sentences
    assert (await (await ada.log_in()).me()).status_code == 200


async def test_many_ends_take_turns(
    runtime: Runtime, clock: Clock, marks: Marks, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What one turn can't end again, the next ones do, from where it stopped, and it is told of once."""
    sessions = [await ada.log_in() for _ in range(5)]
    await work_off(runtime, comparing.KINDS)
    before = await Snapshot.of(runtime)
    for one in sessions:
        clock.advance(1)
        assert (await one.call("POST", "/auth/logout")).status_code == 204
    clock.advance(HOUR)
    await work_off(runtime, comparing.KINDS)
    await before.put_back(runtime)
    monkeypatch.setattr(comparing, "BATCH", 2)
    turns = 0
    while await comparing.compare(runtime, Turn({}, lambda: True)) == Again():
        mark, turns = await marks.read(), turns + 1
        assert mark is not None
        assert mark.resume is not None
        assert turns < 10
    assert turns >= 3
    for one in sessions:
        await is_over(one)
    assert len(await set_back_events()) == 1
    mark = await marks.read()
    assert mark is not None
    assert (mark.resume, clock.now() - mark.at < TOLERANCE) == (None, True)


async def test_redis_of_some_minutes_ago(runtime: Runtime, clock: Clock, ada: Person) -> None:
    """A Redis with snapshots alone that crashes loses minutes: where the last mark went, it is made up for."""
    gone, kept = await ada.log_in(), await ada.log_in()
    await work_off(runtime, comparing.KINDS)
    crashed = await Snapshot.of(runtime)
    clock.advance(EVERY.total_seconds())
    assert (await gone.call("POST", "/auth/logout")).status_code == 204
    await work_off(runtime, comparing.KINDS)
    await crashed.put_back(runtime)
    clock.advance(EVERY.total_seconds())
    await work_off(runtime, comparing.KINDS)
    await is_over(gone)
    await kept.advance()
    (told,) = await set_back_events()
    assert told["store"] == "redis"
    deployment = Deployment(runtime.settings, runtime.redis, clock, {})
    (found,) = await checking.check_up(deployment)
    assert (found.level, found.fix) == ("warning", FIX_REDIS)
    clock.advance(8 * 24 * HOUR)
    assert [one.level for one in await checking.check_up(deployment)] == ["ok"]


async def test_marks_agree(runtime: Runtime, clock: Clock, marks: Marks) -> None:
    """Nothing is found where nothing was set back: a new Redis, a worker that was away, one cut off between marks."""
    await work_off(runtime, comparing.KINDS)
    first = await last_run(comparing.KIND)
    assert first is not None
    assert await marks.read()
    clock.advance(TOLERANCE.total_seconds() * 10)  # nobody compared anything for two hours
    await work_off(runtime, comparing.KINDS)
    await runtime.redis.client.flushall()  # type: ignore[attr-defined]
    clock.advance(HOUR)
    await work_off(runtime, comparing.KINDS)
    await Job.filter(kind=comparing.KIND).update(done_at=clock.now() - TOLERANCE)  # its mark in Redis is newer
    await work_off(runtime, comparing.KINDS)
    assert await comparing.compare(runtime, Turn({}, lambda: False)) is None
    assert not await set_back_events()
    await runtime.redis.client.set("statistics:mark", "whatever")  # type: ignore[attr-defined]
    assert await marks.read() is None
    await runtime.redis.client.unlink("statistics:mark")  # type: ignore[attr-defined]
    await runtime.redis.client.hset("statistics:mark", "a", "b")  # type: ignore[attr-defined]
    assert await marks.read() is None  # another's key of that name: it is gone


async def test_redis_away_is_not_set_back(runtime: Runtime, clock: Clock, marks: Marks) -> None:
    """While it can't be reached the job isn't done, and hasn't failed either; afterwards nothing is found."""
    await work_off(runtime, comparing.KINDS)
    before, mark = await last_run(comparing.KIND), await marks.read()
    with pytest.MonkeyPatch.context() as away:
        away.setattr(type(runtime.redis), "run", AsyncMock(side_effect=Unavailable("redis")))
        for _ in range(10):
            clock.advance(HOUR / 2)
            await work_off(runtime, comparing.KINDS)
    (job,) = await Job.filter(kind=comparing.KIND)
    assert (job.done_at, job.attempts, job.state, job.last_error) == (before, 0, PENDING, None)
    assert await marks.read() == mark
    clock.advance(HOUR)
    await work_off(runtime, comparing.KINDS)
    assert await last_run(comparing.KIND) != before
    assert not await set_back_events()


async def test_finish_without_redis(runtime: Runtime, ada: Person) -> None:
    """Where Redis goes away in the middle nothing else is done, and it is said; run again, all of it is."""
    session = await ada.log_in()
    await runtime.keyring.load()  # as it is in the database, whatever was tried there before
    key = (await runtime.keyring.signing_pair()).kid
    gone = receipts.Receipt(1, 1, None)
    with pytest.MonkeyPatch.context() as away:
        away.setattr(receipts, "revoke", AsyncMock(return_value=gone))
        assert await finishing.finish(runtime, only_redis=False, keep_keys=False) == Finished(gone)
    assert (await runtime.keyring.signing_pair()).kid == key
    assert not await SecurityEvent.filter(type="stores.restored").exists()
    done = await finishing.finish(runtime, only_redis=False, keep_keys=True)
    assert isinstance(done, Finished)
    assert (done.receipt.left, done.kid) == (0, None)
    assert (await runtime.keyring.signing_pair()).kid == key
    await is_over(session)


async def test_database_of_yesterday(
    runtime: Runtime, clock: Clock, client: httpx.AsyncClient, mailbox: Mailbox, ada: Person
) -> None:
    """It is told of; `finish` ends sessions, links and letters, changes the key, and does so once."""
    session = await ada.log_in()
    await work_off(runtime, comparing.KINDS)
    assert (await client.post("/api/auth/password/forgot", json={"email": ada.email})).status_code == 202
    link = (await mailbox.letter(ada.email)).token
    assert (await client.post("/api/auth/password/forgot", json={"email": ada.email})).status_code == 202
    undo = (await OneTimeToken.all())[0]
    undo.token_hash, undo.purpose = "0" * 64, UNDO
    await undo.save(force_create=True)
    old = {row.kid for row in await SigningKey.filter(retired_at=None)}
    clock.advance(2 * HOUR)
    await session.advance()
    yesterday = clock.now() - timedelta(days=1)
    await Job.filter(kind=comparing.KIND).update(done_at=yesterday)  # as its backup has it
    await work_off(runtime, comparing.KINDS)
    (told,) = await set_back_events()
    assert told["store"] == "database"
    looked = await checking.look(runtime)
    assert "The database was set back" in looked.traces.sentences[0]
    assert (looked.sessions, looked.orphans, looked.links, looked.letters) == (1, 0, 1, 1)
    assert (await session.me()).status_code == 200  # nobody is logged out before the operator says so
    assert not await finishing.is_finished(runtime)

    done = await finishing.finish(runtime, only_redis=False, keep_keys=False)
    assert isinstance(done, Finished)
    assert (done.receipt.ended, done.links, done.letters, done.retired) == (1, 1, 1, len(old))
    await is_over(session)
    assert_problem(
        await client.post("/api/auth/password/reset", json={"token": link, "password": "another password"}),
        400,
        "invalid_token",
    )
    assert [row.purpose for row in await OneTimeToken.all()] == [UNDO]
    assert [row.last_error for row in await OutboxMail.filter(state=DEAD)] == [finishing.SET_ASIDE]
    assert not await OutboxMail.filter(state=PENDING).exists()
    assert [row.kid for row in await SigningKey.filter(retired_at=None)] == [done.kid]
    assert (await (await ada.log_in()).me()).status_code == 200
    assert not (await checking.look(runtime)).traces.sentences
    assert await finishing.is_finished(runtime)

    clock.advance(HOUR / 12)
    await work_off(runtime, comparing.KINDS)
    assert await finishing.is_finished(runtime)
    clock.advance(HOUR)  # marks that nobody has written for long may both be of a backup
    assert not await finishing.is_finished(runtime)
    assert await runtime.outbox.retry() == 1  # what was set aside can be sent all the same


async def test_sessions_of_nobody_are_counted(runtime: Runtime, ada: Person, grace: Person) -> None:
    """Sessions of users whom an older database doesn't have open nothing, and are seen."""
    session = await grace.log_in()
    await ada.log_in()
    await SecurityEvent.all().delete()
    await User.filter(id=grace.id).delete()
    looked = await checking.look(runtime)
    assert (looked.sessions, looked.orphans) == (2, 1)
    await is_over(session)


async def test_what_the_check_up_says(runtime: Runtime, clock: Clock, ada: Person) -> None:
    """Nothing, normally; events from the future and another's secret are traces as well."""

    def deployment(**changes: object) -> Deployment:
        settings = runtime.settings.model_copy(update=changes)
        return Deployment(settings, runtime.redis, clock, {})

    assert [found.level for found in await checking.check_up(deployment())] == ["ok"]
    await ada.log_in()
    clock.advance(-HOUR)
    found = await checking.check_up(deployment(SECRET_KEY="n" * 43))
    assert [one.check for one in found] == ["restores", "signing_keys"]
    assert "from the future" in found[0].says
    assert found[0].fix == FIX
    assert found[1].says.startswith("1 signing key(s)")


@pytest.mark.real_only
async def test_rows_restored_without_their_sequence(runtime: Runtime, stores: Stores) -> None:
    """The check-up sees what would collide, and its advice mends it."""
    assert stores.postgres is not None
    deployment = Deployment(runtime.settings, runtime.redis, runtime.clock, {})
    stores.postgres.query("INSERT INTO statistics (id, hour, name, value) VALUES (1000000, now(), 'x', 1)")
    (found,) = await checking.check_up(deployment)
    assert (found.check, found.level) == ("sequences", "warning")
    stores.postgres.query(found.fix.partition(": ")[2])
    assert [one.level for one in await checking.check_up(deployment)] == ["ok"]


@pytest.mark.embedded_only
def test_an_embedded_database_put_back(stores: Stores, tmp_path: Path) -> None:
    """A copy of the file in the place of the file, and `finish`: the key is another, and who comes logs in anew."""
    file, kept = tmp_path / "latchkey.sqlite3", tmp_path / "kept.sqlite3"
    settings = stores.environment(DATABASE_URL=f"sqlite://{file}")
    made = ("users", "create-superuser", "--password", PASSWORD, "--email")
    assert latchkey(*made, "root@example.com", **settings).returncode == 0
    assert latchkey("keys", "rotate", **settings).returncode == 0  # as a service that starts
    before = json.loads(latchkey("keys", "list", "--json", **settings).stdout)
    with sqlite3.connect(file) as database:
        database.execute("VACUUM INTO ?", (str(kept),))
    assert latchkey(*made, "later@example.com", **settings).returncode == 0
    for name in ("latchkey.sqlite3-wal", "latchkey.sqlite3-shm"):
        (tmp_path / name).unlink(missing_ok=True)
    kept.replace(file)
    assert latchkey("restore", "check", **settings).returncode == 0
    done = json.loads(latchkey("restore", "finish", "--yes", "--json", **settings).stdout)["finished"]
    after = {key["kid"]: key["state"] for key in json.loads(latchkey("keys", "list", "--json", **settings).stdout)}
    assert after == {before[0]["kid"]: "retired", done["kid"]: "signing"}
    (user,) = json.loads(latchkey("users", "list", "--json", **settings).stdout)
    assert user["email"] == "root@example.com"  # as it was when the file was copied
