"""Cookies as they are on the wire: bytes, by the grammar of RFC 6265 section 4.2.1, and nothing more lenient.

Browsers keep the rules of `__Host-` for that name, byte for byte. Whoever reads it out of something else (a name with a
no-break space before it, in quotes, in capitals) lets every neighbouring host plant a cookie. So names are compared as
bytes; only SP and HTAB may stand around them, which browsers take off themselves; and a value is what is there: quotes
and percent signs are part of it.

One name may come several times: a cookie without a name (`=__Host-refresh=x`) is sent as `__Host-refresh=x` by browsers
that don't know RFC 6265bis section 5.7 yet, and no server can tell it from the real one. So readers get all the values,
and none of them hides another.

Cookies know no ports, and those of `__Host-` no paths: all services of a host share them. So one whose PUBLIC_URL has a
port or a path of its own has names of its own.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from sanic import HTTPResponse, Request

from service.errors import ServiceError
from service.settings import Settings

_HEADER = b"cookie:"
_AROUND = b" \t"
_USUAL_PORTS: Final = (None, 80, 443, 8000)  # where a service is that has its host for itself


def name_for(settings: Settings, name: str) -> str:
    """Return what the cookie `name` is called on this host: with `__Host-`, but for plain http in development."""
    return name if _plain(settings) else f"__Host-{name}"


def names_for(settings: Settings, name: str) -> tuple[str, ...]:
    """Return what the cookie `name` is called: what no other service of this host has first, then `name_for`.

    They are one where PUBLIC_URL has neither a port of its own nor a path. Sessions from before there were two are
    under the second, and versions before know no other.
    """
    return _names(settings.PUBLIC_URL, name_for(settings, name))


@lru_cache(maxsize=16)
def _names(public_url: str, usual: str) -> tuple[str, ...]:
    parts = urlsplit(public_url)
    port = "" if parts.port in _USUAL_PORTS else str(parts.port)
    own = "-".join([usual, *filter(None, [port, *re.split(r"[^A-Za-z0-9]+", parts.path)])])
    return tuple(dict.fromkeys((own, usual)))


def values_of(request: Request, name: str) -> list[str]:
    """Return every value of the cookie `name`, in the order given, without empty ones; bytes above 127 as Latin-1.

    The head as it came is read, not Sanic's headers: those have lost the white space around them, Unicode's too.
    """
    if "cookie" not in request.headers:
        return []
    wanted, values = name.encode("ascii"), []
    for line in request.head.split(b"\r\n")[1:]:
        if line[: len(_HEADER)].lower() != _HEADER:
            continue
        for pair in line[len(_HEADER) :].split(b";"):
            found, _, value = pair.partition(b"=")
            if found.strip(_AROUND) == wanted and (value := value.strip(_AROUND)):
                values.append(value.decode("latin-1"))
    return values


def set_cookie(
    settings: Settings, answer: HTTPResponse | ServiceError, name: str, value: str, max_age: int, *, path: str = "/"
) -> None:
    """Have the browser keep a cookie that no script and no other site can use; `max_age` 0 has it forget it (R50).

    An answer may set several: each has a line of its own.
    """
    line = f"{name}={value}; Path={path}; Max-Age={max_age}; {attributes(settings)}"
    if isinstance(answer, HTTPResponse):
        answer.headers.add("Set-Cookie", line)
    else:
        answer.cookies.append(line)


def attributes(settings: Settings) -> str:
    """Return what is said of every cookie besides its path and its life."""
    return "HttpOnly; SameSite=Strict" if _plain(settings) else "HttpOnly; SameSite=Strict; Secure"


def _plain(settings: Settings) -> bool:
    # `__Host-` and Secure want https, which a developer's machine hasn't.
    return not settings.production and settings.PUBLIC_URL.startswith("http:")
