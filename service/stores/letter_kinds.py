"""What a letter is, what it may do, and the letters of the rooms below the features; a feature brings its own."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from service.settings import Settings

SENT: Final = "sent"
"""What becomes of a letter, beside what may become of anything that a worker takes (service/core/sql/leases.py)."""

# What tokens in links are good for (service/letters/onetime.py).
VERIFY: Final = "verify"
PASSWORD: Final = "password"  # noqa: S105 - a purpose
ADDRESS: Final = "address"

_NAME: Final = re.compile(r"[a-z][a-z0-9_.]{0,31}")  # as much as the column takes
_OURS: Final = Path(__file__).parents[1] / "letters" / "languages"


@dataclass(frozen=True, slots=True)
class Link:
    """The link of a letter that somebody asks for: for what its token is good once, on which page, for how long.

    The token is nobody's before the letter is sent (service/accounts/letter_requests.py). `purpose` is what the
    tokens' rows are found by: it doesn't change. Of those that were asked for under another `registration` so many of
    one user are good `at_once`, the newest; as many again that were asked for on devices of the user's.
    """

    purpose: str
    page: str
    life: Callable[[Settings], timedelta]
    at_once: int | None = None

    def __post_init__(self) -> None:
        """Raise ValueError for a purpose that the tokens' table has no room for."""
        if not _NAME.fullmatch(self.purpose):
            raise ValueError(f"the purpose of a link can't be {self.purpose!r}: use at most 32 of a-z, 0-9, _ and .")


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A letter. Its name is what its rows are found by: it doesn't change.

    What it says stands in `words`, a folder with a file for each language, under its name without what is before the
    last dot. What it may do and isn't said here is the strictest: a letter that nobody thought about is held by that.
    """

    name: str
    words: Path = _OURS
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
    apart: timedelta | None = None
    """So long after the one before it the next one goes, however many an hour."""
    waits: bool = True
    """Where the mailbox has had enough of it, it waits. Else it doesn't go: whoever asked will have asked again."""
    every_one: bool = False
    """Each says something that no later one says again: of those over the budget all wait, not just the newest."""
    farewell: bool = False
    """It goes to somebody who is gone: it names no account, and once it is sent, or can't be, nothing is kept of it."""
    link: Link | None = None
    """What its token is, where it carries one that was asked for."""
    says: tuple[str, ...] = ()
    """What it says beside its link of what it was asked for with; nothing, to an address that isn't confirmed."""
    says_anybody: tuple[str, ...] = ()
    """The same, to any address: nothing that whoever asked for it could have chosen."""

    def __post_init__(self) -> None:
        """Raise ValueError for a name that the outbox has no room for."""
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"a letter can't be called {self.name!r}: use at most 32 of a-z, 0-9, _ and .")


def _for_hours(settings: Settings) -> timedelta:
    return timedelta(hours=settings.EMAIL_VERIFY_HOURS)


def _for_minutes(settings: Settings) -> timedelta:
    return timedelta(minutes=settings.PASSWORD_RESET_MINUTES)


def _asking(name: str, link: Link, *, greets: bool = True) -> Letter:
    return Letter(name=name, waited_for=True, to_unconfirmed=True, asked_for=True, greets=greets, link=link)


