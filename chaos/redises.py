"""Redis in its forms: one server, a cluster with replicas (the third is in `sentinel`). Each node has a proxy.

Nodes announce their proxies' ports, so that clients come through these wherever they are sent. What one form can't be
told from another by stands in `Form`; faults of one form ask for that one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

from redis.asyncio import Redis as Client
from redis.asyncio import RedisCluster as ClusterClient
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisClusterException, RedisError

from chaos.proxy import HOST, Proxy
from tests.servers import Redis, ServerFailed

USER, PASSWORD = "service", "of-the-service"
KEEPING = ("--appendonly", "yes", "--appendfsync", "always")  # or a dead Redis would forget what it has acknowledged
SERVICE_USER = ("--user", USER, "on", f">{PASSWORD}", "~*", "&*", "+@all")
NEVER_AGAIN = Retry(NoBackoff(), 0)
OPERATOR_SECONDS = 1.0
SLOTS = 16384
MASTERS = 3
UP_SECONDS = 30.0


class Form(Protocol):
    """A Redis, whatever it is made of."""

    name: str

    @property
    def url(self) -> str:
        """REDIS_URL of the service."""

    @property
    def version(self) -> str:
        """The version of its nodes."""

    @property
    def proxies(self) -> list[Proxy]:
        """What stands before its nodes."""

    async def delete(self, key: str) -> bool:
        """Delete a key as an operator does; say whether that was acknowledged."""

    async def close(self) -> None:
        """End all that was started."""


class Server(Redis):
    """A Redis that can be started anew with more arguments, or without what it has kept."""

    @contextmanager
    def changed(self, *args: str) -> Iterator[None]:
        """Add arguments for the starts within the block."""
        before = self._args
        self._args = (*before, *args)
        try:
            yield
        finally:
            self._args = before

    def kept(self) -> list[Path]:
        """Return the files in which it keeps its data."""
        return [
            path
            for path in self.directory.rglob("*")
            if path.is_file() and path.suffix in (".aof", ".rdb", ".manifest")
        ]


@dataclass
class Node:
    """A server and its proxy."""

    server: Server
    proxy: Proxy

    async def call(self, *args: str) -> str:
        """Run one command. Raises ServerFailed."""
        return await asyncio.to_thread(self.server.call, *args)

    async def close(self) -> None:
        """End both."""
        await self.proxy.close()
        await asyncio.to_thread(self.server.stop)


async def node(*args: str, announce: tuple[str, ...] = ()) -> Node:
    """Start a server that announces its proxy's port by the options `announce`."""
    ports: list[int] = []
    proxy = Proxy(lambda: ports)
    await proxy.open()
    told = [word for option in announce for word in (option, str(proxy.port))]
    try:
        server = await asyncio.to_thread(Server.start, *args, *told)
    except BaseException:
        await proxy.close()
        raise
    ports.append(server.port)
    return Node(server, proxy)


async def until(condition: Callable[[], Awaitable[bool]], complaint: str) -> None:
    """Wait until a condition holds; one that raises ServerFailed doesn't. Raises ServerFailed with the complaint."""
    deadline = asyncio.get_running_loop().time() + UP_SECONDS
    while True:
        with suppress(ServerFailed):
            if await condition():
                return
        if asyncio.get_running_loop().time() > deadline:
            raise ServerFailed(complaint)
        await asyncio.sleep(0.05)


async def acknowledged(deleting: Awaitable[object]) -> bool:
    """Whether Redis has said that a key is deleted, or that there is none."""
    try:
        await deleting
    except (RedisError, RedisClusterException, OSError, TimeoutError):
        return False
    except RuntimeError as error:
        # redis-py writes to a connection without asking whether it was closed meanwhile, and uvloop says so like this.
        if "closed" not in str(error):
            raise
        return False
    return True


@dataclass
class Single:
    """One Redis that forgets nothing."""

    node: Node
    name: str = "single"

    @classmethod
    async def start(cls) -> Single:
        """Start it. Raises BinaryMissing, ServerFailed."""
        return cls(await node(*KEEPING, *SERVICE_USER))

    @property
    def url(self) -> str:
        """REDIS_URL of the service, which has a user of its own."""
        return f"redis://{USER}:{PASSWORD}@{HOST}:{self.node.proxy.port}/0"

    @property
    def version(self) -> str:
        """The version of the server."""
        return self.node.server.version

    @property
    def proxies(self) -> list[Proxy]:
        """The one."""
        return [self.node.proxy]

    async def delete(self, key: str) -> bool:
        """Delete a key, at the server itself."""
        client = Client(
            host=HOST, port=self.node.server.port, socket_timeout=OPERATOR_SECONDS, retry=NEVER_AGAIN
        )  # fmt: skip
        async with client:
            return await acknowledged(client.unlink(key))

    async def close(self) -> None:
        """End it."""
        await self.node.close()


