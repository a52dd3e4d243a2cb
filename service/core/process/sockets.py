"""The listening sockets of an instance: one for each worker, all on one address."""

from __future__ import annotations

import socket
import sys
from array import array
from contextlib import suppress
from struct import pack

BACKLOG = 1024

_SO_ATTACH_FILTER = 26  # Linux's; Python has no name for it
# A filter as the kernel runs it (classic BPF, struct sock_filter): of the flags of a segment SYN and ACK are looked at,
# and SYN alone, which asks for a connection, is dropped; everything else is let in, whole.
_STEPS = ((0x30, 0, 0, 13), (0x54, 0, 0, 0x12), (0x15, 0, 1, 0x02), (0x06, 0, 0, 0), (0x06, 0, 0, 0xFFFFFFFF))
_NOBODY_NEW = array("B", b"".join(pack("HBBI", *step) for step in _STEPS))


def listen(host: str, port: int, workers: int = 1, backlog: int = BACKLOG) -> list[socket.socket]:
    """Return a listening socket for each worker, all on one address; port 0 takes any free one.

    On Linux each worker has a socket of its own (SO_REUSEPORT) and the kernel spreads connections evenly; elsewhere
    that option gives every connection to one socket, so the workers share one. Raises OSError that names the address.
    """
    spread = workers > 1 and sys.platform == "linux"
    try:
        if spread and port:
            # SO_REUSEPORT would join the port of another instance of the same user without a word: ask first.
            _bind(host, port, backlog, reuse_port=False).close()
        first = _bind(host, port, backlog, reuse_port=spread)
        if not spread:
            return [first] * workers
        return [first, *(_bind(host, first.getsockname()[1], backlog, reuse_port=True) for _ in range(workers - 1))]
    except OSError as error:
        raise OSError(error.errno, f"cannot listen on {host} port {port}: {error.strerror}") from error


def _bind(host: str, port: int, backlog: int, *, reuse_port: bool) -> socket.socket:
    sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if reuse_port:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        sock.bind((host, port))
        sock.listen(backlog)
    except BaseException:
        sock.close()
        raise
    return sock


def admit_nobody_new(sock: socket.socket) -> bool:
    """Have a listening socket leave requests for a connection unanswered from now on, if this system can do that.

    Whoever asks asks again, after a second, and is refused once the socket is closed. Those who were answered already
    believe that they are connected, whether their last word has arrived here or not: they would be reset. It is for
    good, and for everybody who holds the socket.
    """
    if sys.platform != "linux":
        return False
    program = pack("HP", len(_NOBODY_NEW) // 8, _NOBODY_NEW.buffer_info()[0])
    with suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, program)
        return True
    return False
