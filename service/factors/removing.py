"""Take second factors of one's own account away."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final, cast
from uuid import UUID

from models import Credential, SecurityEvent, User
from models.user import REAL_FACTORS, Factor
from service.audit import events
from service.credentials import factors, passkeys, recovery_codes, totp, ways_left
from service.errors import Forbidden, LastWayIn, NotFound
from service.errors.end_reasons import EndReason
from service.factors.setting_up import tidy_up
from service.feature.ways import Offering, beside
from service.letters import links, notices
from service.runtime import Runtime
from service.sessions import endings
from service.sessions.acting import acting
from service.sessions.callers import Caller
from service.stores.letter_kinds import FACTOR_REMOVED

BRAKE: Final = timedelta(hours=24)
_NO_APP: Final = "There is no app for codes to remove."
_NO_PASSKEY: Final = "There is no such passkey."
_ONLY_KEY: Final = "This account has no password: without this passkey nobody could log in to it."


async def remove_app(runtime: Runtime, caller: Caller) -> None:
    """Remove the app's secret; raise `NotFound` where there is none, and what `_remove` raises."""
    if Factor.TOTP not in Factor(caller.user.factors):
        raise NotFound(_NO_APP)

    async def take(user: User) -> Factor:
        if not await totp.take_away(user):
            raise NotFound(_NO_APP)
        return Factor.TOTP

    await _remove(runtime, caller, factors.TOTP, take)


async def remove_passkey(runtime: Runtime, caller: Caller, number: UUID) -> None:
    """Remove a passkey; raise `NotFound`, `LastWayIn` where nothing else opens the account, what `_remove` raises."""

    async def take(user: User) -> Factor:
        if not await Credential.filter(id=number, user_id=user.id, kind=passkeys.KIND).delete():
            raise NotFound(_NO_PASSKEY)
        features = cast("tuple[Offering, ...]", runtime.features)
        if not await ways_left.opens(runtime, user, beside(runtime.settings, features)):
            raise LastWayIn(_ONLY_KEY)
        return factors.NONE if await passkeys.list_of(user) else Factor.PASSKEY

    if not await Credential.exists(id=number, user_id=caller.user.id, kind=passkeys.KIND):
        raise NotFound(_NO_PASSKEY)
    await _remove(runtime, caller, passkeys.KIND, take)


async def _remove(runtime: Runtime, caller: Caller, kind: str, take: Callable[[User], Awaitable[Factor]]) -> None:
    """Remove what `take` takes, which returns the bits that are over; the recovery codes go with the last factor.

    Every other session ends. It takes a session that is fresh by a second factor. Raises `LastWayIn` where the account
    has to have one, and `Forbidden` for a day after a recovery code was used: who has found one can replace what is
    lost with it, and be seen to, but not switch the second factor off.
    """
    sid = caller.session.sid
    async with acting(runtime, caller, fresh=True, level=2) as user:
        gone = await take(user)  # what is refused below is undone with the transaction
        last = not Factor(user.factors) & REAL_FACTORS & ~gone
        if last and factors.demanded(runtime.settings, user):
            raise LastWayIn
        if last and await _braked(runtime, user):
            raise Forbidden("A recovery code was used a short while ago: replace the second factor, or wait a day.")
        others = await endings.living(runtime, user, keep=sid)
        await endings.end_all(runtime, user, keep=sid)
        if last:
            await recovery_codes.take_away(user)
            gone |= Factor.RECOVERY_CODE
        await factors.changed(user, gone=gone)
        said = {"kind": kind, "link": links.security(runtime.settings), **notices.where(caller.client, user)}
        await notices.tell(runtime, FACTOR_REMOVED, user, **said)
        await events.record(
            runtime,
            events.FACTOR_REMOVED,
            user_id=user.id,
            session_id=sid,
            client=caller.client,
            **events.which(others),
            kind=kind,
        )
    await endings.delete_sessions(runtime, user.id, EndReason.OTHERS_ENDED, keep=sid)
    await tidy_up(runtime, user)


async def _braked(runtime: Runtime, user: User) -> bool:
    since = runtime.clock.now() - BRAKE
    return await SecurityEvent.filter(
        user_id=user.id, type=events.RECOVERY_CODE_USED.name, created_at__gt=since
    ).exists()
