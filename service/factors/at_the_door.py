"""The second step of a log-in: the second factor, or setting one up where the account has to have one.

Who sets one up here has shown a first factor and no more. A stolen password must not choose the second: so the mailbox
is asked as well, with a code in a letter, unless it is what was shown (R79).
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from typing import Final
from uuid import UUID

from models import User
from service.core.client import Client
from service.core.crypto import totp as codes
from service.core.crypto.derivation import derive_keys
from service.core.sql.transactions import transaction
from service.core.webauthn.ceremonies import Assertion, Attestation, NewKey
from service.credentials import (
    budgets,
    factor_guesses,
    factors,
    known_devices,
    passkey_challenges,
    passkeys,
    second_factor,
)
from service.credentials.proof import CODE, MAIL, Proof, Unproven
from service.credentials.second_factor import Code, Key, RecoveryCode
from service.errors import AddressUnconfirmed, InvalidChallenge, InvalidCode, Unavailable
from service.factors import passkeys_set_up, setting_up, waiting
from service.factors.passkeys_set_up import New, Wanted
from service.letters import notices
from service.runtime import Runtime
from service.signin import door, pending
from service.signin.door import Pending, SignedIn
from service.signin.pending import Waiting, still_holds
from service.stores.letter_kinds import FACTOR_CODE

DIGITS: Final = 6


@dataclass(frozen=True, slots=True)
class Begun:
    """A secret for an app; with `mail_code` the code from a letter that is on its way is asked for, too."""

    enrolment: UUID
    secret: str = field(repr=False)
    uri: str = field(repr=False)
    expires_at: datetime
    mail_code: bool


@dataclass(frozen=True, slots=True)
class Codes:
    """What is shown to confirm it: a code of the app, and the one from the mailbox where that is asked."""

    app: str = field(repr=False)
    mail: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class PasskeyBegun:
    """What the browser is to make; with `mail_code` the code from a letter that is on its way is asked for, too."""

    wanted: Wanted
    mail_code: bool


@dataclass(frozen=True, slots=True)
class NewPasskey:
    """What the browser has made, what it is called, and the code from the mailbox where that is asked."""

    shown: Attestation
    name: str | None
    mail: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What came of the log-in, and the recovery codes, if they were made just now."""

    outcome: SignedIn | Pending
    recovery_codes: tuple[str, ...] | None = field(repr=False)


async def finish(
    runtime: Runtime, challenge: str, shown: Code | RecoveryCode | Assertion, client: Client, *, trust_device: bool
) -> SignedIn | Pending:
    """Go on with a log-in by its second factor. Raises `InvalidChallenge`, `InvalidCode`, `InvalidPasskey`,
    `RateLimited`.

    With `trust_device` this device isn't asked again for a while; never after a recovery code.
    """
    user, found = await begun(runtime, challenge)
    number = found.ticket.number
    what = Key(shown, passkey_challenges.of_second_step(number)) if isinstance(shown, Assertion) else shown
    proof = await second_factor.verify(runtime, user, what, client, challenge=number)
    if isinstance(proof, Proof) and trust_device and not isinstance(shown, RecoveryCode):
        proof = replace(proof, trusts=True)
    return await door.resume(runtime, challenge, proof, client)


async def begin(runtime: Runtime, challenge: str, client: Client) -> Begun:
    """Make a secret for an app, in a log-in of an account that has to have a second factor and has none.

    Raises `InvalidChallenge` for any other; `AddressUnconfirmed`; `RateLimited` for the letters of the network.
    """
    user, found = await begun(runtime, challenge)
    _expect_without(runtime, user)
    by_mail = await _pay_for_letter(runtime, found, client)
    enrolment = await waiting.begin(runtime, user, found.ticket.number)
    if by_mail:
        await _send_code(runtime, user, found, client)
    return Begun(enrolment.enrolment, enrolment.secret, enrolment.uri, enrolment.expires_at, by_mail)


