"""The head of a request, by the grammar of RFC 9112 and RFC 9110: it is that, or it is refused.

Sanic's reading takes what looks like a request (white space before a colon, digits that aren't ASCII, control
characters in names and values). A proxy in front that reads such bytes in another way sees another end of the
request, and what follows is a second one that it never saw: request smuggling. So nothing here mends or guesses.
"""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import IPv6Address
from typing import NamedTuple

from service.errors import BadRequest, ExpectationFailed, HeadTooLarge, UriTooLong

# RFC 9110 5.6.2. Everything is matched possessively: no head makes the search go back.
TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]++"
# RFC 9112 5, RFC 9110 5.5: no white space before the colon, no control characters, no folded line.
FIELDS = rb"(?:\r\n" + TOKEN + rb":[\t\x20-\x7e\x80-\xff]*+)*+"
# RFC 3986. A query may also hold what browsers send as it is (the URL Standard's query state): []{}|\^`
_PATH = rb"(?:/(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/]++|%[0-9A-Fa-f]{2})*+)"
_QUERY = rb"(?:\?(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/?\[\]{}|\\^`]++|%[0-9A-Fa-f]{2})*+)?+"
_NAME = rb"(?:[A-Za-z0-9\-._~!$&'()*+,;=]++|%[0-9A-Fa-f]{2})"
_LITERAL = rb"\[(?:[0-9A-Fa-f:.]++|[vV][0-9A-Fa-f]++\.[A-Za-z0-9\-._~!$&'()*+,;=:]++)\]"
_PORT = rb"(?::[0-9]*+)?+"
# RFC 9110 4.2: http and https, with a host, without the user's name and password that mislead people.
_ABSOLUTE = rb"[hH][tT][tT][pP][sS]?+://(?:" + _LITERAL + rb"|" + _NAME + rb"++)" + _PORT + _PATH + rb"?+" + _QUERY

_HEAD = re.compile(
    rb"(" + TOKEN + rb") (" + _PATH + _QUERY + rb"|\*|" + _ABSOLUTE + rb") HTTP/1\.([01])(" + FIELDS + rb")"
)
_HOST = re.compile((rb"(?:" + _LITERAL + rb"|" + _NAME + rb"*+)" + _PORT).decode())
_OPTION = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_LENGTH = re.compile(r"[0-9]{1,18}", re.ASCII)
# Not with a tab behind it, which the grammar allows: other readers, llhttp for one, don't take that for chunked.
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:[\t ]*+chunked *+(?:\r|\Z)", re.IGNORECASE)
# What a head that isn't complete may end with: part of a line, and perhaps of its end.
_UNFINISHED = re.compile(rb"[\t\x20-\x7e\x80-\xff]*+\r?+")
_LINES = re.compile(FIELDS)
_COOKIE = b"cookie:"
_COOKIES = re.compile(rb"\r\ncookie:[^\r]*+", re.IGNORECASE)
_BEGINNING = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]")

MOST_TARGET = 8_000  # RFC 9112 section 3: what everybody should take
MOST_METHOD = 100  # before the target: none is that long
MOST_HEAD = 8 * 1024  # without cookies
MOST_COOKIES = 33 * 1024  # 32 KiB, which is what proxies pass on, and the names of their lines
TOO_MANY_COOKIES = (
    "The cookies that the browser sends are too large: 32 KiB together. Those of the parent domain count as well. "
    "Delete them, and try again."
)

_DECIDING = frozenset({"host", "content-length", "transfer-encoding", "connection", "expect"})


class Head(NamedTuple):
    """What a head says. `length` is None where no Content-Length is given."""

    method: str
    target: bytes
    version: str
    fields: list[tuple[str, str]]
    length: int | None
    chunked: bool
    keep_alive: bool
    expects_continue: bool


