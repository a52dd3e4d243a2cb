"""Noticing, when a client comes back, that its session is over and nothing says why: at most one event a session.

Sessions may be ended by deleting their keys, which tells nobody, and by time, which writes nothing either. A refresh
that is refused is the first we hear of it. It is a rare path: what is added to it costs no refresh that succeeds.
"""

from __future__ import annotations

import asyncio
from typing import Final, Literal

from models import User
from service.audit import events
from service.audit.history import cut_off_ended, ending_of, events_about
from service.core.opaque import RefreshToken
from service.runtime import Runtime
from service.sessions.store import Client

RECORD_SECONDS: Final = 0.15  # whoever ends a session records it just after: a refresh may come between


async def note(runtime: Runtime, token: RefreshToken, reason: Literal["expired", "revoked"], client: Client) -> None:
    """Record that the session of a refused token expired, or vanished, unless its end is on record already.

    Raises `Unavailable`.
    """
    if await _is_accounted_for(token):
        return
    if reason == "revoked":
        await asyncio.sleep(RECORD_SECONDS)
        if await _is_accounted_for(token):
            return
    await events.record(
        runtime,
        events.SESSION_EXPIRED if reason == "expired" else events.SESSION_VANISHED,
        user_id=token.uid,
        session_id=token.sid,
        client=client,
        once=True,
        token_ends_at=token.ends_at,
    )


async def _is_accounted_for(token: RefreshToken) -> bool:
    found = await events_about(token.uid, token.sid)
    if ending_of(found, token.sid) is not None:
        return True
    user = await User.get_or_none(id=token.uid)
    return user is None or cut_off_ended(found, token.sid, user.sessions_valid_after)
