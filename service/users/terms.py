"""What the index of terms (migration 17) has of users, and how it is asked: every three letters that follow each other
in an address or a name, in capitals as the database makes them, and each mark.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

TERMS: Final = "latchkey_user_terms(email, full_name, is_active, is_superuser, email_verified)"
"""The very expression that the index is of."""

_LETTERS: Final = 3
_MOST: Final = 3  # of the terms that are asked for: each further one takes longer than it spares
_MARKS: Final = {"is_active": "\x01", "is_superuser": "\x02", "email_verified": "\x03"}
_LIKE: Final = str.maketrans({"\\": r"\\", "%": r"\%", "_": r"\_"})
_QUOTED: Final = str.maketrans({"\\": r"\\", "'": "''"})


@dataclass(frozen=True, slots=True)
class Term:
    """A term, and of how many of all users it is at most, as far as the database knows: 1 where it doesn't."""

    text: str
    share: float

    @property
    def short(self) -> bool:
        """Whether it is only the beginning of terms: less than three letters were looked for."""
        return len(self.text) < _LETTERS and self.text[:1] not in _MARKS.values()


def of_marks(marks: Mapping[str, bool]) -> list[str]:
    """Return the terms of marks, by their columns."""
    return [_MARKS[column] + ("+" if value else "-") for column, value in marks.items()]


def rarest(terms: Sequence[Term]) -> Sequence[Term]:
    """Return the terms to look for: few, and those that are rarest. Of equals from all over what is looked for."""
    least = min(term.share for term in terms)
    equal = [term for term in terms if term.share == least]
    if len(equal) >= _MOST:
        return [equal[0], equal[len(equal) // 2], equal[-1]]
    return sorted(terms, key=lambda term: term.share)[:_MOST]


def query_of(terms: Sequence[Term]) -> str:
    """Return the text of a `tsquery` that wants all of these."""
    return " & ".join(f"'{term.text.translate(_QUOTED)}'{':*' if term.short else ''}" for term in terms)


def condition(searched: bool, marks: Mapping[str, bool], number: int = 1) -> str:
    """Return the condition that decides, whatever an index says. The `pattern`, where one is searched, is `$number`."""
    found = (
        [f"(upper(email) LIKE upper(${number}::text) OR upper(full_name) LIKE upper(${number}::text))"]
        if searched
        else []
    )
    return " AND ".join(found + [f"{column} = {'true' if value else 'false'}" for column, value in marks.items()])


def pattern(search: str) -> str:
    """Return the pattern for `LIKE` that finds `search` anywhere."""
    return f"%{search.translate(_LIKE)}%"
