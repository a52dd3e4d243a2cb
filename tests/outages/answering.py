"""A small server that speaks Redis's protocol, and answers every script with one error."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

HELLO = b"%2\r\n$6\r\nserver\r\n$5\r\nredis\r\n$5\r\nproto\r\n:3\r\n"


@asynccontextmanager
async def redis_that_answers(answer: bytes) -> AsyncIterator[str]:
    """Serve, and return the URL. `answer` is what follows an EVALSHA: bytes of the protocol, none to hang up."""
    connections: set[asyncio.StreamWriter] = set()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.add(writer)
        while command := await _command(reader):
            if command[0] == b"HELLO":
                writer.write(HELLO)
            elif command[0] in (b"EVALSHA", b"EVAL"):
                if not answer:
                    break
                writer.write(answer)
            else:
                writer.write(b"+OK\r\n")
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    try:
        yield f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for writer in connections:
            writer.close()


async def _command(reader: asyncio.StreamReader) -> list[bytes]:
    head = await reader.readline()
    if not head.startswith(b"*"):
        return []
    words = []
    for _ in range(int(head[1:])):
        size = int((await reader.readline())[1:])
        words.append((await reader.readexactly(size + 2))[:-2])
    return [words[0].upper(), *words[1:]]
