"""Cells of CSV files that people open in a spreadsheet: text stays text, and comes back as it was.

A spreadsheet takes a cell that begins with one of `= + - @` for a formula, also behind white space, quotes and what
can't be seen, and in full-width forms; and it may part cells at a semicolon or a tab as well as at our comma. An
apostrophe in front makes it text (OWASP, CSV injection). Wherever a cell could begin `as_text` puts one, and
`from_text` takes that one off again.
"""

from __future__ import annotations

import re
from typing import Final

# What is, or folds to, one of the signs (NFKC), and the minus sign; a tab or a line's end alone is dangerous as well.
SIGNS: Final = (
    "=+\\-@\u207a\u207b\u207c\u208a\u208b\u208c\u2212\u2a75\u2a76\ufb29\ufe62\ufe63\ufe66\ufe6b\uff0b\uff0d\uff1d\uff20"
)
_BREAKS: Final = "\\t\\r\\n"
# White space, quotes and what is invisible may stand before the sign; also control characters, which some drop.
_BEFORE: Final = (
    "\\s\"'`\u00b4\u2018-\u201f\u00ab\u00bb\uff02\uff07\\x00-\\x1f\\x7f-\\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb"
)
_CELL: Final = r"(?:\A|(?<=[;\t\r\n\uff1b]))"
_FORMULA: Final = rf"(?=[{_BEFORE}]*[{SIGNS}{_BREAKS}])"
_ESCAPED: Final = re.compile(rf"{_CELL}'{_FORMULA}")
_BARE: Final = re.compile(rf"{_CELL}{_FORMULA}")


def as_text(cell: str) -> str:
    """Return `cell` so that no spreadsheet takes it, or a part of it, for a formula."""
    return _BARE.sub("'", cell)


def cell_of(value: str | bool | None) -> str:
    """Return a value as a cell has it: text stays text, nothing is an empty cell."""
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else as_text(value)


def from_text(cell: str) -> str:
    """Return what `as_text` was given."""
    return _ESCAPED.sub("", cell)
