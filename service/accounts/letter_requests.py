"""From a letter in the outbox to one that goes: whom it reaches, whether it may go, and the token of its link.

Of letters that somebody asked for, whether there is anyone to write to is found out here, by the worker, not by the
request. So asking takes the same time and gets the same answer whether an account exists or not (R17, R18): a request
writes one row, with a token that means nothing yet. When its letter is about to be sent, it is paid for, and only
then the token becomes the user's: a letter that doesn't go ends no older link (R21), and uses up nobody's budget (R19).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from models import User
from service.accounts import accounts, letter_gate, registrations
from service.accounts.letter_gate import Dropped, Waits
from service.core.clock import to_ms
from service.core.sql.transactions import transaction
from service.core.telemetry.logs import log_event
from service.core.text.email_address import parse_email
from service.credentials import known_devices
from service.letters import links, notices, onetime
from service.runtime import Runtime
from service.stores.letter_kinds import CONFIRM_NEW_ADDRESS, VERIFY_ADDRESS, Letter, Link, moment
from service.stores.outbox import Envelope

_NOBODY = Dropped("there is nobody to write to")
_ENOUGH = Dropped("the mailbox has had enough of them for now")
_LATE = Dropped("it was asked for too long ago to be of any use")
_GONE = Dropped("another letter has taken its place, or what it was for has changed")


FOR_EVER: Final = 2**63
"""Until when a letter is of use, in ms, where whoever asked for it has given no `until`."""


@dataclass(frozen=True, slots=True)
class _Reader:
    """Whom a letter reaches. `device` is the one it was asked for on, where that is the reader's own.

    With a `user` it was asked for: its token is to be theirs, for the address `subject` if it isn't the one they have.
    """

    letter: Envelope
    confirmed: bool
    user: User | None = None
    device: str | None = None
    subject: str | None = None


async def resolve(runtime: Runtime, envelope: Envelope) -> Envelope | Waits | None:
    """Return the letter to be sent, or that it has to wait; None when it doesn't go, now or later."""
    async with transaction():
        found = await _resolve(runtime, envelope)
    if isinstance(found, Dropped):
        log_event("mail.dropped", mail_id=envelope.id, letter=envelope.letter.name, reason=found.reason)
        return None
    return found


async def _resolve(runtime: Runtime, envelope: Envelope) -> Envelope | Waits | Dropped:
    if to_ms(runtime.clock.now()) > int(envelope.values.get("until", FOR_EVER)):
        return _LATE
    reader = await _reader_of(envelope.letter)(runtime, envelope)
    if isinstance(reader, Dropped):
        return reader
    refused = await letter_gate.admit(runtime, reader.letter, confirmed=reader.confirmed, device=reader.device)
    if isinstance(refused, Waits):
        if not envelope.letter.waits:
            return _ENOUGH
        if not await _may_wait(runtime, reader.letter):
            return _GONE
    if refused is not None:
        return refused
    kind = reader.letter.letter
    if kind.link is not None and reader.user is not None:
        letter = await _linked(runtime, reader, kind.link, reader.user)
    else:
        letter = await _paid(runtime, reader.letter)
    return letter_gate.disarmed(letter, confirmed=reader.confirmed) if letter else _GONE


async def _told(runtime: Runtime, envelope: Envelope) -> _Reader | Dropped:
    """Find the reader of a letter that nobody asked for: it says itself whether its address is a confirmed one."""
    said = envelope.values.get("confirmed")
    if said is None:  # written by a version that didn't say
        confirmed = await User.exists(email_canonical=parse_email(envelope.recipient).canonical, email_verified=True)
        return _Reader(envelope, confirmed)
    return _Reader(envelope, said == "yes")


async def _verify(runtime: Runtime, envelope: Envelope) -> _Reader | Dropped:
    user = await _locked(envelope.recipient)
    if user is None or not user.is_active or user.email_verified:
        return _NOBODY
    return await _asked(runtime, envelope, user)


async def _of_the_owner(runtime: Runtime, envelope: Envelope) -> _Reader | Dropped:
    user = await _locked(envelope.recipient)
    if user is None or not user.is_active:
        return _NOBODY
    return await _asked(runtime, envelope, user)


