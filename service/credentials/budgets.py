"""What may be tried how often, and by whom: the budgets of SECURITY.md R12 to R15 and R19.

An attempt at a password is counted where it comes from, in one of three buckets, so that a stranger's guessing doesn't
lock the owner out, and nobody guesses without end:

- on a device that its cookie names: that device's own;
- else at an address and with a browser that the user has logged in with before: that place's own;
- else: the account's, whether there is such an account or not, and the address's as well.

The wait of the first two says nothing to strangers; that of the third looks the same for every account.

Whom an attempt counts for is said by `subject_of` alone (R75): the user where there is one, else the address as
accounts are told apart; and for all spellings of one mailbox together, in which each has only a part.
"""

from __future__ import annotations

import logging
import unicodedata
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import lru_cache
from typing import Final

from models import User
from service.audit import events
from service.core.client import Client
from service.core.telemetry.logs import log_event
from service.core.text.email_address import parse_email
from service.core.windows import Budget, Charge, Refused, Taken, by_network
from service.credentials.known_devices import Recognised
from service.errors import Unavailable
from service.runtime import Runtime
from service.settings import Settings

MINUTE: Final = 60_000
HOUR: Final = 60 * MINUTE
FIRST_WAIT: Final = 15_000
LONGEST_WAIT: Final = 15 * MINUTE
MOST_GUESSES: Final = 100  # NIST SP 800-63B-4 section 3.2.2
REMEMBERED_PER_GUESS: Final = 6 * HOUR
NONSENSE: Final = "no address"


Attempt = tuple[Taken, ...]
"""A password check that has been paid for, and with what."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom an attempt counts for: `own` is one account or name, `mailbox` all that many providers deliver together."""

    own: str
    mailbox: str


def subject_of(user: User | None, name: str) -> Subject:
    """Return whom an attempt at the account `name` counts for: `user` is whom that text reaches.

    What can't be an address reaches nobody: all of it is one subject, from wherever it comes.
    """
    text = name or (user.email_canonical if user else "")  # one parse in any case: time tells nothing (R17)
    canonical = _canonical(text)
    own = f"address {canonical}" if canonical else NONSENSE
    return Subject(f"user {user.id}" if user else own, _coarse(canonical or _folded(text)))


def mailbox(text: str) -> str:
    """Return one text for all spellings of an address: also of those that only many providers deliver to one mailbox.

    It starts from what decides whom a text reaches (`parse_email`), and is coarser (dots, a +tag), for budgets only: a
    new spelling is no new budget. What isn't an address is treated alike.
    """
    return _coarse(_canonical(text) or _folded(text))


def _canonical(text: str) -> str | None:
    try:
        return parse_email(text).canonical
    except ValueError:
        return None


def _folded(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split()).rstrip(".")


def _coarse(text: str) -> str:
    local, at, domain = text.rpartition("@")
    local, domain = (local or domain), (domain if at else "")
    return f"{local.partition('+')[0].replace('.', '')}@{domain}"


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


async def pay_for_attempt(
    runtime: Runtime, name: str, known: Recognised | None, client: Client, *, user: User | None
) -> Attempt:
    """Take an attempt at the password of the account `name`, which is `user`'s, before the password is looked at.

    Raises `RateLimited`, and `Unavailable` without Redis: no guess is free.
    """
    budget = guessing(runtime.settings)
    addresses = by_network(_by_address(runtime.settings), client.ip)
    match known:
        case Recognised(device_id, by="cookie"):
            charges = [Charge(budget, f"device {device_id}")]
        case Recognised(device_id):
            # Where the user has been before, the neighbours in the /48 are no reason to keep them out.
            charges = [addresses[0], Charge(budget, f"place {device_id}")]
        case None:
            subject = subject_of(user, name)
            own = _nonsense(budget) if subject.own == NONSENSE else budget
            charges = [*addresses, Charge(budget, f"account {subject.mailbox}", subject.own), Charge(own, subject.own)]
    found = await runtime.throttle.take_all(charges)
    if isinstance(found, Refused):
        _note_refused(runtime, user, known, found, client)
        raise found.error()
    return found


def _note_refused(
    runtime: Runtime, user: User | None, known: Recognised | None, refused: Refused, client: Client
) -> None:
    """Have it on record that a user was refused unseen: once for each wait, in this process, however often it is tried.

    It is stored beside the requests: how long this answer takes mustn't tell whether there is such an account (R17).
    """
    if user is None:
        return
    by: str = {"cookie": "device", "place": "place"}.get(known.by, "account") if known else "account"
    if refused.budget == _by_address(runtime.settings).name:
        by = "address"
    told = Budget("login-throttled", 1, max(1, refused.wait_ms))
    whose = client.ip if by == "address" else str(known.id) if known else ""
    if isinstance(runtime.throttle.take_local(Charge(told, f"{user.id} {by} {whose}")), Taken):
        until = (runtime.clock.now() + timedelta(milliseconds=refused.wait_ms)).isoformat(timespec="seconds")
        events.note(
            runtime,
            events.LOGIN_THROTTLED,
            user_id=user.id,
            client=client,
            by=by,
            budget=refused.budget,
            until=until.replace("+00:00", "Z"),
        )


