"""Texts from outside that are stored and shown again."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

PLAIN_PATTERN: Final = r"^[^\u0000-\u001F\u007F-\u009F\u2028\u2029]*$"
"""What `plain_text` takes, as a pattern for the OpenAPI document."""

# What turns the reading direction of all that follows, and what has neither width nor a meaning in a name.
_REMOVED: Final = re.compile("[\u00ad\u180e\u200b\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")
# Letters by their category that are drawn as nothing: fillers of Hangul and Khmer, and the empty pattern of Braille.
_FILLERS: Final = "\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"
# The joiners and marks of direction mean something between letters, and nothing at an end.
_AT_ENDS: Final = f"{_FILLERS}\u034f\u061c\u200c-\u200f"
_ENDS: Final = re.compile(rf"\A[\s{_AT_ENDS}]+|[\s{_AT_ENDS}]+\Z")
_NOTHING: Final = ("Cc", "Cf", "Cs", "Co", "Cn", "Zs", "Zl", "Zp", "Mn", "Me")

_OBEYED: Final = ("Cc", "Cf", "Cs", "Zl", "Zp")
_SHOWN: Final = ("\n", "\u200c", "\u200d")  # the joiners make letters and emoji; no terminal obeys them


def visible(text: str) -> str:
    """Return `text` as a terminal may show it: what could move the cursor or turn the line round is spelt out."""
    return "".join(
        char if char in _SHOWN or unicodedata.category(char) not in _OBEYED else spelt(char) for char in text
    )


def spelt(char: str) -> str:
    """Return the escape that JSON has for it: beyond the first plane, two."""
    units = char.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[place : place + 4]}" for place in range(0, len(units), 4))


def plain_text(value: str) -> str:
    """Return `value` in NFC; raise ValueError for control characters, which could break a line, a mail or a store."""
    if any(unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") for char in value):
        raise ValueError("may not contain control characters")
    return unicodedata.normalize("NFC", value)


def seen_name(value: str) -> str | None:
    """Return a name as people see it: in NFC, trimmed, without what only turns or parts it; None where nothing is seen.

    Raises ValueError for control characters.
    """
    text = _ENDS.sub("", _REMOVED.sub("", plain_text(value)))
    is_seen = any(unicodedata.category(char) not in _NOTHING and char not in _FILLERS for char in text)
    return text if is_seen else None


def needed_name(value: str) -> str:
    """Return what `seen_name` does; raise ValueError where that is nothing."""
    if (name := seen_name(value)) is None:
        raise ValueError("needs something that can be seen")
    return name
