"""Redis with Sentinels: a master, two replicas, and three who decide together which of them is the master.

A master without a replica takes no writes: or one that was frozen would take some, when it goes on, and lose them.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field

from redis.asyncio import Redis as Client

from chaos.proxy import HOST, Proxy
from chaos.redises import KEEPING, NEVER_AGAIN, OPERATOR_SECONDS, Node, acknowledged, node, until
from tests.servers import Sentinel, ServerFailed
from tests.servers.sentinel import MASTER, REPLICAS, SAFELY, SENTINELS


@dataclass
class Watched:
    """A master, its replicas, and three Sentinels; each of the former has a proxy."""

    nodes: list[Node] = field(default_factory=list)
    sentinels: list[Sentinel] = field(default_factory=list)
    name: str = "sentinel"

    @classmethod
    async def start(cls) -> Watched:
        """Start it; return once every Sentinel knows the replicas. Raises BinaryMissing, ServerFailed."""
        found = cls()
        try:
            options = (*KEEPING, *SAFELY, "--replica-announce-ip", HOST)
            for _ in range(1 + REPLICAS):
                found.nodes.append(await node(*options, announce=("--replica-announce-port",)))
            master, *replicas = found.nodes
            for replica in replicas:
                await replica.call("REPLICAOF", HOST, str(master.proxy.port))
            for _ in range(SENTINELS):
                sentinel = await asyncio.to_thread(Sentinel.watching, master.proxy.port)
                found.sentinels.append(sentinel)
            await found.whole()
        except BaseException:
            await found.close()
            raise
        return found

    @property
    def url(self) -> str:
        """REDIS_URL of the service."""
        return f"redis+sentinel://{','.join(f'{HOST}:{found.port}' for found in self.sentinels)}/{MASTER}"

    @property
    def version(self) -> str:
        """The version of the nodes."""
        return self.nodes[0].server.version

    @property
    def proxies(self) -> list[Proxy]:
        """One for each node."""
        return [found.proxy for found in self.nodes]

    async def delete(self, key: str) -> bool:
        """Delete a key at whoever is the master."""
        with suppress(ServerFailed, StopIteration):
            port = (await self.master()).server.port
            async with Client(host=HOST, port=port, socket_timeout=OPERATOR_SECONDS, retry=NEVER_AGAIN) as client:
                return await acknowledged(client.unlink(key))
        return False

    async def master(self) -> Node:
        """Return who is the master, as a Sentinel knows it. Raises ServerFailed."""
        port = await asyncio.to_thread(self.sentinels[0].master)
        return next(found for found in self.nodes if found.proxy.port == port)

    async def whole(self) -> None:
        """Wait until every Sentinel knows the others and a replica that follows. Raises ServerFailed."""

        async def known() -> bool:
            master = await self.master()
            linked = [await found.call("INFO", "replication") for found in self.nodes if found is not master]
            seen = [await asyncio.to_thread(sentinel.is_whole, REPLICAS) for sentinel in self.sentinels]
            return all(seen) and all("master_link_status:up" in said for said in linked)

        await until(known, "the Sentinels don't know one another")

    async def close(self) -> None:
        """End all."""
        for sentinel in self.sentinels:
            await asyncio.to_thread(sentinel.stop)
        for found in self.nodes:
            await found.close()
