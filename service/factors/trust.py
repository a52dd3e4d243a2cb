"""End the trust of one's devices; and what of second factors is in one's export, and goes with the account."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

from models import FactorRecovery, Passkey, User
from service.audit import events
from service.credentials import passkeys, trusted_devices
from service.errors import NotFound, Unavailable
from service.runtime import Runtime
from service.sessions.acting import acting
from service.sessions.callers import Caller


async def end_one(runtime: Runtime, caller: Caller, device: UUID) -> None:
    """Ask for the second factor on this device from now on. Raises `NotFound` for one that isn't trusted."""
    async with acting(runtime, caller) as user:
        if not await trusted_devices.forget(runtime, user.id, device):
            raise NotFound("There is no such device.")
    await _record(runtime, caller)


async def end_all(runtime: Runtime, caller: Caller) -> None:
    """Ask for it on all of them."""
    async with acting(runtime, caller) as user:
        forgotten = await trusted_devices.forget_all(runtime, user.id)
    if forgotten:
        await _record(runtime, caller)


async def exported(runtime: Runtime, user_id: UUID) -> object:
    """Return the trusted devices and the passkeys, for the user's export."""
    user = await User.get(id=user_id)
    devices, keys = await trusted_devices.list_trusted(runtime, user), await passkeys.list_of(user)
    recovery = await FactorRecovery.get_or_none(user_id=user_id)
    kept = {"trusted_devices": devices, "passkeys": [_exported(key) for key in keys]}
    kept["recovery"] = [{"created_at": recovery.created_at, "due_at": recovery.due_at}] if recovery else []
    return {name: found for name, found in kept.items() if found} or None


def _exported(passkey: Passkey) -> dict[str, object]:
    """Return what is known of a passkey beside its credential, which the export has anyway."""
    names = ("rp_id", "backup_eligible", "backed_up", "discoverable", "transports", "aaguid", "suspended_at")
    return {"name": passkey.credential.label, **{name: getattr(passkey, name) for name in names}}


async def deleted(runtime: Runtime, user_id: UUID) -> None:
    """Take the trust of an account's devices. Without Redis it ends by itself: nothing of it says who that was."""
    with suppress(Unavailable):
        await trusted_devices.forget_all(runtime, user_id)


async def _record(runtime: Runtime, caller: Caller) -> None:
    session, client = caller.session.sid, caller.client
    await events.record(runtime, events.DEVICE_TRUST_ENDED, user_id=caller.user.id, session_id=session, client=client)
