"""Another service follows the endings of sessions: whatever ends one, it hears of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import httpx
import pytest
from sanic import Sanic

from models import User
from service.app import create_app
from service.errors.end_reasons import EndReason
from service.oauth import managing, recording, revocation_routes, revocations
from service.oauth.revocation_routes import revocations_of
from service.runtime import Runtime
from tests.oauth.support import Service, a_service, refused
from tests.sessions import test_every_ending as endings
from tests.support.following import SETTLED_SECONDS, URL, Following, following
from tests.support.letters import Mailbox
from tests.support.people import Person
from tests.support.serving import served
from tests.support.waiting import eventually

WITHOUT_A_KEY = {
    endings.the_password_changes_while_redis_is_away: "changed",
    endings.an_administrator_disables_while_redis_is_away: "user_disabled",
    endings.it_is_deleted_while_redis_is_away: "user_deleted",
    endings.a_cut_off_is_set_by_hand: "changed",
}
"""Ways that leave the session's key where it is: then there is something to ask about the user."""
BY_TIME = {endings.not_used_for_long, endings.too_long_after_the_log_in}
"""Redis's own time isn't moved: tests/oauth/test_revocations_faults.py waits for it."""
FOR_ALL = {endings.redis_is_flushed, endings.a_command_ends_all_there_are}


@pytest.fixture
async def own_app(runtime: Runtime) -> AsyncIterator[tuple[Sanic[Any, Any], str]]:
    """An application that a test may stop."""
    app = create_app(runtime=runtime)
    async with served(app) as url:
        yield app, url


