"""Calling a device by a name of its user's."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from service.credentials import known_devices
from service.errors import NotFound
from service.runtime import Runtime
from service.sessions.acting import acting
from service.sessions.callers import Caller
from service.sessions.flows import list_sessions
from service.stores.sessions.outcomes import ListedSession


async def call_device(runtime: Runtime, caller: Caller, sid: UUID, name: str | None) -> ListedSession:
    """Call the device of one of the caller's sessions so, now and, where it is certain which it is, at later log-ins.

    A foreign id looks like an unknown one (R60). Raises `NotFound`, and what `acting` raises.
    """
    async with acting(runtime, caller) as user:
        found = next((session for session in await list_sessions(runtime, user) if session.sid == sid), None)
        if found is None:
            raise NotFound().noted("refused.session")
        await known_devices.call(runtime, user.id, sid, name)
        if not await runtime.sessions.name(user.id, sid, name):
            raise NotFound().noted("refused.session")
    return replace(found, name=name)
