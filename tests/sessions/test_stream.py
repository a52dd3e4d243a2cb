"""A session ends, and its open tabs hear of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest
from sanic import Sanic

from service import app as app_module
from service.app import create_app
from service.core.clock import Clock
from service.devices import stream_routes
from service.errors import Unavailable
from service.runtime import Runtime
from service.sessions import watch
from service.sessions.watch import SessionWatch
from tests.sessions.test_operators import delete_keys
from tests.support.people import Person, Session, assert_problem
from tests.support.serving import served
from tests.support.streams import URL, listening
from tests.support.waiting import eventually

End = Callable[[Session, Session, Runtime], Awaitable[Any]]


@pytest.fixture
async def own_app(runtime: Runtime) -> AsyncIterator[tuple[Sanic[Any, Any], str]]:
    """An application that a test may stop, with room for three streams."""
    app = create_app(runtime=replace(runtime, settings=runtime.settings.model_copy(update={"MAX_STREAMS": 3})))
    async with served(app) as url:
        yield app, url


async def _log_out(session: Session, other: Session, runtime: Runtime) -> None:
    await session.call("POST", "/auth/logout")


async def _end_from_another_device(session: Session, other: Session, runtime: Runtime) -> None:
    await other.call("DELETE", f"/sessions/{session.sid}")


async def _end_all_others(session: Session, other: Session, runtime: Runtime) -> None:
    await other.call("DELETE", "/sessions")


async def _change_password(session: Session, other: Session, runtime: Runtime) -> None:
    assert (await other.call("PUT", "/users/me", json={"password": "another good password"})).status_code == 200


async def _delete_the_key(session: Session, other: Session, runtime: Runtime) -> None:
    await delete_keys(runtime, f"user:{{*}}:session:{session.sid}")


async def _flush(session: Session, other: Session, runtime: Runtime) -> None:
    redis: Any = runtime.redis.client
    await redis.flushall()


async def _reuse(session: Session, other: Session, runtime: Runtime) -> None:
    old = session.refresh_token
    for _ in range(2):
        await session.advance()
        runtime.clock.advance(60)
    assert (await session.refresh(old)).json()["reason"] == "reused"


async def _expire(session: Session, other: Session, runtime: Runtime) -> None:
    await asyncio.sleep(2 * watch.LOOK_SECONDS)  # seen alive, once
    runtime.clock.advance(8 * 86400)


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        (_log_out, "logged_out"),
        (_end_from_another_device, "revoked"),
        (_end_all_others, "revoked"),
        (_change_password, "password_changed"),
        (_delete_the_key, "revoked"),
        (_flush, "revoked"),
        (_reuse, "reused"),
        (_expire, "expired"),
    ],
    ids=lambda value: value.__name__.strip("_") if callable(value) else value,
)
async def test_however_it_ends(ada: Person, runtime: Runtime, end: End, reason: str) -> None:
    """R29, R31: every open tab of that session hears of it, with the reason, and its stream closes."""
    session, other = await ada.log_in(), await ada.log_in()
    async with listening(session) as first, listening(session) as second:
        await end(session, other, runtime)
        assert [await first.ended(), await second.ended()] == [reason, reason]


async def test_others_hear_nothing(ada: Person, grace: Person, runtime: Runtime) -> None:
    """Another device of the user, and another user, go on listening."""
    session, device, stranger = await ada.log_in(), await ada.log_in(), await grace.log_in()
    async with listening(session) as gone, listening(device) as kept, listening(stranger) as foreign:
        await session.call("POST", "/auth/logout")
        assert await gone.ended() == "logged_out"
        await device.call("POST", "/auth/logout")
        assert await kept.ended() == "logged_out"
        await stranger.call("POST", "/auth/logout")
        assert await foreign.ended() == "logged_out"


async def test_a_disabled_user(ada: Person, root: Person) -> None:
    """R30: an administrator disables the account: its tabs are told."""
    session, admin = await ada.log_in(), await root.log_in()
    async with listening(session) as stream:
        assert (await admin.call("PUT", f"/users/{ada.id}", json={"is_active": False})).status_code == 200
        assert await stream.ended() == "revoked"


async def test_it_outlives_its_access_token(ada: Person, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """The stream lives as long as the session; comments keep proxies from closing it."""
    monkeypatch.setattr(stream_routes, "HEARTBEAT_SECONDS", 0.05)
    session = await ada.log_in()
    async with listening(session) as stream:
        clock.advance(3600)
        assert (await session.me()).status_code == 401
        assert [await stream.line() for _ in range(3)] == [":", ":", ":"]
        await session.call("POST", "/auth/logout")
        assert await stream.ended() == "logged_out"


async def test_who_may_listen(client: httpx.AsyncClient, ada: Person) -> None:
    """R45: it takes an access token that is good, like everything else."""
    session = await ada.log_in()
    await session.call("POST", "/auth/logout")
    assert_problem(await client.get(URL), 401, "not_authenticated")
    assert_problem(await client.get(URL, headers=session.headers), 401, "invalid_token")


async def test_how_it_is_sent(ada: Person) -> None:
    """No cache and no proxy may hold it back."""
    async with listening(await ada.log_in()) as stream:
        assert stream.response.headers["content-type"] == "text/event-stream"
        assert stream.response.headers["cache-control"] == "no-store"
        assert stream.response.headers["x-accel-buffering"] == "no"


async def test_an_outage_ends_nothing(ada: Person, runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """R73: a Redis out of reach says nothing about sessions, and the stream goes on saying nothing; then it goes on."""
    session = await ada.log_in()
    asked = asyncio.Event()

    async def fail(*_: object) -> None:
        asked.set()
        raise Unavailable("redis")

    async with listening(session) as stream:
        with monkeypatch.context() as broken:
            broken.setattr(type(runtime.sessions), "survey", fail)
            for _ in range(2):
                asked.clear()
                await asyncio.wait_for(asked.wait(), 20)
        assert (await session.me()).status_code == 200
        await session.call("POST", "/auth/logout")
        assert await stream.ended() == "logged_out"


async def test_a_mistake_of_ours_does_not_stop_the_watch(
    ada: Person, runtime: Runtime, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever goes wrong in one look, the next one is taken; the log has it."""
    session = await ada.log_in()
    failed = asyncio.Event()

    async def fail(*_: object) -> None:
        failed.set()
        raise RuntimeError("a mistake")

    with caplog.at_level(logging.ERROR):
        async with listening(session) as stream:
            with monkeypatch.context() as broken:
                broken.setattr(type(runtime.sessions), "survey", fail)
                await asyncio.wait_for(failed.wait(), 20)
            await session.call("POST", "/auth/logout")
            assert await stream.ended() == "logged_out"


