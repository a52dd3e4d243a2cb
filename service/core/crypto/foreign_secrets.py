"""Secrets of apps for codes as other systems keep them: read, judged, decoded; never repeated in what is said of them.

| what is given | from |
| --- | --- |
| Base32, in either case, with its padding or without | Supabase, Auth0, most others |
| `otpauth://totp/…?secret=…` | whatever showed a QR code: Better Auth's `getTOTPURI`, django-otp's `config_url` |
| an object with `secret`; `encoding` (`base32`, `hex`, `text`), `algorithm`, `digits`, `period` | a row of Supabase's \
`mfa_factors`, `totp` of Auth0's `mfa_factors`; with `text` what Better Auth has decrypted |
| an object with `key` in hex, `step`, `t0`, `digits` | a TOTPDevice of django-otp |
| an object with `secretData` and `credentialData` | a credential of Keycloak: its secret is text, or says `BASE32` |

Only what every app makes is judged here: SHA-1, six digits, thirty seconds. An app goes on making what it was set up
for, so anything else is refused by name.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qs, urlsplit

from service.core.crypto.totp import DIGITS, PERIOD

LEAST_BYTES: Final = 10  # what the first apps were set up with; RFC 4226 would have 16
MOST_BYTES: Final = 64  # a block of SHA-1
LONGEST: Final = 2048

NO_SECRET: Final = "there is no secret of an app for codes in it"  # noqa: S105 - a sentence
NOT_CONFIRMED: Final = "the app was begun there and never confirmed"
NOT_BY_TIME: Final = "its codes are not made by time (TOTP)"

_HEX: Final = re.compile(r"(?:[0-9A-Fa-f]{2})+")
_BASE32: Final = re.compile(r"([A-Z2-7]+)=*")
_SHA1: Final = frozenset({"SHA1", "SHA-1", "HMACSHA1"})

_Members = Mapping[str, object]


class RefusedSecret(ValueError):
    """A secret that no code can be judged by. The reason never repeats it."""


def read(given: object) -> bytes:
    """Return the secret's bytes. Raises `RefusedSecret`, and nothing else, for what isn't judged here."""
    secret = _of_text(given) if isinstance(given, str) else _of_object(given) if isinstance(given, dict) else None
    if secret is None:
        raise RefusedSecret(NO_SECRET)
    if not LEAST_BYTES <= len(secret) <= MOST_BYTES:
        raise RefusedSecret(f"the secret is shorter than {LEAST_BYTES} bytes, or longer than {MOST_BYTES}")
    return secret


def _of_text(text: str) -> bytes:
    if len(text) > LONGEST:
        raise RefusedSecret(NO_SECRET)
    return _of_uri(text) if text.startswith("otpauth:") else _decoded(text, "base32")


def _of_uri(text: str) -> bytes:
    try:
        found = urlsplit(text)
    except ValueError:
        raise RefusedSecret(NO_SECRET) from None
    if found.netloc.lower() != "totp":
        raise RefusedSecret(NOT_BY_TIME)
    asked = {name: values[-1] for name, values in parse_qs(found.query).items()}
    _expect_usual(asked.get("algorithm"), asked.get("digits"), asked.get("period"))
    return _decoded(asked.get("secret"), "base32")


def _of_object(given: _Members) -> bytes:
    if "secretData" in given:
        return _of_keycloak(given)
    if given.get("status", "verified") != "verified" or given.get("confirmed", True) is not True:
        raise RefusedSecret(NOT_CONFIRMED)
    if given.get("factor_type", "totp") != "totp":
        raise RefusedSecret(NOT_BY_TIME)
    if "key" in given:
        if given.get("t0", 0) != 0:
            raise RefusedSecret("its steps are not counted from 1970")
        _expect_usual(None, given.get("digits"), given.get("step"))
        return _decoded(given["key"], "hex")
    _expect_usual(given.get("algorithm"), given.get("digits"), given.get("period"))
    return _decoded(given.get("secret"), given.get("encoding", "base32"))


def _of_keycloak(given: _Members) -> bytes:
    secret, says = _inner(given.get("secretData")), _inner(given.get("credentialData"))
    if given.get("type", "otp") != "otp" or says.get("subType", "totp") != "totp":
        raise RefusedSecret(NOT_BY_TIME)
    _expect_usual(says.get("algorithm"), says.get("digits"), says.get("period"))
    encoding = says.get("secretEncoding") or "text"
    return _decoded(secret.get("value"), encoding.lower() if isinstance(encoding, str) else encoding)


def _inner(text: object) -> _Members:
    """Return the object that is written in a text, as Keycloak nests them; or that is there itself."""
    try:
        found = json.loads(text) if isinstance(text, str) else text
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise RefusedSecret(NO_SECRET)
    return found


def _expect_usual(algorithm: object, digits: object, period: object) -> None:
    """Raise `RefusedSecret` unless that is what is judged here; what isn't said is."""
    if algorithm is not None and str(algorithm).upper() not in _SHA1:
        raise RefusedSecret("its codes are not made with SHA-1")
    if digits is not None and str(digits) != str(DIGITS):
        raise RefusedSecret(f"its codes have not {DIGITS} digits")
    if period is not None and str(period) != str(PERIOD):
        raise RefusedSecret(f"its codes don't change every {PERIOD} seconds")


def _decoded(text: object, encoding: object) -> bytes:
    if not isinstance(text, str) or len(text) > LONGEST:
        raise RefusedSecret(NO_SECRET)
    match encoding:
        case "base32":
            return _base32(text)
        case "hex" if _HEX.fullmatch(text):
            return bytes.fromhex(text)
        case "hex":
            raise RefusedSecret("the secret is not in hex")
        case "text":
            try:
                return text.encode()
            except UnicodeEncodeError:  # a lone surrogate
                raise RefusedSecret(NO_SECRET) from None
        case _:
            raise RefusedSecret("the secret's encoding is none of base32, hex and text")


def _base32(text: str) -> bytes:
    """Decode RFC 4648's, in groups and either case, as people are shown it."""
    found = _BASE32.fullmatch(text.upper().replace(" ", "").replace("-", ""))
    try:
        return base64.b32decode(found[1] + "=" * (-len(found[1]) % 8)) if found else _not_base32()
    except binascii.Error:
        return _not_base32()


def _not_base32() -> bytes:
    raise RefusedSecret("the secret is not in Base32")
