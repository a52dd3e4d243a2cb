"""A body in chunks, by the grammar of RFC 9112 section 7.1: it is that, or it is refused."""

from __future__ import annotations

import re

from service.core.wire.head import TOKEN
from service.errors import BadRequest

# A size, and extensions, which say nothing here. No white space around them: RFC 9112 calls it bad, and readers differ.
_SIZE_LINE = re.compile(
    rb"([0-9A-Fa-f]{1,8})(?:;" + TOKEN + rb"(?:=(?:" + TOKEN + rb'|"(?:[\t \x21\x23-\x5b\x5d-\x7e\x80-\xff]++'
    rb'|\\[\t \x21-\x7e\x80-\xff])*+"))?+)*+'
)
_UNFINISHED = re.compile(rb"(?:[0-9A-Fa-f]++(?:;[\t \x21-\x7e\x80-\xff]*+)?+\r?+)?+")
_LONGEST_LINE = 256
_LONGEST_EXTENSIONS = 4_096  # of a whole body: small chunks with long extensions would carry far more than its limit


class Chunks:
    """Takes the data of one chunked body from a buffer, step by step, and nothing beyond its end."""

    __slots__ = ("_ending", "_extensions", "_last", "left")

    def __init__(self) -> None:
        """Begin before the first chunk."""
        self.left = 0  # bytes of this chunk's data that are still to come
        self._ending = False  # the CRLF behind a chunk's data is still to come
        self._last = False
        self._extensions = 0

    def take(self, buffer: bytearray) -> bytes | None:
        """Return the next data, `b""` where more bytes have to come first, None at the end. Raises 400."""
        while True:
            if self.left:
                data = bytes(buffer[: self.left])
                del buffer[: len(data)]
                self.left -= len(data)
                self._ending = not self.left
                return data
            if self._ending:
                if not _take_line_end(buffer):
                    return b""
                self._ending = False
                if self._last:
                    return None
            size = self._take_size(buffer)
            if size is None:
                return b""
            self.left = size
            # The last chunk is empty, and an empty line ends it. Trailer fields, which nothing here would read, are
            # refused: they are one more place where two readers may see two things.
            self._last = self._ending = not size

    def _take_size(self, buffer: bytearray) -> int | None:
        end = buffer.find(b"\r\n", 0, _LONGEST_LINE + 2)
        if end < 0:
            if len(buffer) >= _LONGEST_LINE + 2 or not _UNFINISHED.fullmatch(buffer):
                raise BadRequest("A chunk's size could not be read.")
            return None
        found = _SIZE_LINE.fullmatch(bytes(buffer[:end]))
        if found is None:
            raise BadRequest("A chunk's size could not be read.")
        digits = found[1]
        self._extensions += end - len(digits)
        if self._extensions > _LONGEST_EXTENSIONS:
            raise BadRequest("The chunks have too many extensions.")
        del buffer[: end + 2]
        return int(digits, 16)


def _take_line_end(buffer: bytearray) -> bool:
    """Take a CRLF; False where it isn't there yet. Raises 400 where something else is."""
    if buffer[:2] == b"\r\n":
        del buffer[:2]
        return True
    if bytes(buffer) in (b"", b"\r"):
        return False
    raise BadRequest("A chunk does not end where it says.")
