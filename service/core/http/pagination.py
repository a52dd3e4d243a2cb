"""Keyset pages: an opaque cursor and a `Link: <…>; rel="next"` header (RFC 8288)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self
from urllib.parse import urlencode
from uuid import UUID

from service.core.text import base64url

_FIELDS = struct.Struct(">q16s")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Cursor:
    """The place after one row, in an order by creation time and id."""

    created_at: datetime
    id: UUID

    def encode(self) -> str:
        """Return the cursor's text."""
        packed = _FIELDS.pack((self.created_at - _EPOCH) // _MICROSECOND, self.id.bytes)
        return base64url.encode(packed)

    @classmethod
    def decode(cls, text: str) -> Self:
        """Read a cursor; raise ValueError for what isn't one."""
        raw = base64url.decode(text)
        if raw is None or len(raw) != _FIELDS.size:
            raise ValueError("is not a cursor of this service")
        micros, row = _FIELDS.unpack(raw)
        try:
            return cls(_EPOCH + timedelta(microseconds=micros), UUID(bytes=row))
        except OverflowError:  # no such year
            raise ValueError("is not a cursor of this service") from None


def next_link(path: str, **parameters: str | int | bool | None) -> dict[str, str]:
    """Return the header that leads to the next page; parameters that are None are left out."""
    given = {
        name: str(value).lower() if isinstance(value, bool) else value
        for name, value in parameters.items()
        if value is not None
    }
    return {"Link": f'<{path}?{urlencode(given)}>; rel="next"'}
