"""Connections to one server, and pools of them: redis-py's own, but for what these don't ask.

Whether a connection is still open is asked of its transport, before anything is written to it. Whether a server is a
master is asked when a connection is made, where it has to be one. And a pool can be given up whole: what it has is
closed and comes to nothing, while another takes its place.
"""

from __future__ import annotations

import asyncio
import socket
from typing import Any, Final

import redis
from redis.asyncio import BlockingConnectionPool, Connection, Redis, SSLConnection, UnixDomainSocketConnection
from redis.asyncio.connection import AbstractConnection, parse_url
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError, ResponseError
from redis.retry import Retry as BlockingRetry

from service.core.patience import Limited
from service.core.redis.tls import BlockingPinnedConnection, PinnedConnection, tls_options
from service.settings import Settings
from service.settings.checks import ConfigurationError
from service.settings.redis_url import RedisUrl

Address = tuple[str, int]

QUIET_SECONDS: Final = 20.0  # without a word on a connection: then it is asked whether it is there, before it is used
THERE_SECONDS: Final = 0.25  # for that
OTHERS_SECONDS = 5.0  # for commands that aren't scripts: operators' check-ups


class Demoted(RedisConnectionError):
    """Who was to be the master follows another."""


class _Live(AbstractConnection):
    """A connection that knows when it is closed. `only_master` refuses a server that says it follows another."""

    def __init__(self, *, only_master: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self._only_master = only_master
        self.condemned = False
        self.used_at = float("inf")  # when it was given back last
        self.doubtful = False

    async def _connect(self) -> None:
        if self.condemned:
            raise RedisConnectionError("the connection was given up")
        await super()._connect()  # type: ignore[no-untyped-call, safe-super]  # redis-py; of whatever kind this is

    async def connect(self) -> None:
        if self._is_gone() or (self.doubtful and self.is_connected and not await self._answers()):
            await self.disconnect(nowait=True)
        elif self.is_connected:
            return
        await super().connect()  # type: ignore[no-untyped-call]  # redis-py

    async def send_packed_command(self, command: Any, check_health: bool = True) -> None:
        # A write to a closed transport is an error of the event loop's own making, or none at all.
        if self._is_gone():
            await self.disconnect(nowait=True)
            raise RedisConnectionError("the connection was closed")
        await super().send_packed_command(command, check_health)

    async def on_connect_check_health(self, check_health: bool = True) -> None:
        await super().on_connect_check_health(check_health)
        if self._only_master:
            await self.send_command("ROLE", check_health=False)
            role = await self.read_response()
            if role[0] not in (b"master", "master"):
                raise Demoted(f"{self._host_error()} is no master")

    async def _answers(self) -> bool:
        """Say whether somebody is there still. Behind a firewall that has forgotten a connection nobody is."""
        self.doubtful = False
        try:
            with Limited(THERE_SECONDS):
                await self.send_command("PING", check_health=False)
                await self.read_response()
        except ResponseError:  # it may not ping, and has answered
            return True
        except (RedisError, OSError):  # a TimeoutError is an OSError
            return False
        return True

    def _is_gone(self) -> bool:
        """Say whether the transport has been closed since the connection was used last."""
        return self._writer is not None and self._writer.transport.is_closing()


class _Plain(_Live, Connection):
    """Without TLS."""


class _Encrypted(_Live, SSLConnection):
    """With TLS."""


class _Pinned(_Live, PinnedConnection):
    """With TLS, and one of the certificates expected."""


class _Socket(_Live, UnixDomainSocketConnection):
    """A socket of this machine."""


_KINDS: Final[dict[Any, type[_Live]]] = {
    SSLConnection: _Encrypted,
    PinnedConnection: _Pinned,
    UnixDomainSocketConnection: _Socket,
}
_IN_A_THREAD: Final[dict[Any, Any]] = {
    _Plain: redis.Connection,
    _Encrypted: redis.SSLConnection,
    _Pinned: BlockingPinnedConnection,
    _Socket: redis.UnixDomainSocketConnection,
}
_SHARED: Final = (
    *("host", "port", "path", "db", "username", "password", "fingerprints"),
    *("socket_keepalive", "socket_keepalive_options"),
)
# Firewalls forget a connection on which nothing was said for four minutes, and tell nobody.
_KEEPALIVE: Final = {
    getattr(socket, name): value
    for name, value in (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 15), ("TCP_KEEPCNT", 4))
    if hasattr(socket, name)
}


