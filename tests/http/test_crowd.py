"""R82: connections have a share for each network and room in all; those that only wait give way to who asks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from types import SimpleNamespace
from typing import Any, cast

import pytest
from sanic.http import Stage

from service.app import create_app
from service.core.wire import crowd as crowds
from service.core.wire import descriptors
from service.runtime import Runtime
from tests.http.crowding import strict
from tests.http.support import HOST, request, wire
from tests.support.waiting import eventually

pytestmark = pytest.mark.embedded_only


async def test_a_share_for_each_network(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """R82: beyond its share a network's own waiting connections give way, the first first; one line says so."""
    room_of(monkeypatch, connections=50, share=10)
    said = words(monkeypatch)
    async with strict(runtime) as (app, url), AsyncExitStack() as stack:
        used = await stack.enter_async_context(wire(url))
        assert await used.usable()
        silent = [await stack.enter_async_context(wire(url)) for _ in range(40)]
        await eventually(lambda: len(app.ctx.crowd) == 10)
        for connection in silent[:31]:
            assert await connection.closed()
        for connection in (used, *silent[-9:]):  # it had been served: those that only wait go before it
            assert await connection.usable()
        await eventually(lambda: said)
        for _ in range(20):
            await stack.enter_async_context(wire(url))
        await asyncio.sleep(1.1)
    said = [word for word in said if word[0] == "connections.crowded"]
    assert said == [("connections.crowded", {"closed": 31, "open": 10, "network": "127.0.0.1", "of_network": 31})]


async def test_trickling_connections_give_way(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """R82: heads and bodies that don't come to an end hold no place that a whole request could have."""
    room_of(monkeypatch, connections=50, share=10)
    post = f"POST /api/auth/login HTTP/1.1\r\n{HOST}Content-Type: application/json\r\nContent-Length: 99\r\n\r\n{{"
    chunked = post.replace("Content-Length: 99", "Transfer-Encoding: chunked").replace("{", "9\r\n{")
    async with strict(runtime) as (_, url):
        for begun in ("", "G", request("GET /api/health")[:-2], post, chunked, request("GET /api/health") + "G"):
            async with AsyncExitStack() as stack:
                for _ in range(10):
                    await (await stack.enter_async_context(wire(url))).send(begun)
                await asyncio.sleep(0.1)
                for _ in range(6):
                    async with wire(url) as honest:
                        assert await honest.usable(), begun


async def test_no_share_behind_a_proxy(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """R82: behind a proxy every connection is the proxy's: it is not struck for its clients. There is still an end."""
    room_of(monkeypatch, connections=30, share=10)
    async with strict(runtime, proxies=1) as (app, url), AsyncExitStack() as stack:
        found = [await stack.enter_async_context(wire(url)) for _ in range(30)]
        for connection in found:
            assert await connection.usable()
        assert len(app.ctx.crowd) == 30
        assert await (await stack.enter_async_context(wire(url))).usable()
        assert len(app.ctx.crowd) == 30


async def test_networks(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """R82: whoever has most connections makes room; an IPv6 customer is one network, whatever addresses it uses."""
    room_of(monkeypatch, connections=12, share=8)
    crowd = create_app(runtime=runtime).ctx.crowd
    dropped: list[str] = []

    def enter(address: str, **changes: object) -> bool:
        return bool(crowd.enter(cast("Any", _Waiting(address, dropped, **changes)), address))

    for number in range(40):
        assert enter(f"2001:db8:0:1::{number:x}")
    assert (len(crowd), len(dropped)) == (8, 32)
    for number in range(20):
        assert enter(f"192.0.2.{number}")
        assert len(crowd) <= 12
    assert len(crowd._networks.get("2001:db8:0:1::/64", ())) <= 1
    crowd.close()


async def test_a_site_of_many_networks(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """R82: a /48 is 65,536 networks of one customer: it has a share too."""
    room_of(monkeypatch, connections=50, share=8)
    crowd = create_app(runtime=runtime).ctx.crowd
    for number in range(100):
        assert crowd.enter(cast("Any", _Waiting("x", [])), f"2001:db8:0:{number:x}::1")
    assert len(crowd) == 16
    assert crowd.enter(cast("Any", _Waiting("x", [])), "2001:db8:1:1::1")
    assert len(crowd) == 17
    crowd.close()


async def test_those_at_work_are_left(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """R82: an answer under way is cut off for nobody; who waits elsewhere gives way instead."""
    room_of(monkeypatch, connections=12, share=8)
    crowd = create_app(runtime=runtime).ctx.crowd
    dropped: list[str] = []
    working = SimpleNamespace(stage=Stage.HANDLER, request_body=None)
    for address in ["192.0.2.1"] * 8 + ["192.0.2.2", "192.0.2.3", "192.0.2.4"]:
        assert crowd.enter(cast("Any", _Waiting(address, dropped, http=working)), address)
    assert not crowd.enter(cast("Any", _Waiting("192.0.2.1", dropped)), "192.0.2.1")
    assert crowd.enter(cast("Any", _Waiting("192.0.2.5", dropped)), "192.0.2.5")
    assert crowd.enter(cast("Any", _Waiting("192.0.2.6", dropped, http=working)), "192.0.2.6")
    assert dropped == ["192.0.2.5"]
    assert not crowd.enter(cast("Any", _Waiting("192.0.2.7", dropped)), "192.0.2.7")
    crowd.close()


async def test_few_descriptors(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """R82: when descriptors run short the log says so, once a minute."""
    crowd = create_app(runtime=runtime).ctx.crowd
    monkeypatch.setattr(descriptors, "used", lambda: 900)
    monkeypatch.setattr(descriptors, "limit", lambda: 1_024)
    said = words(monkeypatch)
    for now in (1_000.0, 1_001.0, 1_059.0, 1_060.0, 1_061.0):
        crowd._say(now)
    assert said == [("descriptors.short", {"used": 900, "limit": 1_024, "connections": 0})] * 2


def test_what_fits_into_the_descriptors(monkeypatch: pytest.MonkeyPatch) -> None:
    """R82: all connections, those that wait to be taken in, and the stores fit, whatever the limit."""
    for limit in (256, 1_024, 4_096, 65_536, 1_048_576):
        monkeypatch.setattr(descriptors, "limit", lambda limit=limit: limit)
        room = descriptors.room(42)
        assert room.connections + 2 * descriptors.queue() + 42 < limit
        assert 16 <= room.share <= room.connections
    assert (room.connections, room.share, descriptors.queue()) == (16_384, 1_024, 1_024)


class _Waiting:
    """A connection that never said anything."""

    http = SimpleNamespace(stage=Stage.IDLE, request_body=None)
    requests = 0
    since = 0.0
    networks: tuple[str, ...] = ()
    stuck = None
    written = 0

    @staticmethod
    def unsent() -> int:
        return 0

    def __init__(self, address: str, dropped: list[str], **changes: object) -> None:
        vars(self).update(changes)
        self.drop: Callable[[], None] = lambda: dropped.append(address)


def words(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, object]]]:
    """Return what will be said to the log of connections."""
    said: list[tuple[str, dict[str, object]]] = []
    monkeypatch.setattr(crowds, "log_event", lambda name, _, **fields: said.append((name, fields)))
    return said


def room_of(monkeypatch: pytest.MonkeyPatch, *, connections: int, share: int) -> None:
    monkeypatch.setattr(descriptors, "room", lambda *_: descriptors.Room(connections, share, 2 * share))
