"""Connections to one server, and pools of them: redis-py's own, but for what these don't ask.

Whether a connection is still open is asked of its transport, before anything is written to it. Whether a server is a
master is asked when a connection is made, where it has to be one. And a pool can be given up whole: what it has is
closed and comes to nothing, while another takes its place.
"""

from __future__ import annotations

from typing import Any, Final

from redis.asyncio import BlockingConnectionPool, Connection, Redis, SSLConnection
from redis.asyncio.connection import AbstractConnection, parse_url
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError

from service.core.redis.tls import PinnedConnection, tls_options
from service.settings import Settings
from service.settings.checks import ConfigurationError
from service.settings.redis_url import RedisUrl

Address = tuple[str, int]

OTHERS_SECONDS = 5.0  # for commands that aren't scripts: operators' check-ups


class Demoted(RedisConnectionError):
    """Who was to be the master follows another."""


class _Live(AbstractConnection):
    """A connection that knows when it is closed. `only_master` refuses a server that says it follows another."""

    def __init__(self, *, only_master: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self._only_master = only_master
        self.condemned = False

    async def _connect(self) -> None:
        if self.condemned:
            raise RedisConnectionError("the connection was given up")
        await super()._connect()  # type: ignore[no-untyped-call, safe-super]  # redis-py; of whatever kind this is

    async def connect(self) -> None:
        if self._is_gone():
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

    def _is_gone(self) -> bool:
        """Say whether the transport has been closed since the connection was used last."""
        return self._writer is not None and self._writer.transport.is_closing()


class _Plain(_Live, Connection):
    """Without TLS."""


class _Encrypted(_Live, SSLConnection):
    """With TLS."""


class _Pinned(_Live, PinnedConnection):
    """With TLS, and one of the certificates expected."""


_KINDS: Final[dict[Any, type[_Live]]] = {SSLConnection: _Encrypted, PinnedConnection: _Pinned}


class Pool(BlockingConnectionPool):
    """Connections to one server. Made of options that another can be made of."""

    def __init__(self, **options: Any) -> None:
        """Take redis-py's options."""
        self.retired = False
        self._options = dict(options)
        super().__init__(**options)

    def twin(self) -> Pool:
        """Return another one, empty."""
        return Pool(**self._options)

    def make_connection(self) -> AbstractConnection:
        """Return a new connection, not open yet. Raises `ConnectionError` where the pool was given up."""
        if self.retired:
            raise RedisConnectionError("the server was given up")
        made: AbstractConnection = super().make_connection()  # type: ignore[no-untyped-call]  # redis-py
        return made

    async def release(self, connection: AbstractConnection) -> None:
        """Take a connection back, and close it where the pool was given up."""
        if self.retired:
            connection.mark_for_reconnect()  # type: ignore[no-untyped-call]  # redis-py
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
        **given,
        "connection_class": _KINDS.get(kind, _Plain),
    }
    try:
        Pool(**options).make_connection()
    except (TypeError, ValueError, RedisConnectionError):
        names = ", ".join(name for name, _ in url.options)
        raise ConfigurationError([f"REDIS_URL: one of its options can't be used ({names})"]) from None
    return options


def client_of(options: dict[str, Any], address: Address | None = None) -> Redis:
    """Return a client of one server, by itself or with the address of another one."""
    host, port = address or (options["host"], options["port"])
    return Redis.from_pool(Pool(**{**options, "host": host, "port": port}))


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
