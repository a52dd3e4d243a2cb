"""A small TCP proxy that can be a bad network: slow, closed, cutting, silent, or silent in one direction.

What a silent network holds back is delivered when it heals, as TCP would: also what somebody sent who has given up.
A connection is accepted even then, where a real black hole would not even do that: it costs callers more, not less.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from enum import Enum
from typing import cast

from tests.servers import free_port

HOST = "127.0.0.1"
DELAY_SECONDS = 0.3
CUT_EVERY_SECONDS = 0.1
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Mode(Enum):
    """How the network is."""

    PASS = "as it should be"
    DELAY = "answers take longer"
    REFUSE = "nobody listens, and what was open is reset"
    CUT = "every connection is reset, again and again"
    BLACK_HOLE = "nothing arrives, in either direction"
    HALF_OPEN = "requests arrive, answers don't"


Targets = Callable[[], Sequence[int]]


class Proxy:
    """Passes connections of its port on to the first of `targets` that takes them, ports on this machine.

    It calls a target as soon as it is called itself, as servers may speak first; or, where `waits` is set, once there
    is something to say.
    """

    waits = False

    def __init__(self, targets: Targets, *, port: int | None = None) -> None:
        """Take where to lead; `targets` is asked for each connection. `open` is the way in."""
        self.port = port or free_port()
        self.mode = Mode.PASS
        self.delay = DELAY_SECONDS
        self.links: set[_Link] = set()
        self._targets = targets
        self._server: asyncio.Server | None = None
        self._cutter: asyncio.Task[None] | None = None
        self._dialling: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Listen; do nothing when it does already."""
        if self._server is None:
            loop = asyncio.get_running_loop()
            self._server = await loop.create_server(lambda: _Link(self).near, HOST, self.port, backlog=512)

    async def close(self) -> None:
        """Listen no more, and reset what is open."""
        await self._stop_cutting()
        if self._server is not None:
            self._server.close()
            self._server = None
        self.cut()
        for task in self._dialling:
            task.cancel()
        await asyncio.sleep(0)

    async def become(self, mode: Mode) -> None:
        """Change what the network is like, for what is open too; healed, it delivers what it held back."""
        await self._stop_cutting()
        self.mode = mode
        if mode is Mode.REFUSE:
            await self.close()
            return
        await self.open()
        if mode is Mode.CUT:
            self._cutter = asyncio.create_task(self._keep_cutting())
        for link in list(self.links):
            link.pump()

    def cut(self) -> None:
        """Reset every open connection."""
        for link in list(self.links):
            link.reset()

    def dial(self, link: _Link) -> None:
        """Find a target for a new connection."""
        task = asyncio.create_task(self._dial(link))
        self._dialling.add(task)
        task.add_done_callback(self._dialling.discard)

    async def _dial(self, link: _Link) -> None:
        for port in self._targets():
            with suppress(OSError):
                await asyncio.get_running_loop().create_connection(lambda: link.far, HOST, port)
                return
        link.reset()

    async def _keep_cutting(self) -> None:
        while True:
            self.cut()
            await asyncio.sleep(CUT_EVERY_SECONDS)

    async def _stop_cutting(self) -> None:
        if self._cutter is not None:
            self._cutter.cancel()
            with suppress(asyncio.CancelledError):
                await self._cutter
            self._cutter = None


class _Link:
    """A connection and its other half: what comes in at one end goes out at the other."""

    def __init__(self, proxy: Proxy) -> None:
        self.proxy = proxy
        self.near, self.far = _End(self), _End(self)
        self.near.peer, self.far.peer = self.far, self.near
        proxy.links.add(self)

    def holds(self, end: _End) -> bool:
        """Whether what came in at this end is held back."""
        mode = self.proxy.mode
        return mode is Mode.BLACK_HOLE or (mode is Mode.HALF_OPEN and end is self.far)

    def pump(self) -> None:
        """Deliver what may be delivered."""
        self.near.pump()
        self.far.pump()

    def reset(self) -> None:
        """End both halves as a reset does."""
        self.proxy.links.discard(self)
        for end in (self.near, self.far):
            end.reset()

    def ended(self) -> None:
        """Forget the connection once both halves are closed."""
        if self.near.closed and self.far.closed:
            self.proxy.links.discard(self)


class _End(asyncio.Protocol):
    """One half of a connection; `waiting` is what came in here and isn't delivered yet, None for its end."""

    def __init__(self, link: _Link) -> None:
        self.link = link
        self.peer: _End = self
        self.transport: asyncio.Transport | None = None
        self.closed = self.dialled = False
        self.waiting: deque[tuple[float, bytes | None]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        if self is self.link.near:
            if not self.link.proxy.waits:
                self.link.proxy.dial(self.link)
        elif self.link not in self.link.proxy.links:
            self.reset()  # the other half was reset while this one was being made
        else:
            self.peer.pump()

    def data_received(self, data: bytes) -> None:
        self._take(data)

    def eof_received(self) -> bool:
        return False  # nobody here speaks on after having said that this is all

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed = True
        self._take(None)
        self.link.ended()

    def _take(self, data: bytes | None) -> None:
        proxy = self.link.proxy
        if proxy.waits and self is self.link.near and not self.dialled:
            if data is None:
                self.link.reset()
                return
            self.dialled = True
            proxy.dial(self.link)
        # Only answers are late: a round trip takes the delay once.
        late = proxy.delay if proxy.mode is Mode.DELAY and self is self.link.far else 0.0
        self.waiting.append((asyncio.get_running_loop().time() + late, data))
        self.pump()

    def pump(self) -> None:
        """Hand to the peer what came in here and is due."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        loop = asyncio.get_running_loop()
        out = self.peer.transport
        while self.waiting and out is not None and not self.link.holds(self):
            due, data = self.waiting[0]
            if due > loop.time():
                self._timer = loop.call_at(due, self.pump)
                return
            self.waiting.popleft()
            if data is None:
                out.close()
            elif not out.is_closing():
                out.write(data)

    def reset(self) -> None:
        """Close at once, and let the other side see a reset."""
        self.waiting.clear()
        if self._timer is not None:
            self._timer.cancel()
        if self.transport is not None and not self.closed:
            with suppress(OSError, AttributeError):
                sock = self.transport.get_extra_info("socket")
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
            self.transport.abort()
