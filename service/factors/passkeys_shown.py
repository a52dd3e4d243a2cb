"""Ask for a passkey, and log in with one alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from models import User
from service.core.client import Client
from service.core.webauthn.ceremonies import Assertion
from service.core.windows import Budget, Refused, by_network
from service.credentials import passkey_challenges, passkeys
from service.credentials.budgets import MINUTE
from service.credentials.passkeys import Showing
from service.credentials.proof import Proof
from service.errors import InvalidGrant, InvalidPasskey, NotFound
from service.factors import registering
from service.factors.at_the_door import begun
from service.feature.ways import Way
from service.runtime import Runtime
from service.sessions.callers import Caller
from service.settings import Settings
from service.signin import door
from service.signin.door import Pending, SignedIn


@dataclass(frozen=True, slots=True)
class Asked:
    """What a browser is asked for: an answer to `challenge`, by one of `known`; None for whatever it has."""

    challenge: str
    known: Sequence[tuple[str, list[str]]] | None
    verification: Literal["required", "preferred"]


def ways(settings: Settings) -> Sequence[Way]:
    """Return that one can log in with a passkey alone, where one can have any; and register, where no mail goes out."""
    if registering.is_open(settings):
        return (Way("passkey", {"registers": True}, registers="open"),)
    return (Way("passkey"),) if settings.SECOND_FACTOR != "off" else ()


def for_log_in(runtime: Runtime) -> Asked:
    """Ask for any passkey. It stores nothing, so a page may ask whenever it is opened."""
    return Asked(passkey_challenges.make(runtime, passkey_challenges.LOG_IN), None, "required")


async def for_second_step(runtime: Runtime, challenge: str) -> Asked:
    """Ask for one of the passkeys of whoever logs in. Raises `InvalidChallenge`; `NotFound` where there is none."""
    user, found = await begun(runtime, challenge)
    return await _one_of(runtime, user, passkey_challenges.of_second_step(found.ticket.number))


async def for_step_up(runtime: Runtime, caller: Caller) -> Asked:
    """Ask for one of the caller's passkeys. Raises `NotFound` where there is none."""
    return await _one_of(runtime, caller.user, passkey_challenges.of_step_up(caller.session.sid))


async def log_in(runtime: Runtime, shown: Assertion, client: Client) -> SignedIn | Pending:
    """Log in with a passkey alone: it says whose it is, and has verified them, so it counts for two factors.

    Raises `InvalidPasskey`; with a good one `InactiveUser`, `EmailNotVerified`; `RateLimited` for the caller's address.
    """
    budget = Budget("passkey", runtime.settings.LOGIN_ATTEMPTS_PER_ADDRESS, 15 * MINUTE)
    paid = await runtime.throttle.take_all(by_network(budget, client.ip))
    if isinstance(paid, Refused):
        raise paid.error()
    user = await passkeys.owner_of(shown)
    if user is None:
        unproven = passkeys.refused("unknown")
        if isinstance(unproven.error, InvalidPasskey):
            unproven.error.unknown_credential = True  # what an authenticator calls a key is no secret of ours
        return await door.begin(runtime, None, unproven, client)
    found = await passkeys.judge(runtime, user, shown, Showing(passkey_challenges.LOG_IN, client, alone=True))
    if isinstance(found, Proof):
        for taken in paid:
            await runtime.throttle.give_back(taken)
    try:
        return await door.begin(runtime, user, found, client)
    except InvalidGrant as error:
        if type(error) is not InvalidGrant:
            raise
        raise passkeys.refused("changed").error from None  # it was taken away meanwhile


async def _one_of(runtime: Runtime, user: User, purpose: str) -> Asked:
    good = await passkeys.good_of(runtime, user)
    if not good:
        raise NotFound("There is no passkey that could be shown.")
    return Asked(passkey_challenges.make(runtime, purpose), passkeys.known_as(good), "preferred")
