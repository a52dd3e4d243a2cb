"""A connection on which Redis tells which keys change, opened in a thread and read by ourselves from then on."""

from __future__ import annotations

import socket
from typing import Any, Final

import hiredis
from redis.exceptions import ConnectionError as RedisConnectionError

from service.core.redis.connections import Address, blocking

OPEN_SECONDS: Final = 0.75  # for each step
READ_BYTES: Final = 65536
NOTHING_MORE: Final = object()
"""What a reader returns where what has come isn't a whole answer yet."""


class Deaf(RedisConnectionError):
    """A server that doesn't tell what changes, or not on the connection that asked for it."""


def open_tracking(
    options: dict[str, Any], address: Address | None, prefix: str
) -> tuple[socket.socket, hiredis.Reader]:
    """Return a socket, not blocking, that is told which keys that begin with `prefix` change, and what reads from it.

    Takes redis-py's options for a connection; `address`, if there is one, instead of theirs. Blocks for a while. Raises
    `Deaf` or `ResponseError` where a server doesn't do that, and what redis-py raises where there is none.
    """
    connection: Any = blocking(options, address, OPEN_SECONDS)
    connection.connect()
    try:
        if options.get("only_master"):
            _demand_master(connection)
        reader = hiredis.Reader(notEnoughData=NOTHING_MORE)
        _ask_for_changes(connection, reader, prefix)
        found: socket.socket = connection._sock
        found.settimeout(0)
    except BaseException:
        connection.disconnect()
        raise
    connection._sock = None  # or redis-py would close it with the connection
    return found, reader


def _demand_master(connection: Any) -> None:
    connection.send_command("ROLE")
    if connection.read_response()[0] != b"master":
        raise RedisConnectionError("who was to be the master follows another")


def _ask_for_changes(connection: Any, reader: hiredis.Reader, prefix: str) -> None:
    # Not read by redis-py, which may read more than the answer: what is told at once after it.
    found: socket.socket = connection._sock
    found.sendall(b"".join(connection.pack_command("CLIENT", "TRACKING", "ON", "BCAST", "PREFIX", prefix)))
    while (said := reader.gets()) is NOTHING_MORE:
        if not (data := found.recv(READ_BYTES)):
            raise RedisConnectionError("the connection was closed")
        reader.feed(data)
    if said != b"OK":
        raise Deaf(str(said))
