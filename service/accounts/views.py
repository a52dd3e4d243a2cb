"""How a user looks from outside."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BeforeValidator, Field

from models import User
from models.user import named
from service.core.http.messages import ResponseModel
from service.core.http.operations import never_null


def _kinds(bits: object) -> object:
    """Return the kinds that the row of a user has as bits."""
    return list(named(bits)) if isinstance(bits, int) else bits


class UserResponse(ResponseModel):
    """A user. Never a hash."""

    id: UUID
    email: Annotated[str, Field(json_schema_extra={"format": "email"})]
    full_name: str | None
    is_active: bool
    is_superuser: bool
    email_verified: bool
    factors: Annotated[
        list[str],
        BeforeValidator(_kinds),
        Field(description="Second factors there are: `totp`, `passkey`, `recovery_code`; later versions may have more"),
    ]
    created_at: datetime
    updated_at: datetime | None
    last_login_at: Annotated[
        datetime | None,
        Field(
            description="Left out before the first log-in; a minute or two behind",
            default=None,
            exclude_if=lambda at: at is None,
            json_schema_extra=never_null,
        ),
    ]


def user_json(user: User) -> bytes:
    """Return a user as JSON."""
    return UserResponse.model_validate(user).model_dump_json().encode()


USER_EXAMPLE = {
    "id": "811d0cca-8545-4396-91da-b3719f6f12f3",
    "email": "ada@example.com",
    "full_name": "Ada Lovelace",
    "is_active": True,
    "is_superuser": False,
    "email_verified": False,
    "factors": [],
    "created_at": "2026-11-23T09:00:00Z",
    "updated_at": None,
}