async def test_without_the_database_there_is_no_reason(
    ada: Person, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The end is told all the same."""

    async def fail(*_: object) -> None:
        raise Unavailable("database")

    monkeypatch.setattr(watch, "end_reasons", fail)
    session = await ada.log_in()
    async with listening(session) as stream:
        await session.call("POST", "/auth/logout")
        assert await stream.ended() == "revoked"


async def test_clients_that_go_leave_nothing(ada: Person, own_app: tuple[Sanic[Any, Any], str]) -> None:
    """R72: a closed tab frees its place, the last one the task: streams are bounded, and so is what they take."""
    app, url = own_app
    seen: SessionWatch = app.ctx.session_watch
    session = await ada.log_in()
    for _ in range(4):
        async with listening(session, url), listening(session, url):
            assert seen.count == 2
        await eventually(lambda: seen.count == 0)
    await eventually(lambda: seen._task is None)
    assert not seen._watched
    assert not seen._ends_at


async def test_no_more_than_there_is_room_for(ada: Person, own_app: tuple[Sanic[Any, Any], str]) -> None:
    """R72: past the limit the answer is 503 with Retry-After; a place that becomes free can be had."""
    app, url = own_app
    session = await ada.log_in()
    async with listening(session, url), listening(session, url):
        async with listening(session, url):
            response = await session.client.get(f"{url}{URL}", headers=session.headers)
            assert_problem(response, 503, "unavailable")
            assert response.headers["retry-after"] == "10"
        await eventually(lambda: app.ctx.session_watch.count == 2)
        async with listening(session, url):
            pass


async def test_one_user_does_not_take_every_place(ada: Person, grace: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """R72: the streams of one user have a limit of their own."""
    monkeypatch.setattr(watch, "STREAMS_PER_USER", 1)
    session, device, stranger = await ada.log_in(), await ada.log_in(), await grace.log_in()
    async with listening(session):
        assert_problem(await device.client.get(URL, headers=device.headers), 503, "unavailable")
        async with listening(stranger):
            pass


async def test_a_process_that_stops_hangs_up(ada: Person, runtime: Runtime) -> None:
    """SIGTERM: streams close at once, without a word about the session, which lives; none can be opened any more."""
    app = create_app(runtime=runtime)
    session = await ada.log_in()
    async with served(app) as url, listening(session, url) as stream:
        await app.ctx.session_watch.close()
        assert await stream.ended() is None
        response = await session.client.get(f"{url}{URL}", headers=session.headers)
        assert_problem(response, 503, "unavailable")
    assert (await session.me()).status_code == 200
    assert app.ctx.session_watch.count == 0


def test_within_a_second() -> None:
    """The promise is arithmetic: a look at most, then the time to learn the reason, and room for the network."""
    assert watch.LOOK_SECONDS + watch.RECORD_SECONDS <= 0.6
    assert stream_routes.HEARTBEAT_SECONDS <= app_module.RESPONSE_SECONDS / 2


async def test_head_has_an_end(ada: Person) -> None:
    """R56: HEAD says what GET would begin with, and holds nothing open."""
    session = await ada.log_in()
    answer = await session.call("HEAD", "/sessions/stream")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"] == "text/event-stream"
    assert answer.headers["x-accel-buffering"] == "no"
