"""The proxy of `make chaos` is the network that it says it is."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from chaos.balancer import Balancer
from chaos.proxy import Mode, Proxy
from tests.servers import free_port
from tests.support.waiting import eventually

SOON = 20.0


class Echo:
    """A server that says back what it hears, and remembers it."""

    def __init__(self) -> None:
        self.port = free_port()
        self.heard = b""
        self.writers: set[asyncio.StreamWriter] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.add(writer)
        with suppress(OSError):
            while data := await reader.read(1000):
                self.heard += data
                writer.write(data)
        self.writers.discard(writer)
        writer.close()


@pytest.fixture
async def echo() -> AsyncIterator[Echo]:
    found = Echo()
    server = await asyncio.start_server(found.serve, "127.0.0.1", found.port)
    yield found
    server.close()
    for writer in list(found.writers):
        writer.transport.abort()
    await eventually(lambda: not found.writers)


@pytest.fixture
async def proxy(echo: Echo) -> AsyncIterator[Proxy]:
    found = Proxy(lambda: (echo.port,))
    await found.open()
    yield found
    await found.close()


class Client:
    """A connection through the proxy."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    def say(self, text: bytes) -> None:
        self.writer.write(text)

    async def hears(self, length: int) -> bytes:
        return await asyncio.wait_for(self.reader.readexactly(length), SOON)

    async def hears_nothing(self) -> bool:
        """Whether nothing comes for a while."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.reader.read(1), 0.2)
            return False
        return True

    async def is_reset(self) -> bool:
        """Whether the connection ends, one way or another."""
        with suppress(ConnectionResetError):
            return await asyncio.wait_for(self.reader.read(1), SOON) == b""
        return True


async def connect(proxy: Proxy) -> Client:
    return Client(*await asyncio.open_connection("127.0.0.1", proxy.port))


@pytest.fixture
async def client(proxy: Proxy) -> AsyncIterator[Client]:
    found = await connect(proxy)
    yield found
    found.writer.transport.abort()


async def test_passes(client: Client, proxy: Proxy) -> None:
    """What is said arrives, and its answer; when one side ends, the other one does, and nothing is left."""
    client.say(b"hello")
    assert await client.hears(5) == b"hello"
    client.writer.close()
    await eventually(lambda: not proxy.links)


async def test_delays_answers_and_keeps_their_order(client: Client, proxy: Proxy) -> None:
    """A round trip takes the delay, once; what follows when it is over does not overtake."""
    proxy.delay = 0.3
    await proxy.become(Mode.DELAY)
    began = time.monotonic()
    client.say(b"one")
    await asyncio.sleep(0.1)
    assert not client.reader.at_eof()
    await proxy.become(Mode.PASS)
    client.say(b"two")
    assert await client.hears(6) == b"onetwo"
    assert time.monotonic() - began >= 0.3


async def test_refuses(client: Client, proxy: Proxy) -> None:
    """Nobody is let in, who was in is out, and afterwards the port is there again."""
    client.say(b"hello")
    await client.hears(5)
    await proxy.become(Mode.REFUSE)
    assert await client.is_reset()
    with pytest.raises(ConnectionRefusedError):
        await connect(proxy)
    await proxy.become(Mode.PASS)
    again = await connect(proxy)
    again.say(b"again")
    assert await again.hears(5) == b"again"
    again.writer.transport.abort()


async def test_cuts(client: Client, proxy: Proxy) -> None:
    """Connections are reset again and again, until that is over."""
    client.say(b"hello")
    await client.hears(5)
    await proxy.become(Mode.CUT)
    assert await client.is_reset()
    another = await connect(proxy)
    assert await another.is_reset()
    await proxy.become(Mode.PASS)
    last = await connect(proxy)
    last.say(b"last")
    assert await last.hears(4) == b"last"
    assert await last.hears_nothing()
    last.writer.transport.abort()


async def test_a_black_hole(client: Client, proxy: Proxy, echo: Echo) -> None:
    """Nothing arrives, and nothing is refused; what was held back arrives when it is over, as with TCP."""
    await proxy.become(Mode.BLACK_HOLE)
    client.say(b"hello")
    late = await connect(proxy)
    late.say(b"late")
    assert await client.hears_nothing()
    assert echo.heard == b""
    late.writer.close()
    await proxy.become(Mode.PASS)
    assert await client.hears(5) == b"hello"
    await eventually(lambda: b"late" in echo.heard)


async def test_half_open(client: Client, proxy: Proxy, echo: Echo) -> None:
    """What is asked is done, and no answer comes."""
    await proxy.become(Mode.HALF_OPEN)
    client.say(b"hello")
    await eventually(lambda: echo.heard == b"hello")
    assert await client.hears_nothing()
    await proxy.become(Mode.PASS)
    assert await client.hears(5) == b"hello"


async def test_the_balancer_passes_over_who_is_away(echo: Echo) -> None:
    """A connection goes to an instance that takes it, whoever's turn it is; without any it is closed."""
    away = free_port()
    found = Balancer([away, echo.port])
    await Proxy.open(found)
    for _ in range(4):
        client = await connect(found)
        client.say(b"hello")
        assert await client.hears(5) == b"hello"
        client.writer.close()
    await found.close()
    alone = Balancer([away])
    await Proxy.open(alone)
    client = await connect(alone)
    client.say(b"hello")
    assert await client.is_reset()
    client.writer.close()
    await alone.close()


async def test_the_balancer_calls_nobody_without_a_request(echo: Echo) -> None:
    """A connection on which nothing is said yet is nobody's; when it ends, nothing is left of it."""
    found = Balancer([echo.port])
    await Proxy.open(found)
    client = await connect(found)
    assert await client.hears_nothing()
    assert not echo.writers
    assert found.links
    client.writer.close()
    await eventually(lambda: not found.links)
    assert not echo.writers
    await found.close()


async def test_the_balancer_prefers_who_is_ready(echo: Echo) -> None:
    """One that says it isn't ready gets nothing while another one is."""
    found = Balancer([free_port(), echo.port])
    found.turns.ready = {echo.port}
    assert {found.turns.next()[0] for _ in range(4)} == {echo.port}
    found.turns.ready = set()
    assert len({found.turns.next()[0] for _ in range(4)}) == 2
