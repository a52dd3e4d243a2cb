"""What `latchkey doctor` says of second factors. Codes need clocks that agree: the checks of the stores say that."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tortoise.exceptions import OperationalError

from models import User
from service.credentials import totp
from service.errors import Unavailable
from service.feature.doctor import Deployment
from service.feature.findings import Finding, error, ok, warning
from service.settings import Settings

_CHECK: Final = "second factor"
SHORTEST_HOURS: Final = 24


async def check_up(deployment: Deployment) -> Sequence[Finding]:
    """Look whether those who have to have a second factor can set one up, and whether superusers have one."""
    settings = deployment.settings
    try:
        if await totp.unreadable(settings.secrets):
            says = "There are second factors that SECRET_KEY doesn't open: whoever has one needs a recovery code."
            return [error(_CHECK, says, "Put the secret that sealed them behind the one there is, then `keys reseal`.")]
        return [await _who_has_one(settings)] if settings.production else []
    except (OperationalError, Unavailable):  # away, or the migrations are behind: both are said elsewhere
        return []


async def _who_has_one(settings: Settings) -> Finding:
    if settings.SECOND_FACTOR_RECOVERY_HOURS and not settings.SMTP_URL:
        says = "SECOND_FACTOR_RECOVERY_HOURS lets people ask for what takes an e-mail, and none goes out."
        return warning(_CHECK, says, "Set SMTP_URL, or take SECOND_FACTOR_RECOVERY_HOURS away.")
    if 0 < settings.SECOND_FACTOR_RECOVERY_HOURS < SHORTEST_HOURS:
        says = f"Whoever has a password and the mailbox has no second factor to fear after {_hours(settings)} hours."
        return warning(_CHECK, says, "Set SECOND_FACTOR_RECOVERY_HOURS=72 or more: nobody reads mail every hour.")
    if settings.SECOND_FACTOR in ("superusers", "everyone"):
        if not settings.SMTP_URL:
            says = "SECOND_FACTOR wants second factors, and who has none needs a code by mail to set one up."
            return error(_CHECK, says, "Set SMTP_URL; until then whoever has none can't log in.")
        return ok(_CHECK, f"SECOND_FACTOR is {settings.SECOND_FACTOR}.")
    without = await User.filter(is_superuser=True, is_active=True, factors=0).count()
    if without:
        who = "One superuser has" if without == 1 else f"{without} superusers have"
        says = f"{who} no second factor: a stolen password is enough to administer this service."
        return warning(_CHECK, says, "Have them set one up, and set SECOND_FACTOR=superusers.")
    return ok(_CHECK, "Every superuser has one.")


def _hours(settings: Settings) -> str:
    return f"{settings.SECOND_FACTOR_RECOVERY_HOURS:g}"
