"""Many questions on one connection: everybody gets the answer to their own, whoever goes away and whatever breaks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from random import Random
from typing import Any, cast

import hiredis
import pytest
from redis.exceptions import BusyLoadingError, NoScriptError
from redis.exceptions import ConnectionError as RedisConnectionError

from service.core.clock import steady_seconds
from service.core.redis import line as lines
from service.core.redis.connections import Pool, _Plain
from service.core.redis.line import Lined
from tests.support.waiting import eventually

Answering = Callable[[list[bytes]], Awaitable[bytes]]


class Server:
    """Answers whatever it is asked by `answer`, in pieces of odd sizes. It closes the connection after `b""`."""

    def __init__(self) -> None:
        self.answer: Answering = self.echo
        self.connections = 0
        self.asked: list[list[bytes]] = []
        self._tasks: set[asyncio.Task[Any]] = set()
        self._random = Random(7)

    @staticmethod
    async def echo(command: list[bytes]) -> bytes:
        return b"$%d\r\n%b\r\n" % (len(command[1]), command[1])

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        parser = hiredis.Reader()
        try:
            while data := await reader.read(65536):
                parser.feed(data)
                while (command := parser.gets()) is not False:
                    if command[0] != b"EVALSHA":  # redis-py tells its name
                        writer.write(b"+OK\r\n")
                        continue
                    self.asked.append(command)
                    if not (said := await self.answer(command)):
                        return
                    cut = self._random.randrange(len(said))
                    for piece in (said[:cut], said[cut:]):
                        writer.write(piece)
                        await asyncio.sleep(0)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
async def client(server: Server) -> AsyncIterator[Lined]:
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    pool = Pool(host="127.0.0.1", port=port, connection_class=_Plain, protocol=2)
    found = cast("Lined", Lined.from_pool(pool))
    yield found
    await found.aclose()
    listening.close()


def ask(client: Lined, text: str) -> Awaitable[Any]:
    return client.evalsha(text, 0)


async def test_everybody_gets_their_own(client: Lined, server: Server) -> None:
    """Five hundred at once, of whom a third go away at any moment before their answer has come."""
    random, asked = Random(11), [f"question {number}" for number in range(500)]
    tasks = [asyncio.ensure_future(ask(client, text)) for text in asked]
    gone = set(random.sample(range(500), 170))
    for number in sorted(gone, key=lambda _: random.random()):
        await asyncio.sleep(0)
        tasks[number].cancel()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    for text, answer in zip(asked, answers, strict=True):
        assert answer == text.encode() or isinstance(answer, asyncio.CancelledError), (text, answer)
    assert sum(isinstance(answer, bytes) for answer in answers) >= 330
    assert await ask(client, "afterwards") == b"afterwards"
    assert server.connections == 1


async def test_an_error_is_an_answer(client: Lined, server: Server) -> None:
    """It is the one question's, of whatever kind: the line goes on, and nothing is asked again."""

    async def refuse(command: list[bytes]) -> bytes:
        said = {b"loading": b"-LOADING it reads\r\n", b"unknown": b"-NOSCRIPT none of that name\r\n"}
        return said.get(command[1]) or await server.echo(command)

    server.answer = refuse
    found = await asyncio.gather(
        *(ask(client, text) for text in ("one", "loading", "two", "unknown", "three")), return_exceptions=True
    )
    assert [found[0], found[2], found[4]] == [b"one", b"two", b"three"]
    assert [type(found[1]), type(found[3])] == [BusyLoadingError, NoScriptError]
    assert (server.connections, len(server.asked)) == (1, 5)


@pytest.mark.parametrize("said", [b"", b"garbage\r\n", b"$-7\r\n", b":1e3\r\n"])
async def test_whatever_else_comes_ends_the_line(client: Lined, server: Server, said: bytes) -> None:
    """Nobody is given what may be another's answer. Who waits asks once more, on another line, and no third time."""

    async def break_once(command: list[bytes]) -> bytes:
        if server.connections > 1:
            return await server.echo(command)
        return said

    assert await ask(client, "before") == b"before"
    server.answer = break_once
    found = await asyncio.gather(*(ask(client, f"{number}") for number in range(5)), return_exceptions=True)
    assert found == [b"0", b"1", b"2", b"3", b"4"]
    assert server.connections == 2

    async def hang_up(_: list[bytes]) -> bytes:
        return b""

    server.answer = hang_up
    before = len(server.asked)
    with pytest.raises(RedisConnectionError):
        await ask(client, "in vain")
    assert len(server.asked) - before == 2


async def test_an_answer_to_nobody_ends_the_line(client: Lined, server: Server) -> None:
    """Whoever comes next isn't given it."""

    async def twice(command: list[bytes]) -> bytes:
        return await server.echo(command) + b"+another\r\n"

    server.answer = twice
    assert await ask(client, "one") == b"one"
    server.answer = server.echo
    await eventually(lambda: not client._line.is_open)  # type: ignore[union-attr]
    assert await ask(client, "two") == b"two"
    assert server.connections == 2


