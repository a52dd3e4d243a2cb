"""Texts from outside that are stored and shown again."""

from __future__ import annotations

import unicodedata
from typing import Final

PLAIN_PATTERN: Final = r"^[^\u0000-\u001F\u007F-\u009F\u2028\u2029]*$"
"""What `plain_text` takes, as a pattern for the OpenAPI document."""


def plain_text(value: str) -> str:
    """Return `value` in NFC; raise ValueError for control characters, which could break a line, a mail or a store."""
    if any(unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") for char in value):
        raise ValueError("may not contain control characters")
    return unicodedata.normalize("NFC", value)
