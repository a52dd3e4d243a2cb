"""Hashes that are digests of digests, many times over: nobody has them quicker than round by round.

| format | from |
| --- | --- |
| `$P$…`, `$H$…` | phpass: WordPress before 6.8, phpBB, Joomla; MD5 |
| `$S$…`, `U$S$…` | Drupal 7 to 10.0: SHA-512; with `U`, of an MD5 of before |
| `$5$…`, `$6$…` | SHA-crypt: /etc/shadow, LDAP's `{CRYPT}`, passlib |
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from typing import Final

from service.core.passwords import foreign_work as work
from service.core.passwords.foreign_work import UNKNOWN, ForeignHash, RefusedHash

_LETTERS: Final = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_DEFAULT_ROUNDS: Final = 5000
_LEAST_ROUNDS: Final = 1000


def _phpass(digest: str, *, before: bool = False) -> Callable[[re.Match[str]], ForeignHash]:
    """Return the reader of phpass with a digest; with `before` the password was an MD5 in hex when it was hashed."""

    def understand(found: re.Match[str]) -> ForeignHash:
        rounds, salt, key = 1 << _LETTERS.index(found[1]), found[2].encode(), found[3].encode()

        def derive(secret: bytes) -> bytes:
            if before:
                secret = hashlib.md5(secret, usedforsecurity=False).hexdigest().encode()
            made = hashlib.new(digest, salt + secret, usedforsecurity=False).digest()
            for _ in range(rounds):
                made = hashlib.new(digest, made + secret, usedforsecurity=False).digest()
            return _written(made)[: len(key)].encode()

        return work.looped(rounds, derive, key)

    return understand


def _written(digest: bytes) -> str:
    """Return bytes in phpass's letters: six bits each, the low ones first."""
    letters = []
    for start in range(0, len(digest), 3):
        part = digest[start : start + 3]
        value = int.from_bytes(part, "little")
        letters += [_LETTERS[value >> 6 * place & 0x3F] for place in range(len(part) + 1)]
    return "".join(letters)


def _sha_crypt(digest: str, size: int) -> Callable[[re.Match[str]], ForeignHash]:
    def understand(found: re.Match[str]) -> ForeignHash:
        rounds = int(found[1]) if found[1] else _DEFAULT_ROUNDS
        if rounds < _LEAST_ROUNDS:
            raise RefusedHash(UNKNOWN)
        salt, key = found[2].encode(), found[3].encode()
        return work.looped(rounds, lambda secret: _sha_crypted(digest, size, rounds, salt, secret), key)

    return understand


def _sha_crypted(digest: str, size: int, rounds: int, salt: bytes, secret: bytes) -> bytes:
    """Return what Drepper's "Unix crypt using SHA-256 and SHA-512" makes, in its letters."""

    def hashed(*parts: bytes) -> bytes:
        return hashlib.new(digest, b"".join(parts), usedforsecurity=False).digest()

    def stretched(made: bytes, length: int) -> bytes:
        return (made * (length // size + 1))[:length]

    length = len(secret)
    other = hashed(secret, salt, secret)
    parts = [secret, salt, stretched(other, length)]
    bits = length
    while bits:
        parts.append(other if bits & 1 else secret)
        bits >>= 1
    made = hashed(*parts)
    of_secret = stretched(hashed(secret * length), length)
    of_salt = stretched(hashed(salt * (16 + made[0])), len(salt))
    for number in range(rounds):
        made = hashed(
            of_secret if number & 1 else made,
            of_salt if number % 3 else b"",
            of_secret if number % 7 else b"",
            made if number & 1 else of_secret,
        )
    return _in_its_order(made, size).encode()


def _in_its_order(made: bytes, size: int) -> str:
    """Write the bytes in groups of three from far apart, each group's turn another way round."""
    third = size // 3
    text = []
    for turn in range(third):
        group = [turn, turn + third, turn + 2 * third]
        first = turn % 3 if size == 64 else -turn % 3
        group = group[first:] + group[:first]
        value = made[group[0]] << 16 | made[group[1]] << 8 | made[group[2]]
        text += [_LETTERS[value >> 6 * place & 0x3F] for place in range(4)]
    if size == 64:
        return "".join(text) + _LETTERS[made[63] & 0x3F] + _LETTERS[made[63] >> 6]
    last = made[31] << 8 | made[30]
    return "".join(text) + "".join(_LETTERS[last >> 6 * place & 0x3F] for place in range(3))


FORMATS: Final[tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], ForeignHash]], ...]] = (
    (re.compile(r"\$[PH]\$([./0-9A-Za-z])([^\s\x00-\x1f\x7f-\U0010ffff]{8})([./0-9A-Za-z]{22})"), _phpass("md5")),
    (re.compile(r"\$S\$([./0-9A-Za-z])([./0-9A-Za-z]{8})([./0-9A-Za-z]{43})"), _phpass("sha512")),
    (re.compile(r"U\$S\$([./0-9A-Za-z])([./0-9A-Za-z]{8})([./0-9A-Za-z]{43})"), _phpass("sha512", before=True)),
    (re.compile(r"U\$P\$([./0-9A-Za-z])([./0-9A-Za-z]{8})([./0-9A-Za-z]{22})"), _phpass("md5", before=True)),
    (
        re.compile(r"\$5\$(?:rounds=([1-9][0-9]{3,8})\$)?([^$\s:\x00-\x1f\x7f-\U0010ffff]{1,16})\$([./0-9A-Za-z]{43})"),
        _sha_crypt("sha256", 32),
    ),
    (
        re.compile(r"\$6\$(?:rounds=([1-9][0-9]{3,8})\$)?([^$\s:\x00-\x1f\x7f-\U0010ffff]{1,16})\$([./0-9A-Za-z]{86})"),
        _sha_crypt("sha512", 64),
    ),
)
