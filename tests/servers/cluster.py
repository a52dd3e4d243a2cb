"""A real Redis Cluster of three masters."""

import time
from contextlib import suppress
from typing import Self

from .process import BUS_OFFSET, ServerFailed
from .redis import Redis

SLOTS = 16384
NODES = 3

SETTINGS = (
    *("--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf"),
    *("--cluster-node-timeout", "2000"),  # so soon is a dead node noticed
    *("--cluster-announce-ip", "127.0.0.1"),
)


class RedisCluster:
    """Three masters that share all slots, without replicas; a context manager that stops them."""

    def __init__(self, nodes: tuple[Redis, ...]) -> None:
        """Take nodes that run and don't know each other yet; `start` is the way in."""
        self.nodes = nodes

    @classmethod
    def start(cls, *args: str) -> Self:
        """Start the nodes with these arguments of redis-server's; return once all serve all slots.

        Takes 2 seconds and little more: so long does Redis keep a new master from serving.
        Raises BinaryMissing, ServerFailed.
        """
        nodes: list[Redis] = []
        try:
            for _ in range(NODES):
                nodes.append(Redis.start(*SETTINGS, *args))  # noqa: PERF401  # those that run must be stopped
            cluster = cls(tuple(nodes))
            cluster._join()
        except BaseException:
            for node in nodes:
                node.stop()
            raise
        return cluster

    @property
    def port(self) -> int:
        """The port of the first node."""
        return self.nodes[0].port

    @property
    def url(self) -> str:
        """The URL of the cluster, which names its first node."""
        return f"redis+cluster://127.0.0.1:{self.port}"

    def wait(self, seconds: float = 15.0) -> None:
        """Wait until every node sees every other and serves. Raises ServerFailed."""
        deadline = time.monotonic() + seconds
        waiting = list(self.nodes)
        while waiting:
            if time.monotonic() > deadline:
                raise ServerFailed(f"the cluster isn't up:\n{waiting[0].call('CLUSTER', 'INFO')}")
            waiting = [node for node in waiting if not _is_up(node)]
            time.sleep(0.01)

    def stop(self) -> None:
        """End all nodes and remove their data; do nothing when that is done."""
        for node in self.nodes:
            node.stop()

    def __enter__(self) -> Self:
        """Return the cluster."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the cluster."""
        self.stop()

    def _join(self) -> None:
        for index, node in enumerate(self.nodes):
            slots = range(SLOTS * index // NODES, SLOTS * (index + 1) // NODES)
            node.call("CLUSTER", "ADDSLOTS", *map(str, slots))
            # Masters of one epoch would have to agree on new ones first.
            node.call("CLUSTER", "SET-CONFIG-EPOCH", str(index + 1))
            for other in self.nodes[:index]:
                bus = str(other.port + BUS_OFFSET)
                node.call("CLUSTER", "MEET", "127.0.0.1", str(other.port), bus)
        self.wait()


def _is_up(node: Redis) -> bool:
    with suppress(ServerFailed):
        facts = set(node.call("CLUSTER", "INFO").splitlines())
        return {"cluster_state:ok", f"cluster_slots_ok:{SLOTS}", f"cluster_size:{NODES}"} <= set(facts)
    return False
