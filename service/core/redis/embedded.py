"""What the embedded Redis holds, read out and put back: its memory ends with the process.

Texts, hashes and sorted sets, each with the moment at which it expires. What it has of other kinds counts how many were
there, and may be forgotten.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, cast

from redis.asyncio import Redis

Value: TypeAlias = bytes | dict[bytes, bytes] | list[tuple[bytes, float]]

_AT_ONCE: Final = 1000


@dataclass(frozen=True, slots=True)
class Held:
    """A key with its value, and when it expires, in milliseconds since the epoch: None for never."""

    key: bytes
    value: Value
    expires_at: int | None


async def read_out(redis: Redis) -> AsyncIterator[Held]:
    """Yield everything that is worth keeping."""
    client = cast(Any, redis)  # redis-py's commands have no types to speak of
    async for key in client.scan_iter(count=_AT_ONCE):
        value: Value
        match await client.type(key):
            case b"string":
                value = await client.get(key)
            case b"hash":
                value = await client.hgetall(key)
            case b"zset":
                value = await client.zrange(key, 0, -1, withscores=True)
            case _:
                continue
        expires_at = int(await client.pexpiretime(key))
        if value and expires_at != -2:  # else it has just expired
            yield Held(key, value, expires_at if expires_at >= 0 else None)


async def put_back(redis: Redis, held: Iterable[Held], now: int) -> int:
    """Put back what hasn't expired by `now`; return how many keys that were. What is there already is replaced."""
    client, number = cast(Any, redis), 0
    for one in held:
        if one.expires_at is not None and one.expires_at <= now:
            continue
        await client.delete(one.key)
        match one.value:
            case bytes() as text:
                await client.set(one.key, text)
            case dict() as fields:
                await client.hset(one.key, mapping=fields)
            case scores:
                await client.zadd(one.key, dict(scores))
        if one.expires_at is not None:
            await client.pexpireat(one.key, one.expires_at)
        number += 1
    return number
