"""Password hashes that other systems made: recognised, bounded, verified. They become ours at the first log-in.

| format | from |
| --- | --- |
| `$2a$`, `$2b$`, `$2y$` | bcrypt, everywhere |
| `$argon2i$`, `$argon2d$`, `$argon2id$` | Argon2 in PHC form, everywhere |
| `pbkdf2_sha256$…`, `pbkdf2_sha1$…` | Django |
| `pbkdf2:sha256:…$…`, `pbkdf2:sha1:…`, `pbkdf2:sha512:…` | Werkzeug |
| `scrypt$N$salt$r$p$…` | Django |
| `scrypt:N:r:p$salt$…` | Werkzeug |
| `$scrypt$ln=…,r=…,p=…$…` | passlib |

A hash says how much work it is to check, so one from a stranger can be a bomb: `refusal` sets bounds, at the import.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass

import bcrypt
from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import Argon2Error, InvalidHashError

MAX_LENGTH = 255  # the column
MAX_BCRYPT_COST = 14  # about a second
MAX_PBKDF2_ROUNDS = 3_000_000
MAX_SCRYPT_WORK = 1 << 20  # N x r x p: about as much
MAX_SCRYPT_BYTES = 128 << 20
MAX_ARGON2_KIB = 256 << 10
MAX_ARGON2_WORK = 1 << 20  # KiB x passes
BCRYPT_BYTES = 72  # bcrypt looks no further

_ARGON2 = PasswordHasher()


@dataclass(frozen=True, slots=True)
class _Derived:
    """A key derivation to do again: how, and what must come out."""

    derive: Callable[[bytes], bytes]
    expected: bytes


def is_foreign(hashed: str) -> bool:
    """Return whether `hashed` is of a format that is only ever imported. (Argon2 may be ours or another's.)"""
    return hashed.startswith(("$2", "pbkdf2", "scrypt", "$scrypt$"))


def verify(hashed: str, password: str) -> bool:
    """Return whether `password` is the one behind a foreign hash. False also for what can't be read."""
    if hashed.startswith("$2"):
        return _verify_bcrypt(hashed, password)
    try:
        found = _read(hashed)
        return hmac.compare_digest(found.derive(password.encode()), found.expected)
    except (ValueError, MemoryError):
        return False


def refusal(hashed: str) -> str | None:
    """Return why a hash can't be imported, or None. The reason never repeats it."""
    if len(hashed) > MAX_LENGTH:
        return f"the hash is longer than {MAX_LENGTH} characters"
    try:
        if hashed.startswith("$argon2"):
            _check_argon2(hashed)
        elif hashed.startswith("$2"):
            _check_bcrypt(hashed)
        else:
            _read(hashed)
    except _TooCostlyError as error:
        return str(error)
    except (ValueError, Argon2Error, InvalidHashError):
        return "the hash is of no format that is known here"
    return None


class _TooCostlyError(ValueError):
    """The hash asks for more work than a log-in may cost."""

    def __init__(self) -> None:
        super().__init__("the hash asks for more work than a log-in may cost")


def _verify_bcrypt(hashed: str, password: str) -> bool:
    secret = password.encode()
    # C implementations end at a NUL: there "a\0b" would log in to the account of "a".
    if b"\0" in secret:
        return False
    try:
        return bcrypt.checkpw(secret[:BCRYPT_BYTES], hashed.encode())
    except ValueError:
        return False


def _check_bcrypt(hashed: str) -> None:
    # $2x$ marks hashes of a broken implementation, which nobody can check.
    found = re.fullmatch(r"\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}", hashed)
    if found is None or int(found[1]) < 4:
        raise ValueError
    if int(found[1]) > MAX_BCRYPT_COST:
        raise _TooCostlyError


def _check_argon2(hashed: str) -> None:
    parameters = extract_parameters(hashed)
    if parameters.memory_cost > MAX_ARGON2_KIB or parameters.memory_cost * parameters.time_cost > MAX_ARGON2_WORK:
        raise _TooCostlyError
    if parameters.parallelism > 64:
        raise _TooCostlyError
    _ARGON2.check_needs_rehash(hashed)
    if not re.fullmatch(r"\$argon2(id|i|d)\$(v=\d+\$)?m=\d+,t=\d+,p=\d+\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+", hashed):
        raise ValueError


def _read(hashed: str) -> _Derived:
    """Take a PBKDF2 or scrypt hash apart. Raises ValueError for what isn't one, or asks too much."""
    match re.split(r"[$]", hashed):
        case ["pbkdf2_sha256" | "pbkdf2_sha1" as name, rounds, salt, expected]:
            return _pbkdf2(name.removeprefix("pbkdf2_"), rounds, salt, _base64(expected))
        case [head, salt, expected] if head.startswith("pbkdf2:"):
            _, digest, rounds = head.split(":")
            return _pbkdf2(digest, rounds, salt, bytes.fromhex(expected))
        case ["scrypt", n, salt, r, p, expected]:
            return _scrypt(int(n), int(r), int(p), salt.encode(), _base64(expected))
        case [head, salt, expected] if head.startswith("scrypt:"):
            _, n, r, p = head.split(":")
            return _scrypt(int(n), int(r), int(p), salt.encode(), bytes.fromhex(expected))
        case ["", "scrypt", costs, salt, expected]:
            found = re.fullmatch(r"ln=(\d{1,2}),r=(\d{1,6}),p=(\d{1,6})", costs)
            if found is None:
                raise ValueError
            return _scrypt(1 << int(found[1]), int(found[2]), int(found[3]), _base64(salt), _base64(expected))
        case _:
            raise ValueError


def _pbkdf2(digest: str, rounds: str, salt: str, expected: bytes) -> _Derived:
    if digest not in ("sha1", "sha256", "sha512") or not expected or int(rounds) < 1:
        raise ValueError
    if int(rounds) > MAX_PBKDF2_ROUNDS or len(expected) > 64:  # a longer key costs as many rounds again
        raise _TooCostlyError
    return _Derived(
        lambda secret: hashlib.pbkdf2_hmac(digest, secret, salt.encode(), int(rounds), len(expected)), expected
    )


def _scrypt(n: int, r: int, p: int, salt: bytes, expected: bytes) -> _Derived:
    if n < 2 or n & (n - 1) or r < 1 or p < 1 or not expected:
        raise ValueError
    memory = 128 * r * (n + p + 2)
    if n * r * p > MAX_SCRYPT_WORK or memory > MAX_SCRYPT_BYTES:
        raise _TooCostlyError
    return _Derived(
        lambda secret: hashlib.scrypt(secret, salt=salt, n=n, r=r, p=p, maxmem=memory + 1024, dklen=len(expected)),
        expected,
    )


def _base64(text: str) -> bytes:
    return b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4), validate=True)
