"""Accounts at other providers that open a user's: seen and taken away by who runs the service."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, TypedDict, cast
from uuid import UUID

from models import Identity, User
from service.audit import events
from service.credentials import identities, ways_left
from service.errors import Forbidden, LastWayIn, NotFound
from service.errors.end_reasons import EndReason
from service.feature.ways import PROVIDER, Offering, Way, beside, ways_in
from service.letters import links, notices
from service.runtime import Runtime
from service.sessions import endings
from service.sessions.acting import administering
from service.sessions.callers import Caller
from service.stores.letter_kinds import PROVIDER_UNLINKED

_BRANDS: Final = frozenset({"google", "github", "microsoft", "apple"})
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


class _Why(TypedDict, total=False):
    reason: str


async def linked_of(runtime: Runtime, user: User) -> tuple[Linked, ...]:
    """Return what opens a user's account, the oldest first, also where its provider isn't set any more."""
    ways = ways_in(runtime.settings, _features(runtime))
    offered = {str(way.members.get("id")): way for way in ways if way.kind == PROVIDER}
    return tuple(_linked(row, offered.get(row.provider)) for row in await identities.list_of(user))


async def linked_of_user(runtime: Runtime, user_id: UUID | None) -> tuple[Linked, ...]:
    """Return the same by the user's id; raise `NotFound`."""
    user = await User.get_or_none(id=user_id) if user_id else None
    if user is None:
        raise NotFound("The user with this id does not exist in the system")
    return await linked_of(runtime, user)


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
        gone = await identities.take(user, identity_id) if identity_id else None
        if gone is None:
            raise NotFound(_NONE)
        if not force and not await ways_left.opens(runtime, user, beside(runtime.settings, _features(runtime))):
            raise LastWayIn(_ONLY_ONE)
        sessions = await endings.living(runtime, user)
        await endings.end_all(runtime, user)
        told = {"provider": identities.called(gone.provider), "link": links.security(runtime.settings)}
        await notices.tell(runtime, PROVIDER_UNLINKED, user, **told, **notices.where(None, user))
        await events.record(
            runtime,
            events.PROVIDER_UNLINKED,
            user_id=user.id,
            actor_id=actor.user.id if actor else None,
            client=actor.client if actor else None,
            **events.which(sessions),
            provider=gone.provider,
            by="administrator" if actor else "operator",
            **(_Why(reason=reason) if reason else _Why()),
        )
    await endings.delete_sessions(runtime, user.id, EndReason.ENDED_BY_ADMINISTRATOR)
    return sessions.number


def _features(runtime: Runtime) -> tuple[Offering, ...]:
    return cast("tuple[Offering, ...]", runtime.features)


def _linked(row: Identity, way: Way | None) -> Linked:
    said, known = way.members if way else {}, row.provider in _BRANDS
    return Linked(
        id=row.id,
        provider=row.provider,
        name=str(said.get("name") or (identities.called(row.provider) if known else row.provider.capitalize())),
        brand=str(said.get("brand") or (row.provider if known else "openid")),
        email=row.email,
        created_at=row.created_at,
        last_used_at=row.last_used_at,
        offered=way is not None,
    )
