"""The one door: every way of logging in ends here, so that a second factor can never be walked around.

A leaf looks at what somebody shows, and hands in the `Proof`, or that it is `Unproven`. What comes of it, a session or
what is still owed, is a value, and is recorded here: no leaf can forget it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal
from uuid import UUID, uuid4

from models import User
from service.audit import events
from service.core.client import Client
from service.core.clock import from_ms
from service.core.http.networks import network_of
from service.core.sql.lookup import Lookup
from service.core.sql.transactions import transaction
from service.credentials import factor_recoveries, identities, known_devices, trusted_devices, verification
from service.credentials.known_devices import Recognised, Remembered
from service.credentials.proof import PASSWORD, Proof, Unproven
from service.errors import InvalidAccessToken, InvalidChallenge, InvalidCode, InvalidGrant, ServiceError, Unavailable
from service.runtime import Runtime
from service.sessions import possession, possession_counting
from service.sessions.acting import acting, asks_every_time
from service.sessions.callers import Caller, cut_off
from service.signin import proofs as worth
from service.signin import steps
from service.signin.pending import Waiting, credentials_of, still_holds, waiting
from service.signin.tokens import TokenPair, token_pair
from service.stores.sessions.outcomes import Grant
from service.stores.tickets import Ticket


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session is there. `device_cookie` says on which device: to be set, unless the client has it already."""

    tokens: TokenPair
    session_id: UUID
    device_cookie: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Pending:
    """Something is still owed: whoever shows one of `methods` with the ticket, before `expires_at`, goes on.

    With `enrolment` they have to set it up first.
    """

    ticket: str = field(repr=False)
    methods: tuple[str, ...]
    expires_at: datetime
    enrolment: bool = False


_locked: Final = Lookup(User, "id", locked=True)


async def begin(runtime: Runtime, user: User | None, proof: Proof | Unproven, client: Client) -> SignedIn | Pending:
    """Open a session for `user`, who has just proven to be that user, or say what is still owed.

    Raises the error of what is `Unproven`, `InactiveUser` or `EmailNotVerified`, and `InvalidGrant` when what was
    proven isn't true any more.
    """
    if isinstance(proof, Unproven):
        raise await _refused(runtime, user, client, proof.reason, proof.error)
    if user is None:  # nobody can't have proven anything
        raise InvalidGrant
    if need := await _owed(runtime, user, [proof], client):
        ticket = Ticket(user.id, uuid4())
        ends_at = await runtime.sessions.pending.begin(
            ticket.uid,
            ticket.number,
            proofs=worth.written(runtime.settings.secrets, proof),
            network=runtime.tickets.fingerprint(network_of(client.ip)),
            standing=runtime.tickets.fingerprint(*credentials_of(user)),
            valid_after=cut_off(user),
        )
        return await _pending(runtime, client, ticket, proofs=[proof], need=need, ends_at=ends_at)
    device = proof.device or await known_devices.recognise(runtime, user.id, client) or "new"
    grant, cookie = await _open(runtime, user, client, proof, device)
    try:
        tokens = await token_pair(runtime, grant)
    except Unavailable:  # nobody gets it
        await runtime.sessions.end(grant.uid, grant.sid, None)
        raise
    if proof.trusts:
        await trusted_devices.trust(runtime, user, cookie, client, sid=grant.sid, since=grant.auth_at)
    return await _let_in(runtime, client, grant, SignedIn(tokens, grant.sid, cookie), worth.marks([proof]))


