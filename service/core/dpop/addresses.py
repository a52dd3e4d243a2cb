"""Whether two addresses are one (RFC 9449 section 4.3: `htu`, normalised by RFC 3986 sections 6.2.2 and 6.2.3)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

_LONGEST: Final = 2048
_VISIBLE: Final = re.compile(r"[\x21\x23-\x5b\x5d\x5f\x61-\x7a\x7e]+", re.ASCII)
_ESCAPED: Final = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_ORDINARY: Final = {"http": 80, "https": 443}


@lru_cache(maxsize=256)  # clients call the same few again and again
def normalised(url: str) -> str | None:
    """Return an address without query and fragment, in the one spelling that all of its spellings have.

    None for what is no address of a call: relative, of another scheme, with somebody's name in it. Slashes at its end
    make no difference, as they make none to our routes.
    """
    if len(url) > _LONGEST or not _VISIBLE.fullmatch(url):
        return None
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname
    except ValueError:
        return None
    if parts.scheme not in _ORDINARY or not host or "@" in parts.netloc or "%" in parts.netloc:
        return None
    name = f"[{host}]" if ":" in host else host
    origin = f"{parts.scheme}://{name}" + (f":{port}" if port not in (None, _ORDINARY[parts.scheme]) else "")
    return origin + normalised_path(parts.path)


@lru_cache(maxsize=256)
def normalised_path(path: str) -> str:
    """Return a path with what needs no escape unescaped, without dots and slashes at its end: "" for the root."""
    plain = _ESCAPED.sub(_unescaped, path)
    found: list[str] = []
    for segment in plain.split("/")[1:]:
        if segment == "..":
            del found[-1:]
        elif segment != ".":
            found.append(segment)
    return "".join(f"/{segment}" for segment in found).rstrip("/")


def _unescaped(found: re.Match[str]) -> str:
    char = chr(int(found[1], 16))
    return char if char in _UNRESERVED else found[0].upper()
