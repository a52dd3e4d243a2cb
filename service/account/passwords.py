"""A forgotten password: ask for a link, set a new one with it."""

from __future__ import annotations

from models import User
from service.audit import events
from service.core.database import transaction
from service.core.email_address import EmailAddress, parse_email
from service.directory import accounts, budgets, devices, endings, notices, onetime
from service.errors import InvalidToken
from service.mail.letters import Letter
from service.runtime import Runtime
from service.sessions.store import Client


async def request_reset(runtime: Runtime, email: EmailAddress, client: Client) -> None:
    """Ask for a link that sets a new password. Says nothing about whether the address has an account.

    Raises `RateLimited` for the caller's address; what a mailbox gets of them is the worker's to say (R19).
    """
    await budgets.pay_for_letter(runtime, "forgot", client)
    await accounts.ask(runtime, Letter.RESET_PASSWORD, email.canonical, client.language, client=client)


async def reset(runtime: Runtime, token: str, password: str, client: Client) -> None:
    """Set a new password with a link's token, and end every session (R24). No log-in comes of it.

    Whoever has the link has the mailbox, so the address counts as confirmed. Raises `InvalidToken`, or
    `ValidationFailed` for the password, which leaves the token good.
    """
    found = await onetime.find(runtime, token, onetime.PASSWORD)
    known = await User.get_or_none(id=found.user_id) if found else None
    if known is None:
        raise InvalidToken
    hashed = await accounts.hash_new_password(runtime, password, parse_email(known.email))
    async with transaction():
        spent = await onetime.spend(runtime, token, onetime.PASSWORD)
        if spent is None:
            raise InvalidToken
        user = spent.user
        user.hashed_password, user.email_verified, user.updated_at = hashed, True, runtime.clock.now()
        await user.save(update_fields=["hashed_password", "email_verified", "updated_at"])
        await endings.end_all(runtime, user)
        await onetime.revoke(runtime, user)
        await devices.forget_all(runtime, user.id)
        await notices.password_changed(runtime, user, client)
        await events.record(runtime, events.PASSWORD_RESET, user_id=user.id, client=client)
    await endings.delete_sessions(runtime, user.id)
    await budgets.forget_guesses(runtime, user)
