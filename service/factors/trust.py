"""End the trust of one's devices; and what of it is in one's export, and goes with the account."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

from models import User
from service.audit import events
from service.credentials import trusted_devices
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
    """Return the trusted devices, for the user's export."""
    user = await User.get(id=user_id)
    found = await trusted_devices.list_trusted(runtime, user)
    return {"trusted_devices": found} if found else None


async def deleted(runtime: Runtime, user_id: UUID) -> None:
    """Take the trust of an account's devices. Without Redis it ends by itself: nothing of it says who that was."""
    with suppress(Unavailable):
        await trusted_devices.forget_all(runtime, user_id)


async def _record(runtime: Runtime, caller: Caller) -> None:
    session, client = caller.session.sid, caller.client
    await events.record(runtime, events.DEVICE_TRUST_ENDED, user_id=caller.user.id, session_id=session, client=client)
