"""What checking a hash of another system takes: the algorithms, bounded by the work that they really are (R84).

A hash says how much work it is to check, so one from a stranger can be a bomb, and one that is stored already can too.
What it costs is reckoned from what the algorithm does (docs/decisions/049-what-a-hash-costs.md): about a second of one
core at most, and `MAX_BYTES`. Formats are read in the files beside this one.
"""

from __future__ import annotations

import binascii
import hashlib
import hmac
import unicodedata
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import bcrypt as bcrypt_library
from argon2.exceptions import Argon2Error
from argon2.low_level import Type, verify_secret

from service.core.passwords.argon2id import ARGON2_KIB, MAX_SECONDS

MAX_LENGTH: Final = 255  # the column
MAX_LOOP_SECONDS: Final = 0.35  # of rounds that Python takes one by one, with its lock in its hand
MAX_BYTES: Final = 257 << 20  # 256 MiB, and what scrypt needs beside its own
MAX_LANES: Final = 64
LEAST_SALT: Final = 8  # bytes; RFC 9106 asks for as many, every system that is read here makes more
LEAST_KEY: Final = 16  # bytes; with one of them every 256th password is right
BCRYPT_BYTES: Final = 72  # bcrypt looks no further

UNKNOWN: Final = "the hash is of no format that is known here"
TOO_COSTLY: Final = "the hash asks for more work than a log-in may cost"

# Seconds of work, measured on an AMD EPYC core and rounded up, twice for what newer processors have instructions for.
_BCRYPT_ROUND: Final = 6e-5
_PBKDF2_ROUND: Final = {"sha1": 5e-7, "sha256": 5e-7, "sha512": 1e-6}  # for each block of the key
_SCRYPT_BLOCK: Final = 4e-7  # 128 bytes, mixed
_ARGON2_SLICES: Final = 4
_ARGON2_THREAD: Final = 6e-5  # more than one lane: a thread is started for each, in each slice of each pass
_ARGON2_SLICE: Final = 2e-6  # one lane
_LOOP_ROUND: Final = 2.5e-6  # a round of Python's

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


Prepare = Callable[[bytes], bytes]
"""What a system does to a password before it is hashed."""


def bcrypt(rounds: int, salt: str, key: str, prepare: Prepare | None = None) -> ForeignHash:
    """Return bcrypt's. `salt` and `key` are as they are written. Raises `RefusedHash`."""
    seconds, _ = bounded(_BCRYPT_ROUND * 2**rounds)
    # 128 and 184 bits: what stands in the last letter beyond those is nothing that comes out of bcrypt.
    if rounds < 4 or _BCRYPT_LETTERS.index(salt[-1]) % 16 or _BCRYPT_LETTERS.index(key[-1]) % 4:
        raise RefusedHash(UNKNOWN)
    hashed = f"$2b${rounds:02}${salt}{key}".encode()

    def matches(password: str) -> bool:
        secret = prepare(password.encode()) if prepare else password.encode()
        # C implementations end at a NUL: there "a\0b" would log in to the account of "a".
        return b"\0" not in secret and bcrypt_library.checkpw(secret[:BCRYPT_BYTES], hashed)

    return ForeignHash(matches, seconds)


def argon2(kind: str, version: str | None, costs: tuple[int, int, int], salt: str, key: str) -> ForeignHash:
    """Return Argon2's; `costs` are KiB, passes, lanes, `salt` and `key` base64. Raises `RefusedHash`."""
    kib, passes, lanes = costs
    if lanes > MAX_LANES:
        raise RefusedHash(TOO_COSTLY)
    slices = _ARGON2_SLICES * passes
    starts = slices * (lanes * _ARGON2_THREAD if lanes > 1 else _ARGON2_SLICE)
    seconds, memory = bounded(kib * passes * ARGON2_KIB + starts, kib << 10)
    if not passes or not lanes or kib < 8 * lanes:  # RFC 9106 section 3.1: nobody can have made it
        raise RefusedHash(UNKNOWN)
    worth_it(base64(salt), base64(key))
    written = f"v={version}$" if version else ""
    hashed = f"$argon2{kind}${written}m={kib},t={passes},p={lanes}${salt}${key}".encode()

    def matches(password: str) -> bool:
        try:
            return verify_secret(hashed, password.encode(), _ARGON2_TYPES[kind])
        except Argon2Error:
            return False

    return ForeignHash(matches, seconds, memory)


