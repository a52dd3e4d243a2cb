"""Which addresses are of the public Internet: all that a server somewhere else may have us call.

An answer from outside names the next place to ask, and names lead where their owner likes, today elsewhere than
yesterday. Without a limit that is a way to whatever answers to this machine alone: its own services, the neighbours',
the platform's metadata.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Network
from typing import Final

from service.core.http.networks import host_of

# Global by the registries, or by some releases of Python, and yet not for us: Azure's platform, which answers whoever
# runs on it; protocol assignments (RFC 6890), where Oracle's metadata are; NAT64 for local use (RFC 8215).
_NOT_FOR_US: Final = (
    IPv4Network("192.0.0.0/24"),
    IPv4Network("168.63.129.16/32"),
    IPv4Network("192.88.99.0/24"),
    IPv6Network("64:ff9b:1::/48"),
    IPv6Network("2001:2::/48"),
    IPv6Network("fec0::/10"),
)


def is_public(address: str) -> bool:
    """Return whether that is an address of the public Internet. An IPv6 one that carries an IPv4 one counts as it."""
    found = host_of(address.partition("%")[0])
    if found is None or "%" in address:  # a zone is a neighbour's
        return False
    own = IPv4Network if isinstance(found, IPv4Address) else IPv6Network
    return (
        found.is_global
        and not found.is_multicast
        and not found.is_reserved
        and not any(isinstance(network, own) and found in network for network in _NOT_FOR_US)
    )
