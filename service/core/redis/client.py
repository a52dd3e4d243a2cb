"""Redis as the service uses it: scripts only, short time-outs, one place where its errors are told apart.

redis-py's own defaults hide an outage for ten seconds and more, and run a timed-out script again and again (STACK.md,
section 8). Here a call ends within about a second of Redis's time, is repeated once only when the connection was found
closed (every script of ours may be repeated), and what an error means is in `service/core/redis/faults.py`. Where Redis
is several servers, the client knows which of them to ask: `sentinel.py`, `cluster.py`. All else is the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final, Protocol, TypeAlias, cast

from redis.asyncio import Redis
from redis.crc import key_slot
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import NoScriptError

from service.core import presence
from service.core.faults import Meaning, away, refuse
from service.core.patience import Limited, Serving
from service.core.redis import probing
from service.core.redis.cluster import ClusterClient
from service.core.redis.connections import OTHERS_SECONDS, Pool, options_of, renew
from service.core.redis.faults import FAILURES, Told, row_of
from service.core.redis.line import Lined
from service.core.redis.scripts import Reply, Script
from service.core.redis.sentinel import SentinelClient
from service.core.redis.watching import Watch
from service.core.telemetry import metrics
from service.core.telemetry.tracing import span
from service.errors import Unavailable
from service.settings import Settings
from service.settings.checks import ConfigurationError
from service.settings.redis_url import read_redis_url

ANSWER_SECONDS = 0.75  # for opening a connection, where there is none, and for the answer
WAIT_SECONDS = 1.0  # for one's turn, while nobody is served
MOST_WAITING = 1000  # at once; more are refused at once
MOST_TRIED = 2000  # names of keys, until each node of a cluster has one of them
ROUTED_SECONDS = 1.5  # for two servers, one after the other, and asking which

_Argument: TypeAlias = "str | int | bytes"


class _Client(Protocol):
    """The part of redis-py that we use: the same on one server, on a cluster and on the embedded fake."""

    async def evalsha(self, sha: str, numkeys: int, *keys_and_args: _Argument) -> Reply: ...
    async def eval(self, script: str, numkeys: int, *keys_and_args: _Argument) -> Reply: ...
    async def aclose(self) -> None: ...


class RedisScripts:
    """Runs scripts on Redis. Raises `Unavailable("redis")` for every outage, `Misconfigured` where it refuses us."""

    def __init__(self, client: _Client, *, limit: int) -> None:
        """`limit` is how many scripts may run at once; the others wait for their turn, in the order in which they came.

        redis-py's own pools raise, or let whoever comes just then pass those who wait.
        """
        self.client = client
        self.limit: Final = limit
        self.in_use = 0  # scripts under way, each on a connection or waiting for one
        self._slots = asyncio.Semaphore(limit)
        self._serving = Serving()
        self._cluster: Final = isinstance(client, ClusterClient)
        self._seconds: Final = ROUTED_SECONDS if isinstance(client, ClusterClient | SentinelClient) else ANSWER_SECONDS
        self._watch: Watch | None = None

    async def run(self, script: Script, keys: Sequence[str], *args: _Argument) -> Reply:
        """Run `script` in one round trip (two when the server doesn't know it yet)."""
        self.in_use += 1
        try:
            with metrics.Timed(metrics.redis), span(f"redis {script.name}"):
                return await self._told_apart(script, keys, args)
        finally:
            self.in_use -= 1

    async def _told_apart(self, script: Script, keys: Sequence[str], args: Sequence[_Argument]) -> Reply:
        try:
            try:
                return await self._in_turn(script, keys, args)
            except FAILURES as error:
                if script.cure is None or row_of(error).meaning is not Meaning.OVERWRITTEN:
                    raise
            await self._in_turn(script.cure, keys, ())
            return await self._in_turn(script, keys, args)
        except FAILURES as error:
            if self._watch is not None and isinstance(error, RedisConnectionError):
                self._watch.lose()  # where the others lead from now on may be another server
            await self._drop_demoted(error)
            await self._answer_for(error, keys)
            raise

    async def _answer_for(self, error: BaseException, keys: Sequence[str]) -> None:
        """Raise what `error` comes to; return where it is a mistake of ours."""
        row = row_of(error, cluster=self._cluster)
        match row.meaning:
            case Meaning.OURS:
                return
            case Meaning.REFUSED:
                refuse("redis", row, error)
            case Meaning.UNCLEAR:  # is it the server, or the script? What we need of the server can be asked for
                if keys:
                    await self._probe(f"{keys[0]}:probe")
            case _:
                away("redis", error)

    async def _in_turn(self, script: Script, keys: Sequence[str], args: Sequence[_Argument]) -> Reply:
        if self._slots.locked():
            if self.in_use - self.limit > MOST_WAITING:
                raise RedisConnectionError("too many wait for a connection")
            with Limited(WAIT_SECONDS, self._serving, queued=True):
                await self._slots.acquire()
        else:
            await self._slots.acquire()
        try:
            if script.deed:
                presence.of_this_request().begin_change()
            with Limited(self._seconds, self._serving):
                return await self._evaluated(script, keys, args)
        finally:
            self._serving.served += 1
            self._slots.release()

    async def _evaluated(self, script: Script, keys: Sequence[str], args: Sequence[_Argument]) -> Reply:
        try:
            return await self.client.evalsha(script.sha, len(keys), *keys, *args)
        except NoScriptError:
            return await self.client.eval(script.text, len(keys), *keys, *args)

    def slot_of(self, key: str) -> int:
        """Return the cluster slot of `key`: keys of one script must share it. Always 0 where there is no cluster."""
        return key_slot(key.encode()) if self._cluster else 0

    async def probe(self, key: str) -> None:
        """Raise `Unavailable` unless Redis answers, takes writes, and lets us do all that the service does.

        Raises `Misconfigured` for what it doesn't let us do, and `ConfigurationError` when the settings are wrong. What
        is written to `key` is gone before anybody can see it.
        """
        self.in_use += 1
        try:
            await self._probe(key)
        except Unavailable as error:
            cause = error.__cause__
            if cause is None or not probing.is_about_settings(cause):
                raise
            fix = f". {cause.row.fix}" if isinstance(cause, Told) else ""
            raise ConfigurationError([f"REDIS_URL: {cause}{fix}"]) from None
        finally:
            self.in_use -= 1

    async def probe_each(self, key: str) -> None:
        """Probe every server that holds data: of a cluster one may let us do less than the others.

        Raises what `probe` does.
        """
        client: object = self.client
        if not isinstance(client, ClusterClient):
            await self.probe(key)
            return
        await client.nodes.asked()
        left = {*client.nodes.map.masters, None}  # None: one is asked whatever is known, and says why nothing is
        for number in range(MOST_TRIED):
            tried = f"{key}:{number}"
            master = client.nodes.map.master_of(self.slot_of(tried))
            if master in left or None in left:
                left -= {master, None}
                await self.probe(tried)
            if not left:
                break

    async def _probe(self, key: str) -> None:
        try:
            reply = await self._in_turn(probing.PROBE, [key], ())
        except FAILURES as error:
            await self._drop_demoted(error)
            probing.raise_for(error, cluster=self._cluster)
        else:
            probing.judge(reply)

    async def warm(self, key: str) -> None:
        """Open connections, some at once, as the first requests will need them. Raises what `probe` does."""
        await asyncio.gather(*(self.probe(f"{key}:{number}") for number in range(min(self.limit, probing.WARM))))

    def watch(self, prefix: str) -> Watch | None:
        """Return what hears of every change to keys that begin so; None where nobody can: embedded, in a cluster.

        (In a cluster a node that was cut off from the others goes on answering that all is well.)
        """
        client: object = self.client
        if isinstance(client, SentinelClient):
            self._watch = Watch(client.options, prefix, self.probe, client.known)
        elif isinstance(client, Redis) and isinstance(client.connection_pool, Pool):
            self._watch = Watch(client.connection_pool.options, prefix, self.probe)
        return self._watch

    async def tells_of_changes(self, prefix: str) -> str | None:
        """Return why Redis wouldn't tell a watch what changes, "" if it would; None where there is no watch."""
        watch = self.watch(prefix)
        return None if watch is None else await watch.attempt()

    async def close(self) -> None:
        """Close every connection."""
        if self._watch is not None:
            await self._watch.close()
        await self.client.aclose()

    async def servers(self) -> list[tuple[str, Redis]]:
        """Return the name and a client of every server that holds data. Raises what redis-py raises."""
        client: object = self.client
        if isinstance(client, ClusterClient):
            with Limited(OTHERS_SECONDS):
                return await client.masters()
        if isinstance(client, SentinelClient):
            with Limited(OTHERS_SECONDS):
                return [(client.address, await client.master())]
        return [("redis", cast(Redis, client))]

    async def _drop_demoted(self, error: BaseException) -> None:
        # After a failover behind one host name the pooled connections still lead to the demoted server, which would
        # answer READONLY for ever: new connections find the new one.
        client: object = self.client
        if isinstance(client, Redis) and row_of(error).code == "READONLY":
            if self._watch is not None:
                self._watch.lose()
            await renew(client)
            if isinstance(client, Lined):
                client.leave_line()


def connect(settings: Settings) -> RedisScripts:
    """Return the Redis of `settings`, not connected yet. Raises `ConfigurationError` for what can't be an address."""
    url, size = read_redis_url(settings.REDIS_URL), settings.REDIS_POOL_SIZE
    if url.form == "memory":
        return RedisScripts(_embedded(), limit=size)
    options = options_of(settings, url)
    match url.form:
        case "sentinel":
            client: object = SentinelClient(url, options)
        case "cluster":
            client = ClusterClient(url, options)
        case _:
            client = Lined.from_pool(Pool(**options))
    return RedisScripts(cast(_Client, client), limit=size)


def _embedded() -> _Client:
    try:
        from fakeredis import FakeAsyncRedis, FakeServer
    except ImportError:  # pragma: no cover - production installs have no embedded store
        raise ConfigurationError(["REDIS_URL: memory:// needs what is in requirements-embedded.txt"]) from None
    return cast(_Client, FakeAsyncRedis(server=FakeServer(), version=(7,)))
