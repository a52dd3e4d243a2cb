"""Redis as the service uses it: scripts only, short time-outs, one place that turns every outage into 503.

redis-py's own defaults hide an outage for ten seconds and more, run a timed-out script again and again, and raise
READONLY and OOM as plain response errors (STACK.md, section 8). Here a call ends within about a second, is repeated
once only when the connection was found closed (every script of ours may be repeated), and an outage is `Unavailable`.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from hashlib import sha1
from typing import Protocol, TypeAlias, cast
from urllib.parse import urlsplit

from redis.asyncio import BlockingConnectionPool, Redis, RedisCluster
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.crc import key_slot
from redis.exceptions import (
    AskError,
    AuthenticationError,
    ClusterError,
    CrossSlotTransactionError,
    NoScriptError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisClusterException,
    RedisError,
    ResponseError,
    TryAgainError,
)
from redis.exceptions import ConnectionError as RedisConnectionError

from service.core.redis.tls import tls_options
from service.core.telemetry import metrics
from service.core.telemetry.tracing import span
from service.errors import Unavailable
from service.settings import Settings
from service.settings.checks import ConfigurationError

CONNECT_SECONDS = 0.5
ANSWER_SECONDS = 0.75
POOL_WAIT_SECONDS = 0.5
# The codes by which a server says "not now" in an ordinary error. redis-py has classes for most of them, and takes the
# code off their text; the others keep it as their first word.
_OUTAGES = (ReadOnlyError, OutOfMemoryError, ClusterError, TryAgainError, AskError)
_OUTAGE_CODES = {"READONLY", "OOM", "MISCONF", "LOADING", "MASTERDOWN", "CLUSTERDOWN", "NOREPLICAS", "TRYAGAIN", "BUSY"}
# Redis 6.2 wraps what a script's command was answered: `ERR Error running script (call to f_…): …: -OOM command not …`.
_WRAPPED_CODE = re.compile(r"^Error running script .*?: -([A-Z]+) ", re.DOTALL)

_Argument: TypeAlias = "str | int"
Reply: TypeAlias = "int | bytes | list[Reply] | None"


class Script:
    """A Lua script: a name for traces, its text, and the digest that servers know it by."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text
        self.sha = sha1(text.encode(), usedforsecurity=False).hexdigest()


# How a script begins that needs the time: `now` in ms by Redis's own clock, so that instances agree. ARGV[1] is the
# shift of a clock that tests move by hand, zero otherwise.
NOW = """
local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000) + tonumber(ARGV[1])
local function text(number) return string.format('%.0f', number) end
"""

# A full Redis and a demoted one answer PING; a write of no bytes shows them, and creates no key.
_WRITE_NOTHING = Script("probe", "return redis.call('SETRANGE', KEYS[1], 0, '')")


class _Client(Protocol):
    """The part of redis-py that we use: the same on one server, on a cluster and on the embedded fake."""

    async def evalsha(self, sha: str, numkeys: int, *keys_and_args: _Argument) -> Reply: ...
    async def eval(self, script: str, numkeys: int, *keys_and_args: _Argument) -> Reply: ...
    async def aclose(self) -> None: ...


