"""A small server that speaks Redis's protocol, and answers as it is told to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

HELLO = b"%2\r\n$6\r\nserver\r\n$5\r\nredis\r\n$5\r\nproto\r\n:3\r\n"
OK = b"+OK\r\n"


class Speaker:
    """Whoever is connected to a server that `speaking` has begun, and what they have said."""

    def __init__(self) -> None:
        self.port = 0
        self.heard: list[list[bytes]] = []
        self.by_connection: list[list[bytes]] = []  # names of commands
        self.connections: set[asyncio.StreamWriter] = set()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def say(self, words: bytes) -> None:
        """Say something that nobody has asked for, to everybody."""
        for writer in self.connections:
            writer.write(words)

    def hang_up(self) -> None:
        """Reset every connection."""
        for writer in self.connections:
            writer.transport.abort()
        self.connections.clear()


@asynccontextmanager
async def speaking(answer: Callable[[list[bytes]], bytes | None]) -> AsyncIterator[Speaker]:
    """Serve: `answer` is given each command but HELLO and CLIENT, and returns bytes of the protocol.

    None says nothing, and no bytes hang up.
    """
    found = Speaker()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        found.connections.add(writer)
        found.by_connection.append(names := [])
        try:
            while command := await _command(reader):
                found.heard.append(command)
                names.append(command[0])
                said: bytes | None = OK
                if command[0] == b"HELLO":
                    said = HELLO
                elif command[0] != b"CLIENT":
                    said = answer(command)
                if said == b"":
                    break
                writer.write(said or b"")
        except (OSError, asyncio.IncompleteReadError):
            pass
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    found.port = server.sockets[0].getsockname()[1]
    try:
        yield found
    finally:
        server.close()
        for writer in found.connections:
            writer.close()


@asynccontextmanager
async def redis_that_answers(answer: bytes) -> AsyncIterator[str]:
    """Serve, and return the URL. `answer` is what follows an EVALSHA: bytes of the protocol, none to hang up."""
    async with speaking(lambda command: answer if command[0] in (b"EVALSHA", b"EVAL") else OK) as found:
        yield f"redis://{found.address}"


def array(*items: bytes | int | None) -> bytes:
    """Return an array of the protocol; what is bytes already stands as it is in it."""
    return b"*%d\r\n" % len(items) + b"".join(
        item if isinstance(item, bytes) else b"$-1\r\n" if item is None else b":%d\r\n" % item for item in items
    )


def text(words: str) -> bytes:
    """Return a text of the protocol."""
    return b"$%d\r\n%s\r\n" % (len(words.encode()), words.encode())


async def _command(reader: asyncio.StreamReader) -> list[bytes]:
    head = await reader.readline()
    if not head.startswith(b"*"):
        return []
    words = []
    for _ in range(int(head[1:])):
        size = int((await reader.readline())[1:])
        words.append((await reader.readexactly(size + 2))[:-2])
    return [words[0].upper(), *words[1:]]