async def confirm(runtime: Runtime, challenge: str, number: UUID, shown: Codes, client: Client) -> Enrolled:
    """Make the secret the account's, and go on with the log-in. The same again within a minute gives the same session.

    Raises `InvalidChallenge`, `InvalidCode` for either code, `RateLimited`.
    """
    user, found = await begun(runtime, challenge)
    if user.has_factor:  # this very log-in has set it up, and the answer got lost; or it is none of it
        return Enrolled(await finish(runtime, challenge, Code(shown.app), client, trust_device=False), None)
    _expect_without(runtime, user)
    secret = await waiting.find(runtime, user, number, found.ticket.number)
    if secret is None:
        raise InvalidChallenge
    known = await known_devices.recognise(runtime, user.id, client)
    text = f"{number} {shown.app} {shown.mail}"
    paid = await factor_guesses.pay(runtime, user, "set_up", text, known=known, challenge=found.ticket.number)
    step = codes.step_of(secret, shown.app, runtime.clock.now())
    mailbox = not _asks_mailbox(found) or _is_code(runtime, found.ticket.number, shown.mail)
    if step is None or not mailbox:
        await door.resume(runtime, challenge, Unproven("code", InvalidCode()), client)
        raise InvalidChallenge  # never reached: what is unproven is raised
    await factor_guesses.forget(runtime, user, paid)
    made = await setting_up.codes_for(runtime, user)

    async def put(user: User) -> None:
        await setting_up.put(runtime, user, secret, made, step=step, used_for=found.ticket.number)

    if not await _set_up(runtime, found, factors.TOTP, put, client):
        return Enrolled(await finish(runtime, challenge, Code(shown.app), client, trust_device=False), None)
    with suppress(Unavailable):  # it ends by itself
        await waiting.forget(runtime, user, number)
    proof = Proof(frozenset({CODE}), 1, runtime.clock.now(), device=known or "new")
    outcome = await door.resume(runtime, challenge, proof, client)
    return Enrolled(outcome, made.codes if made else None)


async def begin_passkey(runtime: Runtime, challenge: str, client: Client) -> PasskeyBegun:
    """Ask for a passkey instead, which is to be set up in this log-in. Raises what `begin` raises."""
    user, found = await begun(runtime, challenge)
    _expect_without(runtime, user)
    by_mail = await _pay_for_letter(runtime, found, client)
    wanted = await passkeys_set_up.wanted(runtime, user, found.ticket.number)
    if by_mail:
        await _send_code(runtime, user, found, client)
    return PasskeyBegun(wanted, by_mail)


async def confirm_passkey(runtime: Runtime, challenge: str, made: NewPasskey, client: Client) -> Enrolled:
    """Make the passkey the account's, and go on with the log-in. The same again within a minute gives the same session.

    Raises `InvalidChallenge`, `InvalidPasskey`, `InvalidCode` for the code from the mailbox, `RateLimited`.
    """
    user, found = await begun(runtime, challenge)
    number = found.ticket.number
    key = await passkeys_set_up.take(runtime, made.shown, number)
    if user.has_factor:
        return Enrolled(await _again(runtime, challenge, found, key, client), None)
    _expect_without(runtime, user)
    known = await known_devices.recognise(runtime, user.id, client)
    if _asks_mailbox(found):
        text = f"{made.shown.raw_id} {made.mail}"
        paid = await factor_guesses.pay(runtime, user, "set_up", text, known=known, challenge=number)
        if not _is_code(runtime, number, made.mail):
            await door.resume(runtime, challenge, Unproven("code", InvalidCode()), client)
            raise InvalidChallenge  # never reached: what is unproven is raised
        await factor_guesses.forget(runtime, user, paid)
    codes = await setting_up.codes_for(runtime, user)

    async def put(user: User) -> None:
        await passkeys_set_up.put(runtime, user, New(key, passkeys_set_up.called(made.name, client), number), codes)

    if not await _set_up(runtime, found, passkeys.KIND, put, client):
        return Enrolled(await _again(runtime, challenge, found, key, client), None)
    outcome = await _again(runtime, challenge, found, key, client)
    return Enrolled(outcome, codes.codes if codes else None)


