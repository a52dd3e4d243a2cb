"""What counts as one client on the network."""

from __future__ import annotations

import pytest

from service.core.http.networks import network_of, networks_of


@pytest.mark.parametrize(
    ("address", "networks"),
    [
        ("203.0.113.7", ("203.0.113.7",)),
        ("2001:db8:1:2:3:4:5:6", ("2001:db8:1:2::/64", "2001:db8:1::/48")),
        ("fe80::1%eth0", ("fe80::/64", "fe80::/48")),
        ("::ffff:203.0.113.7", ("203.0.113.7",)),  # RFC 4291: mapped
        ("::ffff:0:203.0.113.7", ("203.0.113.7",)),  # RFC 2765: translated
        ("64:ff9b::cb00:7107", ("203.0.113.7",)),  # RFC 6052: NAT64
        ("2002:cb00:7107:ab::1", ("203.0.113.7",)),  # RFC 3056: 6to4
        ("2001:0:4136:e378:8000:63bf:34ff:8ef8", ("203.0.113.7",)),  # RFC 4380: Teredo
        ("64:ff9b:1:2::203.0.113.7", ("64:ff9b:1:2::/64", "64:ff9b:1::/48")),  # RFC 8215: in no one form
        ("::", ("::/64", "::/48")),
        ("", ("unknown",)),
        ("garbage", ("unknown",)),
    ],
)
def test_networks(address: str, networks: tuple[str, ...]) -> None:
    """R75: an IPv4 host is one client in whatever form; of IPv6 a /64 is one, and the /48 around it counts too."""
    assert networks_of(address) == networks
    assert network_of(address) == networks[0]
