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
from service.sessions import endings, possession, possession_counting
from service.sessions.callers import cut_off, user_of
from service.signin import copies, unproven
from service.signin.tokens import TokenPair, token_pair
from service.stores.refresh_tokens import RefreshToken
from service.stores.sessions.outcomes import Doubted, Ended, NotProven, ProofUsed, Replayed, Reused, Rotated


@dataclass(frozen=True, slots=True)
class Refreshed:
    """A session's next tokens, and whose session it is."""

    tokens: TokenPair
    user: User


async def refresh(runtime: Runtime, text: str, client: Client) -> Refreshed:
    """Spend a refresh token for the next pair. Duplicates get the same refresh token again.

    Raises `InvalidRefreshToken`, with the reason when the token is one of ours; where the session is bound to a key
    that wasn't proven `DeviceProofRequired`, or wasn't since two were found to have its tokens, or `InvalidDpopProof`
    where that is a client's; and `RateLimited` where too many were refused before.
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
    use = runtime.dpop_proofs.use_of(client)
    tag, at = runtime.device_proofs.proven(client.device_proofs, token.uid, token.sid)
    match found := await runtime.sessions.rotate(token, client, cut_off(user), tag=tag, challenged_at=at, use=use):
        case Rotated(grant) | Replayed(grant):
            outcome: Literal["rotated", "replayed"] = "rotated" if isinstance(found, Rotated) else "replayed"
            runtime.tally.refresh(outcome)
            if use is not None:
                possession_counting.count("used")
            log_event(f"session.{outcome}", user_id=token.uid, session_id=token.sid, gen=grant.gen, ip=client.ip)
            await copies.note(runtime, token, found, client)
        case Reused() | Doubted():
            raise await _shared(runtime, token, user, found, client)
        case NotProven(kind, outdated):
            runtime.tally.refresh("unproven")
            if outdated:  # whoever it is: what there is to tell has been told when two were found out
                raise DeviceProofRequired
            raise await unproven.refused(runtime, token.uid, token.sid, kind, client)
        case ProofUsed():
            raise possession.refused("used")
        case Ended(reason) as over:
            runtime.tally.refresh(reason)
            cause = await _find_out(runtime, token, user, over, client)
            log_event(
                "session.refused", user_id=token.uid, session_id=token.sid, reason=reason, cause=cause, ip=client.ip
            )
            raise InvalidRefreshToken(reason, cause)
    return Refreshed(await token_pair(runtime, grant), user)


async def _shared(
    runtime: Runtime, token: RefreshToken, user: User, found: Reused | Doubted, client: Client
) -> InvalidRefreshToken | DeviceProofRequired:
    """Record, and tell the user, that two hold a session's tokens; return what is answered."""
    runtime.tally.refresh("reused")
    ended = isinstance(found, Reused)
    told = events.TOKEN_REUSED if ended else events.COPY_LOCKED_OUT
    # The session is gone already, or both are shut out; the event is stored before anyone hears of it.
    await events.record(
        runtime,
        told,
        user_id=token.uid,
        session_id=token.sid,
        client=client,
        presented_gen=token.gen,
        previous_at=from_ms(found.rotated_at).isoformat(timespec="milliseconds"),
        previous_ip=found.client.ip,
        previous_user_agent=found.client.user_agent,
    )
    if not ended:  # the session goes on, its tokens of before don't: other services that took them ask again
        await runtime.users.tell(frozenset({token.uid}))
    with suppress(Unavailable):  # the log has the line; the answer stays what it is
        if ended:
            await endings.end_moves(runtime, {token.uid: [token.sid]})
        await copies.tell(runtime, user, client, ended=ended)
    return InvalidRefreshToken("reused", EndReason.REUSED) if ended else DeviceProofRequired()


async def _find_out(runtime: Runtime, token: RefreshToken, user: User, ended: Ended, client: Client) -> EndReason:
    """Return why the session of a genuine token is over. One that only the cut-off has ended is deleted with that."""
    try:
        cause = await causes.cause_of(runtime, user, token, ended, client)
    except Unavailable:
        cause = ended.cause or (EndReason.EXPIRED if ended.reason == "expired" else EndReason.REVOKED)
    if ended.cut_off:
        await runtime.sessions.end(token.uid, token.sid, cause)
    return cause
