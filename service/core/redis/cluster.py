"""A Redis Cluster: commands that go to whoever has the slot of their keys, wherever it has moved to.

Not redis-py's own client: that one closes connections that others are using, when a node tells it that the cluster has
changed; sends `ASKING` and what it is for on two connections; and takes a cluster of which one slot is served by nobody
for one that isn't there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from redis.asyncio import Redis
from redis.crc import key_slot
from redis.exceptions import AskError, ClusterDownError, MovedError, RedisError, ResponseError, TryAgainError
from redis.exceptions import ConnectionError as RedisConnectionError

from service.core.redis.asking import Routed
from service.core.redis.connections import Address, execute
from service.core.redis.slots import Nodes
from service.settings.redis_url import RedisUrl

PAUSE_SECONDS: Final = 0.05
PATIENCE: Final[Mapping[type[RedisError], int]] = {
    AskError: 5,  # and MovedError, which is one
    TryAgainError: 16,  # pauses, while the keys of a script are in two places
    ClusterDownError: 2,  # pauses: mostly it takes longer than anybody waits
    RedisConnectionError: 1,
}
"""How often a command is repeated, by what was answered."""
_EXPECTED: Final = tuple(PATIENCE)
_WITH_SCRIPTS: Final = ("EVAL", "EVALSHA")
_ELSEWHERE: Final = "attempted to access a non local key"
"""What a node says of a script's key that isn't there while its slot moves: it may be where that goes, or nowhere."""


class ClusterClient(Routed):
    """A client of all nodes, for commands whose keys are in one slot."""

    def __init__(self, url: RedisUrl, options: dict[str, Any]) -> None:
        """Take REDIS_URL, and redis-py's options for connections to nodes."""
        self.nodes: Final = Nodes(url.hosts, options)

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        """Have the node of the first key do a command: once more where a connection is closed or a node has changed."""
        slot = key_slot(_key(args))
        repeated: dict[type[RedisError], int] = {}
        asking: Address | None = None
        while True:
            address = asking or await self._master_of(slot)
            try:
                return await self._done(address, args, options, asking=asking is not None)
            except _EXPECTED as error:
                kind = next(kind for kind in PATIENCE if isinstance(error, kind))
                repeated[kind] = repeated.get(kind, 0) + 1
                if repeated[kind] > PATIENCE[kind]:
                    raise
                asking = await self._learn(error, slot, address)

    async def _learn(self, error: BaseException, slot: int, asked: Address) -> Address | None:
        """Take what a node's answer says of the cluster; return where to go with permission, if it says so."""
        match error:
            case MovedError():
                self.nodes.map.move(slot, _where(error, asked))
                self.nodes.ask_beside()
            case AskError():
                return _where(error, asked)
            case TryAgainError():
                await asyncio.sleep(PAUSE_SECONDS)
            case ClusterDownError():
                await asyncio.sleep(PAUSE_SECONDS)
                await self.nodes.asked()
            case _:
                pass  # the connection broke: the node is in doubt now, and is asked about
        return None

    async def _done(self, address: Address, args: tuple[Any, ...], options: dict[str, Any], *, asking: bool) -> Any:
        client, answered = self.nodes.client(address), False
        try:
            reply = await (self._asked(client, args) if asking else execute(client, *args, **options))
            answered = True
        except ResponseError as error:
            answered = True
            if _ELSEWHERE in str(error):
                raise TryAgainError(str(error), status_code="TRYAGAIN") from None
            raise
        finally:  # also where the caller has waited long enough
            if answered:
                self.nodes.doubted.discard(address)
            else:
                self.nodes.doubted.add(address)
        return reply

    async def _asked(self, client: Redis, args: tuple[Any, ...]) -> Any:
        # On one connection: the permission is for the command that comes next.
        pipeline = client.pipeline(transaction=False)
        pipeline.execute_command("ASKING")
        pipeline.execute_command(*args)
        _, reply = await pipeline.execute(raise_on_error=False)
        if isinstance(reply, Exception):
            raise reply
        return reply

    async def _master_of(self, slot: int) -> Address:
        address = self.nodes.map.master_of(slot)
        if address is None or address in self.nodes.doubted:
            await self.nodes.asked()
            address = self.nodes.map.master_of(slot)
        if address is None:
            if not self.nodes.map.masters and self.nodes.failed is not None:
                raise self.nodes.failed
            raise ClusterDownError(f"nobody serves slot {slot}", status_code="CLUSTERDOWN")
        return address

    async def masters(self) -> list[tuple[str, Redis]]:
        """Return the name and the client of every node that has slots, as it is now. Raises what keeps it from us."""
        await self.nodes.asked()
        if not self.nodes.map.masters:
            raise self.nodes.failed or RedisConnectionError("no node of the cluster can be reached")
        return [(f"{host}:{port}", self.nodes.client((host, port))) for host, port in sorted(self.nodes.map.masters)]

    async def aclose(self) -> None:
        """Close every connection."""
        await self.nodes.close()


def _key(args: tuple[Any, ...]) -> bytes:
    """Return the first key of a command."""
    key = args[3] if args[0] in _WITH_SCRIPTS else args[1]
    return key if isinstance(key, bytes) else str(key).encode()


def _where(error: AskError, asked: Address) -> Address:
    """Return where a node sends us; one that doesn't know the other's host means its own."""
    return error.host or asked[0], error.port
