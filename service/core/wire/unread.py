"""What stands for a request that couldn't be read, so that its refusal has the form of where it was going."""

from __future__ import annotations

import re
from typing import Any, Final

from sanic.http import Http

_LINE: Final = re.compile(rb"(?:\r\n)?[A-Z]{3,7} (/oauth(?:/[A-Za-z0-9/_.-]{0,100})?)[ ?]")


class Unread(Http):
    """Sanic's cycle of requests and answers, which names OAuth 2's path of what it refuses before it is a request."""

    __slots__ = ()

    recv_buffer: bytearray
    url: Any  # Sanic's: the target, as far as it is known

    def create_empty_request(self) -> None:
        """Stand in for a request: at the path that it names, where refusals have another form; else nowhere."""
        found = _LINE.match(self.recv_buffer)
        self.url = found[1].decode("ascii") if found else None
        super().create_empty_request()
