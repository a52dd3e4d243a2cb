"""Start real PostgreSQL and Redis servers for tests and benchmarks, and always reap them.

Everything here blocks: call it from plain code, from fixtures, or through `asyncio.to_thread`.
"""

from .cluster import RedisCluster
from .nginx import Nginx, find_nginx
from .pgbouncer import PgBouncer, find_pgbouncer
from .postgres import Postgres
from .process import ServerFailed, free_port
from .reaper import reap
from .redis import Redis
from .sentinel import Sentinel, Watched

__all__ = [
    "Nginx", "PgBouncer", "Postgres", "Redis", "RedisCluster", "Sentinel", "ServerFailed", "Watched", "find_nginx",
    "find_pgbouncer", "free_port", "reap",
]  # fmt: skip
