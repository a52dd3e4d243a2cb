"""The listening sockets of a worker: its own, and those of others while these take no connections themselves.

Each worker has a socket of its own, which spreads connections evenly. But a socket keeps its queue whatever becomes of
its worker: without somebody else who takes them, connections would wait in it until there is another one.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress

from service.core.process.sockets import admit_nobody_new

ARRIVAL_SECONDS = 0.05  # in which the last word of a client arrives that believes to be connected

_log = logging.getLogger("latchkey.serving")

Factory = Callable[[], asyncio.Protocol]


class Doors:
    """Where connections come in."""

    def __init__(
        self,
        server: asyncio.Server,
        own: socket.socket,
        peers: Mapping[int, socket.socket],
        make: Factory,
        queue: int,
        *,
        alone: bool,
    ) -> None:
        """Take the server of the socket `own`, the other workers' sockets, and what makes a connection's protocol.

        `alone`: no other process holds the socket.
        """
        self._server = server
        self._own = own
        self._peers = dict(peers)
        self._make = make
        self._queue = queue
        self._alone = alone
        self._wanted: frozenset[int] = frozenset()
        self._others: dict[int, asyncio.Server] = {}
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    def stand_in(self, numbers: frozenset[int]) -> None:
        """From now on take the connections of these workers too, and of no others."""
        self._wanted = numbers & self._peers.keys()
        if not self._closed and (self._task is None or self._task.done()):
            self._task = asyncio.get_running_loop().create_task(self._follow())

    async def _follow(self) -> None:
        while not self._closed and self._others.keys() != self._wanted:
            for number in self._others.keys() - self._wanted:
                self._others.pop(number).close()
            for number in self._wanted - self._others.keys():
                try:
                    self._others[number] = await self._serve(self._peers[number])
                except OSError as error:
                    _log.warning("The connections of worker %d can't be taken: %s", number, error)
                    self._wanted -= {number}
        if self._closed:
            self._close_servers()

    async def _serve(self, sock: socket.socket) -> asyncio.Server:
        # A duplicate: closing the server closes it, and the socket stays for the next time.
        return await asyncio.get_running_loop().create_server(self._make, sock=sock.dup(), backlog=self._queue)

    def leave_to_others(self) -> None:
        """Let go of the sockets that are not served here: whoever holds one keeps a queue that nobody looks after."""
        for number in self._peers.keys() - self._wanted:
            self._peers.pop(number).close()

    async def close(self) -> None:
        """Take no more connections; those that have been made already are the last.

        Closing a listening socket resets what waits in its queue, so that is taken out first, with nothing in between.
        It also resets those who are about to come into it. Where nobody else holds the socket they are waited for, and
        nobody new is let in meanwhile.
        """
        self._closed = True
        if self._alone and admit_nobody_new(self._own):
            await asyncio.sleep(ARRIVAL_SECONDS)
        socks = [self._own, *(self._peers[number] for number in self._others)]
        self._close_servers()
        last = [connection for sock in socks for connection in _accept_all(sock)]
        for sock in {self._own, *self._peers.values()}:
            sock.close()
        for connection in last:
            with suppress(OSError):
                await asyncio.get_running_loop().connect_accepted_socket(self._make, connection)

    def _close_servers(self) -> None:
        self._server.close()
        for server in self._others.values():
            server.close()
        self._others.clear()


def _accept_all(sock: socket.socket) -> list[socket.socket]:
    found = []
    sock.setblocking(False)
    with suppress(OSError):  # BlockingIOError: there is none left
        while True:
            connection, _ = sock.accept()
            connection.setblocking(False)
            found.append(connection)
    return found
