"""What a provider says of itself (OpenID Connect Discovery 1.0, RFC 8414), and whether that can be used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from service.core.http.networks import is_loopback
from service.core.openid.documents import Nonsense, read_object

WELL_KNOWN: Final = "/.well-known/openid-configuration"


@dataclass(frozen=True, slots=True)
class Metadata:
    """Where a provider is asked what, and what it can do."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None
    auth_methods: tuple[str, ...]
    """How it may be shown the client's secret; `client_secret_basic` where it says nothing (Discovery, section 3)."""
    says_iss: bool
    """Whether it names itself in the answer that a browser brings (RFC 9207): then it has to."""


def address_of(issuer: str) -> str:
    """Return where a provider's metadata are (Discovery, section 4.1)."""
    return f"{issuer.removesuffix('/')}{WELL_KNOWN}"


def read_metadata(document: bytes, issuer: str, *, plain: bool = False) -> Metadata:
    """Read the metadata of `issuer`. `plain`: in development, on this machine, it may do without TLS.

    Raises `Nonsense`, also where it calls itself anything but `issuer`, letter by letter (Discovery, section 4.3).
    """
    found = read_object(document)
    if found.get("issuer") != issuer:
        raise Nonsense(f"it calls itself {str(found.get('issuer'))[:200]!r}")
    methods = found.get("token_endpoint_auth_methods_supported")
    return Metadata(
        issuer,
        _endpoint(found, "authorization_endpoint", plain=plain),
        _endpoint(found, "token_endpoint", plain=plain),
        _endpoint(found, "jwks_uri", plain=plain),
        _endpoint(found, "userinfo_endpoint", plain=plain) if found.get("userinfo_endpoint") is not None else None,
        tuple(map(str, methods)) if isinstance(methods, list) and methods else ("client_secret_basic",),
        found.get("authorization_response_iss_parameter_supported") is True,
    )


def _endpoint(found: dict[str, object], name: str, *, plain: bool) -> str:
    """Return an address, of which a browser or this service may be led there."""
    value = found.get(name)
    try:
        parts = urlsplit(value) if isinstance(value, str) else None
        host = parts.hostname if parts else None
    except ValueError:
        parts = host = None
    if parts is None or not host or not isinstance(value, str) or not value.isascii() or not value.isprintable():
        raise Nonsense(f"its {name} is no address")
    if parts.scheme != "https" and not (plain and parts.scheme == "http" and is_loopback(host)):
        raise Nonsense(f"its {name} is without TLS")
    if parts.username is not None or parts.fragment:
        raise Nonsense(f"its {name} has a name or a fragment in it")
    return value
