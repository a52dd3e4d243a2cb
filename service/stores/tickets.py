"""Tickets of log-ins that still owe something: `lkc_` + base64url(version, uid, id, MAC), 91 characters.

A ticket is derived, not stored: a dump of Redis gives no one a usable one. It opens nothing by itself: whoever has it
may try to show what is still owed.
"""

from __future__ import annotations

import hmac
import struct
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from service.core.crypto.derivation import derive_keys
from service.core.text import base64url

PREFIX: Final = "lkc_"
_VERSION: Final = 1
_FIELDS: Final = struct.Struct(">B16s16s")
_ENCODED_LENGTH: Final = 87


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a genuine ticket says: whose log-in, and which."""

    uid: UUID
    number: UUID


class TicketCodec:
    """Write and read tickets under keys derived from SECRET_KEY; several are valid at once for rotation."""

    def __init__(self, secrets: tuple[str, ...]) -> None:
        self._keys = derive_keys(secrets, "pending log-in")
        self._prints = derive_keys(secrets, "pending log-in's circumstances")

    def encode(self, ticket: Ticket) -> str:
        """Return the ticket's text, under the first key."""
        fields = _FIELDS.pack(_VERSION, ticket.uid.bytes, ticket.number.bytes)
        return PREFIX + base64url.encode(fields + hmac.digest(self._keys[0], fields, "sha256"))

    def decode(self, text: str) -> Ticket | None:
        """Return what a genuine ticket says, None for anything else. Compares in constant time."""
        encoded = text.removeprefix(PREFIX)
        raw = base64url.decode(encoded) if encoded != text and len(encoded) == _ENCODED_LENGTH else None
        if raw is None:
            return None
        fields, mac = raw[: _FIELDS.size], raw[_FIELDS.size :]
        if not any(hmac.compare_digest(hmac.digest(key, fields, "sha256"), mac) for key in self._keys):
            return None
        version, uid, number = _FIELDS.unpack(fields)
        return Ticket(UUID(bytes=uid), UUID(bytes=number)) if version == _VERSION else None

    def fingerprint(self, *texts: str) -> str:
        """Return a text by which these can be known again, and that says nothing of them to who reads Redis."""
        return _print(self._prints[0], texts)

    def matches(self, fingerprint: str, *texts: str) -> bool:
        """Return whether a fingerprint is of these texts."""
        return any(hmac.compare_digest(_print(key, texts), fingerprint) for key in self._prints)


def _print(key: bytes, texts: tuple[str, ...]) -> str:
    return base64url.encode(hmac.digest(key, "\0".join(texts).encode(), "sha256")[:16])
