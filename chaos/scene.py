"""The scene: PostgreSQL and a Redis behind proxies, a mail server, two instances behind a balancer, a worker."""

from __future__ import annotations

import asyncio
import os
import platform
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from chaos.balancer import Balancer
from chaos.instances import Instance, Running, Usage, usage
from chaos.proxy import HOST, Mode, Proxy
from chaos.redises import Cluster, Form, Node, Single
from chaos.sentinel import Watched
from tests.servers import Postgres, ServerFailed
from tests.support.process import latchkey
from tests.support.smtp import PostOffice
from tests.support.stores import GENEROUS, PRODUCTION

INSTANCES = 2
# Small pools, which show a leak soon.
DATABASE_POOL, REDIS_POOL = 4, 8
MOST_CONNECTIONS = 60  # of PostgreSQL

FORMS: Mapping[str, Callable[[], Awaitable[Form]]] = {
    "single": Single.start,
    "cluster": Cluster.start,
    "sentinel": Watched.start,
}
BY_DEFAULT = tuple(FORMS)


@dataclass
class Scene:
    """What is running."""

    postgres: Postgres
    database: Proxy
    redis: Form
    office: PostOffice
    instances: list[Instance]
    worker: Running
    balancer: Balancer
    directory: Path

    @property
    def single(self) -> Node:
        """The one Redis of the form `single`."""
        assert isinstance(self.redis, Single)
        return self.redis.node

    @property
    def cluster(self) -> Cluster:
        """The form `cluster`."""
        assert isinstance(self.redis, Cluster)
        return self.redis

    @property
    def watched(self) -> Watched:
        """The form `sentinel`."""
        assert isinstance(self.redis, Watched)
        return self.redis

    @property
    def url(self) -> str:
        """Where clients call."""
        return f"http://{HOST}:{self.balancer.port}"

    @property
    def most_descriptors(self) -> int:
        """How many connections to the stores the service may have open, by its own settings."""
        nodes = len(self.redis.proxies)
        processes = sum(len(instance.workers()) for instance in self.instances) + 1
        return processes * (DATABASE_POOL + REDIS_POOL * nodes)

    def usage(self) -> Usage:
        """Return what the service's processes hold."""
        return usage([*self.instances, self.worker])

    async def network(self, proxies: list[Proxy], mode: Mode) -> None:
        """Change what some networks are like."""
        for proxy in proxies:
            await proxy.become(mode)

    async def confirmed(self, email: str) -> None:
        """Have it that somebody has confirmed their address: their letters are for the oracle."""
        sql = f"UPDATE users SET email_verified = true WHERE email = '{email}'"
        await asyncio.to_thread(self.postgres.query, sql)

    async def key_deleted(self, user: str, sid: str) -> bool:
        """Delete a session's key as an operator does; say whether Redis has acknowledged it."""
        return await self.redis.delete(f"user:{{{user}}}:session:{sid}")


@asynccontextmanager
async def opened(form: str, directory: Path) -> AsyncIterator[Scene]:
    """Start everything, with Redis in this form, and stop it at the end. Raises ServerFailed, BinaryMissing."""
    async with AsyncExitStack() as stack:
        redis = await FORMS[form]()
        stack.push_async_callback(redis.close)
        postgres = await asyncio.to_thread(Postgres.start, settings={"max_connections": str(MOST_CONNECTIONS)})
        stack.push_async_callback(asyncio.to_thread, postgres.stop)
        database = Proxy(lambda: (postgres.port,))
        await database.open()
        stack.push_async_callback(database.close)
        office = PostOffice()
        await office.open()
        stack.push_async_callback(office.close)
        settings = settings_of(postgres, database, redis, office)
        done = await asyncio.to_thread(lambda: latchkey("db", "upgrade", **settings))
        if done.returncode:
            raise ServerFailed(f"db upgrade failed:\n{done.stderr[-3000:]}")
        worker = Running("worker", ("worker",), settings, directory)
        instances = [Instance(f"instance{n}", ("serve",), settings, directory) for n in range(INSTANCES)]
        for one in (worker, *instances):
            one.start()
            stack.push_async_callback(one.stop)
        balancer = Balancer([instance.port for instance in instances])
        stack.push_async_callback(balancer.close)
        for instance in instances:
            await instance.ready()
        await balancer.open()
        yield Scene(postgres, database, redis, office, instances, worker, balancer, directory)


def settings_of(postgres: Postgres, database: Proxy, redis: Form, office: PostOffice) -> dict[str, str]:
    """Return the settings of the service."""
    given = urlsplit(postgres.url)
    through = given._replace(netloc=f"{given.username}:{given.password}@{HOST}:{database.port}")
    return {
        **GENEROUS,
        **PRODUCTION,
        "SECRET_KEY": secrets.token_urlsafe(48),
        "DATABASE_URL": urlunsplit(through),
        "DATABASE_POOL_SIZE": str(DATABASE_POOL),
        "REDIS_URL": redis.url,
        "REDIS_POOL_SIZE": str(REDIS_POOL),
        "SMTP_URL": office.url,
        "RATE_LIMITS_ENABLED": "false",  # everybody comes from one address
        "MAX_SESSIONS_PER_USER": "1000",  # so that no log-in has to end another session
        "SERVE_FRONTEND": "off",
        "INSTANCES": str(INSTANCES),
    }


def machine() -> dict[str, str]:
    """Say what this was seen on."""
    cores = os.cpu_count() or 1
    return {"system": platform.system(), "cores": str(cores), "python": platform.python_version()}
