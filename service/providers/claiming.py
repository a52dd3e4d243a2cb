"""An account that nobody has confirmed, and somebody whose mailbox it is: it is theirs, and nobody else's (R79)."""

from __future__ import annotations

from models import User
from service.accounts import claims
from service.core.client import Client
from service.core.sql.transactions import transaction
from service.credentials import identities
from service.credentials.identities import External
from service.letters import notices
from service.providers.catalogue import EMPTIED
from service.runtime import Runtime
from service.signin import pending
from service.signin.pending import Waiting


async def claim(
    runtime: Runtime,
    user: User,
    client: Client,
    *,
    links: External | None = None,
    within: Waiting | None = None,
) -> User | None:
    """Confirm the address for whoever has just proven it, and end whatever was in the account; return its row as it is
    then. None where somebody else has confirmed it meanwhile, or the account is gone.

    `links` opens it from then on, in the same transaction, unless a second factor is left, which the door asks for and
    then links; `within` is the log-in that outlives this, and no other.
    Raises `AlreadyLinked`.
    """
    async with transaction():
        found = await User.filter(id=user.id, is_active=True).select_for_update().first()
        if found is None or found.email_verified:
            return None
        shown = await claims.by_mailbox(runtime, found, client)
        await claims.settle(runtime, found, shown, client)
        if links is not None and not found.has_factor:
            await identities.link(runtime, found, links, client, letter=False)
        if isinstance(shown, claims.Emptied):
            await notices.account_emptied(runtime, EMPTIED, found, client)
        if within is not None:
            await pending.renew(runtime, within, found)
    if isinstance(shown, claims.Emptied):
        await claims.clear(runtime, found, shown.ends)
    return found
