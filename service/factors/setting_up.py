"""Set up, replace and remove the second factor of one's own account, and its recovery codes."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from models import User
from models.user import Factor
from service.audit import events
from service.core.client import Client
from service.core.crypto import totp as codes
from service.credentials import factor_guesses, factors, recovery_codes, totp, trusted_devices
from service.credentials.proof import CODE, RECOVERY_CODE, Proof
from service.credentials.recovery_codes import Made
from service.errors import (
    AddressUnconfirmed,
    InvalidChallenge,
    InvalidCode,
    NotFound,
    Unavailable,
)
from service.errors.end_reasons import EndReason
from service.factors import waiting
from service.factors.waiting import Enrolment
from service.letters import links, notices
from service.runtime import Runtime
from service.sessions import endings
from service.sessions.acting import acting, expect_fresh, expect_shown
from service.sessions.callers import Caller
from service.signin import door
from service.stores.letter_kinds import FACTOR_ADDED, RECOVERY_CODES_REPLACED

_NOTHING: Final = "There is no second factor that recovery codes could stand in for."


@dataclass(frozen=True, slots=True)
class SetUp:
    """It is the account's second factor now. The recovery codes are new, and shown this once; None where there are some
    already.
    """

    recovery_codes: tuple[str, ...] | None = field(repr=False)


def expect_allowed(runtime: Runtime, user: User) -> None:
    """Raise `NotFound` where nobody sets up second factors, `AddressUnconfirmed` where nobody has proven the mailbox.

    An account that somebody prepares with another's address must not hold anything of theirs when its owner comes.
    Where no mail goes out nobody ever proves one: what is set up there is marked, and whoever proves it later gets
    the account without (accounts/claims.py).
    """
    if runtime.settings.SECOND_FACTOR == "off":
        raise NotFound
    if not user.email_verified and runtime.settings.mail_goes_out:
        raise AddressUnconfirmed


async def begin(runtime: Runtime, caller: Caller) -> Enrolment:
    """Make a secret for an app. It takes a fresh session; the secret that is good stays so until this is confirmed."""
    async with acting(runtime, caller, fresh=True) as user:
        expect_allowed(runtime, user)
    return await waiting.begin(runtime, user, caller.session.sid)


async def confirm(runtime: Runtime, caller: Caller, number: UUID, code: str, *, end_others: bool) -> SetUp:
    """Make a secret the account's, once a code of it was right; the one before is dead.

    Log-ins under way and the trust of devices end with it. The other sessions do if asked for, and where a recovery
    code was shown in this one: what it replaces may be in other hands. Raises `InvalidCode`, and `InvalidChallenge` for
    what is over or was begun elsewhere. Once more with the same code, it says that it is done.
    """
    sid, user = caller.session.sid, caller.user
    secret = await waiting.find(runtime, user, number, sid)
    if secret is None:
        if await totp.was_put_by(runtime, user, code, number):
            return SetUp(None)
        raise InvalidChallenge
    step = codes.step_of(secret, code, runtime.clock.now())
    if step is None:
        error = InvalidCode()
        error.attempts_left = await waiting.fail(runtime, user, number)
        raise error
    ends = asks_to_end(caller, end_others)
    made = await codes_for(runtime, user)
    async with acting(runtime, caller) as user:
        expect_allowed(runtime, user)
        if await waiting.find(runtime, user, number, sid) is None:  # of two at once the other one was first
            if await totp.was_put_by(runtime, user, code, number):
                return SetUp(None)
            raise InvalidChallenge
        await expect_shown(runtime, caller, user)
        others = await endings.living(runtime, user, keep=sid) if ends else None
        if ends:
            await endings.end_all(runtime, user, keep=sid)
        made = await put(runtime, user, secret, made, step=step, used_for=number)
        await note_added(runtime, user, caller.client, factors.TOTP, sid=sid, ended=ends, sessions=others)
        await waiting.forget(runtime, user, number)
    await follow_up(runtime, caller, Proof(frozenset({CODE}), 1, runtime.clock.now()), ended=ends)
    return SetUp(made.codes if made else None)


def asks_to_end(caller: Caller, end_others: bool) -> bool:
    """Return whether the other sessions end with a set-up: what replaces a recovery code may be in other hands."""
    return end_others or RECOVERY_CODE in caller.session.assurance.methods


async def follow_up(runtime: Runtime, caller: Caller, proof: Proof, *, ended: bool) -> None:
    """Do what comes after a set-up: it is done already, so nothing here may keep it from its owner."""
    if ended:
        await endings.delete_sessions(runtime, caller.user.id, EndReason.OTHERS_ENDED, keep=caller.session.sid)
    await tidy_up(runtime, caller.user)
    await forget_guesses(runtime, caller.user)
    with suppress(Unavailable):  # the recovery codes have to reach their owner
        await door.step_up(runtime, caller, proof)


async def codes_for(runtime: Runtime, user: User) -> Made | None:
    """Return recovery codes for an account that has none left, before its row is locked: hashing takes its time."""
    return None if Factor.RECOVERY_CODE in Factor(user.factors) else await recovery_codes.make(runtime)


async def put(
    runtime: Runtime, user: User, secret: bytes, made: Made | None, *, step: int, used_for: UUID
) -> Made | None:
    """Make the secret the account's, with recovery codes if it has none. Return those. The row is locked."""
    await totp.put(runtime, user, secret, step=step, used_for=used_for)
    return await put_codes(runtime, user, made, beside=Factor.TOTP)


