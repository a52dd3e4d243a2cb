"""ID tokens: who a provider says is there, checked as OpenID Connect Core 1.0 section 3.1.3.7 asks for, and more.

The algorithm is the key's, never the token's choice (RFC 8725 sections 3.1 and 3.2). Nothing that a token names (`jku`,
`x5u`, `jwk`) is ever fetched or believed.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256, sha512
from typing import Final

import jwt

from service.core.openid.documents import Nonsense, read_object
from service.core.openid.keys import Key
from service.core.text import base64url

LEEWAY_SECONDS: Final = 60
LONGEST: Final = 16 * 1024
LONGEST_SUBJECT: Final = 255  # Core, section 2
_SHAPE: Final = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]+", re.ASCII)


class IdTokenRefused(Exception):
    """An ID token isn't what it has to be; the text says in what. Nothing of the token is in it."""


class UnknownKey(IdTokenRefused):
    """It is signed with a key that isn't among those known: there may be new ones."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a token has to say. Times in seconds since the epoch."""

    issuer: str
    client_id: str
    nonce: str = field(repr=False)
    now: float
    max_age: int | None = None
    """How old the log-in at the provider may be, in seconds; None: nobody asked."""
    access_token: str | None = field(default=None, repr=False)
    """What came beside it, for `at_hash`."""
    key_issuers: tuple[str, ...] = ()
    """Where one provider has many issuers: whose the key has to be, if it says whose it is."""


def verify_id_token(token: str, keys: Sequence[Key], expected: Expected) -> dict[str, object]:
    """Return the claims of a genuine token for us, now. Raises `IdTokenRefused`; `UnknownKey`."""
    found = _SHAPE.fullmatch(token) if len(token) <= LONGEST else None
    if found is None:
        raise IdTokenRefused("it is no signed token")
    key = _key_of(_decoded(found[1], "header"), keys)
    try:
        jwt.api_jws.decode(token, key.public, algorithms=[key.algorithm])
    except (jwt.PyJWTError, ValueError, TypeError):
        raise IdTokenRefused("its signature is wrong") from None
    if expected.key_issuers and key.issuer is not None and key.issuer not in expected.key_issuers:
        raise IdTokenRefused("its key is another issuer's")
    claims = _decoded(found[2], "claims")
    _check_parties(claims, expected)
    _check_times(claims, expected)
    _check_binding(claims, expected, key.algorithm)
    return claims


def claimed(token: str) -> dict[str, object]:
    """Return what a token says, unchecked: only to know what to check it for. Raises `IdTokenRefused`."""
    found = _SHAPE.fullmatch(token) if len(token) <= LONGEST else None
    if found is None:
        raise IdTokenRefused("it is no signed token")
    return _decoded(found[2], "claims")


def _decoded(part: str, what: str) -> dict[str, object]:
    raw = base64url.decode(part)
    if raw is None:
        raise IdTokenRefused(f"its {what} can't be read")
    try:
        return read_object(raw)
    except Nonsense:
        raise IdTokenRefused(f"its {what} can't be read") from None


def _key_of(header: dict[str, object], keys: Sequence[Key]) -> Key:
    """Return the key of the name that a header gives; without a name, the only one there is for the algorithm."""
    if "crit" in header or "b64" in header:
        raise IdTokenRefused("its header asks for what nobody here knows")
    algorithm, name = header.get("alg"), header.get("kid")
    algorithm = "EdDSA" if algorithm == "Ed25519" else algorithm  # RFC 9864
    if algorithm not in ("RS256", "ES256", "EdDSA"):
        raise IdTokenRefused("its algorithm isn't taken")
    fitting = [key for key in keys if key.algorithm == algorithm and (name is None or key.name == name)]
    if not fitting:
        raise UnknownKey("its key isn't known")
    if len(fitting) > 1:
        raise IdTokenRefused("it doesn't say which key it is signed with")
    return fitting[0]


def _check_parties(claims: dict[str, object], expected: Expected) -> None:
    if claims.get("iss") != expected.issuer:
        raise IdTokenRefused("another provider issued it")
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    if expected.client_id not in audiences or not all(isinstance(each, str) for each in audiences):
        raise IdTokenRefused("it is for somebody else")
    party = claims.get("azp")
    if party not in (None, expected.client_id) or (party is None and len(audiences) > 1):
        raise IdTokenRefused("it was issued to somebody else")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT:
        raise IdTokenRefused("it doesn't say who it is")


def _check_times(claims: dict[str, object], expected: Expected) -> None:
    now = expected.now
    if _seconds(claims, "exp") <= now - LEEWAY_SECONDS:
        raise IdTokenRefused("it has expired")
    if _seconds(claims, "iat") > now + LEEWAY_SECONDS:
        raise IdTokenRefused("it is from the future")
    if "nbf" in claims and _seconds(claims, "nbf") > now + LEEWAY_SECONDS:
        raise IdTokenRefused("its time hasn't come")
    if expected.max_age is not None and not (
        -LEEWAY_SECONDS <= now - _seconds(claims, "auth_time") <= expected.max_age + LEEWAY_SECONDS
    ):
        raise IdTokenRefused("the log-in it tells of isn't a new one")


def _check_binding(claims: dict[str, object], expected: Expected, algorithm: str) -> None:
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not hmac.compare_digest(nonce.encode(), expected.nonce.encode()):
        raise IdTokenRefused("it answers another question")
    if "at_hash" in claims and expected.access_token is not None:
        digest = (sha512 if algorithm == "EdDSA" else sha256)(expected.access_token.encode()).digest()
        half = base64url.encode(digest[: len(digest) // 2])
        said = claims["at_hash"]
        if not isinstance(said, str) or not hmac.compare_digest(said.encode(), half.encode()):
            raise IdTokenRefused("it belongs to another access token")


def _seconds(claims: dict[str, object], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise IdTokenRefused(f"its {name} is no time")
    return float(value)
