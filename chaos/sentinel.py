"""Redis with Sentinels: a master, a replica, and three who decide together which of them is the master.

Not among `FORMS` of the command until the service can read its URL.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Self

from redis.asyncio import Redis as Client

from chaos.proxy import HOST, Proxy
from chaos.redises import KEEPING, NEVER_AGAIN, OPERATOR_SECONDS, UP_SECONDS, Node, acknowledged, node
from tests.servers import Redis, ServerFailed
from tests.servers.binaries import find_redis
from tests.servers.reaper import claim

MASTER = "latchkey"
QUORUM = 2
DOWN_MILLISECONDS = 1000


class SentinelServer(Redis):
    """A Sentinel that watches one master."""

    title = "Sentinel"

    @classmethod
    def watching(cls, port: int) -> Self:
        """Start one that watches the master at this port. Raises BinaryMissing, ServerFailed."""
        server = cls(claim("sentinel"), find_redis(), ())
        config = (
            f"sentinel monitor {MASTER} {HOST} {port} {QUORUM}\n"
            f"sentinel down-after-milliseconds {MASTER} {DOWN_MILLISECONDS}\n"
            f"sentinel failover-timeout {MASTER} 5000\n"
        )
        (server.directory / "sentinel.conf").write_text(config)
        try:
            server._open()
        except BaseException:
            server.stop()
            raise
        return server

    def _command(self) -> list[str]:
        place = ("--bind", HOST, "--port", str(self.port), "--dir", str(self.directory))
        return [str(self._binary), str(self.directory / "sentinel.conf"), "--sentinel", *place]


@dataclass
class Watched:
    """A master, its replica, and three Sentinels; each of the two has a proxy."""

    nodes: list[Node] = field(default_factory=list)
    sentinels: list[SentinelServer] = field(default_factory=list)
    name: str = "sentinel"

    @classmethod
    async def start(cls) -> Watched:
        """Start it; return once every Sentinel knows the replica. Raises BinaryMissing, ServerFailed."""
        found = cls()
        try:
            for _ in range(2):
                found.nodes.append(await node(*KEEPING, announce=("--replica-announce-port",)))
            master, replica = found.nodes
            await replica.call("CONFIG", "SET", "replica-announce-ip", HOST)
            await replica.call("REPLICAOF", HOST, str(master.proxy.port))
            for _ in range(3):
                sentinel = await asyncio.to_thread(SentinelServer.watching, master.proxy.port)
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
        """One for each of the two."""
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
        said = await asyncio.to_thread(self.sentinels[0].call, "SENTINEL", "get-master-addr-by-name", MASTER)
        port = int(said.splitlines()[1])
        return next(found for found in self.nodes if found.proxy.port == port)

    async def whole(self, seconds: float = UP_SECONDS) -> None:
        """Wait until every Sentinel knows the others and a replica that follows. Raises ServerFailed."""
        deadline = asyncio.get_running_loop().time() + seconds
        while not all([await self._knows(sentinel) for sentinel in self.sentinels]):
            if asyncio.get_running_loop().time() > deadline:
                raise ServerFailed("the Sentinels don't know one another")
            await asyncio.sleep(0.1)

    async def close(self) -> None:
        """End all."""
        for sentinel in self.sentinels:
            await asyncio.to_thread(sentinel.stop)
        for found in self.nodes:
            await found.close()

    async def _knows(self, sentinel: SentinelServer) -> bool:
        said = (await asyncio.to_thread(sentinel.call, "SENTINEL", "MASTER", MASTER)).splitlines()
        facts = dict(zip(said[::2], said[1::2], strict=False))
        good = facts.get("flags") == "master" and facts.get("num-slaves") == "1"
        return good and facts.get("num-other-sentinels") == str(len(self.sentinels) - 1)
