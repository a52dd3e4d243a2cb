"""Tokens of links in letters (R20, R21): 256 random bits, only the hash stored, for one user and purpose, good once.

A newer token of the same purpose takes the place of an older one; a new password or address ends them all. Only the
token that takes a change of address back outlives those: whoever took the account over would otherwise end it first.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID

from models import OneTimeToken
from service.runtime import Runtime

VERIFY: Final = "verify"
PASSWORD: Final = "password"  # noqa: S105 - a purpose
ADDRESS: Final = "address"
UNDO: Final = "undo"

LONGEST = 128
KEPT = timedelta(days=7)  # past its end


@dataclass(frozen=True, slots=True)
class Spent:
    """A token that was good, and is no more. `subject` is the address it confirms, where that isn't the user's own."""

    user_id: UUID
    subject: str | None
    issued_at: datetime


def new_token() -> str:
    """Return a token: 43 characters, 256 bits."""
    return secrets.token_urlsafe(32)


async def issue(
    runtime: Runtime, token: str, *, user_id: UUID, purpose: str, life: timedelta, subject: str | None = None
) -> datetime:
    """Make `token` good for `life`; return when it ends.

    Part of the caller's transaction, which holds the user's row.
    """
    hashed, now = _hash(token), runtime.clock.now()
    if purpose != UNDO:
        await OneTimeToken.filter(user_id=user_id, purpose=purpose).delete()
    await OneTimeToken.create(
        token_hash=hashed,
        user_id=user_id,
        purpose=purpose,
        subject=subject,
        created_at=now,
        expires_at=now + life,
    )
    return now + life


async def extend(runtime: Runtime, token: str, life: timedelta) -> datetime | None:
    """Make a token that was issued, and is still there, good for `life` from now; return when it ends.

    None when it is used up, or another has taken its place: a letter that is sent again must not bring it back.
    """
    ends = runtime.clock.now() + life
    return ends if await OneTimeToken.filter(token_hash=_hash(token)).update(expires_at=ends) else None


async def find(runtime: Runtime, token: str, purpose: str) -> Spent | None:
    """Return what `token` is good for, and leave it as it is; None for any other."""
    if len(token) > LONGEST:
        return None
    found = await OneTimeToken.get_or_none(token_hash=_hash(token), purpose=purpose, expires_at__gt=runtime.clock.now())
    if found is None:
        return None
    return Spent(found.user_id, found.subject, found.created_at)  # type: ignore[attr-defined]  # Tortoise adds it


async def spend(runtime: Runtime, token: str, purpose: str) -> Spent | None:
    """Use `token` up; None when it is unknown, used, expired or for something else. Of many at once, one gets it.

    Part of the caller's transaction: what fails afterwards gives the token back.
    """
    found = await find(runtime, token, purpose)
    # The deletion decides, not the look before it.
    return found if found and await OneTimeToken.filter(token_hash=_hash(token)).delete() == 1 else None


async def revoke(user_id: UUID) -> None:
    """End the user's tokens, all but those that take a change of address back."""
    await OneTimeToken.filter(user_id=user_id).exclude(purpose=UNDO).delete()


async def revoke_undo(user_id: UUID, since: datetime) -> None:
    """End the tokens that would take back what happened from `since` on: that has been taken back as a whole."""
    await OneTimeToken.filter(user_id=user_id, purpose=UNDO, created_at__gte=since).delete()


async def purge(runtime: Runtime) -> int:
    """Delete tokens that expired a while ago; return how many. Their letters may still be waiting for a mail server."""
    return await OneTimeToken.filter(expires_at__lte=runtime.clock.now() - KEPT).delete()


def _hash(token: str) -> str:
    return sha256(token.encode("utf-8", "replace")).hexdigest()
