"""What may be tried how often, and by whom: the budgets of SECURITY.md R12 to R15 and R19.

An attempt at a password is counted where it comes from, in one of three buckets, so that a stranger's guessing doesn't
lock the owner out, and nobody guesses without end:

- on a device that its cookie names: that device's own;
- else at an address and with a browser that the user has logged in with before: that place's own;
- else: the account's, whether there is such an account or not, and the address's as well.

The wait of the first two says nothing to strangers; that of the third looks the same for every account.
"""

from __future__ import annotations

import logging
import unicodedata
from dataclasses import dataclass
from typing import Final

from service.core.networks import network_of
from service.core.telemetry import log_event
from service.core.throttle import Budget, Refused, Taken
from service.directory.devices import Recognised
from service.errors import Unavailable
from service.runtime import Runtime
from service.sessions.store import Client
from service.settings import Settings

MINUTE: Final = 60_000
HOUR: Final = 60 * MINUTE
FIRST_WAIT: Final = 15_000
LONGEST_WAIT: Final = 15 * MINUTE
MOST_GUESSES: Final = 100  # NIST SP 800-63B-4 section 3.2.2
REMEMBERED_PER_GUESS: Final = 6 * HOUR


@dataclass(frozen=True, slots=True)
class Attempt:
    """A password check that has been paid for; `of_address` too, unless the device is known by its cookie."""

    budget: Budget
    subject: str
    of_address: Budget | None
    network: str


def guessing(settings: Settings) -> Budget:
    """Return the budget for passwords of one account, at one place or device."""
    return Budget(
        "login",
        settings.LOGIN_ATTEMPTS_PER_ACCOUNT,
        REMEMBERED_PER_GUESS,
        wait_ms=FIRST_WAIT,
        longest_ms=LONGEST_WAIT,
        ceiling=MOST_GUESSES,
    )


def mailbox(text: str) -> str:
    """Return one text for all spellings of an address: also of those that only many providers deliver to one mailbox.

    It is coarser than what makes an account (case, dots, spaces, a +tag), for budgets only: a new spelling is no new
    budget. What isn't an address is treated alike.
    """
    folded = "".join(unicodedata.normalize("NFKC", text).casefold().split())
    local, at, domain = folded.rpartition("@")
    local, domain = (local or domain), (domain if at else "")
    return f"{local.partition('+')[0].replace('.', '')}@{domain.rstrip('.')}"


async def pay_for_attempt(runtime: Runtime, name: str, known: Recognised | None, client: Client) -> Attempt:
    """Take an attempt at the password of the account `name`, before the password is looked at.

    Raises `RateLimited`, and `Unavailable` without Redis: no guess is free.
    """
    network = network_of(client.ip)
    budget = guessing(runtime.settings)
    match known:
        case Recognised(device_id, by="cookie"):
            attempt = Attempt(budget, f"device {device_id}", None, network)
        case Recognised(device_id):
            attempt = Attempt(budget, f"place {device_id}", _by_address(runtime.settings), network)
        case None:
            attempt = Attempt(budget, f"account {mailbox(name)}", _by_address(runtime.settings), network)
    if attempt.of_address:
        _or_raise(await runtime.throttle.take(attempt.of_address, network))
    found = await runtime.throttle.take(budget, attempt.subject)
    if isinstance(found, Refused) and attempt.of_address:
        await runtime.throttle.give_back(attempt.of_address, network)
    _or_raise(found)
    return attempt


async def was_right(runtime: Runtime, attempt: Attempt) -> None:
    """The password was right: the row of wrong ones is over. The address gets back this one attempt and no more.

    (Else whoever has an account could log in to it now and then, and guess at others for ever.)
    """
    await _settle(runtime, attempt, whole=True)


async def was_none(runtime: Runtime, attempt: Attempt) -> None:
    """The password was never looked at: give the attempt back."""
    await _settle(runtime, attempt, whole=False)


async def forget_guesses(runtime: Runtime, email: str) -> None:
    """The account has a new password: guesses at the old one don't count. Redis away is no reason to fail."""
    try:
        await runtime.throttle.forget(guessing(runtime.settings), f"account {mailbox(email)}")
    except Unavailable:
        log_event("throttle.not_settled", logging.WARNING)


async def pay_for_registration(runtime: Runtime, client: Client) -> None:
    """Take a registration. Raises `RateLimited`. Without Redis there is a budget for this process alone."""
    budget = Budget("registration", runtime.settings.REGISTRATIONS_PER_ADDRESS, HOUR)
    _or_raise(await runtime.throttle.take_or_emergency(budget, network_of(client.ip)))


async def pay_for_letter(runtime: Runtime, kind: str, email: str, client: Client) -> bool:
    """Take a letter that somebody asks for (`kind`: forgot, resend, change). Raises `RateLimited` for the address.

    Returns False when the mailbox has had enough: the answer stays what it is, and no letter goes out (R18, R19).
    """
    by_address = Budget(f"{kind}-address", runtime.settings.MAIL_REQUESTS_PER_ADDRESS, HOUR)
    _or_raise(await runtime.throttle.take_or_emergency(by_address, network_of(client.ip)))
    return await may_write_to(runtime, kind, email)


async def may_write_to(runtime: Runtime, kind: str, email: str) -> bool:
    """Take a letter of this kind to the mailbox; return whether there was one left. It works without Redis too."""
    budget = Budget(kind, runtime.settings.MAIL_REQUESTS_PER_ACCOUNT, HOUR)
    return isinstance(await runtime.throttle.take_or_emergency(budget, mailbox(email)), Taken)


def demand_refresh(runtime: Runtime, client: Client) -> None:
    """Raise `RateLimited` when too many refresh tokens from this address were no good.

    An ordinary refresh takes nothing and asks nobody: this is a look into this process's memory.
    """
    _or_raise(runtime.throttle.look_local(_refusals(runtime.settings), network_of(client.ip)))


def count_refused_refresh(runtime: Runtime, client: Client) -> None:
    """Note that a refresh token was no good."""
    runtime.throttle.take_local(_refusals(runtime.settings), network_of(client.ip))


def _by_address(settings: Settings) -> Budget:
    return Budget("login-address", settings.LOGIN_ATTEMPTS_PER_ADDRESS, 15 * MINUTE)


def _refusals(settings: Settings) -> Budget:
    return Budget("refresh", settings.REFUSED_REFRESHES_PER_ADDRESS, MINUTE)


def _or_raise(found: Taken | Refused) -> None:
    if isinstance(found, Refused):
        raise found.error()


async def _settle(runtime: Runtime, attempt: Attempt, *, whole: bool) -> None:
    try:
        if whole:
            await runtime.throttle.forget(attempt.budget, attempt.subject)
        else:
            await runtime.throttle.give_back(attempt.budget, attempt.subject)
        if attempt.of_address:
            await runtime.throttle.give_back(attempt.of_address, attempt.network)
    except Unavailable:  # what it counted too much is forgotten in time; the caller needs no Redis for this
        log_event("throttle.not_settled", logging.WARNING)
