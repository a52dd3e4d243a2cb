"""Bodies, queries and answers of /api/users."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from service.audit.views import EventResponse
from service.core.email_address import EmailField
from service.core.fields import After, FullNameField, NewPasswordField, PasswordField
from service.core.http import RequestModel, ResponseModel
from service.core.text import PLAIN_PATTERN, plain_text
from service.directory.views import UserResponse
from service.sessions.schemas import SessionResponse


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


class ExportResponse(ResponseModel):
    """Everything stored about a user (R47: nothing else is)."""

    user: UserResponse
    sessions: list[SessionResponse]
    events: list[EventResponse]
