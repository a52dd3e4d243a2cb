"""What settings of mail may be: who letters are from, and what we call ourselves to a mail server."""

from __future__ import annotations

import re
import ssl
from ipaddress import IPv6Address, ip_address
from typing import Final
from urllib.parse import urlsplit

import idna

from service.settings.checks import check_certificates, check_fingerprints, check_mailbox

_LITERAL: Final = re.compile(r"\[(?:IPv6:)?([0-9A-Fa-f:.]+)\]", re.IGNORECASE)
_NAME: Final = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9-]{1,63}(?<!-))*")


def check_sender(value: str) -> str:
    """Return who letters are from, the domain in ASCII, as every server takes it. Refuse what isn't one mailbox.

    The part before the @ must be in ASCII: few servers pass letters on that need SMTPUTF8 (RFC 6531).
    """
    if not check_mailbox(value):
        return value
    from email.headerregistry import Address
    from email.policy import SMTP

    (found,) = SMTP.header_factory("From", value).addresses
    if not found.username.isascii():
        raise ValueError("what is before the @ must be in ASCII: few mail servers take anything else")
    try:
        domain = found.domain if found.domain.startswith("[") else in_ascii(found.domain)
    except ValueError:
        raise ValueError("has a domain that can't be one") from None
    return str(Address(found.display_name, found.username, domain))


def check_ehlo(value: str) -> str:
    """Return a name as EHLO has it: a whole one, or an address in brackets. Raises ValueError; empty is the default."""
    if not value:
        return value
    if found := _LITERAL.fullmatch(value):
        return literal(found[1])
    try:
        return in_ascii(value)
    except ValueError:
        raise ValueError("a domain alone (mail.example.com), or an address in brackets ([192.0.2.1])") from None


def check_authorities(value: str) -> str:
    """Return a file, or PEM text, with certificates that can be read. Raises ValueError; empty is the system's."""
    found = check_certificates(value)
    if found:
        try:
            ssl.create_default_context(**{"cadata" if "-----BEGIN" in found else "cafile": found})  # type: ignore[arg-type]
        except (OSError, ValueError):  # what ssl raises is an OSError
            raise ValueError("has no certificate that can be read") from None
    return found


def check_pins(value: str) -> str:
    """Return SHA-256 fingerprints in lower case, without colons; as `openssl x509 -fingerprint` writes them as well."""
    try:
        return check_fingerprints(re.sub(r"sha-?256 fingerprint=", "", value, flags=re.IGNORECASE))
    except ValueError:
        raise ValueError("each is a SHA-256 in 64 hexadecimal digits, as openssl x509 -fingerprint shows it") from None


def in_ascii(domain: str) -> str:
    """Return a domain in ASCII and small letters (RFC 5890). Raises ValueError."""
    found = domain.lower() if domain.isascii() else idna.encode(domain, uts46=True).decode()
    if not _NAME.fullmatch(found) or len(found) > 253:
        raise ValueError("no domain")
    return found


def literal(address: str) -> str:
    """Return an address as EHLO has it (RFC 5321 section 4.1.3). Raises ValueError."""
    found = ip_address(address)
    return f"[IPv6:{found}]" if isinstance(found, IPv6Address) else f"[{found}]"


def own_name(public_url: str) -> str:
    """Return what the service calls itself to a mail server: its host; empty where that is this machine alone."""
    host = urlsplit(public_url).hostname or ""
    if not host or host == "localhost" or host.endswith(".localhost"):
        return ""
    try:
        return literal(host)
    except ValueError:
        pass
    try:
        return in_ascii(host)
    except ValueError:
        return ""
