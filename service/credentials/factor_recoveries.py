"""Waits before an account's second factors are taken away, for whoever has lost them: one an account, in the database.

A wait stands on the account's address and on what proves it, as they were: whatever changes either ends it, without
having to think of it. Whoever writes here holds the user's row.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, Literal, cast
from uuid import UUID

from models import FactorRecovery, User
from service.audit import events
from service.core.client import Client
from service.letters import onetime
from service.runtime import Runtime

ASK: Final = "recover"
"""What the link is good for that proves the mailbox."""
STOP: Final = "keep_factors"
"""What the links are good for that say no: each of them, until the factors are gone."""

By = Literal["session", "link", "factor", "setting"]


async def due_at(runtime: Runtime, user: User) -> datetime | None:
    """Return when the user's factors go, None where they stay."""
    row = await FactorRecovery.get_or_none(user_id=user.id)
    return row.due_at if row is not None and holds(runtime, row, user) else None


def holds(runtime: Runtime, row: FactorRecovery, user: User) -> bool:
    """Return whether the account is what it was when this was asked for."""
    return user.has_factor and runtime.tickets.matches(row.standing, *_ground(user))


async def begin(runtime: Runtime, user: User, life: timedelta, *, next_after: timedelta) -> FactorRecovery | None:
    """Let the factors go after a while; None where they will already: asking again neither helps nor harms."""
    row = await FactorRecovery.get_or_none(user_id=user.id)
    if row is not None and holds(runtime, row, user):
        return None
    await FactorRecovery.filter(user_id=user.id).delete()
    now = runtime.clock.now()
    return await FactorRecovery.create(
        user_id=user.id,
        standing=runtime.tickets.fingerprint(*_ground(user)),
        created_at=now,
        due_at=now + life,
        next_at=now + min(life, next_after),
    )


async def stop(runtime: Runtime, user: User, by: By, client: Client | None, *, session_id: UUID | None = None) -> bool:
    """Let the factors stay; return whether they would have gone. Part of a transaction that holds the row."""
    row = await FactorRecovery.get_or_none(user_id=user.id)
    if row is None:
        return False
    await end(user)
    if not holds(runtime, row, user):
        return False
    kept = events.FACTORS_KEPT
    await events.record(runtime, kept, user_id=user.id, session_id=session_id, client=client, by=by)
    return True


async def end(user: User) -> None:
    """Forget the wait, and the links that would have stopped it."""
    await FactorRecovery.filter(user_id=user.id).delete()
    await onetime.end(user, STOP)


async def to_be_seen_to(runtime: Runtime, limit: int) -> list[UUID]:
    """Return accounts whose wait has come to the next e-mail, or to its end; those longest due first."""
    found = FactorRecovery.filter(next_at__lte=runtime.clock.now()).order_by("next_at").limit(limit)
    return cast("list[UUID]", await found.values_list("user_id", flat=True))


def _ground(user: User) -> tuple[str, ...]:
    return "recovery of second factors", user.email_canonical, str(user.credentials_version)
