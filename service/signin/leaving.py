"""Ending the sessions that tokens belong to, by whoever holds them (RFC 7009)."""

from __future__ import annotations

from collections.abc import Sequence

from service.audit import events
from service.core.client import Client
from service.errors.end_reasons import EndReason
from service.runtime import Runtime
from service.stores.sessions.outcomes import End


async def log_out(runtime: Runtime, access_token: str | None, refresh_tokens: Sequence[str], client: Client) -> None:
    """End the sessions that the tokens belong to. A token that is no good ends nothing, and that is fine (RFC 7009).

    An access token that has run out counts: its session may be alive, and its owner wants it ended. Said again, it is
    recorded if the first time could not be.
    """
    ended = set()
    if access_token:
        claims = await runtime.access_tokens.examine(access_token)
        if isinstance(claims, str):
            runtime.refusals.note("refused.access_token", ip=client.ip, why=claims)
        else:
            ended.add((claims.uid, claims.sid))
    for text in refresh_tokens:
        if token := runtime.refresh_tokens.decode(text):
            ended.add((token.uid, token.sid))
        else:
            runtime.refusals.note("refused.refresh_token", ip=client.ip)
    for uid, sid in ended:
        if await runtime.sessions.end(uid, sid, EndReason.LOGGED_OUT) in (End.NOW, End.AGAIN):
            await events.record(runtime, events.LOGGED_OUT, user_id=uid, session_id=sid, client=client, once="")
