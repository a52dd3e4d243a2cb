"""Why a session ended, in one word for the person in front of it: from the security event that tells of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final, Literal
from uuid import UUID

from models import SecurityEvent
from service.audit import events
from service.runtime import Runtime

EndReason = Literal["expired", "revoked", "reused", "logged_out", "password_changed", "replaced"]

# The event names the session that ended ...
_OF_ONE: Final[Mapping[str, EndReason]] = {
    events.LOGGED_OUT: "logged_out",
    events.TOKEN_REUSED: "reused",
    events.SESSION_REPLACED: "replaced",
}
# ... or the one that was kept, while all others ended.
_OF_THE_OTHERS: Final[Mapping[str, EndReason]] = {
    events.PASSWORD_CHANGED: "password_changed",
    events.PASSWORD_RESET: "password_changed",
    events.ACCOUNT_CLAIMED: "password_changed",
}
_RECENT: Final = timedelta(seconds=10)


async def end_reasons(runtime: Runtime, owners: Mapping[UUID, UUID]) -> dict[UUID, EndReason]:
    """Return why sessions (owners by session id) ended just now, as far as an event says so. Raises `Unavailable`."""
    recent = await (
        SecurityEvent.filter(
            user_id__in=set(owners.values()),
            type__in=[*_OF_ONE, *_OF_THE_OTHERS],
            created_at__gte=runtime.clock.now() - _RECENT,
        )
        .order_by("created_at")
        .values_list("user_id", "session_id", "type")
    )
    found: dict[UUID, EndReason] = {}
    for user_id, session_id, event in recent:
        for sid, uid in owners.items():
            if sid == session_id and event in _OF_ONE:
                found[sid] = _OF_ONE[event]
            elif uid == user_id and sid != session_id and event in _OF_THE_OTHERS:
                found[sid] = _OF_THE_OTHERS[event]
    return found