async def clear(runtime: Runtime, attempt: Attempt) -> None:
    """The password was right: the row of wrong ones is over, of this account and of no other that shares a bucket.

    The address gets back this one attempt and no more. (Else whoever has an account could log in to it now and then,
    and guess at others for ever.)
    """
    await _settle(attempt, runtime.throttle.clear)


async def refund(runtime: Runtime, attempt: Attempt) -> None:
    """The password was never looked at: give the attempt back."""
    await _settle(attempt, runtime.throttle.give_back)


async def forget_guesses(runtime: Runtime, user: User) -> None:
    """The account has a new password: guesses at the old one don't count. Redis away is no reason to fail.

    What was tried at other accounts stays counted for them, and is no reason to keep this one's owner out.
    """
    budget, own = guessing(runtime.settings), f"user {user.id}"
    try:
        await runtime.throttle.pardon(budget, f"account {mailbox(user.email_canonical)}", own)
        await runtime.throttle.forget(budget, own)
    except Unavailable:
        log_event("throttle.not_settled", logging.WARNING)


async def pay_for_registration(runtime: Runtime, client: Client) -> None:
    """Take a registration. Raises `RateLimited`. Without Redis there is a budget for this process alone."""
    budget = Budget("registration", runtime.settings.REGISTRATIONS_PER_ADDRESS, HOUR)
    _or_raise(await runtime.throttle.take_or_emergency(*by_network(budget, client.ip)))


async def pay_for_letter(runtime: Runtime, kind: str, client: Client) -> None:
    """Take a letter that somebody asks for (`kind`: forgot, resend, change). Raises `RateLimited` for the network.

    The mailbox's own budget is not for requests: else whoever asks would use up what is its owner's. It is taken when
    a letter really goes (service/accounts/letter_gate.py, R19).
    """
    by_address = Budget(f"{kind}-address", runtime.settings.MAIL_REQUESTS_PER_ADDRESS, HOUR)
    _or_raise(await runtime.throttle.take_or_emergency(*by_network(by_address, client.ip)))


def demand_refresh(runtime: Runtime, client: Client) -> None:
    """Raise `RateLimited` when too many refresh tokens from this address were no good.

    An ordinary refresh takes nothing and asks nobody: this is a look into this process's memory.
    """
    _or_raise(runtime.throttle.look_local(*by_network(_refusals(runtime.settings), client.ip)))


def count_refused_refresh(runtime: Runtime, client: Client) -> None:
    """Note that a refresh token was no good, or came without the key that it is bound to."""
    runtime.throttle.take_local(*by_network(_refusals(runtime.settings), client.ip))


def _by_address(settings: Settings) -> Budget:
    return Budget("login-address", settings.LOGIN_ATTEMPTS_PER_ADDRESS, 15 * MINUTE)


def of_addresses(settings: Settings) -> list[Budget]:
    """Return the budgets of addresses that are shared by all processes."""
    mail, codes = settings.MAIL_REQUESTS_PER_ADDRESS, settings.LOGIN_ATTEMPTS_PER_ADDRESS
    return [
        _by_address(settings),
        Budget("registration", settings.REGISTRATIONS_PER_ADDRESS, HOUR),
        *(Budget(f"{kind}-address", mail, HOUR) for kind in ("forgot", "resend", "change", "provider")),
        *(Budget(name, codes, 15 * MINUTE) for name in ("passkey", "mail-code", "provider-start", "provider-link")),
    ]


def _refusals(settings: Settings) -> Budget:
    return _refused(settings.REFUSED_REFRESHES_PER_ADDRESS)


@lru_cache(maxsize=4)  # every refresh looks at it
def _refused(quota: int) -> Budget:
    return Budget("refresh", quota, MINUTE)


def _nonsense(budget: Budget) -> Budget:
    """Return the budget of what can't be an address: there is nothing to guess, so it never costs a long wait."""
    return replace(budget, keep_ms=MINUTE, longest_ms=FIRST_WAIT, ceiling=2**31)


def _or_raise(found: Taken | Refused) -> None:
    if isinstance(found, Refused):
        raise found.error()


async def _settle(attempt: Sequence[Taken], how: Callable[[Taken], Awaitable[None]]) -> None:
    try:
        for taken in attempt:
            await how(taken)
    except Unavailable:  # what it counted too much is forgotten in time; the caller needs no Redis for this
        log_event("throttle.not_settled", logging.WARNING)
