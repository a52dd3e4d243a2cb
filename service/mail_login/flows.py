"""Log in by mail: ask for a letter, look at its link, come in with the code or the link.

The log-in exists before anything is proven, as the door's, with an answer that is the same for an address without an
account (R17). It ends with the user's keys, a new password, another address: whatever ends any log-in under way.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from models import User
from service.accounts import accounts, claims
from service.audit import events
from service.core.client import Client
from service.core.clock import to_ms
from service.core.sql.transactions import transaction
from service.core.text.email_address import EmailAddress
from service.core.windows import Budget, Refused, by_network
from service.credentials import budgets, mailed_codes
from service.credentials.budgets import HOUR, MINUTE
from service.credentials.known_devices import recognise
from service.credentials.proof import MAIL, Proof, Unproven
from service.errors import EmailTaken, InvalidChallenge, InvalidCode, NotFound, Unavailable
from service.letters import notices
from service.mail_login import asked, codes, counting, letters_sent
from service.mail_login.catalogue import EMPTIED, GOOD_FOR, LIFE, LOG_IN, MAIL_LOGIN_ASKED
from service.mail_login.settings import MailLoginSettings
from service.runtime import Runtime
from service.signin import door, pending
from service.signin.door import Pending, SignedIn
from service.signin.pending import Waiting
from service.stores.letter_kinds import moment
from service.stores.tickets import Ticket

# Wrong codes of one account, on all its log-ins that could be won, since the last right one (NIST SP 800-63B-4, 3.2.2).
MOST_WRONG: Final = 100
REMEMBERED: Final = 24 * HOUR


@dataclass(frozen=True, slots=True)
class Started:
    """A log-in that was asked for."""

    challenge: str = field(repr=False)
    expires_in: int


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page of a link shows: whose account, and who asked when, from where, with what."""

    email: str
    at: datetime
    ip: str
    browser: str


async def start(runtime: Runtime, email: EmailAddress, client: Client) -> Started:
    """Ask for a letter to log in with. Says nothing about whether the address has an account, nor does the time.

    With `REGISTER_BY_EMAIL` there is one afterwards, in nobody's hands. Raises `NotFound` where nobody logs in by mail,
    and `RateLimited` for the caller's address; what a mailbox gets is the worker's to say (R19).
    """
    settings = _offered(runtime)
    await budgets.pay_for_letter(runtime, "mail-login", client)
    user = await accounts.find_by_email(email.canonical)
    if settings.REGISTER_BY_EMAIL:
        await budgets.pay_for_registration(runtime, client)
        user = user or await _register(runtime, email, client)
    stand_in = mailed_codes.stand_in_for(runtime.settings.secrets, email.canonical)
    ticket = await pending.expect(runtime, user, stand_in, client, LIFE)
    who = asked.asked_now(runtime, client)
    await asked.note(runtime, ticket, who)
    async with transaction():
        await accounts.ask(
            runtime,
            LOG_IN,
            email.canonical,
            client.language,
            client=client,
            registration=str(ticket.number),
            until=str(to_ms(who.at + LIFE - GOOD_FOR)),
            code=mailed_codes.code_of(runtime.settings.secrets, ticket.number) if settings.by_code else "",
            linked="yes" if settings.by_link else "",
            at=moment(who.at),
            browser=who.browser,
            ip=who.ip,
        )
        await events.record(runtime, MAIL_LOGIN_ASKED, user_id=user.id if user else None, client=client)
    counting.count("asked")
    return Started(codes.challenge_of(runtime.settings.secrets, ticket), int(LIFE.total_seconds()))


async def look(runtime: Runtime, token: str) -> Shown:
    """Return who has asked for a link, and leave it as it is. Raises `NotFound`, `InvalidChallenge` when it is over."""
    _offered(runtime)
    ticket = await _of_link(runtime, token)
    found = await pending.waiting(runtime, runtime.tickets.encode(ticket))
    who = await asked.look(runtime, ticket)
    if who is None or found.user is None:
        raise InvalidChallenge
    return Shown(found.user.email, who.at, who.ip, who.browser)


