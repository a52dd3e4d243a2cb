"""Accounts at providers that come from another system: they open the account from the first log-in on.

What its user has taken away here is newer than any file, and doesn't come back.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import groupby
from typing import Final
from uuid import uuid4

from models import Identity, SecurityEvent, User
from service.audit import events
from service.core.sql.transactions import transaction
from service.credentials import identities
from service.credentials.identities import External
from service.runtime import Runtime

OPERATOR: Final = "operator"


async def taken(found: Collection[External]) -> set[tuple[str, str]]:
    """Return which of them open an account here already, by issuer and subject."""
    if not found:
        return set()
    rows = Identity.filter(issuer__in={one.issuer for one in found}, subject__in={one.subject for one in found})
    known = {(str(issuer), str(subject)) for issuer, subject in await rows.values_list("issuer", "subject")}
    return known & {key(one) for one in found}


def key(external: External) -> tuple[str, str]:
    """Return what says which account at a provider it is, whatever it is called."""
    return external.issuer, external.subject


async def store(runtime: Runtime, found: Iterable[tuple[User, External]]) -> None:
    """Let accounts at providers open new accounts, and record it. Part of the transaction that makes these.

    Raises IntegrityError where one opens another account meanwhile.
    """
    by_provider = sorted(found, key=lambda one: one[1].provider)
    now = runtime.clock.now()
    await Identity.bulk_create(
        [
            Identity(
                id=uuid4(),
                user_id=user.id,
                provider=external.provider,
                issuer=external.issuer,
                subject=external.subject,
                email=external.email,
                created_at=now,
            )
            for user, external in by_provider
        ]
    )
    for provider, some in groupby(by_provider, key=lambda one: one[1].provider):
        users = [user.id for user, _ in some]
        await events.record_all(runtime, events.PROVIDER_LINKED, users, provider=provider, by=OPERATOR)


async def give(runtime: Runtime, user: User, external: External) -> bool:
    """Let an account at a provider open one that is there, and tell its user; False where it does, where nobody has
    confirmed the address, or where one was taken away here. Raises `AlreadyLinked` where it opens another account.
    """
    async with transaction():
        locked = await User.filter(id=user.id).select_for_update().first()
        if locked is None or not locked.email_verified:
            return False
        gone = SecurityEvent.filter(user_id=user.id, type=events.PROVIDER_UNLINKED.name)
        return not await gone.exists() and await identities.link(runtime, locked, external, by=OPERATOR)
