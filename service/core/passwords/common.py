"""The built-in list of common passwords: refused when a password is chosen (SECURITY.md R5).

Some 600,000 passwords and words of eight characters or more, as sorted digests of five bytes each: one `bytes` object
of three megabytes, read at the first look-up, with nothing to build. A look-up is a binary search. Casefolding
finds the spelling that was listed and every other. A password that isn't listed is taken for one with a probability of
about 1 in 1.8 million: its user is asked for another, and no harm is done.

`tools/common_passwords.py` makes the file; service/core/passwords/data/NOTICE says from what.
"""

from __future__ import annotations

from functools import cache
from hashlib import blake2b
from pathlib import Path

DIGEST_BYTES = 5
DATA = Path(__file__).parent / "data" / "common_passwords.bin"


def digest(folded: str) -> bytes:
    """Return what the list holds for a casefolded password."""
    return blake2b(folded.encode(), digest_size=DIGEST_BYTES, person=b"common password").digest()


def is_common(password: str) -> bool:
    """Return whether the whole `password`, in whatever case, is in the list. O(log n)."""
    listed, wanted = load(), digest(password.casefold())
    low, high = 0, len(listed) // DIGEST_BYTES
    while low < high:
        middle = (low + high) // 2
        if listed[middle * DIGEST_BYTES : (middle + 1) * DIGEST_BYTES] < wanted:
            low = middle + 1
        else:
            high = middle
    return listed[low * DIGEST_BYTES : (low + 1) * DIGEST_BYTES] == wanted


@cache
def load() -> bytes:
    """Return the list's bytes, read once."""
    return DATA.read_bytes()
