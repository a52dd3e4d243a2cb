"""The head of an answer as bytes.

Sanic puts the name and the value of every field through a translation table of their own: about as much work as all
else that it does for a request. Here a line is looked at once, and mended only where there is something to mend.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sanic.compat import Header

_STATUS_LINES: Final = {status.value: f"HTTP/1.1 {status.value} {status.phrase}" for status in HTTPStatus}
# What would end a line, and let a value begin another one, is left out, whoever put it in.
_ENDS: Final = str.maketrans("", "", "\r\n\0")


def has_body(status: int) -> bool:
    """Return whether a final answer of this status has a body, or at least the fields that speak of one."""
    return status not in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)


class Standing:
    """Fields that every answer has which says nothing else of them, written out once."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        """Take names and values of ours: printable ASCII."""
        self._lines = {name.lower(): f"{name}: {value}\r\n" for name, value in fields.items()}
        self._all = "".join(self._lines.values())

    def beside(self, headers: Header) -> str:
        """Return the lines that go beside an answer's own fields."""
        if not headers:
            return self._all
        return "".join(line for name, line in self._lines.items() if name not in headers)


def write_head(status: int, headers: Header, more: str = "") -> bytes:
    """Return the head, with the empty line that ends it. Values are UTF-8; other bytes that were read stay themselves.

    `more` are whole lines of ours. Raises ValueError for a name that isn't ASCII.
    """
    lines = [_STATUS_LINES.get(status) or f"HTTP/1.1 {status} Unknown"]
    for name, value in headers.items():
        line = f"{name}: {value}"
        if not (line.isascii() and line.isprintable()):
            line = f"{name.encode('ascii').decode()}: {value}".translate(_ENDS)
        lines.append(line)
    lines.append(f"{more}\r\n")
    return "\r\n".join(lines).encode(errors="surrogateescape")
