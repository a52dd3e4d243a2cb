"""The listening sockets of an instance: one for each worker, all on one address."""

from __future__ import annotations

import socket
import sys

BACKLOG = 1024


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
