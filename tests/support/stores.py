"""The stores a run uses, and how they are emptied between tests."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import asyncpg

from models import (
    Job,
    KnownDevice,
    MailBudget,
    OAuthClient,
    OAuthClientSecret,
    OneTimeToken,
    OutboxMail,
    SecurityEvent,
    Statistic,
    UnfinishedRemoval,
    User,
)
from service.core.sql.pool import BoundedPool, LimitedConnection
from service.features import read_settings
from service.runtime import Runtime
from service.settings import Settings
from tests.servers import Postgres, Redis

SECRET = "vB2n8XqLs0Yw5KfTz7RhCj4MdPg1UaEo9iWtVxQ3kNyZr6HmJbS"
# What a production service can't do without, beside its stores.
PRODUCTION = {
    "ENVIRONMENT": "production",
    "PUBLIC_URL": "https://id.example.com",
    "BACKEND_CORS_ORIGINS": "https://app.example.com",
}
# All tests come from one address. The limits are there, far away; tests of the throttles bring limits of their own.
GENEROUS = {
    "LOGIN_ATTEMPTS_PER_ACCOUNT": "100",
    "LOGIN_ATTEMPTS_PER_ADDRESS": "1000000",
    "REGISTRATIONS_PER_ADDRESS": "1000000",
    "MAIL_REQUESTS_PER_ACCOUNT": "1000000",
    "MAIL_REQUESTS_PER_ADDRESS": "1000000",
    "REFUSED_REFRESHES_PER_ADDRESS": "1000000",
    "REFUSED_REQUESTS_PER_ADDRESS": "1000000",
}


@dataclass(frozen=True)
class Stores:
    """Where the stores are; `postgres` and `redis` are there when they are real."""

    database_url: str
    redis_url: str
    postgres: Postgres | None = None
    redis: Redis | None = None

    def settings(self, **changes: object) -> Settings:
        """Return settings for these stores, untouched by the environment's .env file."""
        given: dict[str, object] = {
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "SECRET_KEY": SECRET,
            "SERVE_FRONTEND": "off",  # whatever happens to be built here
            "_env_file": None,
            **GENEROUS,
        }
        return read_settings(**{**given, **changes})

    def environment(self, **changes: str) -> dict[str, str]:
        """Return the same as environment variables, for a process of its own."""
        return {
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "SECRET_KEY": SECRET,
            "PUBLIC_URL": "http://localhost:8000",  # of all who serve on these stores, whatever their ports
            **GENEROUS,
            **changes,
        }


def embedded_stores(directory: Path) -> Stores:
    """Return the embedded stores, the database in `directory`."""
    return Stores(f"sqlite://{directory / 'latchkey.sqlite3'}", "memory://")


@contextmanager
def real_stores() -> Iterator[Stores]:
    """Start a PostgreSQL and a Redis; stop them at the end."""
    postgres = Postgres.start()
    try:
        redis = Redis.start()
        try:
            yield Stores(postgres.url, redis.url, postgres, redis)
        finally:
            redis.stop()
    finally:
        postgres.stop()


async def small_pool(postgres: Postgres, size: int) -> BoundedPool:
    """Return a pool of the service's own kind, of so many places, with no connection yet."""
    return await BoundedPool.create(
        dsn=postgres.url,
        min_size=0,
        max_size=size,
        max_queries=1_000,
        max_inactive_connection_lifetime=0,
        loop=asyncio.get_running_loop(),
        connection_class=LimitedConnection,
        record_class=asyncpg.Record,
        ssl=False,
    )


# In an order in which nothing points at what is gone.
TABLES = tuple(
    model._meta.db_table
    for model in (
        Job, KnownDevice, MailBudget, OneTimeToken, OutboxMail, SecurityEvent, Statistic, UnfinishedRemoval,
        OAuthClientSecret, OAuthClient, User,
    )
)  # fmt: skip
_FULL = " UNION ALL ".join(f"SELECT '{table}' AS found WHERE EXISTS (SELECT 1 FROM {table})" for table in TABLES)


async def empty(runtime: Runtime) -> None:
    """Delete every user, event, letter, number and session; the signing keys stay.

    Each test begins with it, and most tables are empty then: they are asked all at once.
    """
    runtime.tally.take()
    runtime.waiting_events.here.clear()
    database = User._meta.db
    full = {row["found"] for row in (await database.execute_query(_FULL))[1]}
    for table in TABLES:
        if table in full:
            await database.execute_query(f"DELETE FROM {table}")
    await cast(Any, runtime.redis.client).flushall()
