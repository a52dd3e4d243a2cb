"""Accounts at other providers that open a user's: seen and taken away by who runs the service."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, cast
from uuid import UUID

from models import Credential, Identity, User
from service.audit import events
from service.credentials import passkeys, passwords
from service.errors import Forbidden, LastWayIn, NotFound
from service.errors.end_reasons import EndReason
from service.feature.ways import Offering, Way, ways_in
from service.runtime import Runtime
from service.sessions import endings
from service.sessions.acting import administering
from service.sessions.callers import Caller

KIND: Final = "provider"
"""Of a way in: one for each provider that there is."""

_NAMES: Final[Mapping[str, str]] = {"google": "Google", "github": "GitHub", "microsoft": "Microsoft", "apple": "Apple"}
_NONE: Final = "There is no such account at a provider."
_ONLY_ONE: Final = "Nothing else opens this account: without this nobody could log in to it."


@dataclass(frozen=True, slots=True)
class Linked:
    """An account at a provider that opens the user's. `offered`: one can log in with it, as things are set."""

    id: UUID
    provider: str
    name: str
    brand: str
    email: str | None = field(repr=False)
    created_at: datetime
    last_used_at: datetime | None
    offered: bool


async def linked_of(runtime: Runtime, user: User) -> tuple[Linked, ...]:
    """Return what opens a user's account, the oldest first, also where its provider isn't set any more."""
    offered = _providers(runtime)
    rows = await Identity.filter(user_id=user.id).order_by("created_at", "id")
    return tuple(_linked(row, offered.get(row.provider)) for row in rows)


async def linked_of_user(runtime: Runtime, user_id: UUID | None) -> tuple[Linked, ...]:
    """Return the same by the user's id; raise `NotFound`."""
    user = await User.get_or_none(id=user_id) if user_id else None
    if user is None:
        raise NotFound("The user with this id does not exist in the system")
    return await linked_of(runtime, user)


async def opens_without(runtime: Runtime, user: User, gone: UUID) -> bool:
    """Return whether something opens the account that isn't the account `gone` at a provider.

    A password, a passkey that needs nothing beside it, another provider that is set, a way that needs no row.
    """
    offered = {way.kind for way in _ways(runtime)} - {passkeys.KIND, passwords.KIND, KIND}
    if offered or await Credential.exists(user_id=user.id, kind=passwords.KIND):
        return True
    if any(passkeys.opens_alone(passkey, runtime.settings) for passkey in await passkeys.list_of(user)):
        return True
    return any(other.offered and other.id != gone for other in await linked_of(runtime, user))


async def unlink(
    runtime: Runtime,
    user_id: UUID | None,
    identity_id: UUID | None,
    *,
    actor: Caller | None,
    reason: str | None = None,
    force: bool = False,
) -> int | None:
    """Take an account at a provider away from a user's, and end every session; return how many, None if nobody knows.

    Whoever has that account may be somebody else by now: so what it has opened ends, log-ins under way and the trust of
    devices with it. It takes a fresh session of the `actor` (None: a command's). Raises `LastWayIn` where nothing else
    opens the account, unless it is to be so (`force`); `NotFound`, what `administering` raises, and `Forbidden` to who
    means their own: that would be a way round what unlinking one's own takes.
    """
    if actor is not None and actor.user.id == user_id:
        raise Forbidden("Unlink your own account at a provider as everybody does.")
    async with administering(runtime, actor, user_id, fresh=True) as user:
        row = await Identity.get_or_none(id=identity_id, user_id=user.id) if identity_id else None
        if row is None:
            raise NotFound(_NONE)
        if not force and not await opens_without(runtime, user, row.id):
            raise LastWayIn(_ONLY_ONE)
        await row.delete()
        sessions = await endings.living(runtime, user)
        await endings.end_all(runtime, user)
        user.credentials_version += 1
        await user.save(update_fields=["credentials_version"])
        await events.record(
            runtime,
            events.PROVIDER_UNLINKED,
            user_id=user.id,
            actor_id=actor.user.id if actor else None,
            client=actor.client if actor else None,
            **events.which(sessions),
            provider=row.provider,
            by="administrator" if actor else "operator",
            sessions_ended=True,
            **({"reason": reason} if reason else {}),
        )
    await endings.delete_sessions(runtime, user.id, EndReason.ENDED_BY_ADMINISTRATOR)
    return sessions.number


def _ways(runtime: Runtime) -> tuple[Way, ...]:
    return ways_in(runtime.settings, cast("tuple[Offering, ...]", runtime.features))


def _providers(runtime: Runtime) -> dict[str, Way]:
    """Return the providers that one can log in by, by what the settings call them."""
    return {str(way.members.get("id")): way for way in _ways(runtime) if way.kind == KIND}


def _linked(row: Identity, way: Way | None) -> Linked:
    said = way.members if way else {}
    return Linked(
        id=row.id,
        provider=row.provider,
        name=str(said.get("name") or _NAMES.get(row.provider, row.provider)),
        brand=str(said.get("brand") or (row.provider if row.provider in _NAMES else "openid")),
        email=row.email,
        created_at=row.created_at,
        last_used_at=row.last_used_at,
        offered=way is not None,
    )
