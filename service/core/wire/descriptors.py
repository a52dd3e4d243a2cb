"""File descriptors: how many this process may have, has, and keeps for itself."""

from __future__ import annotations

import array
import fcntl
import os
import resource
import socket
import termios
from contextlib import suppress
from dataclasses import dataclass

FEW = 4_096  # below this `latchkey doctor` warns
SHORT = 0.8  # of the limit in use: worth a line in the log
MOST_CONNECTIONS = 16_384  # of one process, however many descriptors there are: each costs memory too
LARGEST_SHARE = 1_024  # of one network: an office behind one address, every tab with a stream
LONGEST_QUEUE = 1_024  # connections that the system keeps until they are accepted
_UNLIMITED = 1_048_576
_OWN = 64  # files, letters, log, listening socket, and what a request opens in passing


def limit() -> int:
    """Return how many descriptors this process may have (the soft limit)."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return _UNLIMITED if soft == resource.RLIM_INFINITY else soft


def attainable() -> int:
    """Return how many descriptors a serving process gets: it raises its limit to the hard one when it starts."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return _UNLIMITED if hard == resource.RLIM_INFINITY else hard


def raise_limit() -> tuple[int, int]:
    """Raise the soft limit to the hard one where that is allowed; return the limit before and after."""
    before = limit()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):  # some systems know limits that they then refuse
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return before, limit()


def used() -> int:
    """Return how many descriptors are open; 0 where the system doesn't tell."""
    for directory in ("/proc/self/fd", "/dev/fd"):
        with suppress(OSError):
            return len(os.listdir(directory)) - 1  # noqa: PTH208 - names alone; less the one that reads the directory
    return 0


def queue(of: int | None = None) -> int:
    """Return how many connections may wait to be accepted.

    All of them are accepted in one go, and as many again before those that give way are really closed; for these there
    must be descriptors: without, the next ones are closed without a word, be it a health check.
    """
    return max(16, min(LONGEST_QUEUE, (of or limit()) // 6))


@dataclass(frozen=True, slots=True)
class Room:
    """How many connections this process has room for, and a network of it: an address or IPv6 /64, and a /48."""

    connections: int
    share: int
    site_share: int


def room(stores: int, of: int | None = None) -> Room:
    """Return the room for connections, beside `stores` descriptors that the stores' pools may take, in a limit."""
    of = of or limit()
    connections = max(16, min(MOST_CONNECTIONS, of - 2 * queue(of) - stores - _OWN))
    share = min(LARGEST_SHARE, max(16, connections // 2))
    return Room(connections, share, max(share, min(10 * share, connections * 3 // 4)))


def unacknowledged(sock: socket.socket | None) -> int:
    """Return how many bytes the system keeps for the other end of a connection; 0 where it doesn't tell."""
    return _bytes_in(sock, termios.TIOCOUTQ)


def unread(sock: socket.socket | None) -> int:
    """Return how many bytes of the other end's the system keeps until they are read; 0 where it doesn't tell."""
    return _bytes_in(sock, termios.FIONREAD)


def _bytes_in(sock: socket.socket | None, queue: int) -> int:
    count = array.array("i", [0])
    if sock is not None:
        with suppress(OSError, ValueError):
            fcntl.ioctl(sock.fileno(), queue, count)
    return count[0]
