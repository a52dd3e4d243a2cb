"""How much there is in a Redis: keys of a kind, and memory, over all servers of a cluster."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import Final

from redis.exceptions import ResponseError

from service.core.faults import Meaning, away, refuse
from service.core.patience import Limited
from service.core.redis.client import RedisScripts
from service.core.redis.connections import OTHERS_SECONDS, execute
from service.core.redis.faults import FAILURES, row_of

STEP: Final = 1000
REST: Final = 0.5  # after each step, as a multiple of its own time


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes in use, and bytes that there may be; None where nothing is limited, or nobody says."""

    used: int | None
    limit: int | None


async def count_keys(redis: RedisScripts, pattern: str) -> int:
    """Count the keys that match, in small steps: about right while keys come and go. Raises `Unavailable`."""
    count = 0
    async with told_apart():
        for _, server in await redis.servers():
            cursor = -1
            while cursor:
                started = perf_counter()
                with Limited(OTHERS_SECONDS):
                    cursor, keys = await server.scan(max(cursor, 0), match=pattern, count=STEP)
                count += len(keys)
                await asyncio.sleep((perf_counter() - started) * REST)
    return count


async def memory_in_use(redis: RedisScripts) -> Memory:
    """Return the memory of all servers that hold data. Raises `Unavailable`."""
    used = limit = 0
    async with told_apart():
        for _, server in await redis.servers():
            try:
                with Limited(OTHERS_SECONDS):
                    info = await execute(server, "INFO", "memory")
            except ResponseError as error:
                if row_of(error).meaning is Meaning.AWAY:
                    raise
                return Memory(None, None)  # a managed one, that doesn't say
            if not isinstance(info, dict):
                return Memory(None, None)
            used += int(info.get("used_memory", 0))
            limit += int(info.get("maxmemory", 0))
    return Memory(used or None, limit or None)


@asynccontextmanager
async def told_apart() -> AsyncIterator[None]:
    """Raise `Unavailable`, or `Misconfigured`, for what several nodes answer; let through what is a mistake of ours."""
    try:
        yield
    except FAILURES as error:
        row = row_of(error, cluster=True)
        if row.meaning is Meaning.OURS:
            raise
        if row.meaning is Meaning.REFUSED:
            refuse("redis", row, error)
        away("redis", error)