class RedisScripts:
    """Runs scripts on Redis. Raises `Unavailable("redis")` for every outage."""

    def __init__(self, client: _Client, *, limit: int | None = None) -> None:
        """`limit` is how many scripts may run at once, for a client whose pool raises instead of waiting."""
        self.client = client
        self.in_use = 0  # scripts under way, each on a connection or waiting for one
        self._slots = asyncio.Semaphore(limit) if limit else None

    async def run(self, script: Script, keys: Sequence[str], *args: _Argument) -> Reply:
        """Run `script` in one round trip (two when the server doesn't know it yet)."""
        self.in_use += 1
        try:
            with metrics.Timed(metrics.redis), span(f"redis {script.name}"):
                return await self._bounded(script, keys, *args)
        finally:
            self.in_use -= 1

    async def _bounded(self, script: Script, keys: Sequence[str], *args: _Argument) -> Reply:
        try:
            if self._slots is None:
                return await self._run(script, keys, *args)
            async with asyncio.timeout(POOL_WAIT_SECONDS):
                await self._slots.acquire()
            try:
                return await self._run(script, keys, *args)
            finally:
                self._slots.release()
        except (RedisError, RedisClusterException, OSError, TimeoutError) as error:
            await self._drop_demoted(error)
            if not is_outage(error):
                raise
            raise Unavailable("redis") from error

    async def _run(self, script: Script, keys: Sequence[str], *args: _Argument) -> Reply:
        try:
            return await self.client.evalsha(script.sha, len(keys), *keys, *args)
        except NoScriptError:
            return await self.client.eval(script.text, len(keys), *keys, *args)

    def slot_of(self, key: str) -> int:
        """Return the cluster slot of `key`: keys of one script must share it. Always 0 where there is no cluster."""
        client: object = self.client
        return key_slot(key.encode()) if isinstance(client, RedisCluster) else 0

    async def probe(self, key: str) -> None:
        """Raise `Unavailable` unless Redis answers and takes writes; nothing is written to `key`.

        Raises `ConfigurationError` when Redis refuses who we say we are, or what we ask for.
        """
        try:
            await self.run(_WRITE_NOTHING, [key])
        except Unavailable as error:
            if isinstance(error.__cause__, AuthenticationError):
                raise ConfigurationError([f"REDIS_URL: {error.__cause__}"]) from None
            raise
        except ResponseError as error:
            raise ConfigurationError([f"REDIS_URL: {error}"]) from None

    async def close(self) -> None:
        """Close every connection."""
        await self.client.aclose()

    async def _drop_demoted(self, error: BaseException) -> None:
        # After a failover behind one host name the pooled connections still lead to the demoted server, which would
        # answer READONLY for ever: new connections find the new one.
        pool: object = getattr(self.client, "connection_pool", None)
        if _is_read_only(error) and isinstance(pool, BlockingConnectionPool):
            await pool.disconnect(inuse_connections=False)


def is_outage(error: BaseException) -> bool:
    """Tell an outage (try again later) from a mistake of ours: by its class, or by its code."""
    if isinstance(error, CrossSlotTransactionError):
        return False
    if isinstance(error, ResponseError) and not isinstance(error, (AuthenticationError, *_OUTAGES)):
        return _code_of(error) in _OUTAGE_CODES
    return True


def _is_read_only(error: BaseException) -> bool:
    return isinstance(error, ReadOnlyError) or (isinstance(error, ResponseError) and _code_of(error) == "READONLY")


def _code_of(error: ResponseError) -> str:
    text = str(error)
    wrapped = _WRAPPED_CODE.match(text)
    return wrapped[1] if wrapped else text.partition(" ")[0]


def connect(settings: Settings) -> RedisScripts:
    """Return the Redis of `settings`, not connected yet. Raises `ConfigurationError` for what can't be an address."""
    url = settings.REDIS_URL
    if url.startswith("memory:"):
        return RedisScripts(_embedded(), limit=settings.REDIS_POOL_SIZE)
    # TimeoutError isn't among the errors to retry: a script that timed out may have run.
    retry = Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,))
    try:
        if "+cluster" in url.partition("://")[0]:
            cluster = RedisCluster.from_url(
                url.replace("+cluster", "", 1),
                socket_connect_timeout=CONNECT_SECONDS,
                socket_timeout=ANSWER_SECONDS,
                max_connections=settings.REDIS_POOL_SIZE,
                retry=retry,
                **tls_options(settings),
            )
            return RedisScripts(cast(_Client, cluster), limit=settings.REDIS_POOL_SIZE)
        options = tls_options(settings)
        kind = options.pop("connection_class", None)
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=settings.REDIS_POOL_SIZE,
            timeout=POOL_WAIT_SECONDS,
            socket_connect_timeout=CONNECT_SECONDS,
            socket_timeout=ANSWER_SECONDS,
            retry=retry,
            **options,
        )
        pool.connection_class = kind or pool.connection_class  # from_url insists on its own
    except ValueError:
        raise ConfigurationError([f"REDIS_URL: can't be read (scheme {urlsplit(url).scheme}://)"]) from None
    return RedisScripts(cast(_Client, Redis.from_pool(pool)))


def _embedded() -> _Client:
    try:
        from fakeredis import FakeAsyncRedis, FakeServer
    except ImportError:  # pragma: no cover - production installs have no embedded store
        raise ConfigurationError(["REDIS_URL: memory:// needs `pip install latchkey[embedded]`"]) from None
    return cast(_Client, FakeAsyncRedis(server=FakeServer(), version=(7,)))
