"""The letters there are, what each is told, and what each may do.

Their words are in `letters/languages/`, one file a language.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

SENT: Final = "sent"
"""What becomes of a letter, beside what may become of anything that a worker takes (service/core/sql/leases.py)."""


class Letter(StrEnum):
    """A letter. The comment names its values, beside `name` and `service`, which every letter has."""

    VERIFY_ADDRESS = "verify_address"  # link, expires
    ADDRESS_TAKEN = "address_taken"  # link (to log in)
    RESET_PASSWORD = "reset_password"  # noqa: S105 - link, expires
    SET_PASSWORD = "set_password"  # noqa: S105 - link, expires
    CONFIRM_NEW_ADDRESS = "confirm_new_address"  # link, expires
    ADDRESS_CHANGED = "address_changed"  # link (to undo it) and expires, both empty when it can't be; new_email, at
    ADDRESS_FINAL = "address_final"  # new_email, at
    ACCOUNT_DELETED = "account_deleted"  # at
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - at, device, ip, link (to reset it)
    NEW_DEVICE = "new_device"  # at, device, ip, link (to see the devices)
    SESSIONS_ENDED = "sessions_ended"  # at
    TOKEN_REUSED = "token_reused"  # noqa: S105 - at, ip, link (to see the devices)


@dataclass(frozen=True, slots=True)
class Rule:
    """What a letter may do. What isn't said is the strictest: a letter that nobody thought about is held by that."""

    waited_for: bool = False
    """Somebody sits there and waits for it: it goes before letters that only tell."""
    to_unconfirmed: bool = False
    """It may go to an address that nobody has confirmed: it asks to confirm or to set a password, and says no more."""
    greets: bool = False
    """It greets by name, where the address is confirmed."""
    asked_for: bool = False
    """Anyone may ask for it: `MAIL_REQUESTS_PER_ACCOUNT` of it go in an hour, not `an_hour`."""
    an_hour: int = 5
    """How many of it go to one mailbox in an hour."""
    every_one: bool = False
    """Each says something that no later one says again: of those over the budget all wait, not just the newest."""


_LINK: Final = Rule(waited_for=True, to_unconfirmed=True, asked_for=True, greets=True)
_NOTICE: Final = Rule(greets=True)

RULES: Final[dict[Letter, Rule]] = {
    Letter.VERIFY_ADDRESS: _LINK,
    Letter.RESET_PASSWORD: _LINK,
    Letter.SET_PASSWORD: _LINK,
    # A stranger can have these two sent to anybody: they never carry a name.
    Letter.CONFIRM_NEW_ADDRESS: Rule(waited_for=True, to_unconfirmed=True, asked_for=True),
    Letter.ADDRESS_TAKEN: Rule(asked_for=True),
    Letter.ADDRESS_CHANGED: Rule(greets=True, an_hour=10, every_one=True),  # the link takes back this one change
    # Whoever reads there may not be who has the account now.
    Letter.ADDRESS_FINAL: Rule(an_hour=10, every_one=True),
    Letter.ACCOUNT_DELETED: Rule(greets=True, an_hour=10, every_one=True),  # each is about another account
    Letter.PASSWORD_CHANGED: Rule(greets=True, an_hour=10),
    Letter.NEW_DEVICE: _NOTICE,
    Letter.SESSIONS_ENDED: _NOTICE,
    Letter.TOKEN_REUSED: _NOTICE,
}

ASKED_FOR: Final = (Letter.VERIFY_ADDRESS, Letter.RESET_PASSWORD, Letter.SET_PASSWORD, Letter.CONFIRM_NEW_ADDRESS)
"""Letters that carry a token which isn't anybody's before they are sent (service/accounts/letter_requests.py)."""


def rule_of(letter: Letter) -> Rule:
    """Return what the letter may do: the strictest there is, unless its rule says otherwise."""
    return RULES.get(letter, Rule())


def moment(when: datetime) -> str:
    """Return a time as letters say it."""
    return f"{when:%Y-%m-%d %H:%M} UTC"
