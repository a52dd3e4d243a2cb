"""Any command on the service's Redis, whatever it is made of: the service itself runs scripts only."""

from __future__ import annotations

from typing import Any

from redis.asyncio import Redis
from redis.commands import AsyncCoreCommands

from service.core.redis.client import RedisScripts


class _Routed(AsyncCoreCommands):
    """redis-py's commands, each of them where the service's own client takes it."""

    _event_dispatcher: Any = None

    def __init__(self, client: Any) -> None:
        self._client = client

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        return await self._client.execute_command(*args, **options)


def commands(redis: RedisScripts) -> Any:
    """Return a client that knows every command; in a cluster, those of one key."""
    client: object = redis.client
    return client if isinstance(client, Redis) else _Routed(client)
