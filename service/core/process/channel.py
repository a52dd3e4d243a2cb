"""What a worker and its supervisor say to each other, on a pair of sockets that lives as long as both of them.

The worker says that it lives, several times in each of the supervisor's turns, that it serves, and that it takes no
more connections. The supervisor says whose connections it is to take beside its own: of those who are dead, starting
or silent. An end of file says that the other end's process is gone, whatever ended it; this works where prctl doesn't.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress

LISTEN_FD, PARENT_FD, NUMBER = "LATCHKEY_LISTEN_FD", "LATCHKEY_PARENT_FD", "LATCHKEY_WORKER"
PEER_FDS = "LATCHKEY_PEER_FDS"

ALIVE, SERVING, CLOSED = b".", b"r", b"q"
BEAT_SECONDS = 0.4

_ORDER_BYTES = 8  # a bit for each of the 64 workers that there may be


def inherited_socket() -> socket.socket | None:
    """Return the listening socket a supervisor handed to this process, or None if there is no supervisor."""
    return _inherited(LISTEN_FD)


def inherited_peers() -> dict[int, socket.socket]:
    """Return the listening sockets of the other workers, by number; none where all share one, or there is one only."""
    found = {}
    for text in filter(None, os.environ.pop(PEER_FDS, "").split(",")):
        number, _, descriptor = text.partition(":")
        found[int(number)] = _owned(int(descriptor))
    return found


def first_of_its_instance() -> bool:
    """Return whether this process does what an instance does once: it is alone, or the first of the workers."""
    return os.environ.get(NUMBER, "0") == "0"


def _inherited(name: str) -> socket.socket | None:
    number = os.environ.pop(name, None)
    return None if number is None else _owned(int(number))


def _owned(descriptor: int) -> socket.socket:
    sock = socket.socket(fileno=descriptor)
    sock.set_inheritable(False)  # a process started from here must keep neither the port nor the channel open
    return sock


def order_of(numbers: Collection[int]) -> bytes:
    """Return the order to take the connections of these workers, and of no others."""
    return sum(1 << number for number in numbers).to_bytes(_ORDER_BYTES, "big")


def _orders_in(data: bytes) -> Iterator[frozenset[int]]:
    for start in range(0, len(data), _ORDER_BYTES):
        bits = int.from_bytes(data[start : start + _ORDER_BYTES], "big")
        yield frozenset(number for number in range(_ORDER_BYTES * 8) if bits >> number & 1)


class ToSupervisor:
    """A worker's end of the channel. It says that the loop turns, from the beginning until `close`.

    `gone` is called when the supervisor is no more. Without a supervisor it says nothing to nobody.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, gone: Callable[[], None]) -> None:
        """Take over what was inherited, and begin to speak."""
        self._loop = loop
        self._gone = gone
        self._beat: asyncio.TimerHandle | None = None
        self._newest: frozenset[int] = frozenset()
        self._obey: Callable[[frozenset[int]], None] | None = None
        self._sock = _inherited(PARENT_FD)
        if self._sock is not None:
            self._sock.setblocking(False)
            loop.add_reader(self._sock, self._hear)
            self._keep_on()

    @property
    def there(self) -> bool:
        """Whether there ever was one."""
        return self._sock is not None

    def say(self, what: bytes) -> None:
        """Say it, unless nobody listens."""
        if self._sock is not None:
            with suppress(OSError):
                self._sock.send(what)

    def obey(self, orders: Callable[[frozenset[int]], None]) -> None:
        """Have `orders` called with the numbers of those to stand in for, now and whenever they change."""
        self._obey = orders
        orders(self._newest)

    def close(self) -> None:
        """Say nothing more. The supervisor sees the process end."""
        if self._beat is not None:
            self._beat.cancel()
        if self._sock is not None:
            self._loop.remove_reader(self._sock)

    def _keep_on(self) -> None:
        self.say(ALIVE)
        self._beat = self._loop.call_later(BEAT_SECONDS, self._keep_on)

    def _hear(self) -> None:
        assert self._sock is not None  # noqa: S101 - there is a reader only where there is a socket
        try:
            data = self._sock.recv(4096)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.close()  # an end of file stays readable: left in place it would spin the loop
            self._gone()
            return
        *_, self._newest = _orders_in(data)
        if self._obey is not None:
            self._obey(self._newest)
