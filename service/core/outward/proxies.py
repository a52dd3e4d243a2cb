"""The proxy of the environment, as other programs take it: HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, and NO_PROXY.

Some networks let nothing out by another way. What NO_PROXY names is called directly: names, whole domains, addresses,
networks (`10.0.0.0/8`), `*` for everything. So is this machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address, ip_network

from service.core.http.networks import is_loopback


def proxy_for(scheme: str, host: str, port: int, environment: Mapping[str, str]) -> str | None:
    """Return the address of the proxy to take, None for none. Small letters win, as everywhere."""
    found = _setting(environment, f"{scheme}_proxy") or _setting(environment, "all_proxy")
    if not found or is_loopback(host) or _is_exempt(host, port, _setting(environment, "no_proxy")):
        return None
    return found if "://" in found else f"http://{found}"


def _setting(environment: Mapping[str, str], name: str) -> str:
    return (environment.get(name) or environment.get(name.upper()) or "").strip()


def _is_exempt(host: str, port: int, exempt: str) -> bool:
    return any(_holds(entry.strip().lower(), host.lower(), port) for entry in exempt.split(","))


def _holds(entry: str, host: str, port: int) -> bool:
    """Return whether an entry names a host: all of them, a network, an address, or a domain with all below it."""
    if entry == "*":
        return True
    try:
        return ip_address(host) in ip_network(entry.strip("[]"), strict=False)
    except ValueError:
        name, _, its_port = entry.partition(":")
    name = name.removeprefix("*").removeprefix(".").removesuffix(".")
    return bool(name) and (host == name or host.endswith(f".{name}")) and its_port in ("", str(port))
