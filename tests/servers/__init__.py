"""Start real PostgreSQL and Redis servers for tests and benchmarks, and always reap them.

Everything here blocks: call it from plain code, from fixtures, or through `asyncio.to_thread`.
"""

from .cluster import RedisCluster
from .postgres import Postgres
from .process import ServerFailed, free_port
from .reaper import reap
from .redis import Redis
from .sentinel import Sentinel, Watched

__all__ = ["Postgres", "Redis", "RedisCluster", "Sentinel", "ServerFailed", "Watched", "free_port", "reap"]
