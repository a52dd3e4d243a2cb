"""Tokens that can be typed: what a link carries, the letter also shows, for mail programs that cut links.

Gateways that look into mail rewrite links, and some lose what is behind the `#`. The page then asks for the code that
the letter shows: it is the same token, so it is as secret, and good for as long and as often as the link (R20). What
can be typed has to have letters that nobody takes for others: Crockford's Base32, in groups.
"""

from __future__ import annotations

import re
import secrets
from typing import Final

LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH: Final = 28  # 140 bits: R20 asks for 128, so guesses need no counting
_GROUP: Final = 4

_TYPED: Final = re.compile(rf"[{LETTERS}]{{{LENGTH}}}")
_BETWEEN: Final = re.compile(r"[\s\-\u2010-\u2015\u2212.]+")  # what people, and programs, put between groups
_TAKEN_FOR: Final = str.maketrans({"O": "0", "I": "1", "L": "1"})


def new_token() -> str:
    """Return a token: 28 letters, 140 bits."""
    return "".join(secrets.choice(LETTERS) for _ in range(LENGTH))


def shown(token: str) -> str:
    """Return a token as a letter shows it, in groups; empty for one that is none of these, which nobody can type."""
    if not _TYPED.fullmatch(token):
        return ""
    return "-".join(token[place : place + _GROUP] for place in range(0, LENGTH, _GROUP))


def meant(text: str) -> str:
    """Return the token that somebody has typed, as its link has it; anything else as it is."""
    found = _BETWEEN.sub("", text).upper().translate(_TAKEN_FOR)
    return found if _TYPED.fullmatch(found) else text
