"""How letters are sent, and how long their links live."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings

from service.settings import checks as check
from service.settings import mail_checks


class MailSettings(BaseSettings, defer_build=True):
    """How letters are sent, and how long their links live."""

    SMTP_URL: Annotated[str, AfterValidator(check.check_smtp_url)] = Field(
        default="",
        repr=False,
        description="`smtp://user:password@host:587` (`?starttls=required`), `smtps://`. Empty: letters go to the log "
        "in development, and wait in production.",
    )
    SMTP_TLS_VERIFY: Literal["on", "off"] = Field(
        default="on",
        description="`off` encrypts without knowing with whom: whoever poses as the mail server reads every letter.",
    )
    SMTP_TLS_CA: Annotated[str, AfterValidator(mail_checks.check_authorities)] = Field(
        default="",
        description="Certificates to check the server's against: a file, or PEM text. Empty: the system's.",
    )
    SMTP_TLS_FINGERPRINT: Annotated[str, AfterValidator(mail_checks.check_pins)] = Field(
        default="", description="SHA-256 of the mail server's own certificate, comma-separated: only these are trusted."
    )
    SMTP_EHLO: Annotated[str, AfterValidator(mail_checks.check_ehlo)] = Field(
        default="", description="What the service calls itself to the mail server. Empty: PUBLIC_URL's host."
    )
    MAIL_FROM: Annotated[str, AfterValidator(mail_checks.check_sender)] = Field(
        default="",
        description="Who letters are from: `Latchkey <id@example.com>`. Empty: no-reply at PUBLIC_URL's host.",
    )
    FRONTEND_URL: Annotated[str, AfterValidator(check.check_optional_web_url)] = Field(
        default="", description="Where links in letters lead: your front end. Empty: PUBLIC_URL."
    )
    REQUIRE_EMAIL_VERIFICATION: bool = Field(
        default=False, description="Nobody logs in before the address is confirmed; registration answers all alike."
    )
    EMAIL_VERIFY_HOURS: float = Field(
        default=24, gt=0, le=720, description="Life of the links that confirm an address or welcome a new user."
    )
    PASSWORD_RESET_MINUTES: float = Field(
        default=30, gt=0, le=1440, description="Life of the link that sets a new password."
    )
    EMAIL_UNDO_DAYS: float = Field(
        default=7, gt=0, le=90, description="How long the old address can take a change of address back."
    )
