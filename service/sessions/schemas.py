"""A session as its owner, or an administrator, sees it. Never a token."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Self
from uuid import UUID

from ua_parser import parse

from service.core.clock import from_ms
from service.core.http import ResponseModel
from service.sessions.store import ListedSession


class SessionResponse(ResponseModel):
    """`expires_at` is when the session ends if it isn't used again."""

    id: UUID
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    ip: str
    user_agent: str
    device: str
    current: bool

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
            current=session.sid == current,
        )


@lru_cache(maxsize=512)
def device_name(user_agent: str) -> str:
    """Return what a person calls the device: "Chrome on macOS"."""
    parsed = parse(user_agent)
    browser = parsed.user_agent.family if parsed.user_agent else "Unknown browser"
    system = parsed.os.family if parsed.os else None
    return f"{browser} on {_SYSTEM_NAMES.get(system, system)}" if system else browser


_SYSTEM_NAMES = {"Mac OS X": "macOS"}

SESSION_EXAMPLE = {
    "id": "5691dab3-719f-4f12-b3da-811d0cca8545",
    "created_at": "2026-11-23T09:00:00Z",
    "last_used_at": "2026-11-23T09:41:00Z",
    "expires_at": "2026-11-30T09:41:00Z",
    "ip": "203.0.113.7",
    "user_agent": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 Chrome/131.0 Safari/537.36",
    "device": "Chrome on macOS",
    "current": True,
}
