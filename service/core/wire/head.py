"""The head of a request, by the grammar of RFC 9112 and RFC 9110: it is that, or it is refused.

Sanic's reading takes what looks like a request (white space before a colon, digits that aren't ASCII, control
characters in names and values). A proxy in front that reads such bytes in another way sees another end of the
request, and what follows is a second one that it never saw: request smuggling. So nothing here mends or guesses.
"""

from __future__ import annotations

import re
from ipaddress import IPv6Address
from typing import NamedTuple

from service.errors import BadRequest, ExpectationFailed

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
_TOKENS = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_LENGTH = re.compile(r"[0-9]{1,18}", re.ASCII)
# What a head that isn't complete may end with: part of a line, and perhaps of its end.
_UNFINISHED = re.compile(rb"[\t\x20-\x7e\x80-\xff]*+\r?+")
_BEGINNING = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]")

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
    """Read a complete head, without the empty line that ends it. Raises 400 or 417."""
    found = _HEAD.fullmatch(head)
    if found is None:
        raise BadRequest("The head of the request is not HTTP/1.1.")
    method, target, minor, block = found.groups()
    modern = minor == b"1"
    # As Sanic does it: most clients mean UTF-8, and other bytes stay themselves.
    fields = [
        (name.lower(), value.strip(" \t"))
        for name, _, value in (line.partition(":") for line in block.decode("utf-8", "surrogateescape").split("\r\n"))
    ]
    del fields[0]  # before the first CRLF there is nothing
    length: int | None = None
    chunked = expects = False
    hosts = 0
    options: set[str] = set()
    for name, value in fields:
        if name not in _DECIDING:
            continue
        if name == "host":
            hosts += 1
            _hold_host(value)
        elif name == "content-length":
            if length is not None or not _LENGTH.fullmatch(value):
                raise BadRequest("The Content-Length is not one number.")
            length = int(value)
        elif name == "transfer-encoding":
            # HTTP/1.0 doesn't know it: whoever sent it there, and whoever passed it on, may disagree about the end.
            if chunked or not modern or value.lower() != "chunked":
                raise BadRequest("The only Transfer-Encoding is chunked, once, in HTTP/1.1.")
            chunked = True
        elif name == "connection":
            options |= _tokens(value)
        elif modern:  # an Expect, which HTTP/1.0 doesn't know
            if value.lower() != "100-continue":
                raise ExpectationFailed
            expects = True
    if chunked and length is not None:
        raise BadRequest("A request has a Content-Length or a Transfer-Encoding, not both.")
    if hosts != 1 and (modern or hosts):
        raise BadRequest("The request needs exactly one Host header.")
    if method == b"CONNECT" or (target == b"*" and method != b"OPTIONS"):
        raise BadRequest("That request-target does not fit the method.")
    return Head(
        method.decode("ascii"),
        target,
        "1.1" if modern else "1.0",
        fields,
        length,
        chunked,
        "close" not in options and (modern or "keep-alive" in options),
        expects and (chunked or bool(length)),
    )


def hold_beginning(head: bytes) -> None:
    """Refuse (400) what can't become a head any more, whatever follows: nobody needs to wait for its end."""
    end = head.rfind(b"\r\n")
    if end >= 0 and not _HEAD.fullmatch(head, 0, end):
        raise BadRequest("The head of the request is not HTTP/1.1.")
    if not _UNFINISHED.fullmatch(head, end + 2 if end >= 0 else 0):
        raise BadRequest("The head of the request holds bytes that no head may hold.")
    if not _BEGINNING.match(head):
        raise BadRequest("The request does not begin with a method.")


def _hold_host(value: str) -> None:
    # RFC 9112 3.2: a Host that isn't one is refused, though nothing here ever goes by it (R23).
    if not _HOST.fullmatch(value):
        raise BadRequest("The Host header is not a host.")
    if value.startswith("[") and value[1] not in "vV":
        try:
            IPv6Address(value[1 : value.index("]")])
        except ValueError:
            raise BadRequest("The Host header is not a host.") from None


def _tokens(value: str) -> set[str]:
    # RFC 9110 5.6.1.2: a list may have empty elements.
    options = {option.strip(" \t").lower() for option in value.split(",")} - {""}
    if not all(_TOKENS.fullmatch(option) for option in options):
        raise BadRequest("The Connection header is not a list of options.")
    return options
