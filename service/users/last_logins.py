"""When users have last logged in: a column, so that lists can be in its order; taken from the events by a worker.

No log-in writes it: that would be one more write to the row that most requests read. Once it is there it stays, though
the events that said so are deleted in time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final, cast
from uuid import UUID

from models import SecurityEvent, User
from service.audit.catalogue import catalogue_of
from service.core.sql.keyset import beyond
from service.core.sql.transactions import transaction
from service.jobs.kinds import Again, Kind, Schedule, Turn, repeated
from service.runtime import Runtime

LATE: Final = timedelta(minutes=5)
"""How much later than its time an event may be there: its transaction took long, its instance's clock is behind."""
BATCH: Final = 1000
_ROWS_AT_ONCE: Final = 200  # that are locked


async def catch_up(runtime: Runtime, *, enough: Callable[[], bool] = lambda: False) -> bool:
    """Note the log-ins since the last one that is noted, until it is `enough`; return whether none are left.

    Where it begins is in the rows themselves, so what was cut off is simply gone on with.
    """
    opening = [event.name for event in catalogue_of(runtime).values() if event.opens]
    log_ins = SecurityEvent.filter(type__in=opening, user_id__isnull=False).order_by("created_at", "id").limit(BATCH)
    noted = User.filter(last_login_at__isnull=False).order_by("-last_login_at", "-id")
    newest = await noted.only("last_login_at").first()
    found = log_ins
    if newest is not None and newest.last_login_at is not None:
        found = log_ins.filter(created_at__gte=newest.last_login_at - LATE)
    while True:
        rows = cast("list[tuple[UUID, datetime, UUID]]", await found.values_list("user_id", "created_at", "id"))
        await _note({user_id: at for user_id, at, _ in rows})  # of a user's several the latest one stays
        if len(rows) < BATCH:
            return True
        if enough():
            return False
        _, at, last = rows[-1]
        found = log_ins.filter(beyond("created_at", at, last, descending=False))


async def _note(latest: Mapping[UUID, datetime]) -> None:
    known = User.filter(id__in=list(latest))
    noted = cast("list[tuple[UUID, datetime | None]]", await known.values_list("id", "last_login_at"))
    outdated = sorted(user_id for user_id, at in noted if at is None or at < latest[user_id])
    for start in range(0, len(outdated), _ROWS_AT_ONCE):
        async with transaction():
            # In the order in which everybody locks users.
            some = User.filter(id__in=outdated[start : start + _ROWS_AT_ONCE]).order_by("id").select_for_update()
            rows = await some.only("id", "last_login_at")
            for row in rows:
                row.last_login_at = max(latest[row.id], row.last_login_at or latest[row.id])
            if rows:
                await User.bulk_update(rows, ["last_login_at"])


async def _work(runtime: Runtime, turn: Turn) -> Again | None:
    return None if await catch_up(runtime, enough=turn.over) else Again()


KINDS: Final[tuple[Kind, ...]] = (repeated("users.last_logins", Schedule(timedelta(minutes=1)), _work),)
