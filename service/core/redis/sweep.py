"""Going through many keys without holding Redis up: SCAN in small steps, on every primary of a cluster."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from typing import cast

from redis.asyncio import Redis
from redis.exceptions import AskError, ResponseError

from service.core.faults import Meaning
from service.core.patience import Limited
from service.core.redis.client import RedisScripts
from service.core.redis.cluster import ClusterClient
from service.core.redis.connections import OTHERS_SECONDS
from service.core.redis.faults import row_of
from service.core.redis.usage import told_apart

STEP = 500

Values = list["bytes | None"]


async def scan_hashes(
    redis: RedisScripts, pattern: str, fields: Sequence[str]
) -> AsyncIterator[list[tuple[str, Values]]]:
    """Yield the hashes whose keys match, in batches: each key with the values of `fields`. A key may come twice.

    A cluster is gone through twice: a key may move from a server that is still to come to one that we have done. It
    would have to move again, while we look again, for us to pass it over. Raises `Unavailable` when Redis is out of
    reach.
    """
    async with told_apart():
        servers = await redis.servers()
        for _, server in servers:
            async for batch in _of_server(redis, server, pattern, fields):
                yield batch
        for _, server in await redis.servers() if len(servers) > 1 else ():
            async for batch in _of_server(redis, server, pattern, fields):
                yield batch


async def scan_keys(redis: RedisScripts, pattern: str) -> list[str]:
    """Return all keys that match, each once. For the embedded Redis, which has few. Raises `Unavailable`."""
    found: dict[str, None] = {}
    async with told_apart():
        for _, server in await redis.servers():
            keys = server.scan_iter(match=pattern, count=STEP)
            while (key := await _next(keys)) is not None:
                found[key.decode()] = None
    return list(found)


async def _of_server(
    redis: RedisScripts, server: Redis, pattern: str, fields: Sequence[str]
) -> AsyncIterator[list[tuple[str, Values]]]:
    batch: list[str] = []
    keys = server.scan_iter(match=pattern, count=STEP)
    while (key := await _next(keys)) is not None:
        batch.append(key.decode())
        if len(batch) >= STEP:
            yield await _read(redis, server, batch, fields)
            batch = []
    if batch:
        yield await _read(redis, server, batch, fields)


async def _next(keys: AsyncIterator[bytes]) -> bytes | None:
    with Limited(OTHERS_SECONDS):
        return await anext(keys, None)


async def _read(redis: RedisScripts, server: Redis, keys: list[str], fields: Sequence[str]) -> list[tuple[str, Values]]:
    pipeline = server.pipeline(transaction=False)
    names = [field.encode() for field in fields]  # once, and not for each key
    for key in keys:
        pipeline.hmget(key, *names)
    with Limited(OTHERS_SECONDS):
        replies = await pipeline.execute(raise_on_error=False)
    found = []
    for key, reply in zip(keys, replies, strict=True):
        if isinstance(reply, AskError):  # and MovedError: the key is with another server of the cluster now
            with Limited(OTHERS_SECONDS):
                found.append((key, await cast(ClusterClient, redis.client).execute_command("HMGET", key, *fields)))
        elif not isinstance(reply, Exception):
            found.append((key, reply))
        # A key that somebody has overwritten is none of ours any more.
        elif not (isinstance(reply, ResponseError) and row_of(reply).meaning is Meaning.OVERWRITTEN):
            raise reply
    return found


def literally(text: str) -> str:
    """Return a pattern that matches `text` and nothing else."""
    return re.sub(r"([*?\[\]\\^])", r"\\\1", text)
