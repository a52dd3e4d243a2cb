"""base64url without padding, with one spelling for each value (RFC 4648 sections 3.5 and 5).

Python's decoder drops what isn't in the alphabet, takes `+` and `/` beside `-` and `_`, any padding, and last letters
whose unused bits are anything. A credential of many spellings gets past whatever counts, caches or blocks it by text.
"""

from __future__ import annotations

from binascii import a2b_base64, b2a_base64
from typing import Final

_OURS: Final = bytes.maketrans(b"+/", b"-_")
_PYTHONS: Final = bytes.maketrans(b"-_", b"+/")


def encode(raw: bytes) -> str:
    """Return the spelling of `raw`."""
    return b2a_base64(raw, newline=False).translate(_OURS).rstrip(b"=").decode("ascii")


def decode(text: str) -> bytes | None:
    """Return what `text` spells; None when it is no spelling, or not the one that `encode` writes."""
    try:
        raw = a2b_base64(text.encode("ascii").translate(_PYTHONS) + b"=" * (-len(text) % 4))
    except ValueError:  # also of characters outside ASCII, and of a length that nothing has
        return None
    return raw if encode(raw) == text else None
