"""Recording security events: a log line, and a row in the database (R69, R70).

What tells of a change in the database is written in the transaction of that change, and fails with it; its log line and
its count come when that is committed, and never where it was rolled back. What tells of anything else has happened
whatever the database says: the log line is written always, and a row that the database can't take is kept until it can
(late.py). The catalogue says which is
which (`with_change`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final, TypedDict
from uuid import UUID, uuid4, uuid5

from tortoise.exceptions import IntegrityError

from models import SecurityEvent, User
from service.audit.catalogue import catalogue_of
from service.audit.catalogue.accounts import *  # noqa: F403 - so that calls read `events.record(runtime, events.LOGGED_OUT)`
from service.audit.catalogue.bindings import *  # noqa: F403
from service.audit.catalogue.copies import *  # noqa: F403
from service.audit.catalogue.factors import *  # noqa: F403
from service.audit.catalogue.gaps import *  # noqa: F403
from service.audit.catalogue.logins import *  # noqa: F403
from service.audit.catalogue.providers import *  # noqa: F403
from service.audit.catalogue.sessions import *  # noqa: F403
from service.audit.counting import count
from service.audit.late import keep, set_aside
from service.core.client import Client
from service.core.sql import purging
from service.core.sql.statement import Statement
from service.core.sql.transactions import after_commit, in_transaction
from service.core.telemetry.logs import log_event, request_id
from service.errors import Unavailable
from service.runtime import Runtime
from service.stores.event_kinds import Event

_COLUMNS: Final = (
    "id", "type", "created_at", "user_id", "session_id", "actor_id", "ip", "user_agent", "request_id", "detail",
)  # fmt: skip
_INSERT: Final = Statement(
    SecurityEvent,
    """INSERT INTO "security_events" (
        "id", "type", "created_at", "user_id", "session_id", "actor_id", "ip", "user_agent", "request_id", "detail"
    ) VALUES (
        {id}, {type}, {created_at}, {user_id}, {session_id}, {actor_id}, {ip}, {user_agent}, {request_id}, {detail}
    )""",
)

MOST_NAMED: Final = 100
"""Sessions that one event names."""


class UnknownEvent(Exception):
    """A mistake of ours: an event is recorded that no feature has brought. Nothing could ever tell what it means."""


class MisplacedEvent(Exception):
    """A mistake of ours: an event of a change is recorded outside its transaction, or another one inside of one.

    The one would not fail with its change; the other, when it fails, would take along what it says nothing of.
    """


@dataclass(frozen=True, slots=True)
class Living:
    """The sessions that something ends; None where Redis is away, and nobody knows. `cut_off` is the user's before."""

    sids: tuple[UUID, ...] | None
    cut_off: datetime | None = None

    @property
    def number(self) -> int | None:
        """How many they are."""
        return None if self.sids is None else len(self.sids)


class Which(TypedDict, total=False):
    """Members of a detail: the sessions that an event has ended, how many more, and the cut-off from before."""

    sessions: str
    more: int
    cut_off_before: str


async def insert(row: Mapping[str, object]) -> None:
    """Insert an event, given by its columns: the only one that is inserted alone. Raises `Unavailable`."""
    await _INSERT.changed(*(row[name] for name in _COLUMNS))


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
    event_id = uuid4() if once is None or session_id is None else id_of(event, session_id, once)
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
    row = partial(
        SecurityEvent,
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
    try:
        await insert(row.keywords)
    except (Unavailable, IntegrityError) as failure:
        if event.with_change:
            raise
        if once is not None and isinstance(failure, IntegrityError):  # another request was first: it is stored
            return
        await keep(runtime, event, row())


def id_of(event: Event, session_id: UUID, once: str) -> UUID:
    """Return the id of the one event that a session has for this value of `once`."""
    return uuid5(session_id, event.name + once)


def note(runtime: Runtime, event: Event, *, user_id: UUID, client: Client, **detail: str | int | bool | None) -> None:
    """Have `event` recorded soon, beside the requests: nobody waits for it, and nothing can be told from the time."""
    _demand_known(runtime, event)
    set_aside(
        runtime,
        event,
        SecurityEvent(
            id=uuid4(),
            type=event.name,
            created_at=runtime.clock.now(),
            user_id=user_id,
            ip=client.ip,
            user_agent=client.user_agent,
            request_id=request_id.get(),
            detail=detail,
        ),
    )


async def record_for(
    runtime: Runtime,
    event: Event,
    ended: Mapping[UUID, Sequence[UUID]],
    **detail: str | int | bool | None,
) -> int:
    """Record `event` for many users, each with how many of their sessions were `ended`; one log line for all.

    Each says which sessions: else nothing tells them from others that were gone before. Return of how many
    sessions that could be neither stored nor kept.
    """
    _demand_known(runtime, event)
    log_event(event.name, users=len(ended), ended=sum(map(len, ended.values())), **detail)
    now = runtime.clock.now()
    rows = [
        SecurityEvent(
            id=uuid4(),
            type=event.name,
            created_at=now,
            user_id=user_id,
            request_id=request_id.get(),
            detail={**detail, "ended": len(sids), **which(Living(tuple(sids)))},
        )
        for user_id, sids in ended.items()
    ]
    try:
        known = set(await User.filter(id__in=list(ended)).values_list("id", flat=True))
        await SecurityEvent.bulk_create([row for row in rows if row.user_id in known])  # type: ignore[attr-defined]
    except (Unavailable, IntegrityError):
        return sum(
            [len(ended[uid]) for uid, row in zip(ended, rows, strict=True) if not await keep(runtime, event, row)]
        )
    return 0


async def record_all(
    runtime: Runtime, event: Event, user_ids: Sequence[UUID], **detail: str | int | bool | None
) -> None:
    """Record an `event` of a change for many users, in the transaction of that; one statement, one log line for all.

    Raises `Unavailable`.
    """
    _demand_known(runtime, event)
    if not (event.with_change and in_transaction()):
        raise MisplacedEvent(event.name)
    after_commit(lambda: log_event(event.name, users=len(user_ids), **detail))
    now, request = runtime.clock.now(), request_id.get()
    await SecurityEvent.bulk_create(
        [
            SecurityEvent(
                id=uuid4(), type=event.name, created_at=now, user_id=user_id, request_id=request, detail=dict(detail)
            )
            for user_id in user_ids
        ]
    )


def which(living: Living | None) -> Which:
    """Return the members of a detail that say which sessions an event has ended, as many as there is room for.

    Only these are put down to it. None: it has ended none.
    """
    if living is None:
        return Which()
    told = Which(cut_off_before=living.cut_off.isoformat()) if living.cut_off else Which()
    if living.sids is not None:
        told["sessions"] = " ".join(map(str, living.sids[:MOST_NAMED]))
        if len(living.sids) > MOST_NAMED:
            told["more"] = len(living.sids) - MOST_NAMED
    return told


def _demand_known(runtime: Runtime, event: Event) -> None:
    if catalogue_of(runtime).get(event.name) is not event:
        raise UnknownEvent(event.name)


async def purge(runtime: Runtime, *, batch: int | None = None, enough: Callable[[], bool] = purging.never) -> int:
    """Delete events older than EVENT_RETENTION_DAYS, a batch at a time, until it is `enough`; return how many."""
    limit = runtime.clock.now() - timedelta(days=runtime.settings.EVENT_RETENTION_DAYS)
    return await purging.purge(SecurityEvent.filter(created_at__lt=limit), enough=enough, batch=batch)
