"""Accounts at other providers that open accounts here: who they are is said by issuer and subject, never by an address.

Whoever links one holds the user's row; the unique index decides races. Whoever takes one away ends the user's sessions
in the same transaction: with `credentials_version` go the log-ins under way that it has begun.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, TypedDict, cast
from uuid import UUID, uuid4

from tortoise.exceptions import IntegrityError

from models import Identity, User
from service.audit import events
from service.core.client import Client
from service.errors import AlreadyLinked
from service.letters import links, notices
from service.runtime import Runtime
from service.stores.letter_kinds import PROVIDER_LINKED

_CALLED: Final = {"google": "Google", "github": "GitHub", "microsoft": "Microsoft", "apple": "Apple"}


class _By(TypedDict, total=False):
    """Who has done it, where it wasn't the user."""

    by: str


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


async def list_of(user: User) -> list[Identity]:
    """Return the accounts at providers that open the user's, the oldest first."""
    return await Identity.filter(user_id=user.id).order_by("created_at", "id")


def owner_id(identity: Identity) -> UUID:
    """Return the id of the user whose account it opens."""
    return cast(UUID, identity.user_id)  # type: ignore[attr-defined]  # Tortoise adds it


def called(provider: str) -> str:
    """Return what people call a provider, where all of them know it; else as the settings call it."""
    return _CALLED.get(provider, provider)


async def in_words(user: User) -> str:
    """Return the providers whose accounts open the user's, as a list to be read; an empty text without any."""
    return ", ".join(dict.fromkeys(called(identity.provider) for identity in await list_of(user)))


async def open_by(user: User, providers: Collection[str]) -> bool:
    """Return whether an account at one of these providers opens the user's."""
    return bool(providers) and await Identity.exists(user_id=user.id, provider__in=list(providers))


async def link(
    runtime: Runtime,
    user: User,
    external: External,
    client: Client | None = None,
    *,
    session_id: UUID | None = None,
    by: str | None = None,
    letter: bool = True,
) -> bool:
    """Let an account at a provider open the user's; False where it does already. Part of a transaction with the row.

    It is recorded, and the user gets a letter, unless that would be news of what they have just asked for. `by` is for
    the record, where it wasn't the user. Raises `AlreadyLinked` where it opens another one.
    """
    found = await find(external)
    if found is not None:
        if owner_id(found) != user.id:
            raise AlreadyLinked
        return False
    try:
        await Identity.create(
            id=uuid4(),
            user_id=user.id,
            provider=external.provider,
            issuer=external.issuer,
            subject=external.subject,
            email=_shown(external.email),
            created_at=runtime.clock.now(),
        )
    except IntegrityError:
        raise AlreadyLinked from None
    await events.record(
        runtime,
        events.PROVIDER_LINKED,
        user_id=user.id,
        session_id=session_id,
        client=client,
        provider=external.provider,
        **(_By(by=by) if by else _By()),
    )
    if letter:
        told = {"provider": called(external.provider), "link": links.security(runtime.settings)}
        await notices.tell(runtime, PROVIDER_LINKED, user, **told, **notices.where(client, user))
    return True


async def used(runtime: Runtime, identity: Identity, external: External) -> None:
    """Note that its owner has come by it just now, and what the provider calls the address by now."""
    now, email = runtime.clock.now(), _shown(external.email)
    await Identity.filter(id=identity.id).update(last_used_at=now, email=email)


async def take(user: User, number: UUID) -> Identity | None:
    """Take one of the user's away, and return it; None where there is none of this number.

    Part of a transaction that holds the row, and ends the user's sessions, as of `remove`.
    """
    found = await Identity.get_or_none(id=number, user_id=user.id)
    if found is not None:
        await found.delete()
        await _note_gone(user)
    return found


async def remove(user: User, since: datetime | None = None) -> Sequence[Identity]:
    """Take all of them away, or those that were linked `since` then; return which went."""
    rows = Identity.filter(user_id=user.id)
    went = await (rows if since is None else rows.filter(created_at__gte=since))
    if went:
        await Identity.filter(id__in=[identity.id for identity in went]).delete()
        await _note_gone(user)
    return went


async def _note_gone(user: User) -> None:
    user.credentials_version += 1
    await user.save(update_fields=["credentials_version"])


def _shown(email: str | None) -> str | None:
    """Return an address as far as the column takes it."""
    return email[:320] if email else None
