"""What `latchkey doctor` says of passkeys: which domain they are bound to, and whether that can work."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from tortoise.exceptions import OperationalError

from models import Passkey
from service.feature.doctor import Deployment
from service.feature.findings import Finding, error, ok, warning
from service.settings import Settings
from service.settings import checks as check

_PASSKEYS: Final = "passkeys"
# The likeliest of the Public Suffix List where this may run: nothing wider than such a name can be an RP ID.
_PLATFORMS: Final = re.compile(
    r"\.(herokuapp\.com|fly\.dev|onrender\.com|vercel\.app|netlify\.app|azurewebsites\.net|run\.app|web\.app|pages\.dev)$"
)


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
    if _PLATFORMS.search(f".{domain}"):
        says = f"Passkeys are bound to {domain}, which is a platform's: they don't come along to a domain of your own."
        return [warning(_PASSKEYS, says, "Move before there are any, or set SECOND_FACTOR=off until then.")]
    return [ok(_PASSKEYS, f"Passkeys are bound to {domain}.")]


async def _bound_elsewhere(settings: Settings) -> list[Finding]:
    """Look for passkeys of another domain: they can't be shown any more."""
    number = await Passkey.exclude(rp_id=settings.passkey_rp_id).count()
    if not number:
        return []
    other = await Passkey.exclude(rp_id=settings.passkey_rp_id).first()
    which = "One passkey is" if number == 1 else f"{number} passkeys are"
    says = f"{which} bound to another domain, such as {other.rp_id if other else '?'}: nobody can show them any more."
    return [error(_PASSKEYS, says, "Set PASSKEY_RP_ID to that domain again; or have their owners set up new ones.")]
