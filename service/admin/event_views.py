"""How a security event looks to who looks over the whole service."""

from __future__ import annotations

from typing import Annotated, Final, Self
from uuid import UUID

import orjson
from pydantic import Field

from service.admin.events import Told
from service.audit.views import EventResponse


class AdminEventResponse(EventResponse):
    """A security event, as an administrator sees it."""

    user_id: UUID | None
    user_email: Annotated[str | None, Field(description="Null where there is no such account, or it is gone.")]
    user_name: str | None
    actor_id: UUID | None
    actor_email: Annotated[str | None, Field(description="Of the administrator who did it.")]
    actor_name: str | None
    request_id: str | None

    @classmethod
    def of(cls, told: Told) -> Self:
        """Return an event with its people as an answer."""
        event, user, actor = told.event, told.user, told.actor
        return cls(
            id=event.id,
            type=event.type,
            created_at=event.created_at,
            session_id=event.session_id,
            ip=event.ip,
            user_agent=event.user_agent,
            detail=event.detail,
            user_id=event.user_id,  # type: ignore[attr-defined]  # Tortoise adds it
            user_email=user.email if user else None,
            user_name=user.full_name if user else None,
            actor_id=event.actor_id,
            actor_email=actor.email if actor else None,
            actor_name=actor.full_name if actor else None,
            request_id=event.request_id,
        )


COLUMNS: Final = (
    "id", "created_at", "type", "user_id", "user_email", "user_name", "actor_id", "actor_email", "actor_name",
    "session_id", "ip", "user_agent", "request_id", "detail",
)  # fmt: skip


def cells(told: Told) -> list[str | None]:
    """Return an event as a row of a table, in the order of `COLUMNS`."""
    event = AdminEventResponse.of(told).model_dump(mode="json")
    return [_cell(event[name]) for name in COLUMNS]


def _cell(value: object) -> str | None:
    return value if value is None or isinstance(value, str) else orjson.dumps(value).decode()
