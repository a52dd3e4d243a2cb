"""Hashes as single products write them: with a name in front, of a password that is prepared, in an order of theirs.

| format | from |
| --- | --- |
| `argon2$…`, `bcrypt$…`, `{bcrypt}…`, `{argon2}…`, `{CRYPT}…`, `{ARGON2}…` | a known hash behind a name: Django, \
Spring Security, LDAP |
| `bcrypt_sha256$$2b$…` | Django: bcrypt of SHA-256 in hex |
| `$bcrypt-sha256$…` | passlib: bcrypt of HMAC-SHA-256 (version 2) or SHA-256, in base64 |
| `$wp$2y$…` | WordPress since 6.8: bcrypt of HMAC-SHA-384 in base64 |
| `{pbkdf2}…`, `{pbkdf2@SpringSecurity_v5_8}…`, `{scrypt}$…` | Spring Security |
| `{PBKDF2-SHA256}rounds$salt$key` | OpenLDAP, passlib |
| `salt:key`, `s2:salt:key` in hex | Better Auth, Lucia: scrypt |
| `AQAAAA…` in base64 | ASP.NET Identity, versions 2 and 3 |
| `$firescrypt$…`, `$fbscrypt$…` | Firebase's scrypt, as Ory Kratos and Supabase write it |
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import b64encode
from collections.abc import Callable
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from service.core.passwords import foreign_work as work
from service.core.passwords.foreign_work import UNKNOWN, ForeignHash, RefusedHash

_BCRYPT: Final = r"([0-9]{2})\$([./A-Za-z0-9]{22})([./A-Za-z0-9]{31})"
_B64: Final = r"([A-Za-z0-9+/]+={0,2})"
_ANY_B64: Final = r"([A-Za-z0-9+/_-]+={0,2})"
_NUMBER: Final = r"(0|[1-9][0-9]{0,9})"
_AES_BLOCK: Final = 16
_SIGNER_BYTES: Final = 64

# What merely says what follows, and what follows says itself.
_NAMES: Final = re.compile(
    r"argon2\$(?=argon2)|bcrypt\$(?=\$2)|"
    r"\{(?:bcrypt|argon2(?:@SpringSecurity_v5_[28])?|crypt|ldap)\}(?=[${])|"
    r"\{(?:scrypt(?:@SpringSecurity_v5_8)?)\}(?=\$[0-9a-f])",
    re.IGNORECASE,
)

_WHY_NOT: Final = (
    (r"\{(noop|cleartext|clear|plain|plaintext)\}.*", "it is the password itself, in clear"),
    ((r"\{(SHA|MD5|SHA1|SHA-1|SHA256|SHA-256|SHA384|SHA512|SHA-512)\}.*|[0-9A-Fa-f]{32}|[0-9A-Fa-f]{40}|"
     r"[0-9A-Fa-f]{64}|[0-9A-Fa-f]{128}|(md5|sha1)\$\$.*"), "a digest without a salt guards nothing"),
    (r"\$(1|apr1|md5)\$.*|\{(CRYPT)\}\$(1|apr1)\$.*", "MD5-crypt"),
    (r"(\{CRYPT\})?[./0-9A-Za-z]{13}|crypt\$.*", "DES-crypt, which looks at eight letters alone"),
    (r"(\{CRYPT\})?\$(y|gy|7|sha1)\$.*", "yescrypt, or one of its like"),
    (r"\$2x\$.*", "$2x$ marks hashes that a mistake has made"),
)  # fmt: skip


def without_name(hashed: str) -> str:
    """Return a hash without what only says of which kind it is."""
    for _ in range(2):  # {ldap}{CRYPT}…
        found = _NAMES.match(hashed)
        if found is None:
            break
        hashed = hashed[found.end() :]
        if found[0].startswith("argon2$"):
            hashed = f"${hashed}"
    return hashed


def why_not(hashed: str) -> str | None:
    """Return why a format that is known isn't checked, None for one that isn't known."""
    for pattern, why in _WHY_NOT:
        if re.fullmatch(pattern, hashed, re.IGNORECASE | re.DOTALL):
            return f"the hash is of a format that is not checked here: {why}"
    return None


def without_project_key(hashed: str) -> str:
    """Return a hash of Firebase's so that the project's key isn't in it; any other as it is. Raises `RefusedHash`.

    The key is what was encrypted, by counter (CTR): what is encrypted of zeros says the same of the password.
    """
    found = _firebase(hashed)
    if found is None:
        return hashed
    costs, salt, separator, signer, key = found
    if len(signer) != len(key):
        raise RefusedHash(UNKNOWN)
    stream = bytes(a ^ b for a, b in zip(signer, key, strict=True))
    return firebase_hash(costs, salt, separator, bytes(_SIGNER_BYTES), stream)


def firebase_hash(costs: tuple[int, int], salt: bytes, separator: bytes, signer: bytes, key: bytes) -> str:
    """Return a hash of Firebase's as one text; `costs` are the logarithm of N, and r."""
    ln, r = costs
    parts = "$".join(b64encode(part).decode() for part in (salt, key, separator, signer))
    return f"$firescrypt$ln={ln},r={r},p=1${parts}"


