"""How the letters that aren't sent stand: how many in which state, and since when the oldest of them waits.

`due_at` doesn't tell for how long a letter has been due: it moves whenever a worker takes the letter, and gives it back
because the mail server is away. Its `turn` does: that moves only when the letter itself is put off.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, cast

from tortoise.expressions import Q
from tortoise.functions import Count, Min

from models import OutboxMail
from service.core.clock import Clock, to_ms
from service.core.sql.leases import DEAD, PENDING, Backlog
from service.stores.outbox import KIND

STATES: Final = ("due", "in_hand", "delayed", "waiting", "dead")


@dataclass(frozen=True, slots=True)
class Standing:
    """How many letters are `due`; `in_hand`, of a worker; `delayed` after an attempt that failed; `waiting` for their
    mailbox's budget; and `dead`. For how long the oldest has been due, and since when the oldest delayed one is there.
    """

    due: int
    in_hand: int
    delayed: int
    waiting: int
    dead: int
    oldest_due: timedelta
    oldest_delayed: timedelta

    def backlog(self, now: datetime) -> Backlog:
        """Return the same as it is told of all work."""
        return Backlog(KIND, self.due, now - self.oldest_due if self.due else None, self.dead)


async def standing(clock: Clock) -> Standing:
    """Return how they stand. Raises `Unavailable`."""
    now = clock.now()
    # Of those that aren't due: its first attempt was begun and didn't fail, or its turn came: so a worker has it.
    later, taken = Q(due_at__gt=now), Q(attempts__gt=0) & (Q(last_error__isnull=True) | Q(turn__lte=to_ms(now)))
    failed = later & ~taken & Q(last_error__isnull=False)
    found = OutboxMail.filter(state__in=(PENDING, DEAD)).annotate(
        all=Count("id"),
        due=Count("id", _filter=Q(due_at__lte=now)),
        in_hand=Count("id", _filter=later & taken),
        delayed=Count("id", _filter=failed),
        first_turn=Min("turn", _filter=Q(turn__lte=to_ms(now))),
        first_failed=Min("created_at", _filter=failed),
    )
    rows = await found.group_by("state").values(
        "state", "all", "due", "in_hand", "delayed", "first_turn", "first_failed"
    )
    by_state = {row["state"]: row for row in rows}
    dead, pending = by_state.get(DEAD, {}).get("all", 0), by_state.get(PENDING)
    if pending is None:
        return Standing(0, 0, 0, 0, dead, timedelta(), timedelta())
    due, in_hand, delayed = (int(pending[name]) for name in ("due", "in_hand", "delayed"))
    turn, written = pending["first_turn"], cast("datetime | None", pending["first_failed"])
    return Standing(
        due=due,
        in_hand=in_hand,
        delayed=delayed,
        waiting=pending["all"] - due - in_hand - delayed,
        dead=dead,
        oldest_due=timedelta(milliseconds=max(0, to_ms(now) - turn)) if turn is not None else timedelta(),
        oldest_delayed=now - written if written else timedelta(),
    )
