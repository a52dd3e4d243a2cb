"""The one spelling in which the service writes and takes access tokens."""

from __future__ import annotations

from service.core.text import base64url
from service.stores.access_tokens import _ORDER


def canonical(token: str) -> str:
    """Return a token, signed by anybody, with the lower of the two values that make its signature good."""
    signed, _, text = token.rpartition(".")
    signature = base64url.decode(text) or b""
    lower = min(value := int.from_bytes(signature[32:], "big"), _ORDER - value)
    return f"{signed}.{base64url.encode(signature[:32] + lower.to_bytes(32, 'big'))}"
