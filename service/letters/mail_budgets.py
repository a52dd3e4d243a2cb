"""How much mail goes to a mailbox: budgets in the database, taken in the transaction that decides about a letter.

Not in Redis, as those of requests are: the worker sends while Redis is away, and a letter that is tried again, by this
worker or by another one, must have been counted once. A budget of `most` fills up again one by one: it is a single
time in a row (the generic cell rate algorithm of ATM Forum TM 4.0).
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from models import MailBudget
from service.core.crypto.derivation import derive_keys
from service.core.sql import purging
from service.runtime import Runtime

KEPT = timedelta(hours=1)  # past its being full: no transaction that looked at it goes on for so long


@dataclass(frozen=True, slots=True)
class MailLimit:
    """`most` letters in `window`, of what `subject` says."""

    subject: str
    most: int
    window: timedelta

    @property
    def step(self) -> timedelta:
        """How long it takes until there is one more."""
        return self.window / self.most


async def take(runtime: Runtime, limits: Sequence[MailLimit]) -> datetime | None:
    """Take one letter of each budget and return None; or take none, and return when there will be one of each.

    Part of the caller's transaction: the budgets' rows are locked until its end.
    """
    if not runtime.settings.RATE_LIMITS_ENABLED:
        return None
    now = runtime.clock.now()
    by_key = {_key(runtime, limit): limit for limit in limits}
    # In one order everywhere, so that no two transactions wait for each other.
    fresh = [MailBudget(key=key, full_at=now) for key in sorted(by_key)]
    await MailBudget.bulk_create(fresh, ignore_conflicts=True)
    rows = await MailBudget.filter(key__in=list(by_key)).order_by("key").select_for_update()
    opens_at = max((row.full_at - (by_key[row.key].most - 1) * by_key[row.key].step for row in rows), default=now)
    if opens_at > now:
        return opens_at
    for row in rows:
        row.full_at = max(row.full_at, now) + by_key[row.key].step
        await row.save(update_fields=["full_at"])
    return None


async def purge(runtime: Runtime, *, enough: Callable[[], bool] = purging.never) -> int:
    """Delete budgets of which nothing is taken, until it is `enough`; return how many."""
    return await purging.purge(MailBudget.filter(full_at__lt=runtime.clock.now() - KEPT), enough=enough)


def _key(runtime: Runtime, limit: MailLimit) -> str:
    key = derive_keys(runtime.settings.secrets, "mail budget")[0]
    return hmac.digest(key, limit.subject.encode("utf-8", "replace"), "sha256").hex()
