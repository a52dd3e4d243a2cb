"""What `latchkey doctor` says of passkeys: which domain they are bound to, and whether that can work."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import urlsplit

from tortoise.exceptions import OperationalError

from models import Passkey
from service.factors.platforms import platform_of
from service.feature.doctor import Deployment
from service.feature.findings import Finding, error, ok, warning
from service.settings import Settings
from service.settings import checks as check

_PASSKEYS: Final = "passkeys"


async def check_up(deployment: Deployment) -> Sequence[Finding]:
    """Look whether browsers make passkeys for this domain, and whether those that there are can be shown."""
    settings = deployment.settings
    found = _domains(settings) if settings.production else []
    try:
        return [*found, *await _bound_elsewhere(settings)]
    except OperationalError:  # the migrations are behind, which is said elsewhere
        return found


def _domains(settings: Settings) -> list[Finding]:
    """Look whether browsers can make passkeys for the domain that they are to be bound to."""
    domain, front = settings.passkey_rp_id, settings.frontend_url
    if settings.SECOND_FACTOR == "off":
        return []
    if not domain or domain[-1].isdigit() or ":" in domain:
        return [warning(_PASSKEYS, f"Browsers bind no passkey to an address such as {domain}.", "Give it a name.")]
    if not check.is_below(front, domain):
        says = f"PASSKEY_RP_ID is {domain}, which the pages of {check.origin_of(front)} may not use."
        return [error(_PASSKEYS, says, "Take the domain of FRONTEND_URL, or one above it.")]
    return [_of_a_platform(domain) or ok(_PASSKEYS, f"Passkeys are bound to {domain}."), *_other_sites(settings)]


def _of_a_platform(domain: str) -> Finding | None:
    """Look whether the domain is one that stays behind, or everybody's."""
    platform = platform_of(domain)
    if platform == domain:
        says = f"PASSKEY_RP_ID is {domain}, which is a platform's own: browsers bind no passkey to it."
        return error(_PASSKEYS, says, "Take the whole name of the service there, or a domain of your own.")
    if platform is not None:
        says = f"Passkeys are bound to {domain}, which is a platform's: they don't come along to a domain of your own."
        return warning(_PASSKEYS, says, "Move before there are any, or set SECOND_FACTOR=off until then.")
    return None


def _other_sites(settings: Settings) -> Iterator[Finding]:
    """Look whether browsers find what tells them of front ends on other domains (L3, 5.11)."""
    domain = settings.passkey_rp_id
    others = [origin for origin in settings.BACKEND_CORS_ORIGINS if not check.is_below(origin, domain)]
    if others and urlsplit(settings.PUBLIC_URL).hostname != domain:
        says = f"Pages of {others[0]} can ask for these passkeys only if https://{domain}/.well-known/webauthn says so."
        yield warning(_PASSKEYS, says, f"Serve that path there as well: it is at {settings.public_origin} now.")


async def _bound_elsewhere(settings: Settings) -> list[Finding]:
    """Look for passkeys of another domain: they can't be shown any more."""
    number = await Passkey.exclude(rp_id=settings.passkey_rp_id).count()
    if not number:
        return []
    other = await Passkey.exclude(rp_id=settings.passkey_rp_id).first()
    which = "One passkey is" if number == 1 else f"{number} passkeys are"
    says = f"{which} bound to another domain, such as {other.rp_id if other else '?'}: nobody can show them any more."
    return [error(_PASSKEYS, says, "Set PASSKEY_RP_ID to that domain again; or have their owners set up new ones.")]
