"""Password hashes that other systems made: read, bounded, verified. They become ours at the first log-in.

| format | from |
| --- | --- |
| `$2a$`, `$2b$`, `$2y$` | bcrypt, everywhere |
| `$argon2i$`, `$argon2d$`, `$argon2id$` | Argon2 in PHC form, everywhere |
| `pbkdf2_sha256$…`, `pbkdf2_sha1$…` | Django |
| `pbkdf2:sha256:…$…`, `pbkdf2:sha1:…`, `pbkdf2:sha512:…` | Werkzeug |
| `$pbkdf2-sha256$…`, `$pbkdf2-sha512$…`, `$pbkdf2$…`; with `i=…,l=…` | passlib; Ory Kratos |
| `scrypt$N$salt$r$p$…` | Django |
| `scrypt:N:r:p$salt$…` | Werkzeug |
| `$scrypt$ln=…,r=…,p=…$…` | passlib; Ory Kratos, whose `ln` is N itself |

and what `foreign_products` and `foreign_rounds` have: names in front of these, and what single products do. What is
quick is in `foreign_digests`: it isn't stored as it is.

The import and the log-in read a hash with the same eyes (R84).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from service.core.passwords import foreign_products, foreign_rounds
from service.core.passwords import foreign_work as work
from service.core.passwords.argon2id import MAX_SECONDS
from service.core.passwords.foreign_digests import DIGESTS, LAYERED, layered, quick
from service.core.passwords.foreign_work import (
    MAX_BYTES,
    MAX_LENGTH,
    TOO_COSTLY,
    UNKNOWN,
    ForeignHash,
    RefusedHash,
)

__all__ = ["MAX_BYTES", "MAX_SECONDS", "TOO_COSTLY", "UNKNOWN", "ForeignHash", "RefusedHash", "read", "refusal"]

_NUMBER: Final = r"(0|[1-9][0-9]{0,9})"
_B64: Final = r"([A-Za-z0-9+/]+={0,2})"
_PLAIN: Final = r"([A-Za-z0-9+/]+)"
_AB64: Final = r"([A-Za-z0-9./]+)"  # passlib's: `.` for `+`
_HEX: Final = r"((?:[0-9A-Fa-f]{2})+)"
_SALT: Final = r"([^$\s\x00-\x1f\x7f]+)"
_PASSLIB: Final = {"": "sha1", "-sha1": "sha1", "-sha256": "sha256", "-sha512": "sha512"}

UNUSABLE: Final = ("!", "*")
"""What a hash begins with that no password is meant to fit: Django's `!…`, `*` and `!!` of /etc/shadow."""

_Formats = tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], ForeignHash]], ...]


def refusal(hashed: str) -> str | None:
    """Return why a hash can't be imported, or None. The reason never repeats it."""
    try:
        if quick(hashed) is None:
            read(hashed)
    except RefusedHash as error:
        return str(error)
    return None


def read(hashed: str) -> ForeignHash:
    """Return what `hashed` takes to check. Raises `RefusedHash`, and nothing else, for what isn't checked."""
    if len(hashed) > MAX_LENGTH:
        raise RefusedHash(f"the hash is longer than {MAX_LENGTH} characters")
    bare = foreign_products.without_name(hashed)
    for pattern, understand in _FORMATS:
        if found := pattern.fullmatch(bare):
            return understand(found)
    raise RefusedHash(foreign_products.why_not(hashed) or UNKNOWN)


def usable(hashed: str) -> bool:
    """Return whether it is a hash at all, and not what systems write where there is to be none."""
    bare = hashed[7:] if hashed[:7].lower() == "{crypt}" else hashed
    return bool(bare) and not bare.startswith(UNUSABLE)


def _argon2(found: re.Match[str]) -> ForeignHash:
    return work.argon2(found[1], found[2], _numbers(found, 3, 4, 5), found[6], found[7])


