"""Is the service ready?"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Literal

from service.core.faults import tell
from service.core.sql import database, probing
from service.errors import Misconfigured, Unavailable
from service.runtime import Runtime, probe_redis
from service.settings.checks import ConfigurationError

State = Literal["ok", "unavailable", "pending", "misconfigured"]


@dataclass(frozen=True, slots=True)
class Readiness:
    """What each part says."""

    database: State
    redis: State
    migrations: State

    @property
    def ready(self) -> bool:
        """Whether requests can be served."""
        return self.database == self.redis == self.migrations == "ok"


async def readiness(runtime: Runtime) -> Readiness:
    """Ask both stores at once; each answer is bounded in time by its own time-outs."""
    (database_state, migrations), redis_state = await asyncio.gather(_database(), _redis(runtime))
    return Readiness(database_state, redis_state, migrations)


async def _database() -> tuple[State, State]:
    migrations: State = "unavailable"
    try:
        await probing.warm()
        migrations = "pending" if await database.pending_migrations() else "ok"
        await probing.demand_rights()
    except Misconfigured as error:
        tell(error)
        return "misconfigured", migrations
    except ConfigurationError:
        return "misconfigured", migrations
    except Unavailable:
        return "unavailable", migrations
    return "ok", migrations


async def _redis(runtime: Runtime) -> State:
    try:
        await probe_redis(runtime)
    except Misconfigured as error:
        tell(error)
        return "misconfigured"
    except ConfigurationError:
        return "misconfigured"
    except Unavailable:
        return "unavailable"
    return "ok"
