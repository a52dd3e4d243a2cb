"""Second factors in general: who has to have one, and what a change of them does.

Each kind is a file beside this one. Whoever changes one holds the user's row and calls `changed`: with
`credentials_version` go the log-ins under way and the trust of every device. Which there are is a bit each in
`users.factors`, written in the same transaction, so that no log-in and no guard needs a query for it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from tortoise.queryset import QuerySet

from models import Credential, User
from models.user import REAL_FACTORS, Factor
from service.settings.factors import FactorSettings

TOTP: Final = "totp"
PASSKEY: Final = "passkey"
RECOVERY_CODE: Final = "recovery_code"
CAN_BE_SET_UP: Final = ("totp", "passkey")
"""The kinds that somebody can set up who has to have one, as the API names them, the likeliest first."""

KINDS: Final = {TOTP: Factor.TOTP, PASSKEY: Factor.PASSKEY, RECOVERY_CODE: Factor.RECOVERY_CODE}
"""What is a row of `credentials`, by its kind there."""

NONE: Final = Factor(0)


def demanded(settings: FactorSettings, user: User) -> bool:
    """Return whether this user has to have a second factor."""
    return settings.SECOND_FACTOR == "everyone" or (settings.SECOND_FACTOR == "superusers" and user.is_superuser)


async def changed(user: User, *, added: Factor = NONE, gone: Factor = NONE) -> None:
    """Note which factors the user has from now on. Part of a transaction that holds the row.

    Those of an address that nobody has proven are marked, as long as there are no others beside them.
    """
    if added & REAL_FACTORS and not user.has_factor:
        added |= Factor.UNPROVEN
    user.factors = int((Factor(user.factors) | added) & ~gone)
    if user.email_verified or not user.has_factor:
        proven(user)
    user.credentials_version += 1
    await user.save(update_fields=["factors", "credentials_version"])


def proven(user: User) -> None:
    """Note that the mailbox is proven to be the user's, and so the factors are: saved by whoever notes that."""
    user.factors = int(Factor(user.factors) & ~Factor.UNPROVEN)


async def remove(user: User, *, since: datetime | None = None) -> tuple[str, ...]:
    """Take all of the user's factors away, or those that were set up `since` then; return the kinds that went.

    Recovery codes go with the last factor: they stand in for nothing any more. Part of a transaction that holds the
    row.
    """
    found = Credential.filter(user_id=user.id, kind__in=list(KINDS))
    went = found if since is None else found.filter(created_at__gte=since)
    kinds = await _kinds_of(went)
    await went.delete()
    gone = kinds - await _kinds_of(found)  # of passkeys there may be older ones
    user.factors = int(Factor(user.factors) & ~_bits(gone))
    if not user.has_factor and user.factors:
        await found.delete()
        kinds.add(RECOVERY_CODE)
        gone.add(RECOVERY_CODE)
    if kinds:
        await changed(user, gone=_bits(gone))
    return tuple(kind for kind in KINDS if kind in kinds)


async def _kinds_of(rows: QuerySet[Credential]) -> set[str]:
    return {str(kind) for kind in await rows.values_list("kind", flat=True)}


def _bits(kinds: set[str]) -> Factor:
    bits = NONE
    for kind in kinds:
        bits |= KINDS[kind]
    return bits
