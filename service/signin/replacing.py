"""One browser has one session: in cookie mode a log-in takes the place of the one before."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from service.audit import events
from service.core.client import Client
from service.core.telemetry.logs import log_event
from service.errors import Unavailable
from service.errors.end_reasons import EndReason
from service.runtime import Runtime
from service.stores.refresh_tokens import RefreshToken


async def replace_sessions(runtime: Runtime, old_tokens: Sequence[str], new: UUID, client: Client) -> set[UUID]:
    """End the sessions whose cookies the log-in to `new` has just replaced: nobody holds their tokens any more (R26).

    Return which were living ones of this service's.

    Not `new` itself, whose cookie is there where a last step is repeated. A Redis that goes away now fails nothing: the
    new session is there, and its cookie has to reach the browser.
    """
    ended = set()
    for token, _ in newest_of_each(runtime, old_tokens).values():
        if token.sid == new:
            continue
        try:
            if await runtime.sessions.end(token.uid, token.sid, EndReason.REPLACED):
                ended.add(token.sid)
                await events.record(
                    runtime, events.SESSION_REPLACED, user_id=token.uid, session_id=token.sid, client=client
                )
        except Unavailable:
            log_event("session.not_replaced", user_id=token.uid, session_id=token.sid)
    return ended


def newest_of_each(runtime: Runtime, texts: Sequence[str]) -> dict[UUID, tuple[RefreshToken, str]]:
    """Return the genuine tokens, the newest of each session. How many there are, the size of a head limits."""
    found: dict[UUID, tuple[RefreshToken, str]] = {}
    for text in texts:
        token = runtime.refresh_tokens.decode(text)
        if token and (token.sid not in found or found[token.sid][0].gen < token.gen):
            found[token.sid] = token, text
    return found
