"""Letters that somebody asked for: whether there is anyone to write to is found out by the worker, not by the request.

So asking takes the same time and gets the same answer whether an account exists or not (R17, R18): a request writes
one row, with a token that means nothing yet. When its letter is about to be sent, the token becomes the user's.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from models import User
from service.core.database import transaction
from service.core.email_address import parse_email
from service.directory import accounts, onetime, registrations
from service.mail import links
from service.mail.letters import Letter
from service.mail.outbox import Envelope
from service.runtime import Runtime


async def settle(runtime: Runtime, envelope: Envelope) -> Envelope | None:
    """Return the letter to be sent, None when there is nobody to send it to. Other letters pass as they are."""
    decide = _DECISIONS.get(envelope.letter)
    if decide is None:
        return envelope
    async with transaction():
        return await decide(runtime, envelope)


async def _verify(runtime: Runtime, envelope: Envelope) -> Envelope | None:
    user = await _locked(envelope.recipient)
    if user is None or not user.is_active or user.email_verified:
        return None
    life = timedelta(hours=runtime.settings.EMAIL_VERIFY_HOURS)
    expires = await _token(runtime, envelope, user, onetime.VERIFY, life)
    if expires:
        await registrations.keep_until(runtime, user.id, expires)
    return _to(user, envelope, links.verify(runtime.settings, envelope.values["token"]), expires) if expires else None


async def _password(runtime: Runtime, envelope: Envelope) -> Envelope | None:
    user = await _locked(envelope.recipient)
    if user is None or not user.is_active:
        return None
    settings = runtime.settings
    welcome = envelope.letter is Letter.SET_PASSWORD  # it waits for somebody who may be on holiday
    life = (
        timedelta(hours=settings.EMAIL_VERIFY_HOURS) if welcome else timedelta(minutes=settings.PASSWORD_RESET_MINUTES)
    )
    expires = await _token(runtime, envelope, user, onetime.PASSWORD, life)
    return _to(user, envelope, links.reset(settings, envelope.values["token"]), expires) if expires else None


async def _new_address(runtime: Runtime, envelope: Envelope) -> Envelope | None:
    user = await User.filter(id=envelope.user_id).select_for_update().first()
    if user is None or not user.is_active:
        return None
    # Not locked: two users who ask for each other's address would wait for each other.
    owner = await accounts.find_by_email(envelope.recipient)
    if owner is not None:
        taken = replace(envelope, letter=Letter.ADDRESS_TAKEN, values={})
        return _to(owner, taken, links.log_in(runtime.settings)) if owner.id != user.id else None
    life = timedelta(hours=runtime.settings.EMAIL_VERIFY_HOURS)
    expires = await _token(runtime, envelope, user, onetime.ADDRESS, life, subject=envelope.recipient)
    if expires is None:
        return None
    link = links.confirm(runtime.settings, envelope.values["token"])
    return replace(envelope, values={"name": user.full_name or "", "link": link, "expires": moment(expires)})


_DECISIONS: dict[Letter, Callable[[Runtime, Envelope], Awaitable[Envelope | None]]] = {
    Letter.VERIFY_ADDRESS: _verify,
    Letter.RESET_PASSWORD: _password,
    Letter.SET_PASSWORD: _password,
    Letter.CONFIRM_NEW_ADDRESS: _new_address,
}


async def _token(
    runtime: Runtime, envelope: Envelope, user: User, purpose: str, life: timedelta, *, subject: str | None = None
) -> datetime | None:
    """Make the letter's token the user's; return when it ends. None when it was, and has been used or replaced.

    A letter that is sent again is a letter that may have arrived: its token counts once, as a row and as a use (R20).
    """
    token = envelope.values["token"]
    if "issued" in envelope.values:
        return await onetime.extend(runtime, token, life)
    if not await runtime.outbox.remember(envelope, issued="yes"):
        return None  # withdrawn: the password or the address was changed while it waited
    made = envelope.values.get("registration")
    return await onetime.issue(
        runtime,
        token,
        user_id=user.id,
        purpose=purpose,
        life=life,
        subject=subject,
        registration_id=UUID(made) if made else None,
    )


async def _locked(address: str) -> User | None:
    """Return the user of an address, their row locked: tokens of one user are issued one after the other."""
    return await User.filter(email_canonical=parse_email(address).canonical).select_for_update().first()


def _to(user: User, envelope: Envelope, link: str, expires: datetime | None = None) -> Envelope:
    """Address the letter to the user's stored address, never to what somebody typed (R25)."""
    values = {"name": user.full_name or "", "link": link}
    if expires is not None:
        values["expires"] = moment(expires)
    return replace(
        envelope, recipient=user.email, language=user.language or envelope.language, user_id=user.id, values=values
    )


def moment(when: datetime) -> str:
    """Return a time as letters say it."""
    return f"{when:%Y-%m-%d %H:%M} UTC"
