"""Real Sentinels, and what they watch: a master and a replica."""

from pathlib import Path
from typing import ClassVar, Self

from .binaries import find_redis
from .process import ServerFailed, wait_for
from .reaper import claim
from .redis import Redis

MASTER = "latchkey"
QUORUM = 2
SENTINELS = 3
REPLICAS = 2
PAUSE_MILLISECONDS = 10_000
DOWN_MILLISECONDS = 3000  # less, and a busy machine has a master deposed that is well, and what it took then lost
SAFELY = ("--min-replicas-to-write", "1", "--repl-diskless-sync-delay", "0")
HOST = "127.0.0.1"


class Sentinel(Redis):
    """A Sentinel that watches one master."""

    title: ClassVar = "Sentinel"

    @classmethod
    def watching(
        cls, port: int, *lines: str, down_milliseconds: int = DOWN_MILLISECONDS, tls: Path | None = None
    ) -> Self:
        """Start one that watches the master at this port, with more lines of configuration.

        So long does a master not have to answer to be down. `tls` is as of `Redis.start`, and then the port is the
        master's for TLS. Raises BinaryMissing, ServerFailed.
        """
        server = cls(claim("sentinel"), find_redis(), (), tls)
        config = [
            *(line for line in lines if not line.startswith("sentinel auth")),
            f"sentinel monitor {MASTER} {HOST} {port} {QUORUM}",
            f"sentinel down-after-milliseconds {MASTER} {down_milliseconds}",
            f"sentinel failover-timeout {MASTER} 5000",
            *(line for line in lines if line.startswith("sentinel auth")),
        ]
        (server.directory / "sentinel.conf").write_text("\n".join(config) + "\n")
        try:
            server._open()
        except BaseException:
            server.stop()
            raise
        return server

    def master(self) -> int:
        """Return the port of whoever is the master, as this one sees it."""
        return int(self.call("SENTINEL", "get-master-addr-by-name", MASTER).splitlines()[1])

    def promote(self) -> None:
        """Have it make a replica the master. Raises ServerFailed.

        A replica that it hasn't heard of for five seconds is none to it, and the machine may be busy.
        """
        command = ("SENTINEL", "FAILOVER", MASTER)
        wait_for(lambda: self.call(*command) == "OK", 30.0, "no replica can be promoted", pause=0.2)

    def is_whole(self, replicas: int) -> bool:
        """Say whether it sees a master that is up, its replicas following, and the other Sentinels."""
        said = self.call("SENTINEL", "MASTER", MASTER).splitlines()
        facts = dict(zip(said[::2], said[1::2], strict=False))
        good = facts.get("flags") == "master" and facts.get("num-slaves") == str(replicas)
        return good and facts.get("num-other-sentinels") == str(SENTINELS - 1)

    def _command(self) -> list[str]:
        place = ("--bind", HOST, "--port", str(self.port), "--dir", str(self.directory))
        return [str(self._binary), str(self.directory / "sentinel.conf"), "--sentinel", *place, *self._tls_arguments()]


class Watched:
    """A master, two replicas, and three Sentinels; a context manager that stops them.

    A master without a replica takes no writes (`min-replicas-to-write`): or one that was left would go on taking some.
    """

    def __init__(self) -> None:
        """Have nothing yet; `start` is the way in."""
        self.nodes: list[Redis] = []
        self.sentinels: list[Sentinel] = []

    @classmethod
    def start(cls, *args: str) -> Self:
        """Start them, the nodes with these arguments of redis-server's; return once all know one another.

        Takes about 3 seconds. Raises BinaryMissing, ServerFailed.
        """
        found = cls()
        try:
            for _ in range(1 + REPLICAS):
                found.nodes.append(Redis.start(*SAFELY, *args))  # those that run must be stopped
            found._follow(found.nodes[0])
            for _ in range(SENTINELS):
                found.sentinels.append(Sentinel.watching(found.nodes[0].port))
            found.wait()
        except BaseException:
            found.stop()
            raise
        return found

    @property
    def url(self) -> str:
        """REDIS_URL of a service."""
        return f"redis+sentinel://{','.join(f'{HOST}:{found.port}' for found in self.sentinels)}/{MASTER}"

    def master(self) -> Redis:
        """Return the master, as a Sentinel that answers sees it. Raises ServerFailed."""
        failed: ServerFailed | None = None
        for sentinel in self.sentinels:
            try:
                port = sentinel.master()
            except ServerFailed as error:
                failed = error
            else:
                return next(node for node in self.nodes if node.port == port)
        raise failed or ServerFailed("there are no Sentinels")

    def fail_over(self) -> None:
        """Have a replica made the master, and wait until it is.

        As the runbook says: what the former one takes once another is promoted is lost, so it takes nothing.
        """
        former = self.master()
        former.call("CLIENT", "PAUSE", str(PAUSE_MILLISECONDS), "WRITE")
        self.sentinels[0].promote()
        self.wait_for_another(former)
        former.call("CLIENT", "UNPAUSE")

    def wait_for_another(self, former: Redis, seconds: float = 30.0) -> None:
        """Wait until every Sentinel names another master than this one. Raises ServerFailed."""
        wait_for(lambda: all(found.master() != former.port for found in self.sentinels), seconds, "no other master")

    def wait(self, seconds: float = 30.0) -> None:
        """Wait until every Sentinel sees the others, and all replicas follow. Raises ServerFailed.

        A former master is told to follow, which Sentinels do as well, ten seconds later.
        """
        self._follow(self.master())
        wait_for(self._are_whole, seconds, "the Sentinels don't know one another, or nobody follows")

    def _follow(self, master: Redis) -> None:
        for node in self.nodes:
            if node is not master and "role:master" in node.call("INFO", "replication"):
                node.call("REPLICAOF", HOST, str(master.port))

    def _are_whole(self) -> bool:
        master = self.master()
        linked = [node.call("INFO", "replication") for node in self.nodes if node is not master]
        follow = all("master_link_status:up" in said and f"master_port:{master.port}" in said for said in linked)
        return follow and all(found.is_whole(REPLICAS) for found in self.sentinels)

    def stop(self) -> None:
        """End all, and remove their data; do nothing when that is done."""
        for server in (*self.sentinels, *self.nodes):
            server.stop()

    def __enter__(self) -> Self:
        """Return them."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop them."""
        self.stop()
