"""How a security event looks from outside."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, computed_field

from service.core.http.messages import ResponseModel
from service.core.http.operations import EVENT_TYPES, one_of
from service.core.http.user_agents import device_name, device_parts


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

    @computed_field(  # type: ignore[prop-decorator]  # mypy knows nothing above a property; pydantic wants it so
        description="What a person calls the device: the same name as in the list of sessions."
    )
    @property
    def device(self) -> str | None:
        """Return the device's name; None where none was there."""
        return device_name(self.user_agent) if self.user_agent else None

    @computed_field(description="The program of `device`, to be put into words.")  # type: ignore[prop-decorator]
    @property
    def browser(self) -> str | None:
        """Return the program's name; None where it isn't known."""
        return device_parts(self.user_agent).browser if self.user_agent else None

    @computed_field(description="The system of `device`.")  # type: ignore[prop-decorator]
    @property
    def system(self) -> str | None:
        """Return the system's name; None where it isn't known."""
        return device_parts(self.user_agent).system if self.user_agent else None


EVENT_EXAMPLE = {
    "id": "0d6f2c0b-5d8a-4c1c-9a2e-5f0f2b7c9f10",
    "type": "login.succeeded",
    "created_at": "2026-11-23T09:00:00Z",
    "session_id": "5691dab3-719f-4f12-b3da-811d0cca8545",
    "ip": "203.0.113.7",
    "user_agent": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 Chrome/131.0 Safari/537.36",
    "device": "Chrome on macOS",
    "browser": "Chrome",
    "system": "macOS",
    "detail": {},
}