def read_head(head: bytes) -> Head:
    """Read a complete head, without the empty line that ends it. Raises 400, 414 or 417."""
    found = _HEAD.fullmatch(head)
    if found is None or found.end(2) > MOST_TARGET:
        hold_target(head)
    if found is None:
        raise BadRequest("The head of the request is not HTTP/1.1.")
    method, target, minor, block = found.groups()
    modern = minor == b"1"
    fields: list[tuple[str, str]] = []
    deciding: dict[str, list[str]] = {}
    # As Sanic does it: most clients mean UTF-8, and other bytes stay themselves. The block begins with a CRLF.
    for line in block.decode("utf-8", "surrogateescape").split("\r\n")[1:]:
        name, _, value = line.partition(":")
        name, value = field = name.lower(), value.strip(" \t")
        fields.append(field)
        if name in _DECIDING:
            deciding.setdefault(name, []).append(value)
    length = _length(deciding["content-length"]) if "content-length" in deciding else None
    chunked = "transfer-encoding" in deciding
    # HTTP/1.0 doesn't know chunks: whoever sent them there, and whoever passed them on, may disagree about the end.
    if chunked and (
        length is not None or not modern or len(deciding["transfer-encoding"]) != 1 or not _CHUNKED.search(block)
    ):
        raise BadRequest("The only Transfer-Encoding is chunked, once, in HTTP/1.1, without a Content-Length.")
    _hold_host(deciding.get("host", []), required=modern)
    if target == b"*" and method != b"OPTIONS":
        raise BadRequest("That request-target does not fit the method.")
    if method == b"CONNECT" and (chunked or length is not None):
        raise BadRequest("CONNECT has no body.")  # some readers pass over its length: what follows is a tunnel to them
    options = _options(deciding["connection"]) if "connection" in deciding else frozenset[str]()
    return Head(
        method.decode("ascii"),
        target,
        "1.1" if modern else "1.0",
        fields,
        length,
        chunked,
        "close" not in options and (modern or "keep-alive" in options),
        modern and "expect" in deciding and _expects_continue(deciding["expect"]) and (chunked or bool(length)),
    )


def hold_target(head: bytes) -> None:
    """Refuse (414) a request-target that is too long, be the head complete or not."""
    line, _, _ = head.partition(b"\r\n")
    _, _, rest = line.partition(b" ")
    if len(rest.partition(b" ")[0]) > MOST_TARGET:
        raise UriTooLong


class Beginning:
    """A head of which more is to come: refused as soon as nothing that follows can mend it. Nobody needs to wait for
    its end, and each byte is looked at once, however many come at a time.

    Cookies are counted by themselves: a browser sends those of the parent domain along, which nobody here has set.
    """

    __slots__ = ("_cookies", "_line", "_seen")

    def __init__(self) -> None:
        self._line = self._seen = self._cookies = 0

    def hold(self, head: bytearray) -> None:
        """Look at what has come since. Raises 400, 414 or 431."""
        if not self._line:
            hold_target(bytes(head[: MOST_TARGET + MOST_METHOD]))
        end = head.rfind(b"\r\n", max(self._line, self._seen - 1))
        if end >= 0:
            lines = bytes(head[self._line : end])
            if not (_LINES.fullmatch(b"\r\n" + lines) if self._line else _HEAD.fullmatch(lines)):
                raise BadRequest("The head of the request is not HTTP/1.1.")
            self._cookies += sum(map(len, _COOKIES.findall(b"\r\n" + lines)))
            self._line, self._seen = end + 2, end + 2
        rest = max(self._line, self._seen - 1)
        if not _UNFINISHED.fullmatch(bytes(head[rest:])):
            raise BadRequest("The head of the request holds bytes that no head may hold.")
        if not self._line and not _BEGINNING.match(head[:1]):
            raise BadRequest("The request does not begin with a method.")
        self._seen = len(head)
        begun = len(head) - self._line if head[self._line : self._line + len(_COOKIE)].lower() == _COOKIE else 0
        if self._cookies + begun > MOST_COOKIES:
            raise HeadTooLarge(TOO_MANY_COOKIES)
        if len(head) - self._cookies - begun >= MOST_HEAD:
            raise HeadTooLarge


def _length(values: list[str]) -> int:
    if len(values) != 1 or not _LENGTH.fullmatch(values[0]):
        raise BadRequest("The Content-Length is not one number.")
    return int(values[0])


def _hold_host(values: list[str], *, required: bool) -> None:
    if len(values) != 1:
        if values or required:
            raise BadRequest("The request needs exactly one Host header.")
        return
    # RFC 9112 3.2: a Host that isn't one is refused, though nothing here ever goes by it (R23).
    (host,) = values
    if not _is_host(host):
        raise BadRequest("The Host header is not a host.")


@lru_cache(maxsize=64)
def _is_host(host: str) -> bool:
    if not _HOST.fullmatch(host):
        return False
    if host.startswith("[") and host[1] not in "vV":
        try:
            IPv6Address(host[1 : host.index("]")])
        except ValueError:
            return False
    return True


def _options(values: list[str]) -> frozenset[str]:
    # RFC 9110 5.6.1.2: a list may have empty elements.
    options = frozenset(option.strip(" \t").lower() for value in values for option in value.split(",")) - {""}
    if not all(_OPTION.fullmatch(option) for option in options):
        raise BadRequest("The Connection header is not a list of options.")
    return options


def _expects_continue(values: list[str]) -> bool:
    if any(value.lower() != "100-continue" for value in values):
        raise ExpectationFailed
    return True