async def resume(runtime: Runtime, ticket: str, proof: Proof | Unproven, client: Client) -> SignedIn | Pending:
    """Go on with a log-in: open its session, or say what is owed after this proof, too.

    `proof` is about the user of `waiting(ticket)`. The last step may be repeated for a minute, for its answer may have
    got lost: it gives the same session and refresh token again, never a second session. Five wrong proofs in a row end
    the log-in. Raises `InvalidChallenge`, what `begin` raises, and the error of what is `Unproven`.
    """
    found = await waiting(runtime, ticket)
    user, number = found.user, found.ticket.number
    if isinstance(proof, Unproven):
        left = await runtime.sessions.pending.fail(found.ticket.uid, number)
        if left is None:
            raise InvalidChallenge
        if isinstance(proof.error, InvalidCode):
            proof.error.attempts_left = left
        raise await _refused(runtime, user, client, proof.reason, proof.error)
    proofs = [*found.proofs, proof]
    if user is None or not worth.a_way_in(proofs[0]):  # nobody can't have proven anything
        raise InvalidChallenge
    if need := await _owed(runtime, user, proofs, client):
        ends_at = await runtime.sessions.pending.add(user.id, number, worth.written(runtime.settings.secrets, proof))
        if ends_at is None:
            raise InvalidChallenge
        return await _pending(runtime, client, found.ticket, proofs=proofs, need=need, ends_at=ends_at)
    grant, cookie, finished = await _finish(runtime, found, user.id, proofs, client)
    await _note_displaced(runtime, client, grant)
    if proof.trusts:
        await trusted_devices.trust(runtime, finished, cookie, client, sid=grant.sid, since=grant.auth_at)
    signed_in = SignedIn(await token_pair(runtime, grant), grant.sid, cookie)
    elsewhere = not runtime.tickets.matches(found.begun.network, network_of(client.ip))
    return await _let_in(runtime, client, grant, signed_in, worth.marks(proofs, elsewhere=elsewhere), once="")


async def step_up(runtime: Runtime, caller: Caller, proof: Proof | Unproven) -> None:
    """Make the caller's session fresh again, at the level of what was proven. Raises the error of what is `Unproven`,
    or what `acting` raises.

    Where it is asked for every time, it makes the session fresh for one call.
    """
    session, client = caller.session, caller.client
    if isinstance(proof, Unproven):
        async with acting(runtime, caller):
            pass  # it may have ended together with the password: then that is what it hears
        failed = events.REAUTHENTICATION_FAILED
        await events.record(runtime, failed, user_id=session.uid, session_id=session.sid, client=client)
        raise proof.error
    shown = worth.added(proof)
    async with acting(runtime, caller) as user:
        if PASSWORD in proof.methods:
            verification.expect_unchanged(caller.user, user)
        marked = await runtime.sessions.mark_fresh(session.uid, session.sid, shown)
        if marked and asks_every_time(runtime.settings):
            marked = await runtime.sessions.permits.add(session.uid, session.sid, shown.level)
        if not marked:
            raise InvalidAccessToken
    await events.record(
        runtime,
        events.REAUTHENTICATED,
        user_id=user.id,
        session_id=session.sid,
        client=client,
        methods=worth.in_words([proof]),
    )


async def _owed(runtime: Runtime, user: User, proofs: Sequence[Proof], client: Client) -> steps.Need | None:
    """Return what is owed first. A refusal is recorded, and raised."""
    for step in steps.STEPS:
        try:
            need = await step.owed(runtime, user, proofs, client)
        except Unavailable:
            raise
        except ServiceError as error:
            raise await _refused(runtime, user, client, step.name, error) from None
        if need:
            return need
    return None


async def _refused(
    runtime: Runtime, user: User | None, client: Client, reason: str, error: ServiceError
) -> ServiceError:
    user_id = user.id if user else None
    await events.record(runtime, events.LOGIN_FAILED, user_id=user_id, client=client, reason=reason)
    return error


async def _pending(
    runtime: Runtime, client: Client, ticket: Ticket, *, proofs: Sequence[Proof], need: steps.Need, ends_at: int
) -> Pending:
    methods, owed = worth.in_words(proofs), " ".join(need.methods)
    noted = worth.marks(proofs, note=need.note)
    await events.record(
        runtime, events.LOGIN_PENDING, user_id=ticket.uid, client=client, methods=methods, owed=owed, **noted
    )
    return Pending(runtime.tickets.encode(ticket), need.methods, from_ms(ends_at), need.enrolment)


