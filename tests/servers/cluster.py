"""A real Redis Cluster of three masters, with or without a replica of each."""

from contextlib import suppress
from typing import Self

from .process import BUS_OFFSET, ServerFailed, wait_for
from .redis import Redis

SLOTS = 16384
NODES = 3

SETTINGS = (
    *("--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf"),
    *("--cluster-node-timeout", "2000"),  # so soon is a dead node noticed
    *("--repl-diskless-sync-delay", "0"),  # nobody else wants the same data
    *("--cluster-announce-ip", "127.0.0.1"),
)


class RedisCluster:
    """Three masters that share all slots, then their replicas; a context manager that stops them."""

    def __init__(self, nodes: tuple[Redis, ...]) -> None:
        """Take nodes that run and don't know each other yet; `start` is the way in."""
        self.nodes = nodes

    @classmethod
    def start(cls, *args: str, replicas: bool = False) -> Self:
        """Start the nodes with these arguments of redis-server's; return once all serve all slots.

        Takes 2 seconds and little more: so long does Redis keep a new master from serving. With `replicas`
        each has one, which follows it. Raises BinaryMissing, ServerFailed.
        """
        nodes: list[Redis] = []
        try:
            for _ in range(2 * NODES if replicas else NODES):
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
        return self.url_of(self.nodes[0])

    @staticmethod
    def url_of(*nodes: Redis) -> str:
        """Return a URL that names these nodes."""
        return f"redis+cluster://{','.join(f'127.0.0.1:{node.port}' for node in nodes)}"

    def master_of(self, key: str) -> Redis:
        """Return who serves a key, as a node that answers sees it. Raises ServerFailed."""
        for node in self.nodes:
            with suppress(ServerFailed):
                slot = int(node.call("CLUSTER", "KEYSLOT", key))
                return next(found for found in self.nodes if _serves(node, found.port, slot))
        raise ServerFailed("no node of the cluster answers")

    def replica_of(self, master: Redis) -> Redis:
        """Return who follows a master. Raises ServerFailed."""
        for node in self.nodes:
            with suppress(ServerFailed):
                if f"master_port:{master.port}" in node.call("INFO", "replication"):
                    return node
        raise ServerFailed("nobody follows")

    def hand_over(self, master: Redis) -> None:
        """Have the replica of a master take over. Raises ServerFailed.

        A handover that isn't done within five seconds is given up without a word, and the machine may be busy.
        """
        replica = self.replica_of(master)
        for _ in range(5):
            with suppress(ServerFailed):  # it has taken over already, and is only not seen yet
                replica.call("CLUSTER", "FAILOVER")
            with suppress(ServerFailed):
                return self.wait_for_another(master, 7.0)
        raise ServerFailed("no replica takes over")

    def wait_for_another(self, former: Redis, seconds: float = 30.0) -> None:
        """Wait until the others serve all slots without this one. Raises ServerFailed."""
        others = [node for node in self.nodes if node is not former]

        def taken_over() -> bool:
            lines = [line for node in others for line in node.call("CLUSTER", "NODES").splitlines()]
            own = [line for line in lines if f":{former.port}@" in line]
            # Whoever has slots has them at the end of its line.
            return all(len(line.split()) == 8 for line in own) and all(map(_is_up, others))

        wait_for(taken_over, seconds, "nobody takes over")

    def wait(self, seconds: float = 30.0) -> None:
        """Wait until every node sees every other and serves, and every replica follows. Raises ServerFailed."""
        for node in self.nodes:
            wait_for(lambda node=node: _is_up(node), seconds, f"port {node.port} isn't up")  # type: ignore[misc]
        wait_for(self._all_follow, seconds, "a replica doesn't follow")

    def _all_follow(self) -> bool:
        """Return whether all but the masters are replicas with all their data: who is back takes itself for a master.

        One that isn't, yet, and takes over all the same, has none of what was written meanwhile.
        """
        said = [node.call("INFO", "replication") for node in self.nodes]
        replicas = [text for text in said if "role:master" not in text]
        return len(said) - len(replicas) == NODES and all("master_link_status:up" in text for text in replicas)

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
        masters, replicas = self.nodes[:NODES], self.nodes[NODES:]
        for index, node in enumerate(masters):
            slots = range(SLOTS * index // NODES, SLOTS * (index + 1) // NODES)
            node.call("CLUSTER", "ADDSLOTS", *map(str, slots))
            # Masters of one epoch would have to agree on new ones first.
            node.call("CLUSTER", "SET-CONFIG-EPOCH", str(index + 1))
            for other in self.nodes[:index]:
                bus = str(other.port + BUS_OFFSET)
                node.call("CLUSTER", "MEET", "127.0.0.1", str(other.port), bus)
        for node, master in zip(replicas, masters, strict=False):
            node.call("CLUSTER", "MEET", "127.0.0.1", str(master.port), str(master.port + BUS_OFFSET))
            self.follow(node, master)
        self.wait()

    def follow(self, node: Redis, master: Redis) -> None:
        """Make a node a replica, once it has heard of its master. Raises ServerFailed."""
        wanted = master.call("CLUSTER", "MYID")
        wait_for(lambda: node.call("CLUSTER", "REPLICATE", wanted) == "OK", 30, "a replica doesn't hear of its master")


def _serves(asked: Redis, port: int, slot: int) -> bool:
    for line in asked.call("CLUSTER", "NODES").splitlines():
        place, flags, slots = line.split()[1], line.split()[2], line.split()[8:]
        if f":{port}@" in place and "master" in flags:
            ranges = [found.partition("-") for found in slots if not found.startswith("[")]
            return any(int(first) <= slot <= int(last or first) for first, _, last in ranges)
    return False


def _is_up(node: Redis) -> bool:
    facts = set(node.call("CLUSTER", "INFO").splitlines())
    follows = node.call("INFO", "replication")
    ready = "role:master" in follows or "master_link_status:up" in follows
    return ready and {"cluster_state:ok", f"cluster_slots_ok:{SLOTS}", f"cluster_size:{NODES}"} <= facts