def _bcrypt(found: re.Match[str]) -> ForeignHash:
    # $2x$ marks hashes of a broken implementation, which nobody can check.
    return work.bcrypt(int(found[1]), found[2], found[3])


def _layered(found: re.Match[str]) -> ForeignHash:
    return layered(found, read(found[3]))


def _kratos_scrypt(found: re.Match[str]) -> ForeignHash:
    return work.scrypt(_numbers(found, 1, 2, 3), work.base64(found[4]), work.base64(found[5]))


def _kratos_pbkdf2(found: re.Match[str]) -> ForeignHash:
    key = work.base64(found[5])
    if int(found[3]) != len(key):
        raise RefusedHash(UNKNOWN)
    return work.pbkdf2(found[1], int(found[2]), work.base64(found[4]), key)


def _numbers(found: re.Match[str], *places: int) -> tuple[int, int, int]:
    first, second, third = (int(found[place]) for place in places)
    return first, second, third


def _ab64(written: str) -> bytes:
    return work.base64(written.replace(".", "+"))


_FORMATS: Final[_Formats] = (
    (re.compile(r"\$2[aby]\$([0-9]{2})\$([./A-Za-z0-9]{22})([./A-Za-z0-9]{31})"), _bcrypt),
    (
        re.compile(rf"\$argon2(id|i|d)\$(?:v=(16|19)\$)?m={_NUMBER},t={_NUMBER},p={_NUMBER}\${_PLAIN}\${_PLAIN}"),
        _argon2,
    ),
    (
        re.compile(rf"pbkdf2_(sha1|sha256)\${_NUMBER}\${_SALT}\${_B64}"),
        lambda found: work.pbkdf2(found[1], int(found[2]), work.text(found[3]), work.base64(found[4])),
    ),
    (
        re.compile(rf"pbkdf2:(sha1|sha256|sha512):{_NUMBER}\${_SALT}\${_HEX}"),
        lambda found: work.pbkdf2(found[1], int(found[2]), work.text(found[3]), bytes.fromhex(found[4])),
    ),
    (
        re.compile(rf"\$pbkdf2(-sha1|-sha256|-sha512|)\${_NUMBER}\${_AB64}\${_AB64}"),
        lambda found: work.pbkdf2(_PASSLIB[found[1]], int(found[2]), _ab64(found[3]), _ab64(found[4])),
    ),
    (re.compile(rf"\$pbkdf2-(sha1|sha256|sha512)\$i={_NUMBER},l={_NUMBER}\${_B64}\${_B64}"), _kratos_pbkdf2),
    (
        re.compile(rf"scrypt\${_NUMBER}\${_SALT}\${_NUMBER}\${_NUMBER}\${_B64}"),
        lambda found: work.scrypt(_numbers(found, 1, 3, 4), work.text(found[2]), work.base64(found[5])),
    ),
    (
        re.compile(rf"scrypt:{_NUMBER}:{_NUMBER}:{_NUMBER}\${_SALT}\${_HEX}"),
        lambda found: work.scrypt(_numbers(found, 1, 2, 3), work.text(found[4]), bytes.fromhex(found[5])),
    ),
    (
        re.compile(rf"\$scrypt\$ln=(0|[1-9][0-9]?),r={_NUMBER},p={_NUMBER}\${_PLAIN}\${_PLAIN}"),
        lambda found: work.scrypt(
            (1 << int(found[1]), int(found[2]), int(found[3])), work.base64(found[4]), work.base64(found[5])
        ),
    ),
    (re.compile(rf"\$scrypt\$ln=([1-9][0-9]{{2,9}}),r={_NUMBER},p={_NUMBER}\${_B64}\${_B64}"), _kratos_scrypt),
    (re.compile(rf"{LAYERED}\$({'|'.join(DIGESTS)})\$((?:[0-9a-f]{{2}})+)(\$argon2id\$.+)"), _layered),
    *foreign_products.FORMATS,
    *foreign_rounds.FORMATS,
)
