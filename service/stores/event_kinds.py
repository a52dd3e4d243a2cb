"""What an event of the catalogue says of itself. A word that is missing is a TypeError, and a mistake to mypy."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from service.errors.end_reasons import EndReason

Language = Literal["en", "de"]
LANGUAGES: Final[tuple[Language, ...]] = ("en", "de")
Tone = Literal["neutral", "good", "warning"]
NAMED: Final = ("sessions", "more", "kept", "cut_off_before")
"""Members of the detail of what ends several sessions: which it ended, how many besides, which one went on, and from
when the user's cut-off was until then.
"""

_NAME: Final = re.compile(r"[a-z][a-z0-9_.]{0,63}")  # as much as the column takes


def spoken(language: str | None) -> Language:
    """Return the language to speak with somebody who asked for `language`, one of `LANGUAGES` or none."""
    return "de" if language == "de" else "en"


@dataclass(frozen=True, slots=True)
class Words:
    """The same in every language there is."""

    en: str
    de: str

    def of(self, language: Language) -> str:
        """Return it in one language."""
        return self.de if language == "de" else self.en


@dataclass(frozen=True, slots=True)
class Ending:
    """Which sessions an event tells the end of: its `own`, all the `others` of its user, or those it has `named`.

    Why they ended is `reason`, or, where the detail has a member `by`, what `reasons` says of that. An event that has
    no member `only_if` ends nothing.
    """

    scope: Literal["own", "others", "named"]
    reason: EndReason
    by: str = ""
    reasons: Mapping[str, EndReason] = field(default_factory=dict)
    only_if: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The members of the detail that say which sessions ended."""
        return () if self.scope == "own" else NAMED

    def reason_of(self, detail: Mapping[str, object]) -> EndReason:
        """Return why the sessions ended that an event of this detail tells of."""
        return self.reasons.get(str(detail.get(self.by)), self.reason)


@dataclass(frozen=True, slots=True)
class Event:
    """A security event: all there is to know about it.

    `title` is what a list calls it, `told` the sentence that explains it (`told_of`, where why sessions ended says
    more), `when` the row in docs/operations.md. `with_change`: it tells of a change in the database, is written in the
    transaction of that, and fails with it; any other is written as well as can be. `keeps` and `clears` are the members
    of its detail, by what a deletion of the account makes of them (accounts/personal_data.py). `counts` is the metric.
    `anybodys`: it takes no account to cause it, so there may be any number of them. `gap`: it tells that others are
    lost, `since` and `until` when, or of so many `minutes` before it. `spelt`: how sentences say what a member's value
    is a word of ours for.
    """

    name: str
    title: str
    told: Words
    when: str
    with_change: bool
    tone: Tone = "neutral"
    opens: bool = False
    ends: Ending | None = None
    told_of: Mapping[EndReason, Words] = field(default_factory=dict)
    counts: Literal["logins", "sessions_revoked"] | None = None
    keeps: tuple[str, ...] = ()
    clears: tuple[str, ...] = ()
    anybodys: bool = False
    gap: bool = False
    spelt: Mapping[str, Mapping[str, Words]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raise ValueError for a name that the events' table has no room for."""
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"an event can't be called {self.name!r}: use at most 64 of a-z, 0-9, _ and .")


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a session ended: what its person is `told`, the row in docs/api.md, and the metric's label (empty: none)."""

    told: Words
    when: str
    way: str
