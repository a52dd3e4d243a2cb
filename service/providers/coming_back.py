"""Who comes back from a provider, and what that means: the table of docs/api.md, row by row.

Never by an address once an account is linked. And an address only counts where the provider is the authority for it,
or has seen that it is this person's: else whoever runs a directory somewhere could write anybody's address into it.
"""

from __future__ import annotations

from collections.abc import Coroutine
from dataclasses import replace
from typing import Final
from uuid import UUID

from models import User
from service.accounts import accounts
from service.audit import events
from service.core.client import Client
from service.core.sql.transactions import transaction
from service.core.text.email_address import EmailAddress, parse_email
from service.core.text.printable import seen_name
from service.credentials import budgets, identities
from service.credentials.identities import External, find
from service.credentials.proof import PROVIDER, Proof
from service.errors import AlreadyLinked, EmailTaken, Forbidden, Unavailable
from service.providers import challenges, claiming
from service.providers.parties import Identified
from service.providers.settings import ProviderSettings
from service.runtime import Runtime
from service.signin import door
from service.signin.door import Pending, SignedIn

_ROUNDS: Final = 3
_LONGEST_NAME: Final = 200
_CLOSED: Final = "Nobody gets an account by logging in with this provider. Please register first, then link it."


async def enter(runtime: Runtime, who: Identified, client: Client, *, trust_device: bool = False) -> SignedIn | Pending:
    """Let somebody in whom a provider has named, or say what is still owed.

    Raises `AccountNotLinked` with a challenge for who has to show that the account is theirs, or the address;
    `Forbidden` where there is no account and nobody registers so; `EmailTaken` for an address that somebody may yet
    take back; `RateLimited` for registrations; `InactiveUser` and what else the door raises.
    """
    for _ in range(_ROUNDS):  # two of one person at once: the second finds what the first has made
        identity = await find(who.external)
        if identity is not None:
            await identities.used(runtime, identity, who.external)
            # A device is trusted by who has shown two factors, be it there.
            proof = replace(_proof(runtime, who, level=who.level), trusts=trust_device and who.level > 1)
            return await door.begin(runtime, identity.user, proof, client)
        address = address_of(who.external.email)
        if not who.vouched or address is None:
            await refused(runtime, who.external.provider, "unvouched", client)
            raise await challenges.for_nobody(runtime, who, address, client)
        user = await accounts.find_by_email(address.canonical)
        if user is None:
            user = await register(runtime, who, address, client)
        elif not user.email_verified and user.is_active:
            user = await claiming.claim(runtime, user, client, links=who.external)
        elif await find(who.external) is None:  # else another tab has made both in between
            return await _confirmed(runtime, user, who, client)
        else:
            continue
        if user is not None:
            # A second factor that has outlived the claim is somebody's, who hasn't shown it at the provider.
            proof = replace(_proof(runtime, who, level=1 if user.has_factor else who.level), links=who.external)
            return await linked(runtime, who.external, client, user.id, door.begin(runtime, user, proof, client))
    raise Unavailable("turn")


async def _confirmed(runtime: Runtime, user: User, who: Identified, client: Client) -> SignedIn | Pending:
    """There is an account, and its owner has proven the address: who comes shows that it is theirs, unless the settings
    take the provider's word. The provider's second factor says nothing about an account that isn't linked.
    """
    if runtime.settings.of(ProviderSettings).PROVIDER_LINKING != "verified":
        await refused(runtime, who.external.provider, "not_linked", client, user_id=user.id)
        raise await challenges.for_owner(runtime, user, who, client)
    proof = replace(_proof(runtime, who, level=1), links=who.external)
    return await linked(runtime, who.external, client, user.id, door.begin(runtime, user, proof, client))


async def register(runtime: Runtime, who: Identified, address: EmailAddress, client: Client) -> User | None:
    """Make an account whose address is confirmed, which the provider's opens; None where somebody was first.

    Raises `Forbidden` where nobody registers so, `RateLimited`, and `EmailTaken` for an address that is held for
    somebody.
    """
    if not runtime.settings.of(ProviderSettings).REGISTER_BY_PROVIDER:
        await refused(runtime, who.external.provider, "registration", client)
        raise Forbidden(_CLOSED)
    await budgets.pay_for_registration(runtime, client)
    try:
        async with transaction():
            user = await accounts.create_account(
                runtime,
                address,
                None,
                _name(who.full_name),
                event=events.REGISTERED,
                email_verified=True,
                client=client,
            )
            await identities.link(runtime, user, who.external, client, letter=False)
    except AlreadyLinked:
        return None
    except EmailTaken:
        if await accounts.find_by_email(address.canonical) is None:
            raise
        return None
    return user


async def linked(
    runtime: Runtime,
    external: External,
    client: Client,
    user_id: UUID,
    entering: Coroutine[object, None, SignedIn | Pending],
) -> SignedIn | Pending:
    """Return what comes of a log-in that links an account. Where that opens another one it is on record, and raised."""
    try:
        return await entering
    except AlreadyLinked:
        await refused(runtime, external.provider, "taken", client, user_id=user_id)
        raise


async def refused(runtime: Runtime, provider: str, why: str, client: Client, *, user_id: UUID | None = None) -> None:
    """Have it on record that somebody came from a provider and wasn't let in, of whom that can be said."""
    await events.record(runtime, events.PROVIDER_REFUSED, user_id=user_id, client=client, provider=provider, why=why)


def address_of(text: str | None) -> EmailAddress | None:
    """Return what a provider calls an address, None where it is none."""
    try:
        return parse_email(text) if text else None
    except ValueError:
        return None


def _proof(runtime: Runtime, who: Identified, *, level: int) -> Proof:
    return Proof(frozenset({PROVIDER}), level, runtime.clock.now(), provider=who.external.provider)


def _name(text: str | None) -> str | None:
    """Return a name that somebody has at a provider, None where it can't be one here."""
    try:
        name = seen_name(text) if text else None
    except ValueError:
        return None
    return name[:_LONGEST_NAME] if name else None
