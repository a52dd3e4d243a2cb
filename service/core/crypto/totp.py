"""Codes by time (RFC 6238): SHA-1, six digits, thirty seconds, as every authenticator app has them.

Twenty lines of our own on `hmac`, held to the vectors of RFC 6238 and RFC 4226. What a library would add is the check
of a code; ours has to say which step it belongs to, so that none is good twice.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from datetime import datetime
from typing import Final
from urllib.parse import quote, urlencode

DIGITS: Final = 6
PERIOD: Final = 30
SECRET_BYTES: Final = 20  # 160 bits, as RFC 4226 section 4 recommends
DRIFT: Final = 1  # steps before and after: RFC 6238 section 5.2


def new_secret() -> bytes:
    """Return a new secret."""
    return secrets.token_bytes(SECRET_BYTES)


def code_at(secret: bytes, step: int, digits: int = DIGITS) -> str:
    """Return the code of one step (RFC 4226 section 5.3)."""
    digest = hmac.digest(secret, step.to_bytes(8), "sha1")
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4]) & 0x7FFFFFFF
    return f"{number % 10**digits:0{digits}}"


def step_at(moment: datetime) -> int:
    """Return the step that a moment is in."""
    return int(moment.timestamp()) // PERIOD


def step_of(secret: bytes, code: str, moment: datetime) -> int | None:
    """Return the step whose code it is, the one of `moment` or one beside it; None for any other code.

    Compares all of them, each in constant time. Of two that have the same code it is the newer one.
    """
    now, found = step_at(moment), None
    for step in range(now - DRIFT, now + DRIFT + 1):
        if hmac.compare_digest(code_at(secret, step).encode(), code.encode()):
            found = step
    return found


def shown(secret: bytes) -> str:
    """Return the secret as apps take it when it is typed (Base32, without padding)."""
    return base64.b32encode(secret).decode().rstrip("=")


def uri(secret: bytes, *, issuer: str, account: str) -> str:
    """Return the secret as apps take it from a QR code (otpauth, the "Key Uri Format")."""
    issuer = issuer.replace(":", "")  # it ends at a colon
    label = quote(f"{issuer}:{account}", safe="@:")
    query = {"secret": shown(secret), "issuer": issuer, "algorithm": "SHA1", "digits": DIGITS, "period": PERIOD}
    return f"otpauth://totp/{label}?{urlencode(query, quote_via=quote)}"