@pytest.fixture
async def stage(
    ada: Person, root: Person, runtime: Runtime, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> endings.Stage:
    return endings.Stage(
        ada, await ada.log_in(), await ada.log_in(), await root.log_in(), runtime, mailbox, monkeypatch
    )


@pytest.fixture
async def secret(billing: Service) -> tuple[str, str]:
    return billing.client_id, billing.secret


@pytest.fixture
async def stream(
    client: httpx.AsyncClient, secret: tuple[str, str], ada: Person, root: Person
) -> AsyncIterator[Following]:
    """A follower from before the test's own sessions."""
    async with following(client, secret) as found:
        yield found


async def settle(stream: Following) -> None:
    """Wait until all is told that there is to tell of how users were made."""
    await asyncio.sleep(recording.AGAIN_SECONDS + 2 * recording.TURN_SECONDS)
    stream.events.clear()


@pytest.mark.parametrize("way", [way for way in endings.WAYS if way not in BY_TIME], ids=lambda way: way.__name__)
async def test_every_way_is_told(stage: endings.Stage, stream: Following, runtime: Runtime, way: endings.Way) -> None:
    """By the session, with its reason; by its user, where the key is there still; by all, where all keys went."""
    await asyncio.sleep(2 * recording.TURN_SECONDS)  # where nobody tells of keys, this one has been seen
    if way in WITHOUT_A_KEY:
        await settle(stream)
    before = stream.forgets()
    await way(stage)
    if way in FOR_ALL and runtime.changes.are_told:
        await eventually(lambda: stream.forgets() > before)
    elif way in WITHOUT_A_KEY:
        event = await stream.hears(sub=stage.ada.id)
        await eventually(lambda: WITHOUT_A_KEY[way] in {one.data["reason"] for one in stream.ended(sub=stage.ada.id)})
        assert event.data.keys() == {"sub", "reason"}
    else:
        event = await stream.hears(stage.session.sid)
        reason, _ = endings.WAYS[way]
        assert event.data == {"sub": str(stage.ada.id), "sid": str(stage.session.sid), "reason": str(reason)}


async def test_what_goes_on_is_no_event(ada: Person, stream: Following, clock: Any) -> None:
    """Log-ins, uses, refreshes: nothing has ended."""
    await settle(stream)
    session = await ada.log_in()
    for _ in range(5):
        clock.advance(61)  # a use is noted again
        assert (await session.me()).status_code == 200
        await session.advance()
        await session.call("PATCH", f"/sessions/{session.sid}", json={"name": "mine"})
    other = await ada.log_in()
    await asyncio.sleep(2 * recording.TURN_SECONDS)
    await other.call("POST", "/auth/logout")
    await stream.hears(other.sid)
    assert not stream.ended(session.sid)
    assert not stream.ended(sub=ada.id)


async def test_a_user_who_changes_is_to_be_asked_about(ada: Person, stream: Following) -> None:
    """Introspection says who is a superuser, and by which address; so what is known of them is to be asked for again.

    It is said twice, for a process may know the old row for a moment longer.
    """
    await settle(stream)
    await User.filter(id=ada.id).update(is_superuser=True)
    await stream.hears(sub=ada.id)
    await eventually(lambda: stream.ended(sub=ada.id)[-1].at - stream.ended(sub=ada.id)[0].at > 0.4)
    assert {event.data["reason"] for event in stream.ended(sub=ada.id)} == {"changed"}


async def test_many_at_once(ada: Person, runtime: Runtime, stream: Following) -> None:
    """A thousand end at once: each is told of once, none is lost."""
    await settle(stream)
    runtime.sessions._layout.cap, cap = 2000, runtime.sessions._layout.cap
    try:
        sids = [await _opened(runtime, ada) for _ in range(1000)]
    finally:
        runtime.sessions._layout.cap = cap
    await asyncio.sleep(2 * recording.TURN_SECONDS)
    for sid in sids:
        await runtime.sessions.end(ada.id, sid, EndReason.ENDED_ELSEWHERE)
        await asyncio.sleep(0)  # embedded, nothing is waited for: who records would be held up, and hold its tongue
    await eventually(lambda: len(stream.ended()) >= 1000, why=lambda: (len(stream.ended()), stream.is_over))
    told = [UUID(event.data["sid"]) for event in stream.ended()]
    assert (told if runtime.changes.are_told else sorted(told)) == (sids if runtime.changes.are_told else sorted(sids))
    ids = [tuple(map(int, event.id.split("-"))) for event in stream.ended()]
    assert ids == sorted(ids)
    assert len(set(ids)) == 1000


async def _opened(runtime: Runtime, person: Person) -> UUID:
    from uuid import uuid4

    from service.core.client import Client
    from service.stores.sessions.assurance import Assurance

    sid = uuid4()
    await runtime.sessions.log_in(person.id, sid, Client("192.0.2.1", "a browser"), Assurance(("pwd",)), 0)
    return sid


async def test_who_may_follow(client: httpx.AsyncClient, billing: Service, ada: Person) -> None:
    """Clients with a secret, nobody else: not users, not by the address, not with another's secret."""
    session = await ada.log_in()
    refused(await client.get(URL), 401, "invalid_client")
    refused(await client.get(URL, headers=session.headers), 401, "invalid_client")
    refused(await client.get(URL, auth=(billing.client_id, "lks_" + "x" * 43)), 401, "invalid_client")
    by_query = {"client_id": billing.client_id, "client_secret": billing.secret}
    refused(await client.get(URL, params=by_query), 401, "invalid_client")
    assert (await client.head(URL)).status_code == 401


async def test_how_it_is_sent(client: httpx.AsyncClient, secret: tuple[str, str]) -> None:
    """No cache and no proxy may hold it back; HEAD says what GET would begin with, and holds nothing open."""
    async with following(client, secret) as stream:
        headers = stream.response.headers
        assert [event.kind for event in stream.events][:1] == ["forget"]
    head = await client.head(URL, auth=secret)
    for said in (headers, head.headers):
        assert said["content-type"] == "text/event-stream"
        assert said["cache-control"] == "no-store"
        assert said["x-accel-buffering"] == "no"
    assert (head.status_code, head.content) == (200, b"")


async def test_signs_of_life(stream: Following) -> None:
    """Something comes twice a second, with an id to go on from."""
    await eventually(lambda: len(stream.signs) >= 4)
    assert revocations.SIGN_SECONDS < 0.5
    before = stream.last_id
    await eventually(lambda: stream.last_id != before)


async def test_it_goes_on_where_it_was(ada: Person, client: httpx.AsyncClient, secret: tuple[str, str]) -> None:
    """What ends between two connections is told by the second, which then needs to forget nothing."""
    first, second = await ada.log_in(), await ada.log_in()
    async with following(client, secret) as stream:
        await asyncio.sleep(SETTLED_SECONDS)
        await first.call("POST", "/auth/logout")
        await stream.hears(first.sid)
        last_id = stream.last_id
    await second.call("POST", "/auth/logout")
    async with following(client, secret, last_id=last_id) as again:
        await again.hears(second.sid)
        assert not again.forgets()


@pytest.mark.parametrize("last_id", ["", "0-0", "1-1", "nonsense", "9" * 15 + "-1", "-1-1", "1790000000000"])
async def test_what_cannot_be_gone_on_from(client: httpx.AsyncClient, secret: tuple[str, str], last_id: str) -> None:
    """Too old, still to come, or no id at all: everything is to be forgotten."""
    async with following(client, secret, last_id=last_id) as stream:
        assert {event.kind for event in stream.events} == {"forget"}


async def test_a_client_that_is_removed(
    client: httpx.AsyncClient, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its streams end by themselves."""
    monkeypatch.setattr(revocation_routes, "CLIENT_SECONDS", 0.3)
    gone = await a_service(client, runtime, "Gone")
    async with following(client, (gone.client_id, gone.secret)) as stream:
        await managing.remove(runtime, "Gone")
        await eventually(lambda: stream.is_over)
    refused(await client.get(URL, auth=(gone.client_id, gone.secret)), 401, "invalid_client")


async def test_a_client_has_its_share(
    runtime: Runtime, client: httpx.AsyncClient, secret: tuple[str, str], own_app: tuple[Sanic[Any, Any], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Past it the answer is 503; a place that becomes free can be had, and another client has places of its own."""
    monkeypatch.setattr(revocations, "STREAMS_PER_CLIENT", 2)
    app, url = own_app
    other = await a_service(client, runtime, "Shipping")
    async with following(client, secret, url):
        async with following(client, secret, url):
            answer = await client.get(f"{url}{URL}", auth=secret)
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
            async with following(client, (other.client_id, other.secret), url):
                assert revocations_of(app).count == 3
        await eventually(lambda: revocations_of(app).count == 1)
        async with following(client, secret, url):
            pass
    await eventually(lambda: revocations_of(app).count == 0)
    assert not revocations_of(app)._of_client


async def test_a_process_that_stops_hangs_up(
    client: httpx.AsyncClient, secret: tuple[str, str], own_app: tuple[Sanic[Any, Any], str]
) -> None:
    """SIGTERM: streams close at once, and none can be opened any more."""
    app, url = own_app
    async with following(client, secret, url) as stream:
        await revocations_of(app).close()
        await eventually(lambda: stream.is_over)
        assert (await client.get(f"{url}{URL}", auth=secret)).status_code == 503


async def test_nobody_to_tell(runtime: Runtime, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a client nothing is recorded; with one it is, before it comes; without it it ends."""
    monkeypatch.setattr(revocations, "CLIENTS_SECONDS", 0.05)
    app = create_app(runtime=replace(runtime))
    async with served(app):
        recorder = revocations_of(app)._recorder
        await asyncio.sleep(0.2)
        assert recorder._task is None
        await a_service(client, runtime, "Soon")
        await eventually(lambda: recorder.is_sure)
        await managing.remove(runtime, "Soon")
        await eventually(lambda: recorder._task is None)
