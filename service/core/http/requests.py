"""HTTP in and out: requests as they arrive, knowing the caller, writing answers.

Sanic's own helpers are lenient where an identity service can't be (SECURITY.md, traps 2 to 4): `request.json` ignores
the media type and takes NaN and doubled keys (`service.core.http.reading` is what is used), `request.token` takes any
scheme, `request.ip` is the proxy's.
"""

from __future__ import annotations

import asyncio
import re
from contextlib import nullcontext, suppress
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from math import inf
from os import register_at_fork
from random import Random
from time import perf_counter
from typing import Any, cast
from uuid import UUID

from sanic import Request
from sanic.compat import Header
from sanic.exceptions import PayloadTooLarge, RequestTimeout, SanicException

from service.errors import NotFound

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
# What a proxy writes for a client: `address`, `IPv4:port` (Azure), `[IPv6]` and `[IPv6]:port`, with a zone (RFC 4007),
# in quotes (RFC 7239 section 6). A port may be obfuscated (`_x`), for it is all the same.
_PORT = r"(?::(?:_[A-Za-z0-9._-]{1,32}|[0-9]{0,5}))?+"
_ZONE = r"(?:%[A-Za-z0-9._-]{1,32})?+"
_HOP = re.compile(
    rf'(?P<quote>"?)(?:(?P<four>[0-9.]{{7,15}}){_PORT}|\[(?P<six>[0-9A-Fa-f:.]{{2,45}}){_ZONE}\]{_PORT}'
    rf"|(?P<bare>[0-9A-Fa-f:.]{{2,45}}){_ZONE})(?P=quote)",
    re.ASCII,
)
_MAX_USER_AGENT = 256
_MAX_ACCEPT_LANGUAGE = 200
_BODY_SECONDS = 10.0
_numbers = Random()  # noqa: S311 - an id tells requests apart; nobody is let in by one
register_at_fork(after_in_child=_numbers.seed)
_DISCARD_BYTES = 16 * 1024 * 1024
_DISCARD_SECONDS = 2.0


class LatchkeyRequest(Request):
    """A request whose id is the client's `X-Request-ID` when that is harmless, else a new one."""

    stream: Any  # the connection's cycle, which is there as long as the request is answered

    def __init__(self, url_bytes: bytes, **kwargs: Any) -> None:
        """Take what Sanic read of the request."""
        self._body_asked_for = False
        self._plain_path = ""
        self.began = perf_counter()
        super().__init__(url_bytes, **kwargs)

    @property
    def id(self) -> str:
        """The request id."""
        if self._id is None:
            given = self.headers.get("x-request-id")
            self._id = given if given and _REQUEST_ID.fullmatch(given) else f"{_numbers.getrandbits(128):032x}"
        return cast(str, self._id)

    @property
    def path(self) -> str:
        """The path without trailing slashes: they make no difference, and Sanic's router goes one call deeper for each.

        A deletion keeps one: a forgotten id looks like that, and a route that deletes many is strict about it.
        A request-target that is a bare origin (`GET http://example.org`) means `/` (RFC 9112 section 3.2.2).
        """
        if not self._plain_path:
            path: str = (self._parsed_url.path or b"/").decode("ascii")
            end = "/" if self.method == "DELETE" and path.endswith("/") else ""
            self._plain_path = path.rstrip("/") + end or "/"
        return self._plain_path

    async def receive_body(self) -> None:
        """Read the body, once, within 10 seconds in all (Sanic limits each pause only). Raises 408 or 413."""
        stream = self.stream
        if self._body_asked_for or not stream.request_body:
            return
        self._body_asked_for = True
        if stream.expecting_continue and stream.request_bytes > stream.request_max_size:
            stream.expecting_continue = stream.keep_alive = False  # it waits for our word: say no at once
            raise PayloadTooLarge
        here = stream.request_body is True and stream.request_bytes_left <= len(stream.recv_buffer)
        try:
            async with nullcontext() if here else asyncio.timeout(_BODY_SECONDS):
                await super().receive_body()  # type: ignore[no-untyped-call] # Sanic
        except TimeoutError:
            stream.request_body, stream.keep_alive = None, False
            raise RequestTimeout from None
        except PayloadTooLarge:
            await self._discard_rest(stream)
            raise

    @staticmethod
    async def _discard_rest(stream: Any) -> None:
        """Read on for a moment: closing with bytes unread resets the connection, and the client never sees the 413."""
        stream.request_max_size = inf
        left = _DISCARD_BYTES
        with suppress(SanicException, TimeoutError):
            async with asyncio.timeout(_DISCARD_SECONDS):
                async for data in stream:
                    left -= len(data)
                    if left < 0:
                        break


