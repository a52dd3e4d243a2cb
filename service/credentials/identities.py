"""Accounts at other providers that open accounts here: who they are is said by issuer and subject, never by an address.

Whoever links one holds the user's row; the unique index decides races.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast
from uuid import UUID, uuid4

from tortoise.exceptions import IntegrityError

from models import Identity, User
from service.errors import AlreadyLinked
from service.runtime import Runtime


@dataclass(frozen=True, slots=True)
class External:
    """An account at a provider, as the provider has said: `provider` as the settings call it, `issuer` and `subject`.

    `email` is what it calls the user's address, to be shown; it may be anything, and may not be the user's.
    """

    provider: str
    issuer: str
    subject: str = field(repr=False)
    email: str | None = field(default=None, repr=False)


async def find(external: External) -> Identity | None:
    """Return what is linked of an account at a provider, its user beside it; None where nothing is."""
    return await Identity.get_or_none(issuer=external.issuer, subject=external.subject).select_related("user")


def owner_id(identity: Identity) -> UUID:
    """Return the id of the user whose account it opens."""
    return cast(UUID, identity.user_id)  # type: ignore[attr-defined]  # Tortoise adds it


async def link(runtime: Runtime, user: User, external: External) -> bool:
    """Let an account at a provider open the user's; False where it does already. Part of a transaction with the row.

    Raises `AlreadyLinked` where it opens another one.
    """
    found = await find(external)
    if found is None:
        try:
            await Identity.create(
                id=uuid4(),
                user_id=user.id,
                provider=external.provider,
                issuer=external.issuer,
                subject=external.subject,
                email=external.email,
                created_at=runtime.clock.now(),
            )
        except IntegrityError:
            raise AlreadyLinked from None
        return True
    if owner_id(found) != user.id:
        raise AlreadyLinked
    return False
