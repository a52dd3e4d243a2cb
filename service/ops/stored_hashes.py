"""Stored password hashes that this version refuses to check (R84): older ones imported more."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from tortoise.expressions import Q

from models import User
from service.core.foreign_hashes import refusal
from service.core.passwords import OURS

BATCH: Final = 1000
MOST: Final = 200_000  # looked at; whoever moves in logs in, and then the hash is one of ours


async def count_refused() -> int:
    """Count them among the accounts that don't have a hash of ours yet. Raises `Unavailable`."""
    others = User.exclude(Q(hashed_password="") | Q(hashed_password__startswith=OURS))
    count, last = 0, UUID(int=0)
    for _ in range(MOST // BATCH):
        found = await others.filter(id__gt=last).order_by("id").limit(BATCH).values_list("id", "hashed_password")
        if not found:
            break
        last = found[-1][0]
        count += sum(refusal(hashed) is not None for _, hashed in found)
    return count
