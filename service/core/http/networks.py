"""Client addresses as they are counted: an IPv4 address, or the /64 that one IPv6 customer has all of, and its /48.

An IPv6 address that only carries an IPv4 one (RFC 4291, 3056, 4380, 6052) is that IPv4 host: else it would be 65,536
strangers (6to4 gives it a /48), or one with everybody else behind the same translator (NAT64, Teredo).
"""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final

_NAT64: Final = IPv6Network("64:ff9b::/96")
_TRANSLATED: Final = IPv6Network("::ffff:0:0:0/96")


def network_of(address: str) -> str:
    """Return the network to count for `address`; what isn't an address is a network of its own, `unknown`."""
    return networks_of(address)[0]


@lru_cache(maxsize=4096)  # whoever calls once calls again
def networks_of(address: str) -> tuple[str, ...]:
    """Return the network to count for `address`, and the wider one around it, where there is one: an IPv6 /48.

    A /48 is what tunnel brokers give away to anybody.
    """
    found = host_of(address)
    if found is None:
        return ("unknown",)
    if isinstance(found, IPv6Address):
        return _prefix(found, 64), _prefix(found, 48)
    return (str(found),)


def host_of(address: str) -> IPv4Address | IPv6Address | None:
    """Return the host that `address` is one's of: the IPv4 one, where that is carried. None for what is no address."""
    try:
        found = ip_address(address)
    except ValueError:
        return None
    return (_carried(found) if isinstance(found, IPv6Address) else None) or found


def _prefix(address: IPv6Address, length: int) -> str:
    return str(IPv6Network((int(address) >> (128 - length) << (128 - length), length)))


def _carried(address: IPv6Address) -> IPv4Address | None:
    """Return the IPv4 host that an address stands for. Nobody has one of these who doesn't have that host."""
    if address.ipv4_mapped:
        return address.ipv4_mapped
    if address.sixtofour:
        return address.sixtofour
    if address.teredo:
        return address.teredo[1]  # the client: the other one is a server that many share
    if address in _NAT64 or address in _TRANSLATED:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return None


def is_loopback(host: str) -> bool:
    """Return whether `host`, an address or a name, can only mean this machine."""
    if host.lower() == "localhost" or host.lower().endswith(".localhost"):  # RFC 6761 section 6.3
        return True
    try:
        found = ip_address(host)
    except ValueError:
        return False
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return (mapped or found).is_loopback
