"""E-mail addresses: confirm one, change to another, take a change back."""

from __future__ import annotations

from tortoise.exceptions import IntegrityError

from models import User
from service.accounts import accounts, claims
from service.audit import events
from service.core.client import Client
from service.core.sql.transactions import transaction
from service.core.text.email_address import EmailAddress, parse_email
from service.credentials import budgets, factors, identities, known_devices, passwords
from service.errors import EmailTaken, Fault, InvalidToken, ValidationFailed
from service.errors.end_reasons import EndReason
from service.letters import notices, onetime
from service.runtime import Runtime
from service.sessions import endings
from service.sessions.acting import acting, expect_fresh
from service.sessions.callers import Caller
from service.stores.letter_kinds import CONFIRM_NEW_ADDRESS, RESET_PASSWORD, VERIFY_ADDRESS


async def request_verification(runtime: Runtime, email: EmailAddress, client: Client) -> None:
    """Ask for a link that confirms an address. Says nothing about whether there is anything to confirm.

    Raises `RateLimited` for the caller's address.
    """
    await budgets.pay_for_letter(runtime, "resend", client)
    await accounts.ask(runtime, VERIFY_ADDRESS, email.canonical, client.language)


async def verify(
    runtime: Runtime, token: str, client: Client, *, password: str | None = None, new_password: str | None = None
) -> None:
    """Confirm the address that the link was sent to, for whoever shows who they are (claims.py).

    Raises `InvalidToken`; `InvalidGrant`, `RateLimited` or `ValidationFailed` leave the link good.
    """
    found = await onetime.find(runtime, token, onetime.VERIFY)
    user = await User.get_or_none(id=found.user_id) if found else None
    if user is None:
        raise InvalidToken
    shown = await claims.prove(runtime, user, client, password=password, new_password=new_password)
    async with transaction():
        spent = await onetime.spend(runtime, token, onetime.VERIFY)
        if spent is None:
            raise InvalidToken
        await claims.settle(runtime, spent.user, shown, client)
    if isinstance(shown, claims.Claim):
        await claims.clear(runtime, user, shown.ends)


async def request_change(runtime: Runtime, caller: Caller, email: EmailAddress) -> None:
    """Ask for a link to the new mailbox. Nothing changes before it is used (R34). It takes a fresh session.

    The answer doesn't tell whether the new address has an account: if so, its owner hears of it, and nobody else.
    Raises `RateLimited` for the caller's address.
    """
    await expect_fresh(runtime, caller)
    if email.canonical == caller.user.email_canonical:
        raise ValidationFailed([Fault("/email", "That is your address already.")])
    await budgets.pay_for_letter(runtime, "change", caller.client)
    async with acting(runtime, caller, fresh=True) as user:
        await accounts.ask(runtime, CONFIRM_NEW_ADDRESS, email.given, user.language, user_id=user.id)
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
            if spent is None:
                raise InvalidToken
            old, was_confirmed = parse_email(spent.user.email), spent.user.email_verified
            await _move(runtime, spent)
            providers = await identities.in_words(spent.user)
            await notices.address_changed(runtime, spent.user, old, was_confirmed=was_confirmed, providers=providers)
            await events.record(runtime, events.EMAIL_CHANGED, user_id=spent.user.id, client=client)
    except IntegrityError:
        raise EmailTaken from None


async def undo_change(runtime: Runtime, token: str, client: Client) -> None:
    """Give the account back to its old address, end every session and the password, and send a link to set a new one.

    For whoever lost the account: the thief's password, sessions and later changes of address are all worth nothing.
    Raises `InvalidToken`, or `EmailTaken` when the old address has an account of its own by now.
    """
    found = await onetime.find(runtime, token, onetime.UNDO)
    if found is None:
        raise InvalidToken
    try:
        async with transaction():
            spent = await onetime.spend(runtime, token, onetime.UNDO)
            if spent is None:
                raise InvalidToken
            user = spent.user
            await _move(runtime, spent)
            # The old address may be confirmed by this for the first time: then a stranger chose the name (R79).
            name = user.full_name if spent.held else await claims.own_name(runtime, user)
            await User.filter(id=user.id).update(full_name=name)
            await passwords.take_away(user)
            await factors.remove(user, since=spent.issued_at)  # else the thief's would outlive this
            await identities.remove(user, spent.issued_at)
            await onetime.revoke_undo(user, spent.issued_at)
            await known_devices.forget_all(runtime, user.id)
            ended = await endings.living(runtime, user)
            await endings.end_all(runtime, user)
            await accounts.ask(runtime, RESET_PASSWORD, user.email, user.language, user_id=user.id)
            await events.record(
                runtime, events.EMAIL_CHANGE_UNDONE, user_id=user.id, client=client, **events.which(ended)
            )
    except IntegrityError:
        raise EmailTaken from None
    await endings.delete_sessions(runtime, found.user_id, EndReason.EMAIL_CHANGE_UNDONE)


async def _move(runtime: Runtime, spent: onetime.Spent) -> None:
    """Set the address that the token confirms. Links to the old one end. Raises `EmailTaken`, or IntegrityError."""
    assert spent.subject is not None  # noqa: S101 - these purposes have a subject
    user, address = spent.user, parse_email(spent.subject)
    user.email, user.email_canonical = address.given, address.canonical
    user.email_verified, user.updated_at = True, runtime.clock.now()
    factors.proven(user)
    await user.save(update_fields=["email", "email_canonical", "email_verified", "updated_at", "factors"])
    if await onetime.is_held(runtime, address.canonical, user_id=user.id):
        raise EmailTaken
    await onetime.revoke(runtime, user)
