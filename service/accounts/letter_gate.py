"""The gate: every letter passes here before it goes, whatever kind it is (R19, R80).

To an address that its owner has confirmed, a letter of each kind goes so many times an hour: of letters that somebody
asked for, the newest waits when there is nothing left; of notices, too, for it has the last word.

To any other address, anybody can have letters sent by registering it. So only those go that ask to confirm it or to
set a password, a handful a day in all, and they say nothing that a stranger chose: no name, no browser.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from service.core.text.email_address import parse_email
from service.credentials.budgets import mailbox
from service.letters.mail_budgets import MailLimit, take
from service.runtime import Runtime
from service.stores.outbox import Envelope

HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
UNCONFIRMED_A_DAY: Final = 5
_HARMLESS: Final = ("link", "expires")  # what a letter to an unconfirmed address may say: we have made all of it


@dataclass(frozen=True, slots=True)
class Dropped:
    """The letter doesn't go, now or later."""

    reason: str


@dataclass(frozen=True, slots=True)
class Waits:
    """There is nothing left for this mailbox before `until`."""

    until: datetime


async def admit(
    runtime: Runtime, letter: Envelope, *, confirmed: bool, device: str | None = None
) -> Dropped | Waits | None:
    """Decide whether a letter goes to its recipient; None if it does, and then it is paid for, once.

    `confirmed`: whether the recipient has confirmed the address. `device`: where it was asked for, if that is one of
    theirs. Part of the caller's transaction.
    """
    if not confirmed and not letter.letter.to_unconfirmed:
        return Dropped("the address is not confirmed")
    if "paid" in letter.values:  # this is another attempt
        return None
    until = await take(runtime, _limits(runtime, letter, confirmed=confirmed, device=device))
    return Waits(until) if until else None


def disarmed(letter: Envelope, *, confirmed: bool) -> Envelope:
    """Return the letter without what it must not say to its recipient."""
    said = letter.values
    if not confirmed:
        said = {name: value for name, value in said.items() if name in (*_HARMLESS, *letter.letter.says_anybody)}
        said |= dict.fromkeys(letter.letter.says, "")
    name = said.get("name", "") if letter.letter.greets else ""
    return replace(letter, values={**said, "name": name})


def _limits(runtime: Runtime, letter: Envelope, *, confirmed: bool, device: str | None) -> list[MailLimit]:
    """Return the budgets that the letter is counted in.

    A confirmed address has its own, and another on each device of its owner: nobody else takes of those. Of other
    addresses, all that may be one mailbox share one.
    """
    kind = letter.letter
    most = runtime.settings.MAIL_REQUESTS_PER_ACCOUNT if kind.asked_for else kind.an_hour
    if confirmed:
        whose = f"device {device}" if device else f"address {parse_email(letter.recipient).canonical}"
        limits = [MailLimit(f"{kind.name} {whose}", most, HOUR)]
    else:
        whose = f"mailbox {mailbox(letter.recipient)}"
        limits = [MailLimit(f"{kind.name} {whose}", most, HOUR), MailLimit(f"any {whose}", UNCONFIRMED_A_DAY, DAY)]
    return [*limits, MailLimit(f"{kind.name} apart {whose}", 1, kind.apart)] if kind.apart else limits
