"""Digests that are quick to make: salted, yet a thief of the table tries billions a second. They come in under ours.

| format | from |
| --- | --- |
| `{SSHA}`, `{SSHA256}`, `{SSHA384}`, `{SSHA512}`, `{SMD5}` | LDAP |
| `sha1$salt$…`, `md5$salt$…`, `sha256$salt$…`, `sha512$salt$…` | Django before 1.4, Flask (Werkzeug) before 2.3. \
One hashes the two, the other makes an HMAC: nobody can tell them apart, so both are tried |
| `{sha256}…` | Spring Security's StandardPasswordEncoder |

What is stored of such a hash is Argon2id of its digest (`over$…`): from the import on it is as hard to try out as any
password of ours, and takes as long to check, so that time tells nothing of its account (R17).
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from service.core.passwords import foreign_work as work
from service.core.passwords.foreign_work import UNKNOWN, ForeignHash, RefusedHash

LAYERED: Final = "over"
_LEAST_SALT: Final = 4  # what the oldest directories made; ours above it is longer
_MOST_SALT: Final = 32
_SPRING_ROUNDS: Final = 1024

_Digest = Callable[[bytes, bytes], bytes]


def _after(name: str) -> _Digest:
    """The password, and then the salt: RFC 2307's."""
    return lambda secret, salt: hashlib.new(name, secret + salt, usedforsecurity=False).digest()


def _before(name: str) -> _Digest:
    return lambda secret, salt: hashlib.new(name, salt + secret, usedforsecurity=False).digest()


def _keyed(name: str) -> _Digest:
    return lambda secret, salt: hmac.digest(salt, secret, name)


def _spring(secret: bytes, salt: bytes) -> bytes:
    made = salt + secret
    for _ in range(_SPRING_ROUNDS):
        made = hashlib.sha256(made).digest()
    return made


DIGESTS: Final[dict[str, tuple[_Digest, ...]]] = {
    "ssha": (_after("sha1"),),
    "ssha256": (_after("sha256"),),
    "ssha384": (_after("sha384"),),
    "ssha512": (_after("sha512"),),
    "smd5": (_after("md5"),),
    "sha1": (_before("sha1"), _keyed("sha1")),
    "md5": (_before("md5"), _keyed("md5")),
    "sha256": (_keyed("sha256"),),
    "sha512": (_keyed("sha512"),),
    "spring-sha256": (_spring,),
}
_SIZES: Final = {"ssha": 20, "ssha256": 32, "ssha384": 48, "ssha512": 64, "smd5": 16}

_LDAP: Final = re.compile(
    r"(?:\{ldap\})?\{(SSHA|SSHA-?256|SSHA-?384|SSHA-?512|SMD5)\}([A-Za-z0-9+/]+={0,2})", re.IGNORECASE
)
_NAMED: Final = re.compile(r"(md5|sha1|sha256|sha512)\$([^$\s\x00-\x1f\x7f]+)\$((?:[0-9a-f]{2})+)")
_NAMED_SIZES: Final = {"md5": 16, "sha1": 20, "sha256": 32, "sha512": 64}
_SPRING: Final = re.compile(r"\{sha256\}([0-9a-f]{80})")


@dataclass(frozen=True, slots=True)
class Quick:
    """A digest, which of them it is, and its salt."""

    kind: str
    salt: bytes = field(repr=False)
    digest: bytes = field(repr=False)

    @property
    def begins(self) -> str:
        """How what is stored begins; Argon2id's text of `text` under `our_salt` follows."""
        return f"{LAYERED}${self.kind}${self.salt.hex()}"

    @property
    def text(self) -> str:
        """What Argon2id is made of."""
        return self.digest.hex()

    @property
    def our_salt(self) -> bytes:
        """A salt for Argon2id, the same each time for a hash: so a second import finds what the first has stored."""
        return hashlib.sha256(f"{self.begins}${self.text}".encode()).digest()[:16]


def quick(hashed: str) -> Quick | None:
    """Return a hash that has to come in under ours, None for any other. Raises `RefusedHash`."""
    found = _of_ldap(hashed) or _of_python(hashed) or _of_spring(hashed)
    if found and not _LEAST_SALT <= len(found.salt) <= _MOST_SALT:
        raise RefusedHash(f"the hash's salt is shorter than {_LEAST_SALT} bytes, or longer than {_MOST_SALT}")
    return found


def layered(found: re.Match[str], outer: ForeignHash) -> ForeignHash:
    """Return what checks the digest of a password by what is stored of it."""
    digests, salt = DIGESTS[found[1]], bytes.fromhex(found[2])

    def matches(password: str) -> bool:
        return any(outer.matches(digest(password.encode(), salt).hex()) for digest in digests)

    return ForeignHash(matches, outer.seconds * len(digests), outer.memory)


def _of_ldap(hashed: str) -> Quick | None:
    found = _LDAP.fullmatch(hashed)
    if found is None:
        return None
    kind, both = found[1].lower().replace("-", ""), work.base64(found[2])
    size = _SIZES[kind]
    if len(both) < size:
        raise RefusedHash(UNKNOWN)
    return Quick(kind, both[size:], both[:size])


def _of_python(hashed: str) -> Quick | None:
    found = _NAMED.fullmatch(hashed)
    digest = bytes.fromhex(found[3]) if found else b""
    if found is None or len(digest) != _NAMED_SIZES[found[1]]:
        return None
    return Quick(found[1], work.text(found[2]), digest)


def _of_spring(hashed: str) -> Quick | None:
    found = _SPRING.fullmatch(hashed)
    both = bytes.fromhex(found[1]) if found else b""
    return Quick("spring-sha256", both[:8], both[8:]) if found else None
