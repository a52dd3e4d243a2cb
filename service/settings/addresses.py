"""Addresses of the web in the form they are compared in: as browsers write them (RFC 6454, the URL Standard).

Whatever can be read in two ways is refused with a line that says what to write. What is read once is written once:
in small letters, a name of another script in its ASCII form, without the scheme's own port or a slash at the end.
"""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Final, NoReturn

import idna

_PARTS: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://([^/?#\\]*)(.*)", re.DOTALL)
_PLACE: Final = re.compile(r"(\[[^\]]*\]|[^:\[\]]*)(?::([0-9]*))?", re.ASCII | re.DOTALL)
_PATH: Final = re.compile(r"(?:/(?:[A-Za-z0-9\-._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2})+)*")
_DOTS: Final = re.compile(r"/(?:\.|%2[eE]){1,2}(?=/|\Z)")
# An underscore is none of a name's (RFC 952), but containers have it, and browsers find them.
_LABEL: Final = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL})*", re.ASCII)
_NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*", re.ASCII)
_ORDINARY: Final = {"http": 80, "https": 443}
_LONGEST_NAME: Final = 253


def check_web_url(value: str) -> str:
    """Return the address of a web site, or of a folder of it. Raises ValueError with what to write."""
    origin, rest = _read(value)
    if "?" in rest or "#" in rest:
        _wrong("leave out ? and # and what is behind them: other addresses are made by adding to it")
    path = rest.rstrip("/")
    if not _PATH.fullmatch(path) or _DOTS.search(path):
        _wrong("the path can't be read: no empty part, no dots alone, and other characters as in %C3%A4")
    return origin + path


def check_origins(origins: tuple[str, ...]) -> tuple[str, ...]:
    """Return the exact origins of front ends, each once (R54). Raises ValueError with what to write."""
    return tuple(dict.fromkeys(map(_origin, filter(None, (item.strip() for item in origins)))))


def check_host(value: str) -> str:
    """Return an address or a name to listen on. Raises ValueError with what to write."""
    text = value[1:-1] if value.startswith("[") and value.endswith("]") else value
    try:
        IPv6Address(text)  # with a zone, if need be: whoever listens means a network of its own
    except AddressValueError:
        return _host(text)
    return text.lower()


def check_domain(value: str) -> str:
    """Return a domain alone. Raises ValueError with what to write; empty is none."""
    if not value:
        return value
    try:
        found = _host(value)
    except ValueError:
        found = ""
    if not found or _NUMBER.fullmatch(found.rpartition(".")[2]) or "_" in found or found.startswith("["):
        _wrong("a domain alone: example.com")
    return found


def _origin(text: str) -> str:
    if "*" in text or text == "null":
        _wrong("name each origin: `*` and `null` would let any site act for your users")
    if '"' in text or "'" in text:
        _wrong("leave the quotes out; or write a JSON list, with double ones")
    try:
        origin, rest = _read(text)
    except ValueError as error:
        raise ValueError(f"an origin is scheme://host or scheme://host:port: {error}") from None
    if rest not in ("", "/"):
        _wrong("an origin is scheme://host or scheme://host:port, with nothing behind")
    return origin


def _read(value: str) -> tuple[str, str]:
    """Return the origin as browsers write it, and what is behind."""
    found = _PARTS.fullmatch(value)
    scheme = found[1].lower() if found else ""
    if found is None or scheme not in _ORDINARY:
        _wrong("must be http://… or https://…")
    place = found[2]
    if "@" in place:
        _wrong("leave out the user and the password before the @: whoever reads a link would have them")
    split = _PLACE.fullmatch(place)
    if split is None:
        _wrong("the host can't be read: a name or an address, and behind a colon a port; IPv6 in brackets")
    port = int(split[2] or _ORDINARY[scheme]) if len(split[2] or "") < 10 else 0
    if not 0 < port < 65536:
        _wrong("a port is a number of 1 to 65535")
    host = _host(split[1])
    return f"{scheme}://{host}" if port == _ORDINARY[scheme] else f"{scheme}://{host}:{port}", found[3]


def _host(text: str) -> str:
    if text.startswith("["):
        return _in_brackets(text[1:-1])
    if not text.isascii():
        try:
            text = idna.encode(text, uts46=True).decode("ascii")
        except UnicodeError:  # what idna raises is one
            _wrong("the host is no name: write it in its ASCII form, as in xn--mller-kva.example")
    name = text.lower()
    if name.endswith("."):
        _wrong("leave out the dot behind the host")
    if not _NAME.fullmatch(name) or len(name) > _LONGEST_NAME:
        _wrong("the host can't be read: letters, digits, - and ., or an address; IPv6 in brackets")
    if not all(map(_means_something, name.split("."))):
        _wrong("the host has a part that begins with xn--, and is no name of another script")
    if _NUMBER.fullmatch(name.rpartition(".")[2]):  # a browser takes it for an address, however it is written
        try:
            return str(IPv4Address(name))
        except AddressValueError:
            _wrong("write an IPv4 address as four numbers: 192.0.2.1")
    return name


def _means_something(label: str) -> bool:
    """Return whether a label in ASCII stands for one that browsers take, if it stands for another at all."""
    if not label.startswith("xn--"):
        return True
    try:
        meant = label[4:].encode().decode("punycode")
        again = meant.encode("punycode").decode()
    except UnicodeError:
        return False
    return again == label[4:] and not meant.isascii() and meant.isprintable()


def _in_brackets(text: str) -> str:
    try:
        address = IPv6Address(text)
    except AddressValueError:
        _wrong("what is in brackets is no IPv6 address")
    if address.scope_id is not None:
        _wrong("leave out the zone, from % on: other machines have other names for it")
    if address.ipv4_mapped:  # which Python writes in one way or another, by its version
        number = int(address.ipv4_mapped)
        return f"[::ffff:{number >> 16:x}:{number & 0xFFFF:x}]"
    return f"[{address}]"


def _wrong(says: str) -> NoReturn:
    raise ValueError(says)
