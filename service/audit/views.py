"""How a security event looks from outside."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from service.core.http.messages import ResponseModel
from service.core.http.operations import EVENT_TYPES, one_of


class EventResponse(ResponseModel):
    """A security event, as its user sees it."""

    id: UUID
    type: Annotated[
        str,
        Field(
            description="Later versions may have more of them.",
            json_schema_extra=one_of(EVENT_TYPES),
        ),
    ]
    created_at: datetime
    session_id: UUID | None
    ip: str | None
    user_agent: str | None
    detail: dict[str, Any]


EVENT_EXAMPLE = {
    "id": "0d6f2c0b-5d8a-4c1c-9a2e-5f0f2b7c9f10",
    "type": "login.succeeded",
    "created_at": "2026-11-23T09:00:00Z",
    "session_id": "5691dab3-719f-4f12-b3da-811d0cca8545",
    "ip": "203.0.113.7",
    "user_agent": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)",
    "detail": {},
}
