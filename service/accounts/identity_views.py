"""How an account at another provider looks from outside: to its owner, and to administrators."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Protocol, Self
from uuid import UUID

from pydantic import Field

from models import Identity
from service.core.http.messages import ResponseModel


class Shown(Protocol):
    """What pages show of a provider."""

    @property
    def name(self) -> str:
        """As people call it."""

    @property
    def brand(self) -> str:
        """Whose mark belongs on it."""


class IdentityResponse(ResponseModel):
    """An account at another provider that opens the user's."""

    id: UUID
    provider: Annotated[str, Field(description="As `PROVIDERS` calls it.")]
    name: Annotated[str, Field(description="As people call it.")]
    brand: Annotated[
        str, Field(description="`google`, `github`, `microsoft`, `apple` or `openid`; later versions may have more.")
    ]
    email: Annotated[
        str | None, Field(description="What the provider called the user's address last; it needn't be theirs.")
    ]
    created_at: datetime
    last_used_at: datetime | None

    @classmethod
    def of(cls, identity: Identity, shown: Shown) -> Self:
        """Return how it looks from outside."""
        return cls(
            id=identity.id,
            provider=identity.provider,
            name=shown.name,
            brand=shown.brand,
            email=identity.email,
            created_at=identity.created_at,
            last_used_at=identity.last_used_at,
        )


IDENTITY_EXAMPLE = {
    "id": "4f1f3a52-6f0e-4b83-9d7e-0d8a9b1c2d3e",
    "provider": "google",
    "name": "Google",
    "brand": "google",
    "email": "ada@example.com",
    "created_at": "2026-11-24T08:30:00Z",
    "last_used_at": "2026-11-26T17:05:00Z",
}
