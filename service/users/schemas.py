"""Bodies, queries and answers of /api/users."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, Field

from service.core.email_address import EmailField
from service.core.fields import FullNameField, NewPasswordField, PasswordField
from service.core.http import RequestModel, ResponseModel
from service.core.pagination import Cursor
from service.core.text import PLAIN_PATTERN, plain_text
from service.directory.views import USER_EXAMPLE, UserResponse
from service.sessions.schemas import SESSION_EXAMPLE, SessionResponse


def _cursor(value: str) -> str:
    Cursor.decode(value)
    return value


After = Annotated[
    str,
    Field(pattern=r"^[A-Za-z0-9_-]{32}$", description="The cursor from the `Link` header."),
    AfterValidator(_cursor),
]


class UpdateProfileRequest(RequestModel):
    """What users may change about themselves. A field left out stays as it is."""

    full_name: FullNameField | None = None
    password: NewPasswordField | None = None
    current_password: PasswordField | None = None


class CreateUserRequest(RequestModel):
    """A new account, made by an administrator; without a password nobody can log in to it yet."""

    email: EmailField
    password: NewPasswordField | None = None
    full_name: FullNameField | None = None
    is_active: bool = True
    is_superuser: bool = False


class UpdateUserRequest(RequestModel):
    """What administrators may change. A field left out stays as it is."""

    email: EmailField | None = None
    full_name: FullNameField | None = None
    password: NewPasswordField | None = None
    is_active: bool | None = None
    is_superuser: bool | None = None


class UserQuery(RequestModel):
    """Which users to list."""

    skip: Annotated[int, Field(ge=0, le=1_000_000_000, description="How many to leave out.")] = 0
    limit: Annotated[int, Field(ge=1, le=100, description="How many to return.")] = 100
    after: After | None = None
    q: Annotated[
        Annotated[str, Field(max_length=254, json_schema_extra={"pattern": PLAIN_PATTERN}), AfterValidator(plain_text)]
        | None,
        Field(description="A part of the e-mail address or the full name."),
    ] = None
    is_active: Annotated[bool | None, Field(description="Only those who may, or may not, log in.")] = None


class PageQuery(RequestModel):
    """Which page of a list."""

    limit: Annotated[int, Field(ge=1, le=100, description="How many to return.")] = 100
    after: After | None = None


class EventResponse(ResponseModel):
    """A security event."""

    id: UUID
    type: str
    created_at: datetime
    session_id: UUID | None
    ip: str | None
    user_agent: str | None
    detail: dict[str, Any]


class ExportedUser(UserResponse):
    """The whole row of a user but for the hash of the password."""

    language: str | None
    sessions_valid_after: datetime | None


class LinkResponse(ResponseModel):
    """A link that was sent and can be used: what for, and for which address. Never its token."""

    purpose: str
    subject: str | None
    created_at: datetime
    expires_at: datetime


class LetterResponse(ResponseModel):
    """A letter to the user, or about the account. What it said is not kept."""

    letter: str
    recipient: str
    language: str
    state: str
    created_at: datetime
    sent_at: datetime | None


class ExportResponse(ResponseModel):
    """Everything stored about a user; a test holds it to every table that names users."""

    user: ExportedUser
    sessions: list[SessionResponse]
    events: list[EventResponse]
    links: list[LinkResponse]
    letters: list[LetterResponse]


EVENT_EXAMPLE = {
    "id": "0d6f2c0b-5d8a-4c1c-9a2e-5f0f2b7c9f10",
    "type": "login.succeeded",
    "created_at": "2026-11-23T09:00:00Z",
    "session_id": "5691dab3-719f-4f12-b3da-811d0cca8545",
    "ip": "203.0.113.7",
    "user_agent": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)",
    "detail": {},
}

LINK_EXAMPLE = {
    "purpose": "address",
    "subject": "ada@example.org",
    "created_at": "2026-11-23T09:00:00Z",
    "expires_at": "2026-11-24T09:00:00Z",
}

LETTER_EXAMPLE = {
    "letter": "confirm_new_address",
    "recipient": "ada@example.org",
    "language": "en",
    "state": "sent",
    "created_at": "2026-11-23T09:00:00Z",
    "sent_at": "2026-11-23T09:00:01Z",
}

EXPORT_EXAMPLE = {
    "user": {**USER_EXAMPLE, "language": "en", "sessions_valid_after": None},
    "sessions": [SESSION_EXAMPLE],
    "events": [EVENT_EXAMPLE],
    "links": [LINK_EXAMPLE],
    "letters": [LETTER_EXAMPLE],
}
