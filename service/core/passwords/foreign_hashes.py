"""Password hashes that other systems made: read, bounded, verified. They become ours at the first log-in.

| format | from |
| --- | --- |
| `$2a$`, `$2b$`, `$2y$` | bcrypt, everywhere |
| `$argon2i$`, `$argon2d$`, `$argon2id$` | Argon2 in PHC form, everywhere |
| `pbkdf2_sha256$…`, `pbkdf2_sha1$…` | Django |
| `pbkdf2:sha256:…$…`, `pbkdf2:sha1:…`, `pbkdf2:sha512:…` | Werkzeug |
| `scrypt$N$salt$r$p$…` | Django |
| `scrypt:N:r:p$salt$…` | Werkzeug |
| `$scrypt$ln=…,r=…,p=…$…` | passlib |

A hash says how much work it is to check, so one from a stranger can be a bomb, and one that is stored already can too:
the import and the log-in read it with the same eyes (R84). What it costs is reckoned from what the algorithm does
(docs/decisions/049-what-a-hash-costs.md): about a second of one core at most, and `MAX_BYTES`.
"""

from __future__ import annotations

import binascii
import hashlib
import hmac
import re
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import bcrypt
from argon2.exceptions import Argon2Error
from argon2.low_level import Type, verify_secret

MAX_LENGTH: Final = 255  # the column
MAX_SECONDS: Final = 1.0
MAX_BYTES: Final = 257 << 20  # 256 MiB, and what scrypt needs beside its own
MAX_LANES: Final = 64
LEAST_SALT: Final = 8  # bytes; RFC 9106 asks for as many, every system named above makes more
LEAST_KEY: Final = 16  # bytes; with one of them every 256th password is right
BCRYPT_BYTES: Final = 72  # bcrypt looks no further

UNKNOWN: Final = "the hash is of no format that is known here"
TOO_COSTLY: Final = "the hash asks for more work than a log-in may cost"

# Seconds of work, measured on an AMD EPYC core and rounded up, twice for what newer processors have instructions for.
_BCRYPT_ROUND: Final = 6e-5
_PBKDF2_ROUND: Final = {"sha1": 5e-7, "sha256": 5e-7, "sha512": 1e-6}  # for each block of the key
_SCRYPT_BLOCK: Final = 4e-7  # 128 bytes, mixed
_ARGON2_KIB: Final = 9e-7  # for each pass
_ARGON2_SLICES: Final = 4
_ARGON2_THREAD: Final = 6e-5  # more than one lane: a thread is started for each, in each slice of each pass
_ARGON2_SLICE: Final = 2e-6  # one lane

_NUMBER: Final = r"(0|[1-9][0-9]{0,9})"
_B64: Final = r"([A-Za-z0-9+/]+={0,2})"
_HEX: Final = r"((?:[0-9A-Fa-f]{2})+)"
_SALT: Final = r"([^$\s\x00-\x1f\x7f]+)"
_BCRYPT: Final = re.compile(r"\$2[aby]\$([0-9]{2})\$([./A-Za-z0-9]{22})([./A-Za-z0-9]{31})")
_ARGON2: Final = re.compile(
    rf"\$argon2(id|i|d)\$(?:v=(16|19)\$)?m={_NUMBER},t={_NUMBER},p={_NUMBER}\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)"
)
_DJANGO_PBKDF2: Final = re.compile(rf"pbkdf2_(sha1|sha256)\${_NUMBER}\${_SALT}\${_B64}")
_WERKZEUG_PBKDF2: Final = re.compile(rf"pbkdf2:(sha1|sha256|sha512):{_NUMBER}\${_SALT}\${_HEX}")
_DJANGO_SCRYPT: Final = re.compile(rf"scrypt\${_NUMBER}\${_SALT}\${_NUMBER}\${_NUMBER}\${_B64}")
_WERKZEUG_SCRYPT: Final = re.compile(rf"scrypt:{_NUMBER}:{_NUMBER}:{_NUMBER}\${_SALT}\${_HEX}")
_PASSLIB_SCRYPT: Final = re.compile(
    rf"\$scrypt\$ln=(0|[1-9][0-9]?),r={_NUMBER},p={_NUMBER}\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)"
)
_ARGON2_TYPES: Final = {"id": Type.ID, "i": Type.I, "d": Type.D}
_BCRYPT_LETTERS: Final = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


