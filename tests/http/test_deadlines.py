"""R82: a head, a body, an answer and a connection that says nothing each have an end, whatever trickles.

The seconds are made small here; the sweep over the connections then comes as often.
"""

from __future__ import annotations

import asyncio
import re
import socket
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from urllib.parse import urlsplit

import httpx
import pytest

from service.core.wire import deadlines
from service.runtime import Runtime
from tests.http.crowding import strict
from tests.http.support import HOST, Wire, another, hold_problem, request, wire
from tests.support.waiting import eventually

pytestmark = pytest.mark.embedded_only


async def trickle(connection: Wire, seconds: float, what: str = "x") -> None:
    """Send a byte every twentieth of a second."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        await connection.send(what)
        await asyncio.sleep(0.05)


@pytest.mark.parametrize("start", ["G", "GET /", "GET / HTTP/1.1\r\n", f"GET / HTTP/1.1\r\n{HOST}X: ", "\r\n"])
async def test_a_head_that_trickles(runtime: Runtime, start: str) -> None:
    """R82: a head is over at a time from its first byte: another byte now and then doesn't move it."""
    async with another(runtime, config={"REQUEST_TIMEOUT": 0.4}) as url, wire(url) as connection:
        await connection.send(start)
        trickling = asyncio.create_task(trickle(connection, 60, "A"))
        response = await connection.answer()
        assert hold_problem(response, 408).code == "request_timeout"
        assert await connection.closed()
        trickling.cancel()


async def test_a_second_head_that_trickles(runtime: Runtime) -> None:
    """R82: on a connection that was good for one request the next one's head has no longer."""
    async with another(runtime, config={"REQUEST_TIMEOUT": 0.4}) as url, wire(url) as connection:
        assert await connection.usable()
        await connection.send(request("GET /api/health") + "GET /api")
        assert (await connection.answer()).status_code == 200
        trickling = asyncio.create_task(trickle(connection, 60, "A"))
        hold_problem(await connection.answer(), 408)
        assert await connection.closed()
        trickling.cancel()


async def test_twenty_that_trickle(runtime: Runtime) -> None:
    """R82: twenty of twenty are over, not only the first, and others are answered meanwhile."""
    async with another(runtime, config={"REQUEST_TIMEOUT": 0.5}) as url, AsyncExitStack() as stack:
        slow = [await stack.enter_async_context(wire(url)) for _ in range(20)]
        until = time.monotonic() + 1.5
        while time.monotonic() < until:
            for connection in slow:
                await connection.send("G")
            async with wire(url) as other:
                assert await other.usable()
            await asyncio.sleep(0.05)
        for connection in slow:
            with suppress(ConnectionError):  # who goes on sending may lose the answer
                hold_problem(await connection.answer(), 408)
            assert await connection.closed()


async def test_silence(runtime: Runtime) -> None:
    """R82: who says nothing is let go soon, without a word; who has been answered may wait longer for the next."""
    async with (
        another(runtime, config={"SILENT_TIMEOUT": 0.3, "KEEP_ALIVE_TIMEOUT": 60}) as url,
        AsyncExitStack() as stack,
    ):
        used = await stack.enter_async_context(wire(url))
        assert await used.usable()
        silent = [await stack.enter_async_context(wire(url)) for _ in range(10)]
        for connection in silent:
            assert await connection.closed()
        assert await used.usable()
    async with another(runtime, config={"KEEP_ALIVE_TIMEOUT": 0.3}) as url, wire(url) as used:
        assert await used.usable()
        assert await used.closed()


async def test_an_answer_that_nobody_reads(runtime: Runtime) -> None:
    """R82: a client that doesn't take its answer is given up: a large file, or very many small answers."""
    async with strict(runtime, UNREAD_TIMEOUT=0.4) as (app, url):
        for asked in (request(f"GET {await large_file(url)}") * 8, request("GET /api/openapi.json") * 100):
            async with unread(url, asked):
                await eventually(lambda: len(app.ctx.crowd) == 1)
                await eventually(lambda: len(app.ctx.crowd) == 0)


async def test_an_answer_that_is_read_slowly(runtime: Runtime) -> None:
    """R82: who takes an answer slowly, but takes it, gets all of it, however long that is."""
    async with strict(runtime, UNREAD_TIMEOUT=0.4) as (app, url):
        path, count = await large_file(url), 4
        async with unread(
            url, request(f"GET {path}") * (count - 1) + request(f"GET {path}", "Connection: close\r\n")
        ) as client:
            await eventually(lambda: len(app.ctx.crowd) == 1)
            got, began = 0, time.monotonic()
            while part := await asyncio.get_running_loop().sock_recv(client, 100_000):
                got += len(part)
                await asyncio.sleep(0.001)
            assert time.monotonic() - began > 0.8
            assert got > count * 1_000_000


async def test_the_system_gives_up_too(runtime: Runtime) -> None:
    """R82: what lies in the system's buffers for a client that takes nothing of it, a stream's beats, has an end."""
    async with strict(runtime) as (app, url), wire(url) as connection:
        assert await connection.usable()
        (found,) = next(iter(app.ctx.crowd._networks.values()))
        sock = found.transport.get_extra_info("socket")
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 30_000


async def test_a_rest_that_nobody_waits_for(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """R82: a body that goes on after its answer ends the connection soon, and is no second request."""
    monkeypatch.setattr("service.core.http.requests._DISCARD_SECONDS", 0.2)
    monkeypatch.setattr(deadlines, "REST_SECONDS", 0.2)
    async with strict(runtime, SILENT_TIMEOUT=0.2) as (app, url):
        for framing in ("Content-Length: 9000000\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n8954400\r\n"):
            async with wire(url) as connection:
                await connection.send(
                    f"POST /api/auth/login HTTP/1.1\r\n{HOST}Content-Type: application/json\r\n{framing}"
                )
                trickling = asyncio.create_task(trickle(connection, 60, "{"))
                hold_problem(await connection.answer(), 413)
                await eventually(lambda: len(app.ctx.crowd) == 0)
                trickling.cancel()


async def test_a_websocket_is_no_way_round(runtime: Runtime) -> None:
    """R82: asking for another protocol doesn't switch the deadlines off."""
    async with strict(runtime, REQUEST_TIMEOUT=0.3) as (_, url), wire(url) as connection:
        upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x\r\n"
        await connection.send(request("GET /api/health", upgrade) + "GET /api")
        assert (await connection.answer()).status_code == 200
        hold_problem(await connection.answer(), 408)


@asynccontextmanager
async def unread(url: str, asked: str) -> AsyncIterator[socket.socket]:
    """Ask for something on a connection with small buffers, and don't read the answers."""
    address = urlsplit(url)
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        client.setblocking(False)
        await asyncio.get_running_loop().sock_connect(client, (address.hostname, address.port))
        client.send(asked.encode())
        yield client


async def large_file(url: str) -> str:
    """Return the path of the largest file that is served, over a megabyte unpacked."""
    async with httpx.AsyncClient() as client:
        page = (await client.get(f"{url}/api/redoc")).text
    found = re.search(r"/api/docs/assets/redoc\.standalone[^\"]*", page)
    assert found
    return found[0]
