"""Register, log out everywhere, reauthenticate."""

from __future__ import annotations

from contextlib import suppress

from models import User
from service.accounts import accounts, registrations
from service.audit import events
from service.core.client import Client
from service.core.sql.transactions import transaction
from service.core.text.email_address import EmailAddress
from service.credentials import budgets, passwords, second_factor, verification
from service.credentials.passwords import Password
from service.credentials.proof import Unproven
from service.errors import (
    EmailTaken,
    InvalidGrant,
)
from service.errors.end_reasons import EndReason
from service.letters import notices
from service.runtime import Runtime
from service.sessions import endings
from service.sessions.acting import acting, asked_for
from service.sessions.callers import Caller
from service.signin import door
from service.stores.letter_kinds import VERIFY_ADDRESS


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
