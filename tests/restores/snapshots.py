"""Redis as it was: what it held is noted, and put back later."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self, cast

from service.runtime import Runtime


@dataclass
class Snapshot:
    """Every key with what it held, and how long it was to live."""

    keys: dict[bytes, tuple[int, bytes]]

    @classmethod
    async def of(cls, runtime: Runtime) -> Self:
        client = cast(Any, runtime.redis.client)
        found = [key async for key in client.scan_iter()]
        return cls({key: (max(0, await client.pttl(key)), await client.dump(key)) for key in found})

    async def put_back(self, runtime: Runtime) -> None:
        client = cast(Any, runtime.redis.client)
        await client.flushall()
        for key, (life, held) in self.keys.items():
            await client.restore(key, life, held)
