"""What `latchkey doctor` says of log-ins by mail."""

from __future__ import annotations

from collections.abc import Sequence

from service.feature.doctor import Deployment
from service.feature.findings import Finding, ok, warning
from service.mail_login.settings import MailLoginSettings

_CHECK = "log-in by mail"


async def check_up(deployment: Deployment) -> Sequence[Finding]:
    """Look whether the letters can go, where there are any."""
    settings = deployment.settings.of(MailLoginSettings)
    if not settings.by_mail:
        if settings.REGISTER_BY_EMAIL:
            says = "REGISTER_BY_EMAIL has no effect while EMAIL_SIGN_IN is off."
            return [warning(_CHECK, says, "Set EMAIL_SIGN_IN to code, link or both.")]
        return []
    if deployment.settings.production and not deployment.settings.SMTP_URL:
        says = "EMAIL_SIGN_IN is on, and letters wait until there is a mail server."
        return [warning(_CHECK, says, "Set SMTP_URL.")]
    return [ok(_CHECK, f"Letters have a code or a link, or both: {settings.EMAIL_SIGN_IN}.")]
