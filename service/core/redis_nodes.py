"""Walking through all keys of Redis without holding it up: SCAN, node by node, also in a cluster."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Final, Protocol, cast

from redis.asyncio import RedisCluster
from redis.crc import key_slot
from redis.exceptions import NoScriptError, RedisError

from service.core.redis import RedisScripts, Reply, Script, is_outage
from service.errors import Unavailable

SCAN_COUNT: Final = 250  # keys that one step looks at: well below a millisecond of Redis's time
_AT_ONCE: Final = 4


class _Commands(Protocol):
    """A server, or a primary of a cluster."""

    async def execute_command(self, *args: str | int) -> object: ...


class Node:
    """One server that holds keys. Raises `Unavailable("redis")` for every outage."""

    def __init__(self, client: _Commands, *, clustered: bool) -> None:
        self._client = client
        self._clustered = clustered

    async def size(self) -> int:
        """Return about how many keys it holds."""
        return int(cast(int, await self._command("DBSIZE")))

    async def scan(self, pattern: str) -> AsyncIterator[tuple[int, list[str]]]:
        """Yield the keys that match, a step at a time, with how many keys a step looks at.

        A key that is there from the beginning to the end is found; one may be found twice.
        """
        cursor: object = 0
        while True:
            reply = await self._command("SCAN", str(cursor), "MATCH", pattern, "COUNT", SCAN_COUNT)
            cursor, keys = cast("tuple[int | bytes, list[bytes]]", reply)
            cursor = int(cursor)
            yield SCAN_COUNT, [key.decode() for key in keys]
            if cursor == 0:
                return

    async def run(self, script: Script, keys: Sequence[str], *args: str | int) -> list[tuple[Sequence[str], Reply]]:
        """Run `script` on `keys` of this node, once for each slot of a cluster; return the keys with each reply."""
        groups: dict[int, list[str]] = {}
        for key in keys:
            groups.setdefault(key_slot(key.encode()) if self._clustered else 0, []).append(key)
        free = asyncio.Semaphore(_AT_ONCE)

        async def run_group(group: Sequence[str]) -> tuple[Sequence[str], Reply]:
            async with free:
                return group, await self._script(script, group, *args)

        return await asyncio.gather(*(run_group(group) for group in groups.values()))

    async def _script(self, script: Script, keys: Sequence[str], *args: str | int) -> Reply:
        try:
            return cast(Reply, await self._command("EVALSHA", script.sha, len(keys), *keys, *args))
        except NoScriptError:
            return cast(Reply, await self._command("EVAL", script.text, len(keys), *keys, *args))

    async def _command(self, *args: str | int) -> object:
        try:
            return await self._client.execute_command(*args)
        except NoScriptError:
            raise
        except (RedisError, OSError, TimeoutError) as error:
            if is_outage(error):
                raise Unavailable("redis") from error
            raise


async def nodes_of(redis: RedisScripts) -> list[Node]:
    """Return every server that holds keys: the primaries of a cluster, or the one server."""
    client: object = redis.client
    if not isinstance(client, RedisCluster):
        return [Node(cast(_Commands, client), clustered=False)]
    try:
        await client.initialize()
    except (RedisError, OSError, TimeoutError) as error:
        raise Unavailable("redis") from error
    return [Node(cast(_Commands, node), clustered=True) for node in client.get_primaries()]