@dataclass
class Cluster:
    """Three masters with a replica each."""

    nodes: list[Node]
    client: ClusterClient | None = None
    name: str = "cluster"

    @classmethod
    async def start(cls) -> Cluster:
        """Start it; return once every node serves and every master has its replica. Raises ServerFailed."""
        options = (
            *("--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf", "--cluster-announce-ip", HOST),
            *("--cluster-node-timeout", "2000"),
        )
        cluster = cls([])
        try:
            for _ in range(2 * MASTERS):
                cluster.nodes.append(await node(*KEEPING, *options, announce=("--cluster-announce-port",)))
            await cluster._join()
        except BaseException:
            await cluster.close()
            raise
        return cluster

    @property
    def url(self) -> str:
        """REDIS_URL of the service."""
        return f"redis+cluster://{HOST}:{self.nodes[0].proxy.port}"

    @property
    def version(self) -> str:
        """The version of the nodes."""
        return self.nodes[0].server.version

    @property
    def proxies(self) -> list[Proxy]:
        """One for each node."""
        return [found.proxy for found in self.nodes]

    async def delete(self, key: str) -> bool:
        """Delete a key where it is."""
        if self.client is None:
            self.client = ClusterClient(
                host=HOST, port=self.nodes[1].proxy.port, socket_timeout=OPERATOR_SECONDS, retry=NEVER_AGAIN
            )
        return await acknowledged(self.client.unlink(key))

    async def close(self) -> None:
        """End all nodes."""
        if self.client is not None:
            await self.client.aclose()
        for found in self.nodes:
            await found.close()

    async def facts(self, asked: Node, command: str) -> dict[str, str]:
        """Return what INFO's or CLUSTER INFO's lines say; nothing when the node doesn't answer."""
        said = await self.call_or_nothing(asked, *command.split())
        return dict(line.split(":", 1) for line in said.splitlines() if ":" in line)

    async def call_or_nothing(self, asked: Node, *args: str) -> str:
        """Run one command; return nothing when the node doesn't answer."""
        try:
            return await asked.call(*args)
        except ServerFailed:
            return ""

    async def masters(self) -> list[Node]:
        """Return the nodes that are masters and answer."""
        return [found for found in self.nodes if (await self.facts(found, "INFO replication")).get("role") == "master"]

    async def whole(self) -> None:
        """Wait until all slots are served, and every node that isn't a master follows one. Raises ServerFailed."""

        async def up() -> bool:
            return all([await self._is_up(found) for found in self.nodes])

        await until(up, "the cluster isn't up")

    async def _is_up(self, found: Node) -> bool:
        facts = await self.facts(found, "CLUSTER INFO")
        follows = await self.facts(found, "INFO replication")
        return (
            facts.get("cluster_state") == "ok"
            and facts.get("cluster_slots_ok") == str(SLOTS)
            and facts.get("cluster_known_nodes") == str(2 * MASTERS)
            and (follows.get("role") == "master" or follows.get("master_link_status") == "up")
        )

    async def _join(self) -> None:
        first = self.nodes[0]
        for number, found in enumerate(self.nodes[:MASTERS]):
            slots = range(SLOTS * number // MASTERS, SLOTS * (number + 1) // MASTERS)
            await found.call("CLUSTER", "ADDSLOTS", *map(str, slots))
            await found.call("CLUSTER", "SET-CONFIG-EPOCH", str(number + 1))
        for found in self.nodes[1:]:
            bus = str(first.server.port + 10_000)
            await found.call("CLUSTER", "MEET", HOST, str(first.proxy.port), bus)
        ids = [await found.call("CLUSTER", "MYID") for found in self.nodes[:MASTERS]]
        for master, replica in zip(ids, self.nodes[MASTERS:], strict=True):
            # A node can follow only one that it has heard of.
            follow = partial(_answers, replica, "CLUSTER", "REPLICATE", master)
            await until(follow, "a replica doesn't hear of its master")
        await self.whole()


async def _answers(asked: Node, *command: str) -> bool:
    await asked.call(*command)
    return True
