"""Going through many keys without holding Redis up: SCAN in small steps, on every primary of a cluster."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from typing import Any

from redis.exceptions import RedisError

from service.core.redis.client import RedisScripts, is_outage
from service.errors import Unavailable

STEP = 500

Values = list["bytes | None"]


async def scan_hashes(
    redis: RedisScripts, pattern: str, fields: Sequence[str]
) -> AsyncIterator[list[tuple[str, Values]]]:
    """Yield the hashes whose keys match, in batches: each key with the values of `fields`. A key may come twice.

    Raises `Unavailable` when Redis is out of reach.
    """
    client: Any = redis.client
    try:
        batch: list[str] = []
        async for key in client.scan_iter(match=pattern, count=STEP):
            batch.append(key.decode())
            if len(batch) >= STEP:
                yield await _read(client, batch, fields)
                batch = []
        if batch:
            yield await _read(client, batch, fields)
    except (RedisError, OSError, TimeoutError) as error:
        if not is_outage(error):
            raise
        raise Unavailable("redis") from error


async def _read(client: Any, keys: list[str], fields: Sequence[str]) -> list[tuple[str, Values]]:
    pipeline = client.pipeline(transaction=False)
    for key in keys:
        pipeline.hmget(key, *fields)
    return list(zip(keys, await pipeline.execute(), strict=True))


def literally(text: str) -> str:
    """Return a pattern that matches `text` and nothing else."""
    return re.sub(r"([*?\[\]\\^])", r"\\\1", text)
