"""Seeing and ending sessions."""

from __future__ import annotations

from uuid import UUID

from models import User
from service.audit import events
from service.core.database import transaction
from service.directory import endings, notices
from service.errors import NotFound
from service.runtime import Runtime
from service.sessions.callers import Caller, cut_off
from service.sessions.store import ListedSession


async def list_sessions(runtime: Runtime, user: User) -> list[ListedSession]:
    """Return the user's living sessions, the one used last first."""
    limit = cut_off(user)
    return [session for session in await runtime.sessions.list_living(user.id) if session.valid_from >= limit]


async def end_session(runtime: Runtime, caller: Caller, sid: UUID) -> None:
    """End one of the caller's own sessions. A foreign id looks like an unknown one (R60)."""
    if not await runtime.sessions.end(caller.user.id, sid):
        raise NotFound().noted("refused.session")
    await events.record(runtime, events.SESSION_ENDED, user_id=caller.user.id, session_id=sid, client=caller.client)


async def end_other_sessions(runtime: Runtime, caller: Caller) -> None:
    """End all of the caller's sessions but this one."""
    user_id, session = caller.user.id, caller.session
    cutoff = await endings.cut_off_now(runtime, user_id, keep=session)
    async with transaction():
        await endings.set_cut_off(user_id, cutoff)
        await notices.sessions_ended(runtime, caller.user)
    ended = await endings.delete_sessions(runtime, user_id, keep=session.sid, way="others")
    await events.record(
        runtime,
        events.SESSIONS_ENDED,
        user_id=user_id,
        session_id=session.sid,
        client=caller.client,
        ended=ended,
        way="others",
    )
