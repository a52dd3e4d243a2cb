"""Something that speaks as Latchkey does to other services, and lies, is slow, is silent or away when it is told to.

It is for what the real one does at no time that a test could choose.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs
from uuid import uuid4

from tests.servers import free_port

CLIENT = {"LATCHKEY_CLIENT_ID": "rs_AAAAAAAAAAAAAAAA", "LATCHKEY_CLIENT_SECRET": f"lks_{'A' * 43}"}
BEAT = 0.2


@dataclass
class Pretender:
    """It, and what it was asked."""

    port: int = field(default_factory=free_port)
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    stream_ids: list[str] = field(default_factory=list)
    status: int = 200
    streams: bool = True  # whether there is a stream
    beats: bool = True  # whether it says that it lives
    held: asyncio.Event = field(default_factory=asyncio.Event)  # introspections wait for it
    missed: tuple[str, ...] = ()  # what a new stream says first, bit by bit
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Hold nobody up."""
        self.held.set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """What an example has to know."""
        return {"LATCHKEY_URL": self.url, **CLIENT}

    def token(self, **changes: Any) -> str:
        """Return a token that is good."""
        token = f"a.{uuid4().hex}.c"
        self.answers[token] = {
            "active": True, "sub": str(uuid4()), "sid": str(uuid4()), "exp": int(time.time()) + 600, **changes,
        }  # fmt: skip
        return token

    def end(self, token: str, *, say: bool = True, all_of_them: bool = False) -> None:
        """End a token's session, and say so to whoever listens."""
        answer = self.answers[token]
        self.answers[token] = {"active": False}
        if say:
            self.say(ending(answer["sub"], None if all_of_them else answer["sid"]))

    def say(self, text: str) -> None:
        """Say something to all who listen."""
        for writer in self._writers:
            writer.write(chunk(text))

    def cut(self) -> None:
        """Lose everybody who listens."""
        for writer in list(self._writers):
            writer.transport.abort()

    @property
    def listeners(self) -> int:
        return len(self._writers)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection."""
        with suppress(OSError, asyncio.IncompleteReadError), closing(writer):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                request, *lines = head.strip().split("\r\n")
                headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                if "/oauth/revocations" in request:
                    await self._stream(writer, headers)
                    break
                await self._introspect(writer, body)

    async def _introspect(self, writer: asyncio.StreamWriter, body: bytes) -> None:
        (token,) = parse_qs(body.decode())["token"]
        self.asked.append(token)
        answer = self.answers.get(token, {"active": False})
        await self.held.wait()
        said = json.dumps(answer).encode()
        writer.write(f"HTTP/1.1 {self.status} X\r\nContent-Length: {len(said)}\r\n".encode())
        writer.write(b"Content-Type: application/json\r\n\r\n" + said)
        await writer.drain()

    async def _stream(self, writer: asyncio.StreamWriter, headers: dict[str, str]) -> None:
        self.stream_ids.append(headers.get("last-event-id", ""))
        if not self.streams:
            writer.write(b"HTTP/1.1 503 X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            return
        writer.write(b"HTTP/1.1 200 X\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
        for piece in self.missed:
            writer.write(chunk(piece))
            await asyncio.sleep(2 * BEAT)
        self._writers.add(writer)
        try:
            while not writer.transport.is_closing():
                if self.beats:
                    writer.write(chunk(": \n\n"))
                await asyncio.sleep(BEAT)
        finally:
            self._writers.discard(writer)


def ending(sub: str, sid: str | None, number: int = 7) -> str:
    """Return the event that tells of an end."""
    said = {"sub": sub, "reason": "revoked"} | ({"sid": sid} if sid else {})
    return f"event: ended\nid: {number}\ndata: {json.dumps(said)}\n\n"


def chunk(text: str) -> bytes:
    """Return a piece of an answer."""
    return f"{len(text.encode()):x}\r\n{text}\r\n".encode()


@asynccontextmanager
async def pretending() -> AsyncIterator[Pretender]:
    """Serve it, and stop."""
    pretender = Pretender()
    connections: set[asyncio.Task[None]] = set()

    def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(pretender.serve(reader, writer))
        connections.add(task)
        task.add_done_callback(connections.discard)

    server = await asyncio.start_server(serve, "127.0.0.1", pretender.port)
    try:
        yield pretender
    finally:
        server.close()
        for task in list(connections):
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
        await asyncio.sleep(0.05)  # the connections are closed by then
