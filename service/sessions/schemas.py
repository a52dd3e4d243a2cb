"""A session as its owner, or an administrator, sees it. Never a token."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field

from service.core.clock import from_ms
from service.core.http.messages import ResponseModel
from service.core.http.user_agents import device_name, device_parts
from service.stores.sessions.outcomes import Binding, ListedSession


class SessionResponse(ResponseModel):
    """`expires_at` is when the session ends if it isn't used again."""

    id: UUID
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    ip: str
    user_agent: str
    device: str
    browser: Annotated[str | None, Field(description="The program of `device`, to be put into words; null: unknown.")]
    system: Annotated[str | None, Field(description="The system of `device`; null: unknown.")]
    name: Annotated[str | None, Field(description="What its user calls the device.")]
    current: bool
    methods: Annotated[
        list[str], Field(description="How its user has proven to be there: names of RFC 8176 section 2, and ours.")
    ]
    level: Annotated[int, Field(description="1 for one factor, 2 for two.")]
    bound: Annotated[
        Binding | None,
        Field(description="To what key it is bound: the browser's (`dbsc`), or the client's (`dpop`); null for none."),
    ]

    @classmethod
    def of(cls, session: ListedSession, current: UUID | None) -> Self:
        """Show `session`; `current` is the caller's own."""
        return cls(
            id=session.sid,
            created_at=from_ms(session.created_at),
            last_used_at=from_ms(session.last_used_at),
            expires_at=from_ms(session.expires_at),
            ip=session.ip,
            user_agent=session.user_agent,
            device=device_name(session.user_agent),
            browser=device_parts(session.user_agent).browser,
            system=device_parts(session.user_agent).system,
            name=session.name,
            current=session.sid == current,
            methods=list(session.assurance.methods),
            level=session.assurance.level,
            bound=session.binding,
        )


SESSION_EXAMPLE = {
    "id": "5691dab3-719f-4f12-b3da-811d0cca8545",
    "created_at": "2026-11-23T09:00:00Z",
    "last_used_at": "2026-11-23T09:41:00Z",
    "expires_at": "2026-11-30T09:41:00Z",
    "ip": "203.0.113.7",
    "user_agent": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 Chrome/131.0 Safari/537.36",
    "device": "Chrome on macOS",
    "browser": "Chrome",
    "system": "macOS",
    "name": "Work laptop",
    "current": True,
    "methods": ["pwd"],
    "level": 1,
    "bound": None,
}
