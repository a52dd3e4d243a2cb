"""What providers say of a user, read strictly: whatever has another shape than it should isn't said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from service.core.text.email_address import parse_email
from service.core.text.printable import seen_name

LONGEST_NAME: Final = 200
# RFC 8176, by what each shows: something known, something owned, something that one is. Two of the same are one factor.
_FACTORS: Final = (
    frozenset({"pwd", "pin", "kba"}),
    frozenset({"otp", "hwk", "swk", "sms", "tel", "sc", "pop"}),
    frozenset({"face", "fpt", "iris", "retina", "vbm"}),
)
# NIST SP 800-63 as providers write it, OpenID's EAP profile, REFEDS, Okta and the old PAPE. What a provider numbers as
# it likes (`1`, `gold`) isn't here: nobody knows what that stands for.
_MULTI_FACTOR: Final = frozenset(
    {
        "aal2", "aal3", "phr", "phrh", "http://idmanagement.gov/ns/assurance/aal/2",
        "http://idmanagement.gov/ns/assurance/aal/3", "https://refeds.org/profile/mfa", "urn:okta:loa:2fa:any",
        "http://schemas.openid.net/pape/policies/2007/06/multi-factor",
    }
)  # fmt: skip


def address_in(claims: Mapping[str, object]) -> str | None:
    """Return the address that is said, None for none and for what is no address."""
    said = claims.get("email")
    if not isinstance(said, str):
        return None
    try:
        return parse_email(said).given
    except ValueError:
        return None


def domain_of(address: str) -> str:
    """Return the domain of an address, as it is compared."""
    return parse_email(address).canonical.rpartition("@")[2]


def name_in(claims: Mapping[str, object], whole: str | None, *parts: str) -> str | None:
    """Return the name that is said as a whole, if it ever is, or in parts; None for none."""
    name = _seen(claims.get(whole)) if whole else None
    if name is None:
        found = [part for part in (_seen(claims.get(each)) for each in parts) if part]
        name = _seen(" ".join(found))
    return name


def says_multi_factor(claims: Mapping[str, object]) -> bool:
    """Return whether a provider says that it has asked for a second factor: `amr` (RFC 8176) or `acr`."""
    methods = claims.get("amr")
    said = {each for each in methods if isinstance(each, str)} if isinstance(methods, list) else set()
    level = claims.get("acr")
    return (
        "mfa" in said
        or sum(not kind.isdisjoint(said) for kind in _FACTORS) > 1
        or (isinstance(level, str) and level in _MULTI_FACTOR)
    )


def _seen(value: object) -> str | None:
    if not isinstance(value, str):
        return None
    try:
        name = seen_name(value)
    except ValueError:
        return None
    return name[:LONGEST_NAME].strip() if name else None