async def _again(runtime: Runtime, challenge: str, found: Waiting, key: NewKey, client: Client) -> SignedIn | Pending:
    """Go on with the log-in that has set this passkey up. Raises `InvalidPasskey` where it was another one."""
    passkey = await passkeys.find(key.raw_id)
    whose = (passkeys.owner_id(passkey), passkey.credential.used_for) if passkey else None
    if passkey is None or whose != (found.ticket.uid, found.ticket.number):
        return await door.resume(runtime, challenge, passkeys.refused("taken"), client)
    return await door.resume(runtime, challenge, passkeys.proof_of(runtime, passkey, key.flags), client)


async def _set_up(
    runtime: Runtime, found: Waiting, kind: str, put: Callable[[User], Awaitable[None]], client: Client
) -> bool:
    """Store a factor, and let this log-in outlive that, but no other. False where somebody was first."""
    async with transaction():
        user = await User.filter(id=found.ticket.uid, is_active=True).select_for_update().first()
        if user is not None and user.has_factor:
            return False
        if user is None or not user.email_verified or not still_holds(runtime, found.begun, user):
            raise InvalidChallenge
        await put(user)
        await setting_up.note_added(runtime, user, client, kind)
        await pending.renew(runtime, found, user)
    await setting_up.forget_guesses(runtime, user)
    return True


async def begun(runtime: Runtime, challenge: str) -> tuple[User, Waiting]:
    """Return whose log-in it is, and the log-in, in which a first factor was shown. Raises `InvalidChallenge`."""
    found = await pending.waiting(runtime, challenge)
    if found.user is None or not found.proofs:
        raise InvalidChallenge
    return found.user, found


def _expect_without(runtime: Runtime, user: User) -> None:
    """Raise `InvalidChallenge` unless this account has to set up a second factor; `AddressUnconfirmed` if it can't."""
    if user.has_factor or not factors.demanded(runtime.settings, user):
        raise InvalidChallenge
    setting_up.expect_allowed(runtime, user)
    if not user.email_verified:  # the code for the mailbox would come to nobody
        raise AddressUnconfirmed


async def _pay_for_letter(runtime: Runtime, found: Waiting, client: Client) -> bool:
    """Return whether the mailbox is asked, too, once that is paid for."""
    if _asks_mailbox(found):
        await budgets.pay_for_letter(runtime, "factor", client)
    return _asks_mailbox(found)


async def _send_code(runtime: Runtime, user: User, found: Waiting, client: Client) -> None:
    async with transaction():
        code, until = _code_of(runtime, found.ticket.number), str(found.begun.ends_at)
        await notices.tell(runtime, FACTOR_CODE, user, code=code, until=until, **notices.where(client, user))


def _asks_mailbox(found: Waiting) -> bool:
    return not any(MAIL in proof.methods for proof in found.proofs)


def _is_code(runtime: Runtime, number: UUID, text: str) -> bool:
    keys = _keys(runtime.settings.secrets)
    right = [hmac.compare_digest(_code(key, number).encode(), text.encode()) for key in keys]
    return any(right)


def _code_of(runtime: Runtime, number: UUID) -> str:
    return _code(_keys(runtime.settings.secrets)[0], number)


def _code(key: bytes, number: UUID) -> str:
    """Return the code of a log-in: derived, so that nothing is stored that could be tried out."""
    return f"{int.from_bytes(hmac.digest(key, number.bytes, 'sha256')) % 10**DIGITS:0{DIGITS}}"


@lru_cache(maxsize=4)
def _keys(secrets: tuple[str, ...]) -> tuple[bytes, ...]:
    return derive_keys(secrets, "code in a letter, to set up a second factor")
