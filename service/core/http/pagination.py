"""Keyset pages: an opaque cursor and a `Link: <…>; rel="next"` header (RFC 8288)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Self
from urllib.parse import urlencode
from uuid import UUID

from service.core.text import base64url

NOT_A_CURSOR: Final = "is not a cursor of this service"
_FIELDS = struct.Struct(">8s16s")
_MICROS = struct.Struct(">q")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def pack(key: bytes, row: UUID) -> str:
    """Return the text of the place after a row: its id, and up to eight bytes of what the order is by."""
    return base64url.encode(_FIELDS.pack(key, row.bytes))


def unpack(text: str) -> tuple[bytes, UUID]:
    """Read what `pack` has written: all eight bytes, and the id. Raise ValueError for what isn't that."""
    raw = base64url.decode(text)
    if raw is None or len(raw) != _FIELDS.size:
        raise ValueError(NOT_A_CURSOR)
    key, row = _FIELDS.unpack(raw)
    return key, UUID(bytes=row)


@dataclass(frozen=True, slots=True)
class Cursor:
    """The place after one row, in an order by a time (of its creation, where nothing else is said) and id."""

    created_at: datetime
    id: UUID

    def encode(self) -> str:
        """Return the cursor's text."""
        return pack(_MICROS.pack((self.created_at - _EPOCH) // _MICROSECOND), self.id)

    @classmethod
    def decode(cls, text: str) -> Self:
        """Read a cursor; raise ValueError for what isn't one."""
        key, row = unpack(text)
        (micros,) = _MICROS.unpack(key)
        try:
            return cls(_EPOCH + timedelta(microseconds=micros), row)
        except OverflowError:  # no such year
            raise ValueError(NOT_A_CURSOR) from None


def next_link(path: str, **parameters: str | int | bool | None) -> dict[str, str]:
    """Return the header that leads to the next page; parameters that are None are left out."""
    given = {
        name: str(value).lower() if isinstance(value, bool) else value
        for name, value in parameters.items()
        if value is not None
    }
    return {"Link": f'<{path}?{urlencode(given)}>; rel="next"'}