async def _new_address(runtime: Runtime, envelope: Envelope) -> _Reader | Dropped:
    user = await User.filter(id=envelope.user_id).select_for_update().first()
    if user is None or not user.is_active:
        return _NOBODY
    # Not locked: two users who ask for each other's address would wait for each other.
    owner = await accounts.find_by_email(envelope.recipient)
    if owner is not None and owner.id == user.id:
        return _NOBODY
    if owner is not None:
        await notices.address_taken(runtime, owner)
        return _GONE
    if "issued" not in envelope.values:
        if not await runtime.outbox.holds(envelope):
            return _GONE
        await runtime.outbox.gather(envelope, (envelope.recipient,), user_id=user.id)
    return _Reader(envelope, confirmed=False, user=user, subject=envelope.recipient)


def _reader_of(letter: Letter) -> Callable[[Runtime, Envelope], Awaitable[_Reader | Dropped]]:
    """Return what finds whom a letter reaches: nobody, where what it was asked for has happened already."""
    if letter is VERIFY_ADDRESS:
        return _verify
    if letter is CONFIRM_NEW_ADDRESS:
        return _new_address
    return _of_the_owner if letter.link else _told


async def _asked(runtime: Runtime, envelope: Envelope, user: User) -> _Reader | Dropped:
    """Address the letter to the user's stored address, never to what somebody typed (R25), for all that ask for it.

    However many wait, one goes: a stranger who asks a hundred times uses up one letter of the owner's budget.
    """
    if "issued" not in envelope.values:
        if not await runtime.outbox.holds(envelope):
            return _GONE  # with the user locked: another one has gathered it
        asked = [envelope.values, *await runtime.outbox.gather(envelope, (user.email, user.email_canonical))]
        cookies = [cookie for values in asked for cookie in values.get("device", "").split()]
        device = await known_devices.named(runtime, user.id, cookies)
        if device and envelope.values.get("device") != device[0]:
            envelope = replace(envelope, values={**envelope.values, "device": device[0]})
            await runtime.outbox.remember(envelope)
    else:
        device = None
    letter = replace(envelope, recipient=user.email, language=user.language or envelope.language, user_id=user.id)
    return _Reader(letter, user.email_verified, user, str(device[1]) if device else None)


async def _linked(runtime: Runtime, reader: _Reader, link: Link, user: User) -> Envelope | None:
    """Make the letter's token the user's. None when it was, and has been used or replaced, or it is withdrawn by now.

    A letter that is sent again is a letter that may have arrived: its token counts once, as a row and as a use (R20).
    """
    letter, life = reader.letter, link.life(runtime.settings)
    token, expires = letter.values["token"], None
    if "issued" in letter.values:
        expires = await onetime.extend(runtime, token, life)
    elif await runtime.outbox.remember(letter, issued="yes", paid="yes"):
        made = letter.values.get("registration")
        expires = await onetime.issue(
            runtime,
            token,
            user_id=user.id,
            purpose=link.purpose,
            life=life,
            subject=reader.subject,
            by_known_device=reader.device is not None,
            registration_id=UUID(made) if made else None,
            at_once=link.at_once,
        )
    if expires is None:
        return None
    if link.purpose == onetime.VERIFY:
        await registrations.keep_until(runtime, user.id, expires)
    leads_to = links.page(runtime.settings, link.page, token)
    asked_with = (*letter.letter.says, *letter.letter.says_anybody)
    said = {name: letter.values[name] for name in asked_with}
    said |= {"link": leads_to, "expires": moment(expires), "name": user.full_name or ""}
    return replace(letter, values=said)


async def _paid(runtime: Runtime, letter: Envelope) -> Envelope | None:
    if "paid" in letter.values or await runtime.outbox.remember(letter, paid="yes"):
        return letter
    return None


async def _may_wait(runtime: Runtime, letter: Envelope) -> bool:
    """Return whether a letter over the budget waits: of those that say the same, the newest does."""
    gathered = letter.letter.link is not None  # those that were the same are in this one
    return gathered or letter.letter.every_one or await runtime.outbox.has_last_word(letter)


async def _locked(address: str) -> User | None:
    """Return the user of an address, their row locked: tokens of one user are issued one after the other."""
    return await User.filter(email_canonical=parse_email(address).canonical).select_for_update().first()