class Pool(BlockingConnectionPool):
    """Connections to one server. Made of options that another can be made of."""

    def __init__(self, **options: Any) -> None:
        """Take redis-py's options."""
        self.retired = False
        self.options = dict(options)
        self.doubted_at = float("-inf")  # since when no connection is believed in that wasn't used since
        super().__init__(**options)

    def twin(self) -> Pool:
        """Return another one, empty."""
        return Pool(**self.options)

    def make_connection(self) -> AbstractConnection:
        """Return a new connection, not open yet. Raises `ConnectionError` where the pool was given up."""
        if self.retired:
            raise RedisConnectionError("the server was given up")
        made: AbstractConnection = super().make_connection()  # type: ignore[no-untyped-call]  # redis-py
        return made

    async def ensure_connection(self, connection: AbstractConnection) -> None:
        """Open a connection where there is none; ask one that was silent for long whether it is one still."""
        if isinstance(connection, _Live):
            quiet = asyncio.get_running_loop().time() - connection.used_at > QUIET_SECONDS
            connection.doubtful = quiet or connection.used_at < self.doubted_at
        await super().ensure_connection(connection)

    async def release(self, connection: AbstractConnection) -> None:
        """Take a connection back, and close it where the pool was given up."""
        if self.retired:
            connection.mark_for_reconnect()  # type: ignore[no-untyped-call]  # redis-py
        if isinstance(connection, _Live):
            connection.used_at = asyncio.get_running_loop().time()
            if not connection.is_connected:  # whoever had it has waited for too long: the others may be as dead
                self.doubted_at = connection.used_at
        await super().release(connection)

    async def retire(self, *, cut: bool) -> None:
        """Close what is idle now, and what is in use when it comes back; `cut` closes that now as well.

        Not redis-py's `disconnect`: while it waits for each to be closed, others are given them.
        """
        self.retired = True
        idle, self._available_connections = self._available_connections, []
        for connection in self._in_use_connections:
            connection.condemned = True  # type: ignore[attr-defined]  # of ours
        for connection in (*idle, *(tuple(self._in_use_connections) if cut else ())):
            await connection.disconnect(nowait=True)


def options_of(settings: Settings, url: RedisUrl) -> dict[str, Any]:
    """Return redis-py's options for connections to a server of `url`. Raises `ConfigurationError`."""
    try:
        given: dict[str, Any] = {**tls_options(settings), **parse_url(url.plain)}
    except ValueError:
        raise ConfigurationError([f"REDIS_URL: can't be read ({url.form})"]) from None
    kind = tls_options(settings).get("connection_class") or given.get("connection_class")
    options = {
        "max_connections": settings.REDIS_POOL_SIZE,
        # What a script has to wait is limited by its caller; these are for all else, and redis-py's take a task each.
        "timeout": OTHERS_SECONDS,
        "socket_connect_timeout": OTHERS_SECONDS,
        "socket_timeout": None,
        # TimeoutError isn't among the errors to retry: a script that timed out may have run.
        "retry": Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,)),
        **({} if "path" in given else {"socket_keepalive": True, "socket_keepalive_options": _KEEPALIVE}),
        **given,
        "connection_class": _KINDS.get(kind, _Plain),
    }
    try:
        Pool(**options).make_connection()
    except (TypeError, ValueError, OSError, RedisError):  # an SSLError is an OSError
        names = ", ".join(name for name, _ in url.options)
        raise ConfigurationError([f"REDIS_URL: one of its options can't be used ({names})"]) from None
    return options


def client_of(options: dict[str, Any], address: Address | None = None) -> Redis:
    """Return a client of one server, by itself or with the address of another one."""
    where = {"host": address[0], "port": address[1]} if address is not None else {}
    return Redis.from_pool(Pool(**{**options, **where}))


def blocking(options: dict[str, Any], address: Address | None, seconds: float) -> redis.Connection:
    """Return a connection like those of a client, but for a thread. It waits for so long; it speaks protocol 3."""
    shared = {name: value for name, value in options.items() if name in _SHARED or name.startswith("ssl_")}
    if address is not None:
        shared["host"], shared["port"] = address
    made: redis.Connection = _IN_A_THREAD[options["connection_class"]](
        **shared,
        protocol=3,
        socket_timeout=seconds,
        socket_connect_timeout=seconds,
        retry=BlockingRetry(NoBackoff(), 0),
    )
    return made


async def execute(client: Redis, *command: Any, **options: Any) -> Any:
    """Execute a command, as it is."""
    return await client.execute_command(*command, **options)  # type: ignore[no-untyped-call]  # redis-py


async def renew(client: Redis, *, closed: bool = False, cut: bool = False) -> None:
    """Give all connections of a client up. It goes on with new ones, unless it is to be `closed`."""
    pool = client.connection_pool
    if isinstance(pool, Pool):
        if not closed:
            client.connection_pool = pool.twin()
        await pool.retire(cut=cut or closed)
