"""Argon2id as passwords are hashed here, by libsodium: what it computes is what every other Argon2id computes.

It is a fifth faster than the reference implementation, which argon2-cffi brings and which checks the hashes of other
systems: libsodium takes one lane, salts of sixteen bytes and nothing else.
"""

from __future__ import annotations

import hmac
import re
from base64 import b64decode, b64encode
from collections.abc import Callable
from typing import Final, TypeAlias

from nacl.utils import random

from service.core.passwords.hashing_process import SALT_BYTES, derive

Derive: TypeAlias = Callable[[bytes, bytes, int, int], bytes]
"""Makes the key of a hash, as `hashing_process.derive` does."""

MAX_SECONDS: Final = 1.0
"""What the hashes of a log-in may cost of one core, whoever made them."""
ARGON2_KIB: Final = 9e-7
"""What a KiB costs for each pass: measured on an AMD EPYC core and rounded up."""

_PHC: Final = re.compile(r"\$argon2id\$v=19\$m=(\d{1,9}),t=(\d{1,9}),p=1\$([A-Za-z0-9+/]{22})\$([A-Za-z0-9+/]{43})")


class Argon2id:
    """Hashes of one cost. Each call takes a core and `memory_kib` for a while, and lets other threads run meanwhile."""

    def __init__(self, *, memory_kib: int, passes: int, derive: Derive = derive) -> None:
        """Take what a hash is to cost, and what makes the keys."""
        self._memory_kib = memory_kib
        self._passes = passes
        self._derive = derive

    def hash(self, text: str, salt: bytes | None = None) -> str:
        """Return the PHC string of `text`, under a new salt unless one is given."""
        salt = random(SALT_BYTES) if salt is None else salt
        key = self._derive(text.encode(), salt, self._passes, self._memory_kib)
        return f"$argon2id$v=19$m={self._memory_kib},t={self._passes},p=1${_base64(salt)}${_base64(key)}"

    def is_current(self, hashed: str) -> bool:
        """Return whether `hashed` is one that would be made today."""
        found = _PHC.fullmatch(hashed)
        return found is not None and found[1] == str(self._memory_kib) and found[2] == str(self._passes)

    def verify(self, hashed: str, text: str) -> bool:
        """Return whether `hashed`, a current one, was made of `text`."""
        return hmac.compare_digest(self.hash(text, like(hashed)[1]).encode(), hashed.encode())


def like(hashed: str, derive: Derive = derive) -> tuple[Argon2id, bytes]:
    """Return what makes hashes like this one, and its salt. Raises ValueError where it is none of ours."""
    found = _PHC.fullmatch(hashed)
    if found is None:
        raise ValueError("not a hash of ours")
    return Argon2id(memory_kib=int(found[1]), passes=int(found[2]), derive=derive), b64decode(f"{found[3]}==")


def _base64(data: bytes) -> str:
    return b64encode(data).decode().rstrip("=")
