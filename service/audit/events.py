"""Recording security events: a log line, and a row in the database (R69, R70).

What tells of a change in the database is written in the transaction of that change, and fails with it; its log line and
its count come when that is committed, and never where it was rolled back. What tells of anything else has happened
whatever the database says: the row is written whenever it can be, the log line always. The catalogue says which is
which (`with_change`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import cast
from uuid import UUID, uuid4, uuid5

from tortoise.exceptions import IntegrityError

from models import SecurityEvent, User
from service.audit.catalogue import catalogue_of
from service.audit.catalogue.accounts import *  # noqa: F403 - so that calls read `events.record(runtime, events.LOGGED_OUT)`
from service.audit.catalogue.factors import *  # noqa: F403
from service.audit.catalogue.logins import *  # noqa: F403
from service.audit.catalogue.sessions import *  # noqa: F403
from service.audit.counting import count
from service.core.client import Client
from service.core.sql.transactions import after_commit, in_transaction
from service.core.telemetry.logs import log_event, request_id
from service.errors import Unavailable
from service.runtime import Runtime
from service.stores.event_kinds import Event


class UnknownEvent(Exception):
    """A mistake of ours: an event is recorded that no feature has brought. Nothing could ever tell what it means."""


class MisplacedEvent(Exception):
    """A mistake of ours: an event of a change is recorded outside its transaction, or another one inside of one.

    The one would not fail with its change; the other, when it fails, would take along what it says nothing of.
    """


async def record(
    runtime: Runtime,
    event: Event,
    *,
    user_id: UUID | None,
    session_id: UUID | None = None,
    actor_id: UUID | None = None,
    client: Client | None = None,
    once: str | None = None,
    traceable: bool = True,
    **detail: str | int | bool | None,
) -> None:
    """Record `event`. Where it tells of a change in the database, in the transaction of that: raises `Unavailable`.

    Any other fails nothing. `detail` holds plain values, never a password or a token. `actor_id` is who did it, when
    that isn't the user. With `once` a session has one such event for each value of it, however many requests record it
    at once. Without `traceable` the row doesn't name the request.
    """
    _demand_known(runtime, event)
    if event.with_change != in_transaction():
        raise MisplacedEvent(event.name)
    event_id = uuid4() if once is None or session_id is None else uuid5(session_id, event.name + once)
    if once is not None:
        with suppress(Unavailable):
            if await SecurityEvent.exists(id=event_id):
                return

    def tell() -> None:
        log_event(
            event.name,
            user_id=user_id,
            session_id=session_id,
            actor_id=actor_id,
            ip=client.ip if client else None,
            user_agent=client.user_agent if client else None,
            **detail,
        )
        count(runtime, event, detail)

    after_commit(tell)
    try:
        await SecurityEvent.create(
            id=event_id,
            type=event.name,
            created_at=runtime.clock.now(),
            user_id=user_id,
            session_id=session_id,
            actor_id=actor_id,
            ip=client.ip if client else None,
            user_agent=client.user_agent if client else None,
            request_id=request_id.get() if traceable else None,
            detail=detail,
        )
    except (Unavailable, IntegrityError) as failure:
        if event.with_change:
            raise
        if once is not None and isinstance(failure, IntegrityError):  # another request was first: it is stored
            return
        log_event("security_event.not_stored", logging.ERROR, type=event.name, user_id=user_id, session_id=session_id)


async def record_for(
    runtime: Runtime,
    event: Event,
    ended: Mapping[UUID, Sequence[UUID]],
    *,
    name: bool,
    **detail: str | int | bool | None,
) -> None:
    """Record `event` for many users, each with how many of their sessions were `ended`; one log line for all.

    With `name` each event says which `sessions`: where the user had others, nothing else tells. Raises `Unavailable`.
    """
    _demand_known(runtime, event)
    log_event(event.name, users=len(ended), ended=sum(map(len, ended.values())), **detail)
    known = await User.filter(id__in=list(ended)).values_list("id", flat=True)
    rows = [
        SecurityEvent(
            id=uuid4(),
            type=event.name,
            created_at=runtime.clock.now(),
            user_id=user_id,
            request_id=request_id.get(),
            detail={
                **detail,
                "ended": len(ended[user_id]),
                **({"sessions": " ".join(map(str, ended[user_id]))} if name else {}),
            },
        )
        for user_id in cast("list[UUID]", known)
    ]
    await SecurityEvent.bulk_create(rows)


def _demand_known(runtime: Runtime, event: Event) -> None:
    if catalogue_of(runtime).get(event.name) is not event:
        raise UnknownEvent(event.name)


async def purge(runtime: Runtime, *, batch: int = 1000, enough: Callable[[], bool] = lambda: False) -> int:
    """Delete events older than EVENT_RETENTION_DAYS, a batch at a time, until it is `enough`; return how many."""
    limit = runtime.clock.now() - timedelta(days=runtime.settings.EVENT_RETENTION_DAYS)
    count = 0
    while ids := await SecurityEvent.filter(created_at__lt=limit).limit(batch).values_list("id", flat=True):
        count += await SecurityEvent.filter(id__in=cast("list[UUID]", ids)).delete()
        if enough():
            break
    return count
