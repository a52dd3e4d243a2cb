"""What the tests of the door share."""

from __future__ import annotations

from typing import Any

from service.runtime import Runtime


def raw(runtime: Runtime) -> Any:
    """The plain Redis client."""
    return runtime.redis.client


async def delete_keys(runtime: Runtime, pattern: str) -> int:
    """Delete keys as an operator does, without the service."""
    keys = [key async for key in raw(runtime).scan_iter(pattern)]
    return int(await raw(runtime).unlink(*keys)) if keys else 0
