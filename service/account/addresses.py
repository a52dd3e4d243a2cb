"""E-mail addresses: confirm one, change to another, take a change back."""

from __future__ import annotations

from tortoise.exceptions import IntegrityError

from models import User
from service.audit import events
from service.core.database import transaction
from service.core.email_address import EmailAddress, parse_email
from service.directory import accounts, budgets, devices, endings, notices, onetime
from service.errors import EmailTaken, Fault, InvalidToken, ValidationFailed
from service.mail.letters import Letter
from service.runtime import Runtime
from service.sessions.callers import Caller
from service.sessions.store import Client


async def request_verification(runtime: Runtime, email: EmailAddress, client: Client) -> None:
    """Ask for a link that confirms an address. Says nothing about whether there is anything to confirm.

    Raises `RateLimited` for the caller's address.
    """
    if await budgets.pay_for_letter(runtime, "resend", email.given, client):
        await accounts.ask(runtime, Letter.VERIFY_ADDRESS, email.given, client.language)


async def verify(runtime: Runtime, token: str, client: Client) -> None:
    """Confirm the address that the link was sent to. Raises `InvalidToken`."""
    async with transaction():
        spent = await onetime.spend(runtime, token, onetime.VERIFY)
        if spent is None:
            raise InvalidToken
        await User.filter(id=spent.user_id).update(email_verified=True, updated_at=runtime.clock.now())
        await events.record(runtime, events.EMAIL_VERIFIED, user_id=spent.user_id, client=client)


async def request_change(runtime: Runtime, caller: Caller, email: EmailAddress) -> None:
    """Ask for a link to the new mailbox. Nothing changes before it is used (R34).

    The answer doesn't tell whether the new address has an account: if so, its owner hears of it, and nobody else.
    Raises `RateLimited` for the caller's address.
    """
    user = caller.user
    if email.canonical == user.email_canonical:
        raise ValidationFailed([Fault("/email", "That is your address already.")])
    welcome = await budgets.pay_for_letter(runtime, "change", email.given, caller.client)
    async with transaction():
        if welcome:
            await accounts.ask(runtime, Letter.CONFIRM_NEW_ADDRESS, email.given, user.language, user_id=user.id)
        await events.record(
            runtime,
            events.EMAIL_CHANGE_REQUESTED,
            user_id=user.id,
            session_id=caller.session.sid,
            client=caller.client,
        )


async def confirm_change(runtime: Runtime, token: str, client: Client) -> None:
    """Make the new address the user's; the old one gets a notice that can take it back (R34).

    Raises `InvalidToken`, or `EmailTaken` when somebody else has come first: the unique index decides.
    """
    try:
        async with transaction():
            spent = await onetime.spend(runtime, token, onetime.ADDRESS)
            user = await _locked(spent)
            old = user.email
            await _move(runtime, user, spent)
            await notices.address_changed(runtime, user, old)
            await events.record(runtime, events.EMAIL_CHANGED, user_id=user.id, client=client)
    except IntegrityError:
        raise EmailTaken from None


async def undo_change(runtime: Runtime, token: str, client: Client) -> None:
    """Give the account back to its old address, end every session, and send a link to set a new password there.

    For whoever lost the account with its mailbox's name: so the newer changes can't be taken back in turn.
    Raises `InvalidToken`, or `EmailTaken` when the old address has an account of its own by now.
    """
    found = await onetime.find(runtime, token, onetime.UNDO)
    if found is None:
        raise InvalidToken
    cutoff = await endings.cut_off_now(runtime, found.user_id)
    try:
        async with transaction():
            spent = await onetime.spend(runtime, token, onetime.UNDO)
            user = await _locked(spent)
            await _move(runtime, user, spent)
            await onetime.revoke_undo(user.id, found.issued_at)
            await devices.forget_all(runtime, user.id)
            await endings.set_cut_off(user.id, cutoff)
            await accounts.ask(runtime, Letter.RESET_PASSWORD, user.email, user.language, user_id=user.id)
            await events.record(runtime, events.EMAIL_CHANGE_UNDONE, user_id=user.id, client=client)
    except IntegrityError:
        raise EmailTaken from None
    await endings.delete_sessions(runtime, found.user_id)


async def _locked(spent: onetime.Spent | None) -> User:
    """Return the user of a token that was good, their row locked; raise `InvalidToken` for any other."""
    user = await User.filter(id=spent.user_id).select_for_update().first() if spent else None
    if user is None:
        raise InvalidToken
    return user


async def _move(runtime: Runtime, user: User, spent: onetime.Spent | None) -> None:
    """Set the address that the token confirms. Links to the old one end."""
    assert spent is not None and spent.subject is not None  # noqa: S101, PT018 - these purposes have a subject
    address = parse_email(spent.subject)
    user.email, user.email_canonical = address.given, address.canonical
    user.email_verified, user.updated_at = True, runtime.clock.now()
    await onetime.revoke(user.id)
    await user.save(update_fields=["email", "email_canonical", "email_verified", "updated_at"])
