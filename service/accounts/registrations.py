"""Registrations of an address whose account nobody has confirmed yet (R79).

An account may have been registered by whoever knows its address. So the later ones are kept as well, each with its
own password and name; none of them opens anything. Whoever uses a link from the mailbox *and* knows the password of
one of them has made it: then that one counts, and all the others are over.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from models import OneTimeToken, Registration, SecurityEvent, User
from service.audit import events
from service.core.client import Client
from service.core.sql import purging
from service.runtime import Runtime

MOST: Final = 5


async def keep(runtime: Runtime, user: User, hashed: str, full_name: str | None, client: Client) -> UUID | None:
    """Keep a registration beside the account's own; return its id. Of too many, the newest stay.

    Those whose letter has gone are counted apart, for a mailbox gets few: whoever registers an address again and again
    pushes out what waits as they do, and not what its owner was written about and is about to confirm.

    None for an account that is confirmed, or disabled: it has its password. Part of the caller's transaction, which
    holds the user's row.
    """
    now = runtime.clock.now()
    before = await Registration.filter(user_id=user.id).order_by("-created_at")
    if user.email_verified or not user.is_active:
        return None
    links = OneTimeToken.filter(user_id=user.id, registration_id__isnull=False)
    written = set(await links.values_list("registration_id", flat=True))
    living = [row for row in before if row.expires_at > now]
    stay = [row for row in living if row.id in written][:MOST]
    stay += [row for row in living if row.id not in written][: MOST - 1]
    over = [row.id for row in before if row not in stay]
    if over:
        await Registration.filter(id__in=over).delete()
    made = await Registration.create(
        id=uuid4(),
        user_id=user.id,
        full_name=full_name,
        language=client.language,
        hashed_password=hashed,
        created_at=now,
        expires_at=now + timedelta(hours=runtime.settings.EMAIL_VERIFY_HOURS),
    )
    return made.id


async def pending(runtime: Runtime, user_id: UUID) -> Sequence[Registration]:
    """Return the registrations that wait beside the account's own, the newest first."""
    return await Registration.filter(user_id=user_id, expires_at__gt=runtime.clock.now()).order_by("-created_at")


async def keep_until(runtime: Runtime, user_id: UUID, end: datetime) -> None:
    """Keep what is kept now as long as a link that can confirm it."""
    now = runtime.clock.now()
    await Registration.filter(user_id=user_id, expires_at__gt=now, expires_at__lt=end).update(expires_at=end)


async def was_registered(runtime: Runtime, user: User) -> bool:
    """Return whether the account was made by registering, as far as events say: by anybody who knew the address.

    Else an administrator or an import made it, and gave it its name.
    """
    return await SecurityEvent.exists(user_id=user.id, type=events.REGISTERED.name)


async def purge(runtime: Runtime, *, enough: Callable[[], bool] = purging.never) -> int:
    """Delete registrations that nobody has confirmed in time, until it is `enough`; return how many."""
    return await purging.purge(Registration.filter(expires_at__lte=runtime.clock.now()), enough=enough)
