"""Recording security events: a log line always, a row in the database whenever it can be reached (R69, R70)."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Final, cast
from uuid import UUID, uuid4, uuid5

from tortoise.exceptions import IntegrityError
from tortoise.expressions import Q

from models import SecurityEvent, User
from service.audit.counting import count
from service.core.client import Client
from service.core.http.pagination import Cursor
from service.core.telemetry.logs import log_event, request_id
from service.errors import Unavailable
from service.runtime import Runtime

REGISTERED: Final = "user.registered"
REGISTERED_AGAIN: Final = "user.registered_again"
USER_CREATED: Final = "user.created"
USERS_IMPORTED: Final = "users.imported"
USER_UPDATED: Final = "user.updated"
USER_DELETED: Final = "user.deleted"
PASSWORD_CHANGED: Final = "password.changed"  # noqa: S105 - the name of an event
PASSWORD_RESET: Final = "password.reset"  # noqa: S105 - the name of an event
EMAIL_VERIFIED: Final = "email.verified"
EMAIL_CHANGE_REQUESTED: Final = "email.change_requested"
EMAIL_CHANGED: Final = "email.changed"
EMAIL_CHANGE_UNDONE: Final = "email.change_undone"
EMAIL_CHANGE_FINAL: Final = "email.change_final"
ACCOUNT_CLAIMED: Final = "account.claimed"
LOGIN_SUCCEEDED: Final = "login.succeeded"
LOGIN_PENDING: Final = "login.pending"
LOGIN_FAILED: Final = "login.failed"
LOGIN_NEW_DEVICE: Final = "login.new_device"
REAUTHENTICATED: Final = "reauthentication.succeeded"
REAUTHENTICATION_FAILED: Final = "reauthentication.failed"
KEY_ROTATED: Final = "signing_key.rotated"
KEY_RETIRED: Final = "signing_key.retired"
LOGGED_OUT: Final = "session.logged_out"
SESSION_ENDED: Final = "session.ended"
SESSION_REPLACED: Final = "session.replaced"
SESSIONS_ENDED: Final = "sessions.ended"
SESSION_DISPLACED: Final = "session.displaced"
SESSION_EXPIRED: Final = "session.expired"
SESSION_VANISHED: Final = "session.vanished"
SESSIONS_REVOKED: Final = "sessions.revoked"
TOKEN_REUSED: Final = "session.token_reused"  # noqa: S105 - the name of an event
TOKEN_SHARED: Final = "session.token_shared"  # noqa: S105 - the name of an event
TOKEN_REPEATED: Final = "session.token_repeated"  # noqa: S105 - the name of an event

TYPES: Final = sorted(value for name, value in list(globals().items()) if name.isupper() and isinstance(value, str))
"""All of them."""


async def record(
    runtime: Runtime,
    event: str,
    *,
    user_id: UUID | None,
    session_id: UUID | None = None,
    actor_id: UUID | None = None,
    client: Client | None = None,
    once: str | None = None,
    certain: bool = False,
    traceable: bool = True,
    **detail: str | int | bool | None,
) -> None:
    """Record `event`. What it tells of has happened, so a database out of reach fails nothing: the log has the line.

    `detail` holds plain values, never a password or a token. `actor_id` is who did it, when that isn't the user.
    With `once` a session has one such event for each value of it, however many requests record it at once.
    With `certain` it fails with the transaction of what it tells of, and that with it. Without `traceable` the row
    doesn't name the request.
    """
    event_id = uuid4() if once is None or session_id is None else uuid5(session_id, event + once)
    if once is not None:
        with suppress(Unavailable):
            if await SecurityEvent.exists(id=event_id):
                return
    log_event(
        event,
        user_id=user_id,
        session_id=session_id,
        actor_id=actor_id,
        ip=client.ip if client else None,
        user_agent=client.user_agent if client else None,
        **detail,
    )
    count(runtime, event, detail)
    try:
        await SecurityEvent.create(
            id=event_id,
            type=event,
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
        if certain:
            raise
        if once is not None and isinstance(failure, IntegrityError):  # another request was first: it is stored
            return
        log_event("security_event.not_stored", logging.ERROR, type=event, user_id=user_id, session_id=session_id)


async def record_for(
    runtime: Runtime, event: str, ended: Mapping[UUID, Sequence[UUID]], *, name: bool, **detail: str | int | bool | None
) -> None:
    """Record `event` for many users, each with how many of their sessions were `ended`; one log line for all.

    With `name` each event says which `sessions`: where the user had others, nothing else tells. Raises `Unavailable`.
    """
    log_event(event, users=len(ended), ended=sum(map(len, ended.values())), **detail)
    known = await User.filter(id__in=list(ended)).values_list("id", flat=True)
    rows = [
        SecurityEvent(
            id=uuid4(),
            type=event,
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


async def were_recorded(user_id: UUID, session_id: UUID, *types: str) -> bool:
    """Return whether an event of one of these types is on record for the session. Raises `Unavailable`."""
    return await SecurityEvent.filter(user_id=user_id, session_id=session_id, type__in=types).exists()


async def purge(runtime: Runtime, *, batch: int = 1000) -> int:
    """Delete events older than EVENT_RETENTION_DAYS, a batch at a time; return how many."""
    limit = runtime.clock.now() - timedelta(days=runtime.settings.EVENT_RETENTION_DAYS)
    count = 0
    while ids := await SecurityEvent.filter(created_at__lt=limit).limit(batch).values_list("id", flat=True):
        count += await SecurityEvent.filter(id__in=cast("list[UUID]", ids)).delete()
    return count


def before(cursor: Cursor) -> Q:
    """Return the condition for events older than `cursor`, in the order newest first."""
    return Q(created_at__lt=cursor.created_at) | Q(created_at=cursor.created_at, id__lt=cursor.id)