async def finish_by_code(runtime: Runtime, challenge: str, code: str, client: Client) -> SignedIn | Pending:
    """Log in with a code, in the browser that asked for it, which holds the challenge; or say what is still owed.

    Raises `NotFound`, `InvalidCode`, `InvalidChallenge` when the log-in is over, `RateLimited` for the caller's
    address; with the right code `InactiveUser`.
    """
    settings = _offered(runtime)
    ticket = codes.ticket_of(runtime.settings.secrets, challenge)
    if ticket is None:
        raise InvalidChallenge().noted("refused.challenge")
    budget = Budget("mail-code", runtime.settings.LOGIN_ATTEMPTS_PER_ADDRESS, 15 * MINUTE)
    paid = await runtime.throttle.take_all(by_network(budget, client.ip))
    if isinstance(paid, Refused):
        raise paid.error()
    found = await pending.waiting(runtime, runtime.tickets.encode(ticket))
    if not await asked.may_try(runtime, ticket, code):
        raise InvalidChallenge
    if not await _is_right(runtime, found, code, client) or not settings.by_code:
        counting.count("wrong_code")
        wrong = Unproven("code", InvalidCode())
        return await door.resume(runtime, runtime.tickets.encode(ticket), wrong, client)
    for taken in paid:
        await runtime.throttle.give_back(taken)
    return await _enter(runtime, found, "code", client)


async def finish_by_link(runtime: Runtime, token: str, client: Client) -> SignedIn | Pending:
    """Log in with a link, wherever it is pressed; or say what is still owed.

    Raises `NotFound`, or `InvalidChallenge` for a link that isn't good; with a good one `InactiveUser`.
    """
    _offered(runtime)
    ticket = await _of_link(runtime, token)
    return await _enter(runtime, await pending.waiting(runtime, runtime.tickets.encode(ticket)), "link", client)


def _offered(runtime: Runtime) -> MailLoginSettings:
    settings = runtime.settings.of(MailLoginSettings)
    if not settings.by_mail:
        raise NotFound
    return settings


async def _register(runtime: Runtime, email: EmailAddress, client: Client) -> User | None:
    """Make an account that opens to its mailbox alone. None where somebody may yet take the address back."""
    try:
        return await accounts.create_account(runtime, email, None, None, event=events.REGISTERED, client=client)
    except EmailTaken:
        return await accounts.find_by_email(email.canonical)


async def _of_link(runtime: Runtime, token: str) -> Ticket:
    ticket = await letters_sent.ticket_of(runtime, token)
    if ticket is None:
        raise InvalidChallenge().noted("refused.link")
    return ticket


async def _is_right(runtime: Runtime, found: Waiting, code: str, client: Client) -> bool:
    """Return whether a code is the log-in's, whose letter has gone. The same steps where none has (R17).

    An account of which too many were wrong refuses them all, without a word: else that would tell that there is one.
    What strangers got wrong isn't held against a device that the user is known on, by its cookie.
    """
    ticket = found.ticket
    gone = await letters_sent.has_gone(runtime, ticket)
    known = await recognise(runtime, found.user.id if found.user else None, client)
    subject = str(ticket.uid if gone else ticket.number)
    if gone and known and known.by == "cookie":
        subject = f"device {known.id}"
    budget = Budget("mail-code-account", MOST_WRONG, REMEMBERED)
    taken = await runtime.throttle.take(budget, subject)
    right = mailed_codes.is_code_of(runtime.settings.secrets, ticket.number, code)
    if not right or not gone or isinstance(taken, Refused):
        return False
    await runtime.throttle.forget(budget, subject)
    return True


async def _enter(runtime: Runtime, found: Waiting, way: asked.Way, client: Client) -> SignedIn | Pending:
    """Go through the door with the mailbox proven, by this way, and no more by the other."""
    ticket = found.ticket
    if not await asked.use(runtime, ticket, way):
        raise InvalidChallenge
    if found.user is not None and not found.user.email_verified:
        await _confirm(runtime, found, client)
    proof = Proof(frozenset({MAIL}), 1, runtime.clock.now())
    outcome = await door.resume(runtime, runtime.tickets.encode(ticket), proof, client)
    with suppress(Unavailable):  # the log-in is done; what is left of the letter is over in ten minutes anyway
        await letters_sent.conclude(runtime, ticket)
    counting.count(way)
    return outcome


async def _confirm(runtime: Runtime, found: Waiting, client: Client) -> None:
    """Confirm an address that nobody had: the account is whoever's mailbox it is, and nobody else's any more (R79).

    Of this log-in's proofs at once one does it; the others find it done, and the log-in as good as before.
    """
    async with transaction():
        user = await User.filter(id=found.ticket.uid, is_active=True).select_for_update().first()
        row = await letters_sent.keep_while(found.ticket)
        if user is None or row is None or user.email_verified:
            return
        shown = await claims.by_mailbox(runtime, user, client)
        await claims.settle(runtime, user, shown, client)
        await letters_sent.put_back(row)
        if isinstance(shown, claims.Emptied):
            await notices.account_emptied(runtime, EMPTIED, user, client)
        await pending.renew(runtime, found, user)
    if isinstance(shown, claims.Emptied):
        await claims.clear(runtime, user, shown.ends)
