"""Followers rely on silence: what the service can't be certain of it doesn't pass over in silence."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sanic import Sanic

from models import User
from service.app import create_app
from service.core.clock import Clock
from service.errors import Unavailable
from service.oauth import recording, revocation_routes
from service.oauth.looking import Looking
from service.oauth.recording import Recorder
from service.oauth.revocation_routes import revocations_of
from service.oauth.ring import CHUNK, OVERLAP_MS, Ring, moment_of
from service.runtime import Runtime
from service.stores import changes
from service.stores.changes import Changes
from tests.oauth.support import Service
from tests.support.following import SETTLED_SECONDS, URL, Following, following
from tests.support.people import Person
from tests.support.serving import served
from tests.support.waiting import eventually


@pytest.fixture
async def app(runtime: Runtime) -> AsyncIterator[tuple[Sanic[Any, Any], str]]:
    """An application of the test's own."""
    app = create_app(runtime=runtime)
    async with served(app) as url:
        yield app, url


@pytest.fixture
def recorder(app: tuple[Sanic[Any, Any], str]) -> Recorder:
    return revocations_of(app[0])._recorder


@pytest.fixture
async def stream(
    client: httpx.AsyncClient, billing: Service, app: tuple[Sanic[Any, Any], str]
) -> AsyncIterator[Following]:
    async with following(client, (billing.client_id, billing.secret), app[1]) as found:
        yield found


async def fail(*_: object) -> None:
    raise Unavailable("redis")


