"""Going through many keys without holding Redis up: SCAN in small steps, on every primary of a cluster."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from typing import Any

from redis.exceptions import ResponseError

from service.core.faults import Meaning, away, refuse
from service.core.patience import Limited
from service.core.redis.client import OTHERS_SECONDS, RedisScripts
from service.core.redis.faults import FAILURES, row_of

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
        keys = client.scan_iter(match=pattern, count=STEP)
        while (key := await _next(keys)) is not None:
            batch.append(key.decode())
            if len(batch) >= STEP:
                yield await _read(client, batch, fields)
                batch = []
        if batch:
            yield await _read(client, batch, fields)
    except FAILURES as error:
        row = row_of(error, cluster=True)
        if row.meaning is Meaning.OURS:
            raise
        if row.meaning is Meaning.REFUSED:
            refuse("redis", row, error)
        away("redis", error)


async def _next(keys: AsyncIterator[bytes]) -> bytes | None:
    with Limited(OTHERS_SECONDS):
        return await anext(keys, None)


async def _read(client: Any, keys: list[str], fields: Sequence[str]) -> list[tuple[str, Values]]:
    pipeline = client.pipeline(transaction=False)
    for key in keys:
        pipeline.hmget(key, *fields)
    with Limited(OTHERS_SECONDS):
        replies = await pipeline.execute(raise_on_error=False)
    found = []
    for key, reply in zip(keys, replies, strict=True):
        if not isinstance(reply, Exception):
            found.append((key, reply))
        # A key that somebody has overwritten is none of ours any more.
        elif not (isinstance(reply, ResponseError) and row_of(reply).meaning is Meaning.OVERWRITTEN):
            raise reply
    return found


def literally(text: str) -> str:
    """Return a pattern that matches `text` and nothing else."""
    return re.sub(r"([*?\[\]\\^])", r"\\\1", text)
