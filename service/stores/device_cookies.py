"""The cookie that says on which known device a request was made: base64url(device id, MAC), 64 characters.

The MAC is over the user's id too: the cookie of one user says nothing about another. It is no credential: it opens
nothing, and only lets its holder guess from a budget of their own (SECURITY.md R12).
"""

from __future__ import annotations

import hmac
from typing import Final
from uuid import UUID

from sanic import Request

from service.core.crypto.derivation import derive_keys
from service.core.http import cookies
from service.core.text import base64url
from service.settings import Settings

NAME: Final = "latchkey_device"  # with `__Host-` in front, see service.core.http.cookies
FORMER_PATH: Final = "/api"  # of the name without the prefix, as it was set until 2026-11: gone by 2028, all of them
MAX_AGE_SECONDS: Final = 400 * 86_400  # the longest that browsers keep one
_LENGTH = 64
_ID_BYTES = 16


def device_values(request: Request, settings: Settings) -> tuple[str, ...]:
    """Return what is in the request's device cookies, the ones of today's names first.

    A device that was known under the former name stays known; its next log-in gives it the new one. To be taken out in
    2028, when the last cookie of that name has run out.
    """
    if "cookie" not in request.headers:
        return ()
    names = dict.fromkeys((*cookies.names_for(settings, NAME), NAME))
    return tuple(dict.fromkeys(value for name in names for value in cookies.values_of(request, name)))


class DeviceCookies:
    """Write and read device cookies under keys derived from SECRET_KEY; several are valid at once for rotation."""

    def __init__(self, secrets: tuple[str, ...]) -> None:
        self._keys = derive_keys(secrets, "device cookie")

    def encode(self, user_id: UUID, device_id: UUID) -> str:
        """Return the cookie's value, under the first key."""
        mac = _mac(self._keys[0], user_id, device_id.bytes)
        return base64url.encode(device_id.bytes + mac)

    def decode(self, value: str, user_id: UUID) -> UUID | None:
        """Return the device that a genuine cookie of this user names, None for anything else."""
        raw = base64url.decode(value) if len(value) == _LENGTH else None
        if raw is None:
            return None
        device_id, mac = raw[:_ID_BYTES], raw[_ID_BYTES:]
        if not any(hmac.compare_digest(_mac(key, user_id, device_id), mac) for key in self._keys):
            return None
        return UUID(bytes=device_id)


def _mac(key: bytes, user_id: UUID, device_id: bytes) -> bytes:
    return hmac.digest(key, user_id.bytes + device_id, "sha256")