def _firebase(hashed: str) -> tuple[tuple[int, int], bytes, bytes, bytes, bytes] | None:
    if found := _FIRESCRYPT.fullmatch(hashed):
        ln, r, salt, key, separator, signer = found.groups()
    elif found := _FBSCRYPT.fullmatch(hashed):
        ln, r, separator, signer, salt, key = found.groups()
    else:
        return None
    parts = [work.base64(part.replace("-", "+").replace("_", "/")) for part in (salt, separator or "", signer, key)]
    return (int(ln), int(r)), parts[0], parts[1], parts[2], parts[3]


def _firescrypt(found: re.Match[str]) -> ForeignHash:
    (ln, r), salt, separator, signer, key = _firebase(found[0]) or _no_hash()
    if len(signer) != _SIGNER_BYTES or len(key) != _SIGNER_BYTES or ln > 30:
        raise RefusedHash(UNKNOWN)

    def encrypted(derived: bytes) -> bytes:
        encryptor = Cipher(algorithms.AES(derived), modes.CTR(bytes(_AES_BLOCK))).encryptor()
        return encryptor.update(signer) + encryptor.finalize()

    return work.scrypt((1 << ln, r, 1), salt + separator, key, finish=encrypted, length=32)


def _no_hash() -> tuple[tuple[int, int], bytes, bytes, bytes, bytes]:
    raise RefusedHash(UNKNOWN)


def _django_bcrypt(found: re.Match[str]) -> ForeignHash:
    return work.bcrypt(int(found[1]), found[2], found[3], lambda secret: hashlib.sha256(secret).hexdigest().encode())


def _wordpress(found: re.Match[str]) -> ForeignHash:
    def prepare(secret: bytes) -> bytes:
        return b64encode(hmac.digest(b"wp-sha384", secret, "sha384"))

    return work.bcrypt(int(found[1]), found[2], found[3], prepare)


def _passlib_bcrypt(found: re.Match[str]) -> ForeignHash:
    rounds, salt, key = int(found[1]), found[2], found[3]
    return work.bcrypt(rounds, salt, key, lambda secret: b64encode(hmac.digest(salt.encode(), secret, "sha256")))


def _older_passlib_bcrypt(found: re.Match[str]) -> ForeignHash:
    rounds, salt, key = int(found[1]), found[2], found[3]
    return work.bcrypt(rounds, salt, key, lambda secret: b64encode(hashlib.sha256(secret).digest()))


def _spring_pbkdf2(found: re.Match[str]) -> ForeignHash:
    """Salt and key in one text, by defaults that only the name says: of 5.8, or of before."""
    both, newer = bytes.fromhex(found[2]), found[1] is not None
    digest, rounds, salt = ("sha256", 310_000, 16) if newer else ("sha1", 185_000, 8)
    if len(both) != salt + 32:
        raise RefusedHash("the hash was not made with Spring's own parameters, and doesn't say with which")
    return work.pbkdf2(digest, rounds, both[:salt], both[salt:])


