"""What tells of a restored backup: for the check-up, which looks at little, and for `latchkey restore check`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from tortoise.exceptions import OperationalError

from models import OneTimeToken, OutboxMail, SecurityEvent, SigningKey, User
from service.core.clock import Clock
from service.core.redis.sweep import literally, scan_hashes
from service.core.sql import sequences
from service.core.sql.leases import PENDING
from service.errors import Unavailable
from service.feature.doctor import Deployment
from service.feature.findings import Finding, ok, warning
from service.letters.onetime import UNDO
from service.restores import catalogue
from service.restores.comparing import KIND
from service.runtime import Runtime
from service.stores.job_queue import last_run
from service.stores.keyring import Keyring
from service.stores.marks import KEPT, Marks, set_back

MENDED: Final = timedelta(days=7)  # an older Redis has made up for what is on record: that's news for so long
AHEAD: Final = timedelta(minutes=1)  # of us; clocks that are further apart are a finding of their own
_KEY: Final = re.compile(r"user:\{([0-9a-f-]{36})\}:session:")

FIX: Final = "Stop the service, run `latchkey restore finish`, start it: docs/backups.md says what that does."
FIX_REDIS: Final = (
    "Ends that are on record are made up for. `latchkey restore finish --only-redis` is certain, and logs everybody "
    "out. `appendonly yes` keeps Redis from losing minutes."
)
_NAMES: Final = {"database": "The database", "redis": "Redis"}


@dataclass(frozen=True, slots=True)
class Traces:
    """What tells of a restore. `finished_at` is when the last one was finished, `finished` says: on these stores."""

    store: Literal["database", "redis"] | None
    minutes: int
    from_the_future: int
    finished_at: datetime | None
    finished: bool
    compared_at: datetime | None

    @property
    def sentences(self) -> list[str]:
        """Each trace in one sentence."""
        found = []
        if self.store is not None:
            found.append(f"{_NAMES[self.store]} was set back to an earlier state, by {self.minutes} minute(s).")
        if self.from_the_future:
            found.append(f"{self.from_the_future} event(s) are from the future: another machine's, or a wrong clock.")
        return found


@dataclass(frozen=True, slots=True)
class Looked:
    """What is there, and what `finish` would end. `orphans` are sessions of users that the database doesn't have."""

    traces: Traces
    sessions: int
    orphans: int
    links: int
    letters: int
    keys: int
    unreadable_keys: int


async def traces_of(marks: Marks, clock: Clock) -> Traces:
    """Look for what tells of a restore, without going through anything. Raises `Unavailable`."""
    mark, compared_at, now = await marks.read(), await last_run(KIND), clock.now()
    recent = SecurityEvent.filter(created_at__gte=now - KEPT).order_by("-created_at", "-id")
    finished = await recent.filter(type=catalogue.RESTORED.name).first()
    found = set_back(mark, compared_at)
    store, by = (found.store, found.by) if found else (None, timedelta())
    if found is None:  # a worker may have found it, and have written new marks
        told = await recent.filter(type=catalogue.SET_BACK.name).first()
        over = finished is not None and told is not None and finished.created_at > told.created_at
        if told is not None and not over and (told.detail["store"] == "database" or told.created_at > now - MENDED):
            store, by = told.detail["store"], timedelta(minutes=int(told.detail["minutes"]))
    return Traces(
        store=store,
        minutes=by // timedelta(minutes=1),
        from_the_future=await SecurityEvent.filter(created_at__gt=now + AHEAD).count(),
        finished_at=finished.created_at if finished else None,
        finished=finished is not None
        and (marks.in_memory if mark is None else str(mark.restore) == finished.detail["restore"]),
        compared_at=compared_at,
    )


async def look(runtime: Runtime) -> Looked:
    """Look at everything that a restore is about. Goes through all sessions, in small steps. Raises `Unavailable`."""
    sessions, orphans = await _count_sessions(runtime)
    return Looked(
        traces=await traces_of(Marks(runtime.redis, runtime.settings), runtime.clock),
        sessions=sessions,
        orphans=orphans,
        links=await OneTimeToken.exclude(purpose=UNDO).count(),
        letters=await OutboxMail.filter(state=PENDING).count(),
        keys=await SigningKey.filter(retired_at=None).count(),
        unreadable_keys=(await runtime.keyring.count())[1],
    )


async def check_up(deployment: Deployment) -> list[Finding]:
    """Say whether a store was set back, and whether the secret is the one that the signing keys were sealed under.

    Nothing, where a store is away: others say so.
    """
    settings, clock = deployment.settings, deployment.clock
    try:
        traces = await traces_of(Marks(deployment.redis, settings), clock)
        _, unreadable = await Keyring(settings.secrets, clock).count()
        left_behind = await sequences.behind()
    except (OperationalError, Unavailable):  # away, or the migrations are behind: both are said elsewhere
        return []
    fix = FIX_REDIS if traces.store == "redis" else FIX
    found = [warning("restores", says, fix) for says in traces.sentences]
    found += [_left_behind(table, column) for table, column in left_behind]
    if unreadable:
        says = f"{unreadable} signing key(s) were sealed under a SECRET_KEY that isn't given: they sign nothing."
        fix = "Give the SECRET_KEY that belongs to this database beside the new one, or retire them: `latchkey keys`."
        found.append(warning("signing_keys", says, fix))
    return found or [ok("restores", "Nothing tells of a store that was set back.")]


def _left_behind(table: str, column: str) -> Finding:
    sequence = f"pg_get_serial_sequence('{table}', '{column}')"
    return warning(
        "sequences",
        f"The sequence of {table}.{column} gives out numbers that are there already: rows were restored without it.",
        f"As the owner of the tables: SELECT setval({sequence}, max({column})) FROM {table};",  # noqa: S608 - told, not run
    )


async def _count_sessions(runtime: Runtime) -> tuple[int, int]:
    pattern = f"{literally(runtime.settings.REDIS_KEY_PREFIX)}user:{{*}}:session:*"
    seen: set[str] = set()  # a key may come twice
    orphans = 0
    async for batch in scan_hashes(runtime.redis, pattern, ("created_at",)):
        owners = {key: UUID(name[1]) for key, _ in batch if key not in seen and (name := _KEY.search(key))}
        known = set(await User.filter(id__in=set(owners.values())).values_list("id", flat=True))
        orphans += sum(uid not in known for uid in owners.values())
        seen.update(owners)
    return len(seen), orphans
