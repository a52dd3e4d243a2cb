"""Texts from outside that are stored and shown again."""

from __future__ import annotations

import unicodedata
from typing import Final

PLAIN_PATTERN: Final = r"^[^\u0000-\u001F\u007F-\u009F\u2028\u2029]*$"
"""What `plain_text` takes, as a pattern for the OpenAPI document."""

_OBEYED: Final = ("Cc", "Cf", "Cs", "Zl", "Zp")
_SHOWN: Final = ("\n", "\u200c", "\u200d")  # the joiners make letters and emoji; no terminal obeys them


def visible(text: str) -> str:
    """Return `text` as a terminal may show it: what could move the cursor or turn the line round is spelt out."""
    return "".join(
        char if char in _SHOWN or unicodedata.category(char) not in _OBEYED else _spelt(char) for char in text
    )


def _spelt(char: str) -> str:
    """Return the escape that JSON has for it: beyond the first plane, two."""
    units = char.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[place : place + 4]}" for place in range(0, len(units), 4))


def plain_text(value: str) -> str:
    """Return `value` in NFC; raise ValueError for control characters, which could break a line, a mail or a store."""
    if any(unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") for char in value):
        raise ValueError("may not contain control characters")
    return unicodedata.normalize("NFC", value)