# The comment names a letter's values, beside `name` and `service`, which every letter has.
VERIFY_ADDRESS: Final = _asking("verify_address", Link(VERIFY, "verify-email", _for_hours))  # link, expires
RESET_PASSWORD: Final = _asking("reset_password", Link(PASSWORD, "reset-password", _for_minutes))  # link, expires
# link, expires; it waits for somebody who may be on holiday
SET_PASSWORD: Final = _asking("set_password", Link(PASSWORD, "reset-password", _for_hours))
# link, expires; a stranger can have this and the next one sent to anybody: they never carry a name
CONFIRM_NEW_ADDRESS: Final = _asking("confirm_new_address", Link(ADDRESS, "confirm-email", _for_hours), greets=False)
ADDRESS_TAKEN: Final = Letter(name="address_taken", asked_for=True)  # link (to log in)
# link (to undo this one change) and expires, both empty when it can't be; new_email, at, providers (whose accounts open
# it, as a list to be read, empty without any; earlier versions don't say it)
ADDRESS_CHANGED: Final = Letter(name="address_changed", greets=True, an_hour=10, every_one=True)
# new_email, at; whoever reads there may not be who has the account now
ADDRESS_FINAL: Final = Letter(name="address_final", an_hour=10, every_one=True)
# at; each is about another account
ACCOUNT_DELETED: Final = Letter(name="account_deleted", greets=True, an_hour=10, every_one=True, farewell=True)
PASSWORD_CHANGED: Final = Letter(name="password_changed", greets=True, an_hour=10)  # at, device, ip, link (to reset it)
NEW_DEVICE: Final = Letter(name="new_device", greets=True)  # at, device, ip, link (to see the devices)
# at, ip, link (to see the devices)
SESSION_COPIED: Final = Letter(name="token_reused", greets=True)
# at, ip, link (to see the devices)
COPY_LOCKED_OUT: Final = Letter(name="copy_locked_out", greets=True)
# at, device, ip, link (to see the devices)
SESSION_UNPROVEN: Final = Letter(name="session_unproven", greets=True)
SESSIONS_ENDED: Final = Letter(name="sessions_ended", greets=True)  # at
# kind (totp, passkey), at, device, ip, link (to one's own security page)
FACTOR_ADDED: Final = Letter(name="factor_added", greets=True, an_hour=10)
FACTOR_REMOVED: Final = Letter(name="factor_removed", greets=True, an_hour=10)
FACTORS_RESET: Final = Letter(name="factors_reset", greets=True, an_hour=10)  # at
RECOVERY_CODE_USED: Final = Letter(name="recovery_code_used", greets=True, an_hour=10)  # left, at, device, ip, link
RECOVERY_CODES_REPLACED: Final = Letter(name="recovery_codes_replaced", greets=True)  # at, device, ip, link
DEVICE_TRUSTED: Final = Letter(name="device_trusted", greets=True)  # at, device, ip
PASSKEY_SUSPENDED: Final = Letter(name="passkey_suspended", greets=True, an_hour=10)  # passkey, at, device, ip, link
SECOND_FACTOR_FAILED: Final = Letter(name="second_factor_failed", greets=True, an_hour=1)  # at, device, ip, link
# code, at, device, ip; asked for by whoever has the password
FACTOR_CODE: Final = Letter(name="factor_code", waited_for=True, asked_for=True, greets=True, waits=False)

# link, expires; whoever asks has shown the password, and the mailbox is to be shown
RECOVER_FACTORS: Final = Letter(
    name="recover_factors",
    waited_for=True,
    asked_for=True,
    greets=True,
    link=Link("recover", "recover-second-factor", _for_minutes),
)
# due, link (to say no), at, device, ip; every day while the factors are about to go
FACTORS_GO: Final = Letter(name="factors_go", greets=True, an_hour=10, every_one=True)
FACTORS_WENT: Final = Letter(name="factors_went", greets=True, an_hour=10)  # at, link (to a new password)
# provider, at, device, ip, link (to one's own security page)
PROVIDER_LINKED: Final = Letter(name="provider_linked", greets=True, an_hour=10)
PROVIDER_UNLINKED: Final = Letter(name="provider_unlinked", greets=True, an_hour=10)

LETTERS: Final[tuple[Letter, ...]] = (
    VERIFY_ADDRESS,
    RESET_PASSWORD,
    SET_PASSWORD,
    CONFIRM_NEW_ADDRESS,
    ADDRESS_TAKEN,
    ADDRESS_CHANGED,
    ADDRESS_FINAL,
    ACCOUNT_DELETED,
    PASSWORD_CHANGED,
    NEW_DEVICE,
    SESSION_COPIED,
    COPY_LOCKED_OUT,
    SESSION_UNPROVEN,
    SESSIONS_ENDED,
    FACTOR_ADDED,
    FACTOR_REMOVED,
    FACTORS_RESET,
    RECOVERY_CODE_USED,
    RECOVERY_CODES_REPLACED,
    DEVICE_TRUSTED,
    PASSKEY_SUSPENDED,
    SECOND_FACTOR_FAILED,
    FACTOR_CODE,
    RECOVER_FACTORS,
    FACTORS_GO,
    FACTORS_WENT,
    PROVIDER_LINKED,
    PROVIDER_UNLINKED,
)
"""The letters that don't belong to one feature alone."""


def moment(when: datetime) -> str:
    """Return a time as letters say it."""
    return f"{when:%Y-%m-%d %H:%M} UTC"
