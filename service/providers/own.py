"""One's own accounts at other providers: seen, taken away, exported."""

from __future__ import annotations

from typing import Final, cast
from uuid import UUID

from models import Identity, User
from service.audit import events
from service.credentials import identities, ways_left
from service.errors import LastWayIn, NotFound
from service.errors.end_reasons import EndReason
from service.feature.ways import Offering, beside
from service.letters import links, notices
from service.runtime import Runtime
from service.sessions import endings
from service.sessions.acting import acting
from service.sessions.callers import Caller
from service.stores.letter_kinds import PROVIDER_UNLINKED

_NONE: Final = "There is no such account at a provider."
_LAST: Final = "Nothing else opens this account: set a password, or add a passkey or another provider first."


async def mine(caller: Caller) -> list[Identity]:
    """Return the accounts at providers that open the caller's, the oldest first."""
    return await identities.list_of(caller.user)


async def remove(runtime: Runtime, caller: Caller, number: UUID) -> None:
    """Take one away. It takes a fresh session. Every other session ends, as with anything else that opens an account:
    nobody can say which of them it has opened.

    Raises `NotFound`, `LastWayIn` where nothing else opens the account, and what `acting` raises.
    """
    sid = caller.session.sid
    async with acting(runtime, caller, fresh=True) as user:
        others = await endings.living(runtime, user, keep=sid)
        gone = await identities.take(user, number)
        if gone is None:
            raise NotFound(_NONE)
        features = cast("tuple[Offering, ...]", runtime.features)
        if not await ways_left.opens(runtime, user, beside(runtime.settings, features)):
            raise LastWayIn(_LAST)
        await endings.end_all(runtime, user, keep=sid)
        said = {"provider": identities.called(gone.provider), "link": links.security(runtime.settings)}
        await notices.tell(runtime, PROVIDER_UNLINKED, user, **said, **notices.where(caller.client, user))
        await events.record(
            runtime,
            events.PROVIDER_UNLINKED,
            user_id=user.id,
            session_id=sid,
            client=caller.client,
            **events.which(others),
            provider=gone.provider,
        )
    await endings.delete_sessions(runtime, user.id, EndReason.OTHERS_ENDED, keep=sid)


async def exported(_: Runtime, user_id: UUID) -> object:
    """Return the accounts at providers, for the user's export: all that is kept of each."""
    names = ("id", "provider", "issuer", "subject", "email", "created_at", "last_used_at")
    user = await User.get(id=user_id)
    found = await identities.list_of(user)
    return [{name: getattr(identity, name) for name in names} for identity in found] or None
