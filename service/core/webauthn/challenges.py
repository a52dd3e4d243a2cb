"""Challenges that nothing stores: random bytes, the time, and a MAC over both and what the challenge is for.

So a log-in page that lies open costs nothing, and a challenge is good for what it was made for alone. That it is good
once is another's to say (`service/credentials/passkey_challenges.py`).
"""

from __future__ import annotations

import hmac
import secrets
import struct
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

from service.core.clock import to_ms
from service.core.crypto.derivation import derive_keys
from service.core.text import base64url

LIFE: Final = timedelta(minutes=5)
_AHEAD: Final = 10_000  # ms that the clock of the instance which made it may be ahead of this one's
_FIELDS: Final = struct.Struct(">16sQ")
_MAC_BYTES: Final = 32
_LETTERS: Final = 75  # of 56 bytes in base64url


def make(keys: tuple[str, ...], purpose: str, now: datetime) -> str:
    """Return a new challenge, in base64url, under the first of the secrets."""
    fields = _FIELDS.pack(secrets.token_bytes(16), to_ms(now))
    return base64url.encode(fields + _mac(_keys(keys)[0], fields, purpose))


def is_good(keys: tuple[str, ...], text: str, purpose: str, now: datetime) -> bool:
    """Return whether a challenge was made here for this purpose, and isn't too old. Compares in constant time."""
    raw = base64url.decode(text) if len(text) == _LETTERS else None
    if raw is None:
        return False
    fields, mac = raw[: _FIELDS.size], raw[_FIELDS.size :]
    if not any(hmac.compare_digest(_mac(key, fields, purpose), mac) for key in _keys(keys)):
        return False
    _, made_at = _FIELDS.unpack(fields)
    age: int = to_ms(now) - made_at
    return -_AHEAD <= age < LIFE // timedelta(milliseconds=1)


def _mac(key: bytes, fields: bytes, purpose: str) -> bytes:
    return hmac.digest(key, fields + purpose.encode(), "sha256")[:_MAC_BYTES]


@lru_cache(maxsize=4)  # a process has one set of secrets; tests have a few
def _keys(keys: tuple[str, ...]) -> tuple[bytes, ...]:
    return derive_keys(keys, "challenges of passkeys")