async def _open(
    runtime: Runtime, user: User, client: Client, proof: Proof, device: Recognised | Literal["new"]
) -> tuple[Grant, str | None]:
    """Open a session that nothing has ended yet; return it, and the device's cookie.

    The user row is looked at again once the session exists, under its lock: a password reset that was committed in
    between has not seen this session, and must not be outlived by it; and one that is about to be is waited for. Where
    the device is noted and nothing else is to change, that is the very statement which notes it. Where only sessions
    were ended in between, and the credentials are what they were, this log-in comes after that: it would be wrong to
    say that they are. So it opens another one, under the lock, where nothing can come in between again.
    """
    await possession.use_up(runtime, client)
    assurance, name = worth.assured([proof]), known_devices.name_of(device)
    grant = await runtime.sessions.log_in(user.id, uuid4(), client, assurance, cut_off(user), name=name)
    await _note_displaced(runtime, client, grant)  # whatever becomes of this log-in: these sessions are over
    first = grant
    try:
        if not worth.changes_account(proof):
            noted = await known_devices.remember(runtime, user, client, grant.sid, device)
            if isinstance(noted, Remembered):
                return grant, noted.cookie
        async with transaction():
            now = await _locked(user.id)
            if now is None or not now.is_active or cut_off(now) != cut_off(user):
                await runtime.sessions.end(grant.uid, grant.sid, None)
                if now is None or not now.is_active or credentials_of(now) != credentials_of(user):
                    raise InvalidGrant
                grant = await runtime.sessions.log_in(now.id, uuid4(), client, assurance, cut_off(now), name=name)
            await _settle(runtime, now, [proof], client)
        if grant is not first:
            await _note_displaced(runtime, client, grant)
        noted = await known_devices.remember(runtime, now, client, grant.sid, device)
    except ServiceError:  # it may not be, or nobody knows whether it may, or its owner may not hear of it: it is none
        await runtime.sessions.end(grant.uid, grant.sid, None)
        raise
    return grant, noted.cookie if isinstance(noted, Remembered) else None


async def _finish(
    runtime: Runtime, found: Waiting, uid: UUID, proofs: Sequence[Proof], client: Client
) -> tuple[Grant, str | None, User]:
    """Open the session of a log-in under the user's lock; return it, the device's cookie, and the user's row as it was.

    What would end it was either seen, or comes after it. Making the session is the last thing that can fail: others
    who repeat the step find it at once, so it couldn't be taken back.
    """
    await possession.use_up(runtime, client)
    await runtime.keyring.signing_pair()
    async with transaction():
        user = await User.filter(id=uid).select_for_update().first()
        if user is None or not user.is_active or not still_holds(runtime, found.begun, user):
            raise InvalidChallenge
        await _settle(runtime, user, proofs, client)
        device = proofs[-1].device or await known_devices.recognise(runtime, user.id, client) or "new"
        noted = await known_devices.remember(runtime, user, client, found.begun.sid, device)
        grant = await runtime.sessions.pending.finish(
            user.id,
            found.ticket.number,
            client,
            methods=worth.methods_of(proofs[-1]),
            assurance=worth.assured(proofs),
            valid_after=cut_off(user),
            name=known_devices.name_of(device),
        )
        if grant is None:
            raise InvalidChallenge
    return grant, noted.cookie if isinstance(noted, Remembered) else None, user


async def _settle(runtime: Runtime, user: User, proofs: Sequence[Proof], client: Client) -> None:
    """Change what an open session changes in the account. The row is locked.

    Whoever shows a second factor hasn't lost it: it isn't taken away as lost. And an account at a provider that was
    shown beside opens this one from now on.
    """
    if worth.SECOND_FACTORS.intersection(worth.assured(proofs).methods):
        await factor_recoveries.stop(runtime, user, "factor", client)
    if external := worth.linked(proofs):
        await identities.link(runtime, user, external, client)


async def _note_displaced(runtime: Runtime, client: Client, grant: Grant) -> None:
    """Record which sessions a new one has ended: at once, for they are over even if this log-in comes to nothing."""
    for displaced in grant.displaced:
        await events.record(runtime, events.SESSION_DISPLACED, user_id=grant.uid, session_id=displaced, client=client)


async def _let_in(
    runtime: Runtime,
    client: Client,
    grant: Grant,
    signed_in: SignedIn,
    marks: worth.Marks,
    *,
    once: str | None = None,
) -> SignedIn:
    """Record that a session is there, and whether it is bound. With `once` it has one such event, however often."""
    uid, sid, methods = grant.uid, grant.sid, " ".join(grant.assurance.methods)
    done, bound = events.LOGIN_SUCCEEDED, events.SESSION_BOUND
    await events.record(runtime, done, user_id=uid, session_id=sid, client=client, once=once, methods=methods, **marks)
    if grant.jkt:
        possession_counting.count("bound")
        await events.record(runtime, bound, user_id=uid, session_id=sid, client=client, once="", kind="dpop")
    return signed_in
