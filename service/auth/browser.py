"""What cookie mode asks of flows: one browser has one cookie, and a refusal must not take away a newer one."""

from __future__ import annotations

from service.audit import events
from service.core.telemetry import log_event
from service.errors import Unavailable
from service.runtime import Runtime
from service.sessions.store import Client


async def replace_session(runtime: Runtime, old_token: str, client: Client) -> None:
    """End the session whose cookie a log-in has just replaced: nobody holds its token any more (R26).

    A Redis that goes away now fails nothing: the new session is there, and its cookie has to reach the browser.
    """
    token = runtime.refresh_tokens.decode(old_token)
    if token is None:
        runtime.refusals.note("refused.refresh_token", ip=client.ip)
        return
    try:
        if await runtime.sessions.end(token.uid, token.sid):
            await events.record(
                runtime, events.SESSION_REPLACED, user_id=token.uid, session_id=token.sid, client=client
            )
    except Unavailable:
        log_event("session.not_replaced", user_id=token.uid, session_id=token.sid)


async def may_clear_cookie(runtime: Runtime, refused_token: str) -> bool:
    """Return whether the browser that sent a refused token may be told to forget its cookie.

    Not when that very browser ended the session, by logging out or by logging in anew: the answer to that has dealt
    with the cookie, and a refresh that another tab sent before it must not take away the one that came after.
    """
    token = runtime.refresh_tokens.decode(refused_token)
    if token is None:
        return True
    try:
        return not await events.were_recorded(token.uid, token.sid, events.LOGGED_OUT, events.SESSION_REPLACED)
    except Unavailable:
        return False
