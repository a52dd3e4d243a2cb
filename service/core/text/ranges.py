"""Addresses and ranges as an operator writes them, and whether what a session is from lies within.

An IPv6 address means its /64: one subscriber has all of that, and a browser changes its address within it daily. With a
length (`2001:db8::1/128`) it means what it says. What only carries an IPv4 address (`::ffff:192.0.2.1`) is that one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

from service.core.http.networks import host_of

Range = IPv4Network | IPv6Network

_MAPPED: Final = IPv6Network("::ffff:0:0/96")
_SUBSCRIBER: Final = 64
_LENGTH: Final = re.compile(r"[0-9]{1,3}")


def read_ranges(text: str) -> tuple[Range, ...]:
    """Return the ranges in a text, parted by commas; raise ValueError that says what is none of them."""
    return tuple(_read_range(part.strip()) for part in text.split(","))


def shown(found: Range) -> str:
    """Return a range as it is meant: a single IPv4 address without its length."""
    return str(found.network_address) if isinstance(found, IPv4Network) and found.prefixlen == 32 else str(found)


def holds(ranges: Sequence[Range], address: str) -> bool:
    """Return whether an address lies in one of the ranges: itself, or the IPv4 one that it carries."""
    return any(host in one for host in _hosts(address) for one in ranges if host.version == one.version)


def _read_range(text: str) -> Range:
    address, slash, length = text.partition("/")
    try:  # a length and no netmask: 0.0.0.255 could be meant in two ways
        prefix = int(length) if _LENGTH.fullmatch(length) else -1
        found = ip_network((address, prefix) if slash else ip_address(address), strict=False)
    except ValueError:
        raise ValueError(
            f"{text!a} is no address and no range: write 192.0.2.1, 192.0.2.0/24, 2001:db8::1 or 2001:db8::/32"
        ) from None
    if int(ip_address(address)) != int(found.network_address):
        raise ValueError(f"{text} begins within its range: write {found}, or {address} alone")
    if isinstance(found, IPv4Network):
        return found
    if found.subnet_of(_MAPPED):
        return IPv4Network((int(found.network_address) & 0xFFFFFFFF, found.prefixlen - 96))
    return found if slash else found.supernet(new_prefix=_SUBSCRIBER)


@lru_cache(maxsize=4096)  # many sessions are from where others are from
def _hosts(address: str) -> tuple[IPv4Address | IPv6Address, ...]:
    try:
        itself = ip_address(address)
    except ValueError:
        return ()
    if isinstance(itself, IPv6Address) and itself.ipv4_mapped:
        return (itself.ipv4_mapped,)
    carried = host_of(address)
    return (itself,) if carried in (None, itself) else (itself, carried)