def media_type(request: Request) -> str:
    """Return the body's media type, lower case, without parameters."""
    return str(request.headers.get("content-type", "")).partition(";")[0].strip().lower()


def path_id(text: str) -> UUID:
    """Return an id from a path. A malformed id is an unknown one: 404."""
    try:
        value = UUID(text)
    except ValueError:
        raise NotFound from None
    if str(value) != text.lower():
        raise NotFound
    return value


def client_ip(request: Request, proxies: int) -> str:
    """Return the caller's address: the socket's, or what the outermost of `proxies` trusted proxies saw (R65)."""
    peer = str(request.ip or "")
    if proxies:
        hops = [hop.strip() for line in request.headers.getall("x-forwarded-for", []) for hop in line.split(",")]
        if len(hops) >= proxies:
            return _address(hops[-proxies]) or peer
    return peer


def _address(hop: str) -> str | None:
    """Return the address that a proxy wrote, without the port, brackets, quotes or zone that big products write too.

    A zone says nothing here: it is a name of the proxy's own, for a neighbour of the proxy's.
    """
    found = _HOP.fullmatch(hop)
    if found is None:
        return None
    try:
        address = ip_address(found["four"] or found["six"] or found["bare"])
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or address)  # one client, one text: throttles count by it
    return str(address)


def user_agent(request: Request) -> str:
    """Return the User-Agent, printable, at most 256 characters."""
    text = str(request.headers.get("user-agent", ""))[:_MAX_USER_AGENT]
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() and not "\ud800" <= char <= "\udfff" else "?" for char in text)


def preferred_language(request: Request, supported: tuple[str, ...]) -> str | None:
    """Return the first of `supported` that Accept-Language names, the most wanted first; None when it names none."""
    given = request.headers.get("accept-language")
    return _most_wanted(given[:_MAX_ACCEPT_LANGUAGE], supported) if given else None


@lru_cache(maxsize=256)  # browsers of one country say the same
def _most_wanted(given: str, supported: tuple[str, ...]) -> str | None:
    wanted: list[tuple[float, str]] = []
    for item in given.split(","):
        tag, _, weight = item.partition(";q=")
        with suppress(ValueError):
            wanted.append((-float(weight or 1), tag.strip().lower().partition("-")[0]))
    return next((tag for _, tag in sorted(wanted, key=lambda pair: pair[0]) if tag in supported), None)


def access_token(headers: Header) -> tuple[str, str]:
    """Return the scheme, in lower case, and the token of an `Authorization` header by which access tokens come.

    That is `Bearer` (RFC 6750) or `DPoP` (RFC 9449); both are "" where there is no such header, or there are several.
    Spaces after the scheme are the header's (RFC 9110 section 11.4: `1*SP`); whatever else is there is the token's.
    """
    values = headers.getall("authorization", [])
    if len(values) != 1:
        return "", ""
    scheme, _, token = values[0].partition(" ")
    scheme = scheme.lower()
    return (scheme, token.lstrip(" ")) if scheme in ("bearer", "dpop") else ("", "")


def bearer_token(headers: Header) -> str | None:
    """Return the token of an `Authorization: Bearer` header, None when there is no such header (RFC 6750)."""
    scheme, token = access_token(headers)
    return token if scheme == "bearer" else None