async def test_what_cannot_be_looked_at_waits(
    ada: Person, runtime: Runtime, recorder: Recorder, client: httpx.AsyncClient, billing: Service,
    app: tuple[Sanic[Any, Any], str], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """While Redis doesn't say which sessions are over there is no sign of life, and streams end; then it is told."""
    session = await ada.log_in()
    secret = billing.client_id, billing.secret
    async with following(client, secret, app[1]) as stream:
        await asyncio.sleep(SETTLED_SECONDS)
        with monkeypatch.context() as broken:
            broken.setattr(type(runtime.sessions), "survey", fail)
            await session.call("POST", "/auth/logout")
            await eventually(lambda: stream.is_over)
            assert not stream.ended(session.sid)
            assert (await client.get(f"{app[1]}{URL}", auth=secret)).status_code == 503
    async with following(client, secret, app[1], last_id=stream.last_id) as again:
        assert (await again.hears(session.sid)).data["reason"] == "logged_out"
        assert not again.forgets()


async def test_a_mistake_of_ours(
    ada: Person, runtime: Runtime, stream: Following, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged, nothing is certain for as long as it goes on, and then all is to be forgotten."""
    failed = asyncio.Event()

    async def mistaken(*_: object) -> None:
        failed.set()
        raise RuntimeError("a mistake")

    session = await ada.log_in()
    await asyncio.sleep(recording.AGAIN_SECONDS + 0.5)  # where nobody tells of keys, this one has been seen
    before = stream.forgets()
    with caplog.at_level(logging.ERROR):
        with monkeypatch.context() as broken:
            broken.setattr(type(runtime.sessions), "survey", mistaken)
            await session.call("POST", "/auth/logout")
            await asyncio.wait_for(failed.wait(), 20)
        await eventually(lambda: stream.is_over or stream.forgets() > before)
    assert "a mistake" in caplog.text


async def test_a_row_that_cannot_be_read(
    ada: Person, runtime: Runtime, recorder: Recorder, stream: Following, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is something to ask all the same."""

    class Away:
        @staticmethod
        def filter(**_: object) -> object:
            raise Unavailable("database")

    monkeypatch.setattr("service.oauth.looking.User", Away)
    runtime.changes.note(frozenset({ada.id}))
    assert (await stream.hears(sub=ada.id)).data["reason"] == "changed"


async def test_redis_has_another_time(recorder: Recorder, stream: Following, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ids are moments: where Redis's clock jumps they mean nothing any more."""
    before = stream.forgets()
    now = recorder._looking._runtime.sessions.now
    moved = replace_now(now, 60_000)
    monkeypatch.setattr(type(recorder._looking._runtime.sessions), "now", moved)
    recorder._looking._asked_at = float("-inf")
    await eventually(lambda: stream.forgets() > before)
    await eventually(lambda: moment_of(stream.last_id) is not None)


def replace_now(now: Any, ahead: int) -> Any:
    async def moved(_: object, uid: UUID) -> int:
        return int(await now(uid)) + ahead

    return moved


@pytest.mark.real_only
async def test_a_connection_that_is_lost(ada: Person, runtime: Runtime, recorder: Recorder, stream: Following) -> None:
    """What changed before the next one was there isn't known: all is to be forgotten once it is."""
    before = stream.forgets()
    watch = runtime.changes._watch
    assert watch is not None
    watch.lose()
    assert stream.forgets() == before, "not before it hears again: what is asked until then may be old"
    await eventually(lambda: stream.forgets() == before + 2)  # once more, as of a user who has changed
    session = await ada.log_in()
    await session.call("POST", "/auth/logout")
    await stream.hears(session.sid)


async def test_a_cluster(runtime: Runtime, client: httpx.AsyncClient, billing: Service, caplog: Any) -> None:
    """There nobody can be sure to hear of everything: no stream, and the log says why, once."""
    settings = runtime.settings.model_copy(update={"REDIS_URL": "rediss+cluster://nowhere"})
    app = create_app(runtime=replace(runtime, changes=Changes(settings, None, None)))
    async with served(app) as url:
        for _ in range(2):
            answer = await client.get(f"{url}{URL}", auth=(billing.client_id, billing.secret))
            assert (answer.status_code, answer.json()["error"]) == (503, "temporarily_unavailable")
            assert int(answer.headers["retry-after"]) > 0
    assert [record for record in caplog.records if "revocations.deaf" in record.getMessage()][1:] == []


async def test_who_takes_nothing_is_cut_off(
    recorder: Recorder, app: tuple[Sanic[Any, Any], str], billing: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What waits for them takes no memory, and their place is free again."""
    monkeypatch.setattr(revocation_routes, "TAKEN_SECONDS", 0.3)
    host, _, port = app[1].removeprefix("http://").partition(":")
    with socket.socket() as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.connect((host, int(port)))
        line = f"GET {URL} HTTP/1.1\r\nHost: {host}\r\nAuthorization: {billing.basic['Authorization']}\r\n\r\n"
        slow.sendall(line.encode())
        await eventually(lambda: revocations_of(app[0]).count == 1)
        for _ in range(30 * CHUNK):
            recorder.ring.add(recorder.now(), b"x" * 1000)
        recorder._wake()
        await eventually(lambda: revocations_of(app[0]).count == 0)


def test_a_ring() -> None:
    """Whoever knows all until a moment goes on there; where something is missing, that is said."""
    ring = Ring(most=3, kept_ms=10_000)
    assert ring.place_of(5_000, 5_000) is None, "nothing was heard yet"
    ring.begin(10_000)
    start = ring.end
    assert ring.place_of(10_000 + OVERLAP_MS, 20_000) == start
    assert ring.place_of(10_000 + OVERLAP_MS - 1, 20_000) is None, "before it was heard of"
    assert ring.place_of(20_001 + OVERLAP_MS, 20_000) is None, "still to come"
    for moment in (13_000, 14_000, 16_000):
        ring.add(moment, str(moment).encode())
    assert ring.after(start) == (ring.end, [b"13000", b"14000", b"16000"])
    place = ring.place_of(16_000, 16_000)
    assert place is not None
    assert ring.after(place) == (ring.end, [b"14000", b"16000"]), "what was told within the overlap, once more"
    assert ring.after(ring.end) == (ring.end, [])
    ring.add(17_000, b"17000")  # more than it keeps
    assert ring.after(start) is None
    assert ring.place_of(15_000, 17_000) is None
    assert ring.place_of(15_001, 17_000) is not None
    ring.add(40_000, b"40000")  # and what is too old
    assert ring.after(ring.end - 2) is None
    assert ring.after(ring.end - 1) == (ring.end, [b"40000"])
    up_to_date = ring.end
    ring.begin(41_000)
    assert ring.after(up_to_date) is None, "all has to be forgotten by whoever had heard all"


def test_a_ring_is_read_in_pieces() -> None:
    """However much there is, no more than a chunk is held for one who is slow."""
    ring = Ring()
    ring.begin(0)
    place = start = ring.end
    for number in range(2 * CHUNK + 1):
        ring.add(number, b"%d" % number)
    sizes = list[int]()
    while (found := ring.after(place)) is not None and found[1]:
        place = found[0]
        sizes.append(len(found[1]))
    assert (sizes, place - start) == ([CHUNK, CHUNK, 1], 2 * CHUNK + 1)


@pytest.mark.parametrize("text", [None, "", "1", "-1-1", "1-", "1-1 ", " 1-1", "1e3-1", "٣-1", "1" * 16 + "-1"])
def test_no_id_of_ours(text: str | None) -> None:
    """Whatever comes in the header."""
    assert moment_of(text) is None
    assert moment_of("1790000000123-7") == 1_790_000_000_123


class Stand:
    """What hears, or doesn't."""

    def __init__(self) -> None:
        self.listeners: list[Any] = []
        self.heard = True
        self.is_barred = False
        self.listens = True

    def hears(self) -> bool:
        return self.heard


def heard_by(runtime: Runtime, **changes_: object) -> tuple[Any, Any, Changes]:
    settings = runtime.settings.model_copy(update={"REDIS_URL": "redis://nowhere", **changes_})
    watch: Any = Stand()
    hearing: Any = Stand()
    return watch, hearing, Changes(settings, watch, hearing)


def test_what_is_gathered(runtime: Runtime) -> None:
    """Sessions and users, once each, in their order; what isn't ours is passed over."""
    watch, hearing, found = heard_by(runtime, REDIS_KEY_PREFIX="äpp:")
    uid, first, second = uuid4(), uuid4(), uuid4()
    stem = f"äpp:user:{{{uid}}}"
    (tell,) = watch.listeners
    tell(f"{stem}:session:{first}".encode())  # nobody has asked for it yet
    woken = list[int]()
    with found.gathered(lambda: woken.append(1)) as gathering, found.gathered(lambda: None) as other:
        taken = gathering.take()
        assert (taken.sessions, taken.everything) == ({}, True), "what was before isn't known"
        for key in (
            f"{stem}:session:{second}", f"{stem}:session:{first}", f"{stem}:session:{second}", f"{stem}:sessions",
            f"{stem}:ended:{first}", f"{stem}:session:nonsense", "äpp:user:{nobody}:probe", f"{stem}:pending:{first}",
        ):  # fmt: skip
            tell(key.encode())
        tell("äpp:user:{".encode() + b"\xff")
        tell(f"{stem}:changed".encode())
        hearing.listeners[0](str(uid))
        taken = gathering.take()
        assert list(taken.sessions.items()) == [(second, uid), (first, uid)]
        assert (taken.users, taken.everything, len(woken)) == ([uid], False, 1)
        assert taken.since is not None
        assert gathering.take() == changes.Heard({}, [], everything=False, since=None)
        hearing.listeners[0](None)
        assert gathering.take().everything
        tell("äpp:user:{everyone}:changed".encode())
        assert gathering.take().everything
        assert other.take().sessions == {}, "part of everything"
    tell(None)
    assert not gathering.take().everything


def test_too_much_is_everything(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits to be taken has a bound."""
    monkeypatch.setattr(changes, "MOST_SESSIONS", 3)
    monkeypatch.setattr(changes, "MOST_USERS", 2)
    watch, _, found = heard_by(runtime)
    with found.gathered(lambda: None) as gathering:
        gathering.take()
        for _ in range(4):
            watch.listeners[0](f"user:{{{uuid4()}}}:session:{uuid4()}".encode())
        taken = gathering.take()
        assert (taken.sessions, taken.everything) == ({}, True)
        found.note(frozenset(uuid4() for _ in range(3)))
        taken = gathering.take()
        assert (taken.users, taken.everything) == ([], True)


def test_what_hears(runtime: Runtime) -> None:
    """Both have to; only where a pooler is known to keep one of them from it, the other will do."""
    watch, hearing, found = heard_by(runtime)
    assert found.hears()
    hearing.heard = False
    assert not found.hears()
    hearing.is_barred = True
    assert found.hears()
    watch.heard = False
    assert not found.hears()


async def test_why_it_has_ended(ada: Person, runtime: Runtime, clock: Clock) -> None:
    """A session whose key is gone when its time was up has expired; before that, somebody has deleted it."""
    looking = Looking(runtime)
    due, deleted = await ada.log_in(), await ada.log_in()
    assert not await looking.look_at_sessions({due.sid: ada.id, deleted.sid: ada.id})
    redis: Any = runtime.redis.client
    await redis.unlink(f"user:{{{ada.id}}}:session:{deleted.sid}")
    (found,) = await looking.look_at_sessions({deleted.sid: ada.id})
    assert (found.sub, found.sid, found.reason) == (ada.id, deleted.sid, "revoked")
    clock.advance(8 * 86_400)
    await redis.unlink(f"user:{{{ada.id}}}:session:{due.sid}")
    (found,) = await looking.look_at_sessions({due.sid: ada.id})
    assert found.reason == "expired"
    assert not looking.has_jumped, "a clock that tests move isn't Redis's"


@pytest.mark.embedded_only
async def test_another_process_writes(runtime: Runtime, stream: Following, ada: Person, settings: Any) -> None:
    """To the embedded database, as an operator's command does: all is to be asked for again."""
    import sqlite3

    before = stream.forgets()
    await asyncio.sleep(0.5)
    connection = sqlite3.connect(settings.DATABASE_URL.partition("://")[2])
    connection.execute("UPDATE users SET is_active = 0")
    connection.commit()
    connection.close()
    await eventually(lambda: stream.forgets() > before)
    assert not (await User.get(id=ada.id)).is_active


async def test_it_can_be_stopped_at_any_moment(ada: Person, runtime: Runtime) -> None:
    """Whatever it waits for just then."""
    await ada.log_in()
    for tries in range(60):
        recorder = Recorder(runtime)
        recorder.start()
        await asyncio.sleep(tries / 2000)
        async with asyncio.timeout(20):
            await recorder.stop()
        assert recorder._task is None