class RefusedHash(ValueError):
    """A hash that isn't checked. The reason never repeats it."""


@dataclass(frozen=True, slots=True)
class ForeignHash:
    """A hash that can be checked: in about `seconds` of one core, with `memory` bytes."""

    matches: Callable[[str], bool]
    seconds: float
    memory: int = 0


def is_foreign(hashed: str) -> bool:
    """Return whether `hashed` is of a format that is only ever imported. (Argon2 may be ours or another's.)"""
    return hashed.startswith(("$2", "pbkdf2", "scrypt", "$scrypt$"))


def refusal(hashed: str) -> str | None:
    """Return why a hash can't be imported, or None. The reason never repeats it."""
    try:
        read(hashed)
    except RefusedHash as error:
        return str(error)
    return None


def read(hashed: str) -> ForeignHash:
    """Return what `hashed` takes to check. Raises `RefusedHash`, and nothing else, for what isn't checked."""
    if len(hashed) > MAX_LENGTH:
        raise RefusedHash(f"the hash is longer than {MAX_LENGTH} characters")
    for pattern, understand in _FORMATS:
        if found := pattern.fullmatch(hashed):
            return understand(found)
    raise RefusedHash(UNKNOWN)


def _bcrypt(found: re.Match[str]) -> ForeignHash:
    # $2x$ marks hashes of a broken implementation, which nobody can check.
    rounds, salt, key = int(found[1]), found[2], found[3]
    seconds, _ = _bounded(_BCRYPT_ROUND * 2**rounds)
    # 128 and 184 bits: what stands in the last letter beyond those is nothing that comes out of bcrypt.
    if rounds < 4 or _BCRYPT_LETTERS.index(salt[-1]) % 16 or _BCRYPT_LETTERS.index(key[-1]) % 4:
        raise RefusedHash(UNKNOWN)
    hashed = found[0].encode()

    def matches(password: str) -> bool:
        secret = password.encode()
        # C implementations end at a NUL: there "a\0b" would log in to the account of "a".
        return b"\0" not in secret and bcrypt.checkpw(secret[:BCRYPT_BYTES], hashed)

    return ForeignHash(matches, seconds)


def _argon2(found: re.Match[str]) -> ForeignHash:
    kib, passes, lanes = (int(found[number]) for number in (3, 4, 5))
    if lanes > MAX_LANES:
        raise RefusedHash(TOO_COSTLY)
    slices = _ARGON2_SLICES * passes
    starts = slices * (lanes * _ARGON2_THREAD if lanes > 1 else _ARGON2_SLICE)
    seconds, memory = _bounded(kib * passes * _ARGON2_KIB + starts, kib << 10)
    if not passes or not lanes or kib < 8 * lanes:  # RFC 9106 section 3.1: nobody can have made it
        raise RefusedHash(UNKNOWN)
    _worth_it(_base64(found[6]), _base64(found[7]))
    kind, hashed = _ARGON2_TYPES[found[1]], found[0].encode()

    def matches(password: str) -> bool:
        try:
            return verify_secret(hashed, password.encode(), kind)
        except Argon2Error:
            return False

    return ForeignHash(matches, seconds, memory)


