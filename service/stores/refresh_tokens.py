"""Refresh tokens on the wire: `lkr_` + base64url(version, uid, sid, gen, end, MAC), 104 characters.

A token is derived, not stored: the same session state gives the same token, so that duplicates of one refresh get
identical answers and a dump of Redis gives no one a usable token (SECURITY.md R36). A forged or cut token dies on
the MAC, before any store is asked. The session id has 122 random bits; the MAC has 256 (R26).
"""

from __future__ import annotations

import hmac
import struct
from dataclasses import dataclass
from uuid import UUID

from service.core.crypto.derivation import derive_keys
from service.core.text import base64url

PREFIX = "lkr_"
_VERSION = 1
_FIELDS = struct.Struct(">B16s16sI6s")  # 43 bytes; with the MAC 75, so base64url needs no padding
_MAC_BYTES = 32
_ENCODED_LENGTH = 100


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """What a genuine token says: whose session, which generation, and its own idle end (ms since the epoch)."""

    uid: UUID
    sid: UUID
    gen: int
    ends_at: int


class RefreshTokenCodec:
    """Write and read refresh tokens under keys derived from SECRET_KEY; several are valid at once for rotation."""

    def __init__(self, secrets: tuple[str, ...]) -> None:
        self._keys = derive_keys(secrets, "refresh token")

    def encode(self, token: RefreshToken) -> str:
        """Return the token's text, under the first key."""
        fields = _FIELDS.pack(_VERSION, token.uid.bytes, token.sid.bytes, token.gen, token.ends_at.to_bytes(6, "big"))
        return PREFIX + base64url.encode(fields + hmac.digest(self._keys[0], fields, "sha256"))

    def decode(self, text: str) -> RefreshToken | None:
        """Return what a genuine token says, None for anything else. Compares in constant time."""
        encoded = text.removeprefix(PREFIX)
        if encoded == text or len(encoded) != _ENCODED_LENGTH:
            return None
        raw = base64url.decode(encoded)
        if raw is None:
            return None
        fields, mac = raw[: _FIELDS.size], raw[_FIELDS.size :]
        if len(mac) != _MAC_BYTES or not self._genuine(fields, mac):
            return None
        version, uid, sid, gen, ends_at = _FIELDS.unpack(fields)
        if version != _VERSION:
            return None
        return RefreshToken(UUID(bytes=uid), UUID(bytes=sid), gen, int.from_bytes(ends_at, "big"))

    def _genuine(self, fields: bytes, mac: bytes) -> bool:
        return any(hmac.compare_digest(hmac.digest(key, fields, "sha256"), mac) for key in self._keys)
