"""Seeing and ending sessions."""

from __future__ import annotations

from uuid import UUID

from models import User
from service.audit import events
from service.errors import NotFound
from service.errors.end_reasons import EndReason
from service.letters import notices
from service.runtime import Runtime
from service.sessions import endings
from service.sessions.acting import acting
from service.sessions.callers import Caller, cut_off
from service.stores.sessions.outcomes import End, ListedSession


async def list_sessions(runtime: Runtime, user: User) -> list[ListedSession]:
    """Return the user's living sessions, the one used last first."""
    limit = cut_off(user)
    return [session for session in await runtime.sessions.list_living(user.id) if session.valid_from >= limit]


async def end_session(runtime: Runtime, caller: Caller, sid: UUID) -> None:
    """End one of the caller's own sessions. A foreign id looks like an unknown one (R60).

    Under the lock: a change that the other session has under way is either done by now, or refused. Safe to repeat: one
    that has just ended is over as well, and whatever the first call may have left undone is done.
    """
    async with acting(runtime, caller) as user:
        ended = await runtime.sessions.end(user.id, sid, EndReason.ENDED_ELSEWHERE)
        if ended is End.NEVER:
            raise NotFound().noted("refused.session")
        await endings.end_moves_of(runtime, {user.id: [sid]})
    if ended is not End.BEFORE:
        await events.record(
            runtime, events.SESSION_ENDED, user_id=user.id, session_id=sid, client=caller.client, once=""
        )


async def end_other_sessions(runtime: Runtime, caller: Caller) -> None:
    """End all of the caller's sessions but this one."""
    session = caller.session
    async with acting(runtime, caller) as user:
        ended = await endings.living(runtime, user, keep=session.sid)
        await endings.end_all(runtime, user, keep=session.sid)
        if ended.number != 0:  # said again, it is no news
            await notices.sessions_ended(runtime, user)
        await events.record(
            runtime,
            events.SESSIONS_ENDED,
            user_id=session.uid,
            session_id=session.sid,
            client=caller.client,
            **events.which(ended),
            ended=ended.number,
            way="others",
        )
    await endings.delete_sessions(runtime, session.uid, EndReason.OTHERS_ENDED, keep=session.sid)