async def test_a_silent_line_is_left(client: Lined, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """A network that swallows what is sent: the next question is asked on a new line. A late answer finds its way."""
    free = asyncio.Event()

    async def stall(command: list[bytes]) -> bytes:
        if server.connections == 1:
            await free.wait()
        return await server.echo(command)

    assert await ask(client, "before") == b"before"
    server.answer = stall
    early = asyncio.ensure_future(ask(client, "early"))
    await eventually(lambda: len(server.asked) == 2)
    monkeypatch.setattr(lines, "steady_seconds", lambda: steady_seconds() + lines.SILENT_SECONDS)
    assert await ask(client, "next") == b"next"
    assert server.connections == 2
    free.set()
    assert await early == b"early"


async def test_an_idle_line_is_left(client: Lined, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """A firewall may have forgotten it: nobody has to find that out by waiting."""
    assert await ask(client, "before") == b"before"
    monkeypatch.setattr(lines, "steady_seconds", lambda: steady_seconds() + lines.IDLE_SECONDS)
    assert await ask(client, "after an hour") == b"after an hour"
    assert server.connections == 2


async def test_opened_once_for_all(client: Lined, server: Server) -> None:
    """Those who come at once wait for one connection. That one of them goes away doesn't keep the others from it."""
    tasks = [asyncio.ensure_future(ask(client, f"{number}")) for number in range(50)]
    await asyncio.sleep(0)
    tasks[0].cancel()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert answers[1:] == [f"{number}".encode() for number in range(1, 50)]
    assert server.connections == 1


async def test_closed_as_soon_as_it_was_open(client: Lined, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """A network that resets connections again and again: whoever meets one gets an error of a connection, no other."""
    opened = Lined._opened

    async def cut(self: Lined) -> lines.Line:
        line = await opened(self)
        line._transport.abort()
        return line

    monkeypatch.setattr(Lined, "_opened", cut)
    for _ in range(3):
        with pytest.raises(RedisConnectionError):
            await ask(client, "in vain")
    connect = _Plain.connect

    async def cut_at_once(self: _Plain) -> None:
        await connect(self)
        assert self._writer is not None
        self._writer.transport.abort()

    monkeypatch.setattr(Lined, "_opened", opened)
    monkeypatch.setattr(_Plain, "connect", cut_at_once)
    for _ in range(3):
        with pytest.raises(RedisConnectionError):
            await ask(client, "in vain")
    monkeypatch.undo()
    assert await ask(client, "at last") == b"at last"


async def test_nobody_is_left_waiting(client: Lined, server: Server) -> None:
    """When the client is closed, whoever waits for an answer hears that there is none."""

    async def never(_: list[bytes]) -> bytes:
        await asyncio.sleep(3600)
        return b""

    assert await ask(client, "before") == b"before"
    server.answer = never
    task = asyncio.ensure_future(ask(client, "late"))
    await eventually(lambda: len(server.asked) == 2)
    client._line.close()  # type: ignore[union-attr]
    server.answer = server.echo
    assert await task == b"late"  # asked once more


async def test_what_is_asked_in_one_turn_leaves_at_once(client: Lined, server: Server) -> None:
    """One write for all of it, in the order in which it was asked; whoever comes later has another."""
    assert await ask(client, "before") == b"before"
    line = client._line
    assert line is not None
    sent: list[bytes] = []

    class Seen:
        def __init__(self, transport: asyncio.Transport) -> None:
            self._transport = transport

        def write(self, data: bytes) -> None:
            sent.append(data)
            self._transport.write(data)

        def __getattr__(self, name: str) -> Any:
            return getattr(self._transport, name)

    line._transport = cast("asyncio.Transport", Seen(line._transport))
    assert await asyncio.gather(*(ask(client, text) for text in ("one", "two", "three"))) == [b"one", b"two", b"three"]
    assert [part in sent[0] for part in (b"one", b"two", b"three")] == [True, True, True]
    assert await ask(client, "four") == b"four"
    assert len(sent) == 2
    assert [command[1] for command in server.asked] == [b"before", b"one", b"two", b"three", b"four"]


async def test_a_line_that_is_lost_before_anything_was_sent(client: Lined, server: Server) -> None:
    """Whoever has just asked hears of it, nothing is written to what is closed, and another line asks once more."""
    failed: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: failed.append(context))
    assert await ask(client, "before") == b"before"
    asking = asyncio.ensure_future(ask(client, "after all"))
    await asyncio.sleep(0)
    line = client._line
    assert line is not None
    answer = line.ask(b"never sent")
    line.close()
    with pytest.raises(RedisConnectionError):
        await answer
    assert await asking == b"after all"
    assert server.connections == 2
    assert failed == []
    asyncio.get_running_loop().set_exception_handler(None)
