"""The stored hash of somebody's password, seen and set past the service."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid4

from models import Credential


async def stored(user_id: UUID) -> str:
    """Return it. Fails where there is none."""
    row = await Credential.get(user_id=user_id, kind="password")
    assert row.verifier is not None
    return row.verifier


async def store(user_id: UUID, hashed: str | None) -> None:
    """Make `hashed` the one, None take it away, and say nothing of it to anybody: no version changes."""
    await Credential.filter(user_id=user_id, kind="password").delete()
    if hashed is not None:
        await Credential.create(
            id=uuid4(), user_id=user_id, kind="password", verifier=hashed, created_at=datetime.now(UTC)
        )
