"""Spending a refresh token for the next pair: one flow, whatever the request and its answer look like."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from models import User
from service.audit import causes, events
from service.core.client import Client
from service.core.clock import from_ms
from service.core.telemetry import metrics
from service.core.telemetry.logs import log_event
from service.credentials import budgets
from service.errors import DeviceProofRequired, InvalidDpopProof, InvalidRefreshToken, Unavailable
from service.errors.end_reasons import EndReason
from service.runtime import Runtime
from service.sessions import endings, possession
from service.sessions.callers import cut_off, user_of
from service.signin import copies, unproven
from service.signin.tokens import TokenPair, token_pair
from service.stores.refresh_tokens import RefreshToken
from service.stores.sessions.outcomes import Ended, NotProven, Replayed, Reused, Rotated


@dataclass(frozen=True, slots=True)
class Refreshed:
    """A session's next tokens, and whose session it is."""

    tokens: TokenPair
    user: User


async def refresh(runtime: Runtime, text: str, client: Client) -> Refreshed:
    """Spend a refresh token for the next pair. Duplicates get the same refresh token again.

    Raises `InvalidRefreshToken`, with the reason when the token is one of ours; where the session is bound to a key
    that wasn't proven `DeviceProofRequired`, or `InvalidDpopProof` where that is a client's; and `RateLimited` where
    too many were refused before.
    """
    budgets.demand_refresh(runtime, client)
    try:
        return await _spend(runtime, text, client)
    except (InvalidRefreshToken, DeviceProofRequired, InvalidDpopProof):
        budgets.count_refused_refresh(runtime, client)
        raise


async def _spend(runtime: Runtime, text: str, client: Client) -> Refreshed:
    """Spend it. The user is read *before* the script runs: a database that fails must not have consumed a token."""
    token = runtime.refresh_tokens.decode(text)
    if token is None:
        metrics.refreshes.labels("invalid").inc()
        raise InvalidRefreshToken().noted("refused.refresh_token")
    user = await user_of(runtime, token.uid)
    if user is None or not user.is_active:
        cause = EndReason.USER_DELETED if user is None else EndReason.USER_DISABLED
        await runtime.sessions.end(token.uid, token.sid, cause)
        runtime.tally.refresh("revoked")
        raise InvalidRefreshToken("revoked", cause)
    await possession.use_up(runtime, client)
    tag = runtime.device_proofs.proven(client.device_proofs, token.uid, token.sid)
    match found := await runtime.sessions.rotate(token, client, cut_off(user), tag=tag):
        case Rotated(grant) | Replayed(grant):
            outcome: Literal["rotated", "replayed"] = "rotated" if isinstance(found, Rotated) else "replayed"
            runtime.tally.refresh(outcome)
            log_event(f"session.{outcome}", user_id=token.uid, session_id=token.sid, gen=grant.gen, ip=client.ip)
            await copies.note(runtime, token, found, client)
        case Reused(rotated_at, previous):
            runtime.tally.refresh("reused")
            # The session is gone already; the event is stored before anyone hears of it.
            await events.record(
                runtime,
                events.TOKEN_REUSED,
                user_id=token.uid,
                session_id=token.sid,
                client=client,
                presented_gen=token.gen,
                previous_at=from_ms(rotated_at).isoformat(timespec="milliseconds"),
                previous_ip=previous.ip,
                previous_user_agent=previous.user_agent,
            )
            with suppress(Unavailable):  # the log has the line; the answer stays what it is
                await endings.end_moves(runtime, {token.uid: [token.sid]})
                await copies.tell(runtime, user, client)
            raise InvalidRefreshToken("reused", EndReason.REUSED)
        case NotProven(kind):
            runtime.tally.refresh("unproven")
            raise await unproven.refused(runtime, token.uid, token.sid, kind, client)
        case Ended(reason) as ended:
            runtime.tally.refresh(reason)
            cause = await _find_out(runtime, token, user, ended, client)
            log_event(
                "session.refused", user_id=token.uid, session_id=token.sid, reason=reason, cause=cause, ip=client.ip
            )
            raise InvalidRefreshToken(reason, cause)
    return Refreshed(await token_pair(runtime, grant), user)


async def _find_out(runtime: Runtime, token: RefreshToken, user: User, ended: Ended, client: Client) -> EndReason:
    """Return why the session of a genuine token is over. One that only the cut-off has ended is deleted with that."""
    try:
        cause = await causes.cause_of(runtime, user, token, ended, client)
    except Unavailable:
        cause = ended.cause or (EndReason.EXPIRED if ended.reason == "expired" else EndReason.REVOKED)
    if ended.cut_off:
        await runtime.sessions.end(token.uid, token.sid, cause)
    return cause