def pbkdf2(digest: str, rounds: int, salt: bytes, key: bytes) -> ForeignHash:
    """Return PBKDF2's. Raises `RefusedHash`."""
    # RFC 8018 section 5.2: all rounds again for each piece of the key that is as long as the digest.
    blocks = -(-len(key) // hashlib.new(digest, usedforsecurity=False).digest_size)
    seconds, _ = bounded(_PBKDF2_ROUND[digest] * rounds * blocks)
    if not rounds:
        raise RefusedHash(UNKNOWN)
    return _derived(lambda secret: hashlib.pbkdf2_hmac(digest, secret, salt, rounds, len(key)), salt, key, seconds)


def scrypt(
    costs: tuple[int, int, int],
    salt: bytes,
    key: bytes,
    *,
    prepare: Prepare | None = None,
    finish: Prepare | None = None,
    length: int | None = None,
) -> ForeignHash:
    """Return scrypt's; `costs` are N, r, p. `finish` makes `key` of a derived one of `length` bytes.

    Raises `RefusedHash`.
    """
    n, r, p = costs
    memory = 128 * r * (n + p + 2)
    # RFC 7914 section 6: p x r blocks come out of PBKDF2 and go in again, beside N for each of them.
    seconds, _ = bounded((n + 2) * r * p * _SCRYPT_BLOCK, memory)
    # The limits of RFC 7914 section 6, without which nobody can have made it.
    if n < 2 or n & (n - 1) or not r or not p or n.bit_length() > 16 * r:
        raise RefusedHash(UNKNOWN)

    def derive(secret: bytes) -> bytes:
        text = prepare(secret) if prepare else secret
        made = hashlib.scrypt(text, salt=salt, n=n, r=r, p=p, maxmem=memory + 1024, dklen=length or len(key))
        return finish(made) if finish else made

    return _derived(derive, salt, key, seconds, memory)


def looped(rounds: int, derive: Prepare, key: bytes) -> ForeignHash:
    """Return what Python derives round by round. Raises `RefusedHash`."""
    seconds = rounds * _LOOP_ROUND
    if seconds > MAX_LOOP_SECONDS:
        raise RefusedHash(TOO_COSTLY)
    return ForeignHash(lambda password: hmac.compare_digest(derive(password.encode()), key), max(seconds, 1e-6))


def _derived(derive: Prepare, salt: bytes, key: bytes, seconds: float, memory: int = 0) -> ForeignHash:
    worth_it(salt, key)

    def matches(password: str) -> bool:
        try:
            return hmac.compare_digest(derive(password.encode()), key)
        except (ValueError, MemoryError):  # OpenSSL says either when there isn't the memory
            return False

    return ForeignHash(matches, seconds, memory)


def bounded(seconds: float, memory: int = 0) -> tuple[float, int]:
    """Return both; raise `RefusedHash` where they are more than a log-in may cost."""
    if seconds > MAX_SECONDS or memory > MAX_BYTES:
        raise RefusedHash(TOO_COSTLY)
    return seconds, memory


def worth_it(salt: bytes, key: bytes) -> None:
    """Raise `RefusedHash` for what guards nothing."""
    if len(key) < LEAST_KEY:
        raise RefusedHash(f"the hash is shorter than {LEAST_KEY} bytes: other passwords fit it as well")
    if len(salt) < LEAST_SALT:
        raise RefusedHash(f"the hash's salt is shorter than {LEAST_SALT} bytes")


def text(salt: str) -> bytes:
    """Return a salt that is a text. Raises `RefusedHash`."""
    try:
        return salt.encode()
    except UnicodeEncodeError:  # a lone surrogate
        raise RefusedHash(UNKNOWN) from None


def base64(written: str) -> bytes:
    """Decode base64 with its padding or without, in the one spelling that an encoder writes. Raises `RefusedHash`."""
    bare = written.rstrip("=")
    padded = bare + "=" * (-len(bare) % 4)
    try:
        decoded = b64decode(padded, validate=True)
    except binascii.Error:
        raise RefusedHash(UNKNOWN) from None
    if written not in (bare, padded) or b64encode(decoded).decode() != padded:
        raise RefusedHash(UNKNOWN)
    return decoded


def nfkc(secret: bytes) -> bytes:
    """Return a password in NFKC, as the systems of Node do."""
    return unicodedata.normalize("NFKC", secret.decode()).encode()
