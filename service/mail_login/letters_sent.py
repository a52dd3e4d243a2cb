"""Letters to log in with that have gone: a token's row each, which says until when its link and its code are good.

The row is issued when the letter goes (service/accounts/letter_requests.py), with the log-in's number. Before that, and
for an address without an account for ever, there is none, and no code is right. It isn't used up: that is the log-in,
which makes one session. With that the row has a minute left, for whoever has lost the answer.
"""

from __future__ import annotations

from typing import cast
from uuid import UUID

from tortoise.expressions import Q

from models import OneTimeToken
from service.letters import onetime
from service.mail_login.catalogue import PURPOSE
from service.runtime import Runtime
from service.stores.sessions.pending import REPEATABLE
from service.stores.tickets import Ticket


async def has_gone(runtime: Runtime, ticket: Ticket) -> bool:
    """Return whether the letter of a log-in was sent, and is good."""
    return await OneTimeToken.filter(_of(ticket), expires_at__gt=runtime.clock.now()).exists()


async def ticket_of(runtime: Runtime, token: str) -> Ticket | None:
    """Return the log-in that a link's token is good for, None when there is none."""
    row = await OneTimeToken.get_or_none(
        token_hash=onetime.digest(token), purpose=PURPOSE, expires_at__gt=runtime.clock.now()
    )
    if row is None or row.registration_id is None:
        return None
    return Ticket(cast(UUID, row.user_id), row.registration_id)  # type: ignore[attr-defined]  # Tortoise adds it


async def keep_while(ticket: Ticket) -> OneTimeToken | None:
    """Return the row of a log-in, so that `put_back` can have it outlive the end of all of its user's links."""
    return await OneTimeToken.get_or_none(_of(ticket))


async def put_back(row: OneTimeToken) -> None:
    """Store a row again that was taken with all others of its user. Part of the same transaction."""
    if not await OneTimeToken.exists(token_hash=row.token_hash):
        await row.save(force_create=True)


async def conclude(runtime: Runtime, ticket: Ticket) -> None:
    """Leave a letter that was used a minute."""
    ends = runtime.clock.now() + REPEATABLE
    await OneTimeToken.filter(_of(ticket), expires_at__gt=ends).update(expires_at=ends)


def _of(ticket: Ticket) -> Q:
    return Q(user_id=ticket.uid, purpose=PURPOSE, registration_id=ticket.number)
