"""Queries and answers of /api/admin."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, Field

from service.core.email_address import EmailField
from service.core.fields import After
from service.core.http import RequestModel, ResponseModel


class EventQuery(RequestModel):
    """Which security events to list: those that fit everything that is given."""

    user_id: Annotated[UUID | None, Field(description="Whose they are.")] = None
    email: Annotated[EmailField | None, Field(description="Whose they are, by the address of today.")] = None
    session_id: UUID | None = None
    type: Annotated[
        Annotated[str, Field(pattern=r"^[a-z_.]{1,64}$")] | None, Field(description="Such as `login.failed`.")
    ] = None
    ip: Annotated[Annotated[str, Field(pattern=r"^[0-9A-Fa-f:.]{2,45}$")] | None, Field(description="Exact.")] = None
    actor_id: Annotated[UUID | None, Field(description="Who did it, where that isn't the user.")] = None
    request_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")] | None = None
    since: Annotated[AwareDatetime | None, Field(description="Not earlier than this.")] = None
    until: Annotated[AwareDatetime | None, Field(description="Earlier than this.")] = None
    limit: Annotated[int, Field(ge=1, le=100, description="How many to return.")] = 100
    after: After | None = None


class AdminEventResponse(ResponseModel):
    """A security event, with whose it is, who did it, and in which request."""

    id: UUID
    type: str
    created_at: datetime
    user_id: UUID | None
    session_id: UUID | None
    actor_id: UUID | None
    ip: str | None
    user_agent: str | None
    request_id: str | None
    detail: dict[str, Any]


EVENT_EXAMPLE = {
    "id": "0d6f2c0b-5d8a-4c1c-9a2e-5f0f2b7c9f10",
    "type": "sessions.ended",
    "created_at": "2026-11-23T09:00:00Z",
    "user_id": "811d0cca-8545-4396-91da-b3719f6f12f3",
    "session_id": None,
    "actor_id": "1c0cca85-8545-4396-91da-b3719f6f12f3",
    "ip": "203.0.113.7",
    "user_agent": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)",
    "request_id": "2a8f737201c0474e99d1f0dc0e3269b3",
    "detail": {"ended": 2, "way": "user"},
}
