"""A forgotten password: ask for a link, set a new one with it."""

from __future__ import annotations

from models import User
from service.accounts import accounts, claims
from service.audit import events
from service.core.client import Client
from service.core.sql.transactions import transaction
from service.core.text.email_address import EmailAddress
from service.credentials import budgets, known_devices, passwords
from service.errors import InvalidToken
from service.errors.end_reasons import EndReason
from service.letters import notices, onetime
from service.runtime import Runtime
from service.sessions import endings
from service.stores.letter_kinds import RESET_PASSWORD


async def request_reset(runtime: Runtime, email: EmailAddress, client: Client) -> None:
    """Ask for a link that sets a new password. Says nothing about whether the address has an account.

    Raises `RateLimited` for the caller's address; what a mailbox gets of them is the worker's to say (R19).
    """
    await budgets.pay_for_letter(runtime, "forgot", client)
    await accounts.ask(runtime, RESET_PASSWORD, email.canonical, client.language, client=client)


async def reset(runtime: Runtime, token: str, password: str, client: Client) -> None:
    """Set a new password with a link's token, and end every session (R24). No log-in comes of it.

    Whoever has the link has the mailbox, so the address counts as confirmed: for the first time, perhaps, and then
    what is older in the account is somebody else's (R79). It is also the last word on where the account belongs: no
    address that it was moved from can take it back any more. Raises `InvalidToken`, or `ValidationFailed` for the
    password, which leaves the token good.
    """
    found = await onetime.find(runtime, token, onetime.PASSWORD)
    known = await User.get_or_none(id=found.user_id) if found else None
    if known is None:
        raise InvalidToken
    shown = await claims.choose(runtime, known, password, client, way="reset")
    async with transaction():
        spent = await onetime.spend(runtime, token, onetime.PASSWORD)
        if spent is None:
            raise InvalidToken
        user, was_confirmed = spent.user, spent.user.email_verified
        ended = await endings.living(runtime, user) if was_confirmed else events.Living(())  # else the claim says which
        if was_confirmed:
            user.updated_at = runtime.clock.now()
            await user.save(update_fields=["updated_at"])
            await passwords.put(runtime, user, shown.hashed)
            await endings.end_all(runtime, user)
            await onetime.revoke(runtime, user)
            await claims.end_ways_back(runtime, user, client)
            await known_devices.forget_all(runtime, user.id)
        else:
            await claims.settle(runtime, user, shown, client)
        await notices.password_changed(runtime, user, client)
        await events.record(runtime, events.PASSWORD_RESET, user_id=user.id, client=client, **events.which(ended))
    await claims.clear(runtime, user, EndReason.PASSWORD_RESET if was_confirmed else shown.ends)
    if was_confirmed:
        await known_devices.welcome(runtime, user.id, client)
