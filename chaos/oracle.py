"""The oracle: remembers what the service has acknowledged, and judges what it says since.

A promise is made by an answer: 200 to a registration means that one can log in, to a change of the password that the
old one is over, to a rotation that its token works; 204 to a log-out, or Redis's own word for a deleted key, that the
tokens are refused for ever. No answer, and 503, promise nothing: what was asked for may have happened or not, and the
next answer tells. While something is broken a call may be put off (503), soon; it may never be refused or fail.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from enum import StrEnum

from chaos.calls import NONE, PATIENCE_SECONDS, Call, Seen

LATEST_SECONDS = 2.0
KEPT = 400  # sessions that ended, the newest, that are shown again and again


class Kind(StrEnum):
    """What a violation is."""

    LOST = "acknowledged and lost"
    ACCEPTED = "revoked and accepted"
    WRONG = "a wrong answer"
    LATE = "too late"
    CUT = "no answer"
    REFUSED = "refused without a fault"


OF_TIME = {Kind.LATE, Kind.REFUSED}
"""What a machine that is busy with something else may cause as well."""


@dataclass(frozen=True, slots=True)
class Violation:
    """A broken promise."""

    kind: Kind
    what: str
    at: float


@dataclass
class Tokens:
    """What a log-in gave, at `born`. `before` is the refresh token before the newest one, spent at `spent`."""

    user: str
    sid: str
    access: str
    refresh: str
    born: float
    before: str = ""
    spent: float = 0.0


@dataclass
class Account:
    """An acknowledged registration. `maybe` is a password that was asked for and got no answer."""

    email: str
    password: str
    older: list[str] = field(default_factory=list)
    maybe: str | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """A session that is over, by what, and since when."""

    tokens: Tokens
    why: str
    at: float


@dataclass
class Allowed:
    """What a fault excuses, beside 503: no answer (a killed worker's), sessions that are gone, late answers."""

    cut: bool = False
    emptied: bool = False
    seconds: float = LATEST_SECONDS


@dataclass
class Oracle:
    """Everything that was promised, and every promise that was broken.

    `allowed` is there while something is broken and until the service has had time to recover. `lag` is how late the
    observer itself has been: that is no fault of the service's.
    """

    accounts: dict[str, Account] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)
    ended: deque[Ended] = field(default_factory=lambda: deque(maxlen=KEPT))
    letters: set[tuple[str, str]] = field(default_factory=set)
    violations: list[Violation] = field(default_factory=list)
    seen: Seen = field(default_factory=Seen)
    allowed: Allowed | None = None
    emptied_at: float = 0.0
    troubled_at: float = 0.0
    lag: float = 0.0

    def judge(self, call: Call, right: Collection[int], *, promised: str = "") -> bool:
        """Return whether the answer is a right one. Anything but that and 503 in trouble is a violation.

        `promised` says which acknowledged thing would be lost if the answer is a refusal.
        """
        self.seen.add(call)
        limit = (self.allowed.seconds if self.allowed else LATEST_SECONDS) + self.lag
        if call.seconds > limit:
            self.violate(Kind.LATE, str(call))
        if call.status in right:
            return True
        self.troubled_at = max(self.troubled_at, call.end)
        if call.status == NONE:
            # One that was waited for in vain is too late already.
            if call.seconds < PATIENCE_SECONDS and (self.allowed is None or not self.allowed.cut):
                self.violate(Kind.CUT, str(call))
        elif call.refused:
            if self.allowed is None:
                self.violate(Kind.REFUSED, str(call))
        else:
            lost = promised and call.status < 500
            self.violate(Kind.LOST if lost else Kind.WRONG, f"{promised}: {call}" if lost else str(call))
        return False

    def judge_dead(self, call: Call, refusals: Collection[int], ended: Ended) -> None:
        """Judge what a token was answered that is over for ever."""
        if 200 <= call.status < 300:
            self.seen.add(call)
            age = call.at - ended.at
            self.violate(Kind.ACCEPTED, f"{ended.why}, {age:.1f} s before: {call}")
        else:
            self.judge(call, refusals)

    def registered(self, email: str, password: str) -> Account:
        """Remember an acknowledged registration, and the letter that follows it."""
        account = self.accounts[email] = Account(email, password)
        self.changed.add(email)
        self.letters.add((email, "verify-email"))
        return account

    def password_set(self, account: Account, password: str) -> None:
        """Remember that this password is the account's, and the one before no more."""
        if password != account.password:
            account.older.append(account.password)
            account.password = password
        account.maybe = None
        self.changed.add(account.email)

    def letter_asked(self, email: str) -> None:
        """Remember that a letter with a link to set a password was promised."""
        self.letters.add((email, "reset-password"))

    def over(self, tokens: Tokens, why: str) -> None:
        """Remember that a session has been ended."""
        self.ended.append(Ended(replace(tokens), why, time.monotonic()))

    def may_be_gone(self, tokens: Tokens) -> bool:
        """Whether a session may be over without anybody having ended it: its Redis has lost everything."""
        return tokens.born < self.emptied_at or (self.allowed is not None and self.allowed.emptied)

    def emptied(self) -> None:
        """Remember that every session of before is gone."""
        self.emptied_at = time.monotonic()

    def violate(self, kind: Kind, what: str) -> None:
        """Note a broken promise."""
        self.violations.append(Violation(kind, what, time.monotonic()))
