"""Every setting: name, type, default and one line, a file for each topic. The README's table is rendered from them.

Read from the environment and from a `.env` file. A wrong value stops the start with one clear line per mistake;
production refuses development's secret, stores and origins (SECURITY.md R66, R54).
"""

from __future__ import annotations

from datetime import timedelta
from email.headerregistry import Address
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import ValidationError, model_validator
from pydantic_settings import SettingsConfigDict

from service.settings import checks as check
from service.settings.checks import ConfigurationError
from service.settings.features import FeatureSettings
from service.settings.general import GeneralSettings
from service.settings.limits import LimitSettings
from service.settings.mail import MailSettings
from service.settings.server import ServingSettings
from service.settings.sessions import SessionSettings
from service.settings.stores import StoreSettings
from service.settings.watching import WatchingSettings


class Settings(
    # From right to left is the order of the README's table.
    FeatureSettings,
    WatchingSettings,
    LimitSettings,
    MailSettings,
    SessionSettings,
    ServingSettings,
    StoreSettings,
    GeneralSettings,
):
    """All settings, checked. Durations accept fractions (0.05 minutes is three seconds)."""

    model_config = SettingsConfigDict(
        env_file=".env", env_ignore_empty=True, extra="ignore", hide_input_in_errors=True, frozen=True
    )

    @model_validator(mode="after")
    def _check_together(self) -> Self:
        mistakes = []
        if self.embedded and self.WEB_CONCURRENCY > 1:
            mistakes.append("WEB_CONCURRENCY: the embedded stores live in one process; use PostgreSQL and Redis")
        if self.SESSION_MAX_DAYS < self.REFRESH_TOKEN_EXPIRE_DAYS:
            mistakes.append("SESSION_MAX_DAYS: must not be shorter than REFRESH_TOKEN_EXPIRE_DAYS")
        if self.REDIS_TLS_FINGERPRINT and "+cluster" in self.REDIS_URL:
            mistakes.append("REDIS_TLS_FINGERPRINT: a cluster has a certificate a node; use REDIS_TLS_CA")
        if self.production:
            mistakes += self._unsafe()
        if mistakes:
            raise ValueError("\n".join(mistakes))
        return self

    def _unsafe(self) -> list[str]:
        """Return what production can't have."""
        given = self.model_fields_set
        mistakes = check.exposed(
            {"SECRET_KEY": self.secrets, "METRICS_TOKEN": (self.METRICS_TOKEN,) if self.METRICS_TOKEN else ()},
            {
                "PUBLIC_URL": (self.PUBLIC_URL,) if "PUBLIC_URL" in given else None,
                "BACKEND_CORS_ORIGINS": self.BACKEND_CORS_ORIGINS if "BACKEND_CORS_ORIGINS" in given else None,
                "FRONTEND_URL": (self.FRONTEND_URL,) if self.FRONTEND_URL else (),
            },
        )
        if self.REDIS_URL.startswith("memory:"):
            mistakes.append("REDIS_URL: memory:// forgets every session at a restart; production needs Redis")
        if self.DATABASE_URL.startswith("sqlite:"):
            mistakes.append("DATABASE_URL: production needs PostgreSQL")
        if self.SMTP_URL.startswith("log:"):
            mistakes.append("SMTP_URL: log:// would write the tokens of links into the log")
        if self.REQUIRE_EMAIL_VERIFICATION and not self.SMTP_URL:
            mistakes.append("REQUIRE_EMAIL_VERIFICATION: without SMTP_URL nobody could ever log in")
        return mistakes

    @property
    def production(self) -> bool:
        """True in production."""
        return self.ENVIRONMENT == "production"

    @property
    def embedded(self) -> bool:
        """True when a store lives inside the process."""
        return self.REDIS_URL.startswith("memory:") or self.DATABASE_URL.startswith("sqlite:")

    @property
    def secrets(self) -> tuple[str, ...]:
        """The secrets, the signing one first."""
        return check.split_secrets(self.SECRET_KEY)

    @property
    def frontend_directory(self) -> Path | None:
        """The built front end to serve, None when there is none."""
        return check.frontend_directory(self.SERVE_FRONTEND)

    @property
    def public_origin(self) -> str:
        """The origin of PUBLIC_URL, as browsers write it."""
        return check.origin_of(self.PUBLIC_URL)

    @property
    def frontend_url(self) -> str:
        """Where links in letters lead."""
        return self.FRONTEND_URL or self.PUBLIC_URL

    @property
    def mail_from(self) -> str:
        """Who letters are from."""
        host = urlsplit(self.PUBLIC_URL).hostname or ""
        domain = f"[IPv6:{host}]" if ":" in host else host
        # Quotes a comma in the name, which would make two senders of one.
        return self.MAIL_FROM or str(Address(self.PROJECT_NAME, "no-reply", domain))

    @property
    def runs_worker(self) -> bool:
        """Whether the serving process is a worker too."""
        return self.RUN_WORKER == "yes" or (self.RUN_WORKER == "auto" and not self.production)

    @property
    def publishes_metrics(self) -> bool:
        """Whether the numbers for Prometheus can be read anywhere."""
        return bool(self.METRICS_PORT or self.METRICS_TOKEN)

    @property
    def access_token_life(self) -> timedelta:
        """The longest life of an access token."""
        return timedelta(minutes=self.ACCESS_TOKEN_EXPIRE_MINUTES)


def load_settings(**overrides: object) -> Settings:
    """Read the settings; raise `ConfigurationError` with one line per mistake."""
    try:
        return Settings(**overrides)  # type: ignore[arg-type]  # values are checked by pydantic, whatever their type
    except ValidationError as error:
        raise ConfigurationError(check.mistakes_of(error)) from None


class _FeaturesAlone(FeatureSettings):
    """The one setting that says which commands there are: read before, and whatever is wrong with the others."""

    model_config = Settings.model_config


def named_features() -> tuple[str, ...]:
    """Read FEATURES alone; raise `ConfigurationError`."""
    try:
        return _FeaturesAlone().FEATURES
    except ValidationError as error:
        raise ConfigurationError(check.mistakes_of(error)) from None


def settings_table() -> str:
    """Render the table of settings for the README (Markdown)."""
    lines = ["| variable | default | what it is |", "| --- | --- | --- |"]
    for name, field in Settings.model_fields.items():
        default = field.default
        shown = ",".join(default) if isinstance(default, tuple) else str(default)
        if isinstance(default, bool):
            shown = shown.lower()
        if name == "SECRET_KEY":
            shown = "a development secret"
        lines.append(
            f"| `{name}` | {f'`{shown}`' if shown and name != 'SECRET_KEY' else shown} | {field.description} |"
        )
    return "\n".join(lines)
