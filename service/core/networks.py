"""Client addresses as they are counted: an IPv4 address, or the /64 that one IPv6 customer has all of."""

from __future__ import annotations

from ipaddress import IPv6Address, IPv6Network, ip_address


def network_of(address: str) -> str:
    """Return the network to count for `address`; what isn't an address is a network of its own, `unknown`."""
    try:
        found = ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped:
            return str(found.ipv4_mapped)
        return str(IPv6Network((int(found) >> 64 << 64, 64)))
    return str(found)


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