def _spring_scrypt(found: re.Match[str]) -> ForeignHash:
    costs = int(found[1], 16)
    if costs >> 16 > 30:
        raise RefusedHash(work.TOO_COSTLY)
    n, r, p = 1 << (costs >> 16), costs >> 8 & 0xFF, costs & 0xFF
    return work.scrypt((n, r, p), work.base64(found[2]), work.base64(found[3]))


def _ldap_pbkdf2(found: re.Match[str]) -> ForeignHash:
    salt, key = (work.base64(found[place].replace(".", "+")) for place in (3, 4))
    return work.pbkdf2(f"sha{found[1] or '1'}", int(found[2]), salt, key)


def _node_scrypt(r: int) -> Callable[[re.Match[str]], ForeignHash]:
    """Better Auth's and Lucia's: the salt is the text as it stands there."""
    return lambda found: work.scrypt((16_384, r, 1), work.text(found[1]), bytes.fromhex(found[2]), prepare=work.nfkc)


def _asp_net(found: re.Match[str]) -> ForeignHash:
    raw = work.base64(found[0])
    if raw[0] == 0 and len(raw) == 49:
        return work.pbkdf2("sha1", 1000, raw[1:17], raw[17:])
    digest, rounds, length = (int.from_bytes(raw[start : start + 4]) for start in (1, 5, 9))
    if raw[0] != 1 or digest > 2 or length > len(raw) - 13:
        raise RefusedHash(UNKNOWN)
    return work.pbkdf2(("sha1", "sha256", "sha512")[digest], rounds, raw[13 : 13 + length], raw[13 + length :])


_FIRESCRYPT: Final = re.compile(
    rf"\$firescrypt\$ln={_NUMBER},r={_NUMBER},p=1\${_ANY_B64}\${_ANY_B64}\$({_ANY_B64[1:-1]}|)\${_ANY_B64}"
)
_FBSCRYPT: Final = re.compile(
    rf"\$fbscrypt\$v=1,n={_NUMBER},r={_NUMBER},p=1(?:,ss={_ANY_B64})?,sk={_ANY_B64}\${_ANY_B64}\${_ANY_B64}"
)

FORMATS: Final[tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], ForeignHash]], ...]] = (
    (re.compile(rf"bcrypt_sha256\$\$2[aby]\${_BCRYPT}"), _django_bcrypt),
    (re.compile(rf"\$wp\$2y\${_BCRYPT}"), _wordpress),
    (
        re.compile(r"\$bcrypt-sha256\$v=2,t=2[aby],r=([0-9]{1,2})\$([./A-Za-z0-9]{22})\$([./A-Za-z0-9]{31})"),
        _passlib_bcrypt,
    ),
    (
        re.compile(r"\$bcrypt-sha256\$2[aby],([0-9]{1,2})\$([./A-Za-z0-9]{22})\$([./A-Za-z0-9]{31})"),
        _older_passlib_bcrypt,
    ),
    (re.compile(r"\{pbkdf2(@SpringSecurity_v5_8)?\}((?:[0-9a-f]{2})+)"), _spring_pbkdf2),
    (re.compile(rf"\$([0-9a-f]{{4,6}})\${_B64}\${_B64}"), _spring_scrypt),
    (re.compile(rf"\{{PBKDF2(?:-SHA(1|256|512))?\}}{_NUMBER}\$([A-Za-z0-9./]+)\$([A-Za-z0-9./]+)"), _ldap_pbkdf2),
    (re.compile(r"([0-9a-f]{32}):([0-9a-f]{128})"), _node_scrypt(16)),
    (re.compile(r"s2:([!-9;-~]{8,64}):([0-9a-f]{128})"), _node_scrypt(16)),
    (re.compile(r"([0-9A-Za-z]{16}):([0-9a-f]{128})"), _node_scrypt(8)),
    (re.compile(r"A[A-Q][A-Za-z0-9+/]{46,250}={0,2}"), _asp_net),
    (_FIRESCRYPT, _firescrypt),
    (_FBSCRYPT, _firescrypt),
)
