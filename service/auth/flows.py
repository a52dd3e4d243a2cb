"""Register, log in, refresh, log out, reauthenticate."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from models import User
from service.accounts import accounts, registrations
from service.audit import causes, events
from service.auth import catalogue, copies
from service.core.client import Client
from service.core.clock import from_ms
from service.core.sql.transactions import transaction
from service.core.telemetry import metrics
from service.core.telemetry.logs import log_event
from service.core.text.email_address import EmailAddress
from service.credentials import budgets, passwords, second_factor, verification
from service.credentials.passwords import Password
from service.credentials.proof import Unproven
from service.errors import (
    EmailNotVerified,
    EmailTaken,
    InvalidGrant,
    InvalidRefreshToken,
    Unavailable,
)
from service.errors.end_reasons import EndReason
from service.letters import notices
from service.runtime import Runtime
from service.sessions import endings
from service.sessions.acting import acting, asked_for
from service.sessions.callers import Caller, cut_off, user_of
from service.signin import door
from service.signin.door import Pending, SignedIn
from service.signin.tokens import TokenPair, token_pair
from service.stores.letter_kinds import VERIFY_ADDRESS
from service.stores.refresh_tokens import RefreshToken
from service.stores.sessions.outcomes import End, Ended, Replayed, Reused, Rotated


async def register(runtime: Runtime, email: EmailAddress, password: str, full_name: str | None, client: Client) -> User:
    """Create an account for whoever asks, and ask them to confirm the address.

    Raises `RateLimited`, `EmailTaken` or `ValidationFailed`.
    """
    await budgets.pay_for_registration(runtime, client)
    return await accounts.create_account(
        runtime,
        email,
        password,
        full_name,
        event=events.REGISTERED,
        letter=VERIFY_ADDRESS,
        client=client,
    )


async def register_quietly(
    runtime: Runtime, email: EmailAddress, password: str, full_name: str | None, client: Client
) -> None:
    """Create an account without saying whether the address had one: its owner gets a letter either way (R18).

    Whoever registered an address before may not be its owner. As long as nobody has confirmed it, every registration
    is kept beside the others, and whoever confirms shows which one is theirs (R79).
    Raises `RateLimited`, and `ValidationFailed` for the password.
    """
    await budgets.pay_for_registration(runtime, client)
    hashed = await passwords.hash_new(runtime, password, email)
    if await accounts.find_by_email(email.given) is None:
        with suppress(EmailTaken):
            await accounts.create_account(
                runtime,
                email,
                None,
                full_name,
                event=events.REGISTERED,
                letter=VERIFY_ADDRESS,
                client=client,
                hashed=hashed,
            )
            return
    await _register_again(runtime, email, hashed, full_name, client)


async def _register_again(
    runtime: Runtime, email: EmailAddress, hashed: str, full_name: str | None, client: Client
) -> None:
    """Somebody registers an address that has an account: keep it if that is unconfirmed, and write to the address.

    About as many statements as for a new account, so that the time tells nothing either (R18).
    """
    async with transaction():
        # Locked: it is either kept before the address is confirmed, and over with that, or finds it confirmed.
        owner = await User.filter(email_canonical=email.canonical).select_for_update().first()
        if owner is None:  # the address is held for somebody, or its account was deleted just now
            return
        kept = await registrations.keep(runtime, owner, hashed, full_name, client)
        await events.record(runtime, events.REGISTERED_AGAIN, user_id=owner.id, client=client)
        if kept:
            verify = VERIFY_ADDRESS
            await accounts.ask(runtime, verify, owner.email, client.language, user_id=owner.id, registration=str(kept))
        else:
            await notices.address_taken(runtime, owner)


async def log_in(runtime: Runtime, name: str, password: str, client: Client) -> SignedIn | Pending:
    """Open a new session for the user `name` (an e-mail address), or say what is still owed.

    Raises `InvalidGrant` or `RateLimited`; with the right password also `InactiveUser`. An address that is still to be
    confirmed is refused like a wrong password (R17): with `REQUIRE_EMAIL_VERIFICATION` both get the same hint.
    """
    wrong = EmailNotVerified() if runtime.settings.REQUIRE_EMAIL_VERIFICATION else InvalidGrant()
    user, known = await accounts.find_with_device(name, client)
    proof = await verification.verify(runtime, user, Password(password, name), client, known=known)
    return await door.begin(runtime, user, proof or Unproven("password", wrong), client)


@dataclass(frozen=True, slots=True)
class Refreshed:
    """A session's next tokens, and whose session it is."""

    tokens: TokenPair
    user: User


async def refresh(runtime: Runtime, text: str, client: Client) -> Refreshed:
    """Spend a refresh token for the next pair. Duplicates get the same refresh token again.

    Raises `InvalidRefreshToken`, with the reason when the token is one of ours, and `RateLimited` where too many were
    refused before.
    """
    budgets.demand_refresh(runtime, client)
    try:
        return await _spend(runtime, text, client)
    except InvalidRefreshToken:
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
    match found := await runtime.sessions.rotate(token, client, cut_off(user)):
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
                catalogue.TOKEN_REUSED,
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


async def log_out_everywhere(runtime: Runtime, caller: Caller) -> None:
    """End every session of the caller, this one too."""
    user_id = caller.user.id
    async with acting(runtime, caller) as user:
        ended = await endings.living(runtime, user)
        await endings.end_all(runtime, user)
        await notices.sessions_ended(runtime, user)
        await events.record(
            runtime,
            events.SESSIONS_ENDED,
            user_id=user_id,
            client=caller.client,
            **events.which(ended),
            ended=ended.number,
            way="everywhere",
        )
    await endings.delete_sessions(runtime, user_id, EndReason.LOGGED_OUT_EVERYWHERE)


async def reauthenticate(runtime: Runtime, caller: Caller, shown: Password | second_factor.Shown) -> None:
    """Make the caller's session fresh again: by the second factor, where there is one; a password alone doesn't then.

    Raises `InvalidGrant` for a wrong password, `InvalidCode` for a wrong code, `InvalidPasskey`, `RateLimited`, and
    `ReauthenticationRequired` for a password where it isn't enough.
    """
    if not isinstance(shown, Password):
        proof = await second_factor.verify(runtime, caller.user, shown, caller.client)
        await door.step_up(runtime, caller, proof)
        return
    if caller.user.has_factor:
        raise await asked_for(caller.user, 2)
    known = await verification.verify(runtime, caller.user, shown, caller.client)
    await door.step_up(runtime, caller, known or Unproven("password", InvalidGrant("Incorrect password")))
