"""What an account has of second factors; and all of it taken away, by an administrator or operator."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from models import Credential, Passkey, User
from service.audit import events
from service.credentials import (
    factor_guesses,
    factor_recoveries,
    factors,
    passkeys,
    recovery_codes,
    totp,
    trusted_devices,
)
from service.credentials.recovery_codes import Left
from service.errors import Forbidden, NotFound, Unavailable
from service.errors.end_reasons import EndReason
from service.letters import notices
from service.runtime import Runtime
from service.sessions import endings
from service.sessions.acting import administering
from service.sessions.callers import Caller
from service.stores.letter_kinds import FACTORS_RESET


@dataclass(frozen=True, slots=True)
class Overview:
    """The second factors of an account; `required` says that it has to have one, `go_at` when they are taken away."""

    totp: Credential | None
    passkeys: Sequence[Passkey]
    recovery_codes: Left
    required: bool
    go_at: datetime | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a reset has taken away: the kinds of factors, codes that were good, devices that were trusted, sessions."""

    factors: tuple[str, ...]
    recovery_codes: int
    trusted_devices: int
    sessions: int


async def overview(runtime: Runtime, user: User) -> Overview:
    """Return what the account has."""
    required = factors.demanded(runtime.settings, user)
    go_at = await factor_recoveries.due_at(runtime, user)
    left = await recovery_codes.left(user)
    return Overview(await totp.read(user), await passkeys.list_of(user), left, required, go_at)


async def overview_of(runtime: Runtime, user_id: UUID) -> Overview:
    """Return what somebody's account has; raise `NotFound`."""
    user = await User.get_or_none(id=user_id)
    if user is None:
        raise NotFound("The user with this id does not exist in the system")
    return await overview(runtime, user)


async def reset(runtime: Runtime, user_id: UUID | None, *, actor: Caller | None, reason: str) -> Receipt:
    """Take an account's second factors, recovery codes and trusted devices away, and end its sessions. It is told so.

    For who has lost them all: log-in asks for the first factor alone then, and for a new second one where there has to
    be one. It takes a fresh session of the `actor` (None: a command's). Raises what `administering` raises, and
    `Forbidden` to who means their own: that would be a way round what removing one's own factor takes.
    """
    if actor is not None and actor.user.id == user_id:
        raise Forbidden("Remove your own second factor as everybody does; another administrator can reset it.")
    async with administering(runtime, actor, user_id, fresh=True) as user:
        codes = (await recovery_codes.left(user)).number
        trusted = await _count_trusted(runtime, user)
        sessions = await endings.living(runtime, user)
        kinds = tuple(kind for kind in await factors.remove(user) if kind != factors.RECOVERY_CODE)
        await endings.end_all(runtime, user)
        await notices.tell(runtime, FACTORS_RESET, user)
        await events.record(
            runtime,
            events.FACTORS_RESET,
            user_id=user.id,
            actor_id=actor.user.id if actor else None,
            client=actor.client if actor else None,
            **events.which(sessions),
            kinds=" ".join(kinds),
            reason=reason,
        )
    await endings.delete_sessions(runtime, user.id, EndReason.ENDED_BY_ADMINISTRATOR)
    with suppress(Unavailable):  # the trust is over already, and the guesses are forgotten in time
        await trusted_devices.forget_all(runtime, user.id)
        await factor_guesses.forget_all(runtime, user)
    return Receipt(kinds, codes, trusted, sessions.number or 0)


async def _count_trusted(runtime: Runtime, user: User) -> int:
    """Count the trusted devices: none that anybody knows of, where Redis is away, which has them."""
    try:
        return len(await trusted_devices.list_trusted(runtime, user))
    except Unavailable:
        return 0