def _pbkdf2(digest: str, rounds: int, salt: bytes, key: bytes) -> ForeignHash:
    # RFC 8018 section 5.2: all rounds again for each piece of the key that is as long as the digest.
    blocks = -(-len(key) // hashlib.new(digest, usedforsecurity=False).digest_size)
    seconds, _ = _bounded(_PBKDF2_ROUND[digest] * rounds * blocks)
    if not rounds:
        raise RefusedHash(UNKNOWN)
    return _derived(lambda secret: hashlib.pbkdf2_hmac(digest, secret, salt, rounds, len(key)), salt, key, seconds)


def _scrypt(costs: tuple[int, ...], salt: bytes, key: bytes) -> ForeignHash:
    n, r, p = costs
    memory = 128 * r * (n + p + 2)
    # RFC 7914 section 6: p x r blocks come out of PBKDF2 and go in again, beside N for each of them.
    seconds, _ = _bounded((n + 2) * r * p * _SCRYPT_BLOCK, memory)
    # The limits of RFC 7914 section 6, without which nobody can have made it.
    if n < 2 or n & (n - 1) or not r or not p or n.bit_length() > 16 * r:
        raise RefusedHash(UNKNOWN)

    def derive(secret: bytes) -> bytes:
        return hashlib.scrypt(secret, salt=salt, n=n, r=r, p=p, maxmem=memory + 1024, dklen=len(key))

    return _derived(derive, salt, key, seconds, memory)


def _derived(derive: Callable[[bytes], bytes], salt: bytes, key: bytes, seconds: float, memory: int = 0) -> ForeignHash:
    _worth_it(salt, key)

    def matches(password: str) -> bool:
        try:
            return hmac.compare_digest(derive(password.encode()), key)
        except (ValueError, MemoryError):  # OpenSSL says either when there isn't the memory
            return False

    return ForeignHash(matches, seconds, memory)


_FORMATS: Final[tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], ForeignHash]], ...]] = (
    (_BCRYPT, _bcrypt),
    (_ARGON2, _argon2),
    (_DJANGO_PBKDF2, lambda found: _pbkdf2(found[1], int(found[2]), _text(found[3]), _base64(found[4]))),
    (_WERKZEUG_PBKDF2, lambda found: _pbkdf2(found[1], int(found[2]), _text(found[3]), bytes.fromhex(found[4]))),
    (_DJANGO_SCRYPT, lambda found: _scrypt(_numbers(found, 1, 3, 4), _text(found[2]), _base64(found[5]))),
    (_WERKZEUG_SCRYPT, lambda found: _scrypt(_numbers(found, 1, 2, 3), _text(found[4]), bytes.fromhex(found[5]))),
    (
        _PASSLIB_SCRYPT,
        lambda found: _scrypt((1 << int(found[1]), *_numbers(found, 2, 3)), _base64(found[4]), _base64(found[5])),
    ),
)


def _bounded(seconds: float, memory: int = 0) -> tuple[float, int]:
    if seconds > MAX_SECONDS or memory > MAX_BYTES:
        raise RefusedHash(TOO_COSTLY)
    return seconds, memory


def _worth_it(salt: bytes, key: bytes) -> None:
    if len(key) < LEAST_KEY:
        raise RefusedHash(f"the hash is shorter than {LEAST_KEY} bytes: other passwords fit it as well")
    if len(salt) < LEAST_SALT:
        raise RefusedHash(f"the hash's salt is shorter than {LEAST_SALT} bytes")


def _numbers(found: re.Match[str], *places: int) -> tuple[int, ...]:
    return tuple(int(found[place]) for place in places)


def _text(salt: str) -> bytes:
    try:
        return salt.encode()
    except UnicodeEncodeError:  # a lone surrogate
        raise RefusedHash(UNKNOWN) from None


def _base64(text: str) -> bytes:
    """Decode base64 with its padding or without, in the one spelling that an encoder writes."""
    bare = text.rstrip("=")
    padded = bare + "=" * (-len(bare) % 4)
    try:
        decoded = b64decode(padded, validate=True)
    except binascii.Error:
        raise RefusedHash(UNKNOWN) from None
    if text not in (bare, padded) or b64encode(decoded).decode() != padded:
        raise RefusedHash(UNKNOWN)
    return decoded