async def put_codes(runtime: Runtime, user: User, made: Made | None, *, beside: Factor) -> Made | None:
    """Note a factor that was added, with recovery codes if there are none. Return those. The row is locked."""
    if Factor.RECOVERY_CODE in Factor(user.factors):
        made = None
    if made is not None:
        await recovery_codes.put(runtime, user, made)
        beside |= Factor.RECOVERY_CODE
    await factors.changed(user, added=beside)
    return made


async def note_added(
    runtime: Runtime,
    user: User,
    client: Client,
    kind: str,
    *,
    sid: UUID | None = None,
    ended: bool = False,
    sessions: events.Living | None = None,
) -> None:
    """Record that a factor was set up, and which `sessions` it `ended`; tell the user. Part of that transaction."""
    await events.record(
        runtime,
        events.FACTOR_ADDED,
        user_id=user.id,
        session_id=sid,
        client=client,
        **events.which(sessions),
        kind=kind,
        sessions_ended=ended,
    )
    said = {"kind": kind, "link": links.security(runtime.settings), **notices.where(client, user)}
    await notices.tell(runtime, FACTOR_ADDED, user, **said)


async def tidy_up(runtime: Runtime, user: User) -> None:
    """Take the trust of devices that the change has ended."""
    with suppress(Unavailable):
        await trusted_devices.forget_all(runtime, user.id)


async def forget_guesses(runtime: Runtime, user: User) -> None:
    """What was guessed before a factor was set up doesn't count: it was at none, or at another.

    Whoever could set it up had nothing to guess any more.
    """
    with suppress(Unavailable):  # it is forgotten in time
        await factor_guesses.forget_all(runtime, user)


async def new_recovery_codes(runtime: Runtime, caller: Caller) -> tuple[str, ...]:
    """Return ten new recovery codes; the ones before are dead. It takes a session that is fresh by a second factor."""
    if not caller.user.has_factor:
        raise NotFound(_NOTHING)
    await expect_fresh(runtime, caller, 2)
    made = await recovery_codes.make(runtime)
    async with acting(runtime, caller, fresh=True, level=2) as user:
        if not user.has_factor:
            raise NotFound(_NOTHING)
        await recovery_codes.put(runtime, user, made)
        await factors.changed(user, added=Factor.RECOVERY_CODE)
        said = {"link": links.security(runtime.settings), **notices.where(caller.client, user)}
        await notices.tell(runtime, RECOVERY_CODES_REPLACED, user, **said)
        await events.record(
            runtime,
            events.RECOVERY_CODES_REPLACED,
            user_id=user.id,
            session_id=caller.session.sid,
            client=caller.client,
        )
    await tidy_up(runtime, user)
    return made.codes
