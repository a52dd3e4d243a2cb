"""Is the service ready?"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import Final, Literal

from service.core.faults import tell
from service.core.redis.faults import row_of
from service.core.sql import database, probing
from service.core.sql.faults import postgres_row, sqlite_row
from service.core.telemetry import metrics
from service.errors import Misconfigured, Unavailable
from service.ops import letters
from service.runtime import Runtime, probe_redis
from service.settings.checks import ConfigurationError

State = Literal["ok", "unavailable", "pending", "misconfigured"]
PARTS: Final = ("database", "redis", "migrations", "secret")


@dataclass(slots=True)
class Readiness:
    """What each part says: `unavailable` until it has said otherwise.

    `letters` says whether some have waited for long; that keeps nobody from being served. `reasons` are plain words for
    what stands in the way, by part: out of our own tables alone, for anybody may read them.
    """

    database: State = "unavailable"
    redis: State = "unavailable"
    migrations: State = "unavailable"
    secret: State = "unavailable"  # noqa: S105 - how it stands
    letters: Literal["ok", "late", "unknown"] = "unknown"
    reasons: dict[str, str] = field(default_factory=dict)

    @property
    def ready(self) -> bool:
        """Whether requests can be served."""
        return all(self.state_of(part) == "ok" for part in PARTS)

    def state_of(self, part: str) -> State:
        """Return what a part says."""
        states: dict[str, State] = {
            "database": self.database, "redis": self.redis, "migrations": self.migrations, "secret": self.secret,
        }  # fmt: skip
        return states[part]


async def readiness(runtime: Runtime) -> Readiness:
    """Ask both stores at once; each answer is bounded in time by its own time-outs."""
    found = Readiness()
    await asyncio.gather(_look_at_database(runtime, found), _look_at_redis(runtime, found))
    for part in PARTS:
        metrics.ready.labels(part).set(found.state_of(part) == "ok")
    return found


async def _look_at_database(runtime: Runtime, found: Readiness) -> None:
    found.database = await _asked(found, "database", probing.warm())
    if found.database != "ok":
        return
    found.migrations = await _asked(found, "migrations", _migrations(found))
    found.database = await _asked(found, "database", probing.demand_rights())
    found.secret = await _asked(found, "secret", runtime.keyring.demand_fit())
    await _asked(found, "letters", _letters(runtime, found))


async def _look_at_redis(runtime: Runtime, found: Readiness) -> None:
    found.redis = await _asked(found, "redis", probe_redis(runtime))


async def _migrations(found: Readiness) -> State:
    schema = await database.schema_standing()
    if schema.unbearable:  # beside one that is newer an older version goes on, where it can
        found.reasons["migrations"] = schema.says
        return "misconfigured"
    if schema.pending:
        found.reasons["migrations"] = "`latchkey db upgrade` has to run"
        return "pending"
    return "ok"


async def _letters(runtime: Runtime, found: Readiness) -> None:
    found.letters = "late" if await letters.are_late(runtime.clock) else "ok"
    if found.letters == "late":
        found.reasons["letters"] = "letters have been due for more than ten minutes"


async def _asked(found: Readiness, part: str, question: Awaitable[State | None]) -> State:
    """Return what comes of a question: `ok` where nothing stands in the way. Note the reason else."""
    try:
        return await question or "ok"
    except Misconfigured as error:
        tell(error)
        found.reasons[part] = error.says.partition(":")[0]
        return "misconfigured"
    except ConfigurationError:
        found.reasons[part] = "the settings are refused"
        return "misconfigured"
    except Unavailable as error:
        found.reasons[part] = _plainly(error)
        return "unavailable"


def _plainly(error: Unavailable) -> str:
    """Return what our tables say of an outage: never what the server said, which may name anything."""
    cause = error.__cause__
    if cause is None:
        return "out of reach"
    if error.what == "redis":
        return row_of(cause).about
    return (sqlite_row if database.dialect() == "sqlite" else postgres_row)(cause).about
