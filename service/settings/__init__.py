"""Every setting: name, type, default and one line, a file for each topic. The README's table is rendered from them.

Read from the environment and from a `.env` file. A wrong value stops the start with one clear line per mistake;
production refuses development's secret, stores and origins (SECURITY.md R66, R54).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import cache
from typing import Any, Self, TypeVar, cast
from urllib.parse import urlsplit

from pydantic import ValidationError, create_model, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from service.settings import checks as check
from service.settings import mail_checks
from service.settings.binding import BindingSettings
from service.settings.checks import ConfigurationError
from service.settings.factors import FactorSettings
from service.settings.features import FeatureSettings
from service.settings.further import NamingSettings, given_names
from service.settings.general import GeneralSettings
from service.settings.limits import LimitSettings
from service.settings.mail import MailSettings
from service.settings.server import ServingSettings
from service.settings.sessions import SessionSettings
from service.settings.stores import StoreSettings
from service.settings.texts import TidySettings
from service.settings.tracing import TracingSettings
from service.settings.watching import WatchingSettings

_Topic = TypeVar("_Topic", bound=BaseSettings)
# A value that is wrong, one that should be JSON, and a `.env` that is no text or not ours to read.
_UNREADABLE = (ValidationError, SettingsError, UnicodeError, OSError)


class Settings(
    # From right to left is the order of the README's table.
    FeatureSettings,
    TracingSettings,
    WatchingSettings,
    LimitSettings,
    MailSettings,
    FactorSettings,
    BindingSettings,
    SessionSettings,
    ServingSettings,
    StoreSettings,
    GeneralSettings,
    TidySettings,
):
    """All settings, checked; those of features among them. Durations accept fractions (0.05 minutes: three seconds)."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_file_encoding="utf-8-sig",  # some editors begin it with a mark, which else is a part of the first name
        env_ignore_empty=True,
        extra="ignore",
        hide_input_in_errors=True,
        frozen=True,
        defer_build=True,  # as of each topic: of all these classes one is built, that with the settings of all features
    )

    @model_validator(mode="after")
    def _check_together(self) -> Self:
        mistakes = []
        if self.embedded and self.WEB_CONCURRENCY > 1:
            mistakes.append("WEB_CONCURRENCY: the embedded stores live in one process; use PostgreSQL and Redis")
        if self.SESSION_MAX_DAYS < self.REFRESH_TOKEN_EXPIRE_DAYS:
            mistakes.append("SESSION_MAX_DAYS: must not be shorter than REFRESH_TOKEN_EXPIRE_DAYS")
        if self.REDIS_TLS_FINGERPRINT and "+" in self.REDIS_URL.partition("://")[0]:
            mistakes.append("REDIS_TLS_FINGERPRINT: a cluster has a certificate a node, and so have Sentinels and "
                            "what they watch; use REDIS_TLS_CA")  # fmt: skip
        if self.SMTP_URL.endswith("starttls=off") and (self.SMTP_TLS_CA or self.SMTP_TLS_FINGERPRINT):
            mistakes.append("SMTP_URL: ?starttls=off leaves nothing to check SMTP_TLS_CA or SMTP_TLS_FINGERPRINT on")
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
            mistakes.append("REDIS_URL: memory:// forgets every session when its process dies; production needs Redis")
        if self.DATABASE_URL.startswith("sqlite:"):
            mistakes.append("DATABASE_URL: production needs PostgreSQL")
        if self.SMTP_URL.startswith("log:"):
            mistakes.append("SMTP_URL: log:// would write the tokens of links into the log")
        if self.REQUIRE_EMAIL_VERIFICATION and not self.SMTP_URL:
            mistakes.append("REQUIRE_EMAIL_VERIFICATION: without SMTP_URL nobody could ever log in")
        return mistakes

    def of(self, topic: type[_Topic]) -> _Topic:
        """Return the settings of a feature, by its class. Raises TypeError where they were read without it."""
        if not isinstance(self, topic):
            raise TypeError(f"the settings were read without those of {topic.__module__}")
        return self

    @property
    def production(self) -> bool:
        """True in production."""
        return self.ENVIRONMENT == "production"

    @property
    def mail_goes_out(self) -> bool:
        """Whether letters come to anybody: by a mail server, or, in development, by the log."""
        return bool(self.SMTP_URL) or not self.production

    @property
    def stop_delay(self) -> float:
        """Seconds between being told to stop and taking no more connections."""
        wanted = self.production or "STOP_DELAY_SECONDS" in self.model_fields_set
        return self.STOP_DELAY_SECONDS if wanted else 0.0

    @property
    def strict_transport(self) -> str | None:
        """What browsers are told of https (RFC 6797): nothing outside production."""
        below = "; includeSubDomains" if self.HSTS_SUBDOMAINS and self.HSTS_SECONDS else ""
        return f"max-age={self.HSTS_SECONDS}{below}" if self.production else None

    @property
    def embedded(self) -> bool:
        """True when a store lives inside the process."""
        return self.REDIS_URL.startswith("memory:") or self.DATABASE_URL.startswith("sqlite:")

    @property
    def secrets(self) -> tuple[str, ...]:
        """The secrets, the signing one first."""
        return check.split_secrets(self.SECRET_KEY)

    @property
    def public_origin(self) -> str:
        """The origin of PUBLIC_URL, as browsers write it."""
        return check.origin_of(self.PUBLIC_URL)

    def admits(self, origin: str) -> bool:
        """Return whether pages of an origin, beside the service's own, may call from a browser (R52, R54).

        For CORS and for the session cookie alike. A developer's front end may be on any port of the machine, until
        somebody says which.
        """
        if not self.production and "BACKEND_CORS_ORIGINS" not in self.model_fields_set:
            return check.is_local(origin)
        return origin in self.BACKEND_CORS_ORIGINS

    @property
    def binds_browsers(self) -> bool:
        """Whether browsers may bind sessions to a key of theirs: they do where all is secure, or this very machine."""
        parts = urlsplit(self.PUBLIC_URL)
        return self.DEVICE_BINDING != "off" and (parts.scheme == "https" or parts.hostname == "localhost")

    @property
    def frontend_url(self) -> str:
        """Where links in letters lead."""
        return self.FRONTEND_URL or self.PUBLIC_URL

    @property
    def passkey_rp_id(self) -> str:
        """The domain that passkeys are bound to (WebAuthn's RP ID)."""
        return self.PASSKEY_RP_ID or urlsplit(self.frontend_url).hostname or ""

    def admits_passkeys(self, origin: str) -> bool:
        """Return whether pages of an origin may ask for passkeys: the front end's, and those that may call."""
        return origin in (check.origin_of(self.frontend_url), self.public_origin) or self.admits(origin)

    @property
    def related_origins(self) -> tuple[str, ...]:
        """The front ends on other domains than that of passkeys: browsers have to be told of them."""
        known = dict.fromkeys((check.origin_of(self.frontend_url), self.public_origin, *self.BACKEND_CORS_ORIGINS))
        domain = self.passkey_rp_id
        return tuple(origin for origin in known if not check.is_below(origin, domain))

    @property
    def mail_from(self) -> str:
        """Who letters are from."""
        host = urlsplit(self.PUBLIC_URL).hostname or ""
        domain = f"[IPv6:{host}]" if ":" in host else mail_checks.own_name(self.PUBLIC_URL) or host
        if self.MAIL_FROM:
            return self.MAIL_FROM
        from email.headerregistry import Address  # for who writes letters

        # Quotes a comma in the name, which would make two senders of one.
        return str(Address(self.PROJECT_NAME, "no-reply", domain))

    @property
    def publishes_metrics(self) -> bool:
        """Whether the numbers for Prometheus can be read anywhere."""
        return bool(self.METRICS_PORT or self.METRICS_TOKEN)

    @property
    def access_token_life(self) -> timedelta:
        """The longest life of an access token."""
        return timedelta(minutes=self.ACCESS_TOKEN_EXPIRE_MINUTES)


@cache
def settings_with(topics: tuple[type[BaseSettings], ...]) -> type[Settings]:
    """Return the class of all settings, with those of features behind: read, checked and listed as one."""
    if not topics:
        return Settings
    return cast("type[Settings]", create_model("Settings", __base__=(*reversed(topics), Settings)))


def load_settings(topics: Sequence[type[BaseSettings]] = (), /, **overrides: object) -> Settings:
    """Read the settings, with those of features; raise `ConfigurationError` with one line per mistake."""
    further, mistakes, notes = _named_by(topics, overrides)
    try:
        # Values are checked by pydantic, whatever their type.
        found = settings_with((*topics, *further))(**overrides)  # type: ignore[arg-type]
    except _UNREADABLE as error:
        raise ConfigurationError([*check.mistakes_of(error), *mistakes, *notes]) from None
    if mistakes:
        raise ConfigurationError([*mistakes, *notes])
    return found


def _named_by(
    topics: Sequence[type[BaseSettings]], overrides: Mapping[str, object]
) -> tuple[list[type[BaseSettings]], list[str], list[str]]:
    """Return the settings that those of topics name, the mistakes in their names, and what to say beside a mistake."""
    found: list[type[BaseSettings]] = []
    mistakes: list[str] = []
    notes: list[str] = []
    for topic in topics:
        if not issubclass(topic, NamingSettings):
            continue
        try:
            naming = _alone(topic)(**overrides)
            wrong, left = naming.strays(given_names(Settings, overrides))
        except _UNREADABLE:  # told when all are read
            continue
        found += [named] if (named := naming.named()).model_fields else []
        mistakes += wrong
        notes += left
    return found, mistakes, notes


@cache
def _alone(topic: type[NamingSettings]) -> type[NamingSettings]:
    """Return what of a topic names others, to be read by itself: before the rest, and whatever is wrong with that."""
    naming = next(base for base in topic.__mro__ if "named" in vars(base))
    return type(f"{naming.__name__}Alone", (naming, TidySettings), {"model_config": Settings.model_config})


class _FeaturesAlone(FeatureSettings, TidySettings):
    """The one setting that says which commands there are: read before, and whatever is wrong with the others."""

    model_config = Settings.model_config


def named_features(**overrides: object) -> tuple[str, ...]:
    """Read FEATURES alone; raise `ConfigurationError`."""
    given = {name: value for name, value in overrides.items() if name in ("FEATURES", "_env_file")}
    try:
        return _FeaturesAlone(**given).FEATURES  # type: ignore[arg-type]
    except _UNREADABLE as error:
        raise ConfigurationError(check.mistakes_of(error)) from None


def settings_table(settings: type[Settings]) -> str:
    """Render the table of settings for the README (Markdown)."""
    lines = ["| variable | default | what it is |", "| --- | --- | --- |"]
    defaults: dict[str, Any] = {}
    for name, field in settings.model_fields.items():
        default = defaults[name] = field.get_default(call_default_factory=True, validated_data=defaults)
        shown = ",".join(default) if isinstance(default, tuple) else str(default)
        if isinstance(default, bool):
            shown = shown.lower()
        about = field.description or ""
        secret = name == "SECRET_KEY"
        lines.append(f"| `{name}` | a development secret | {about} |" if secret else _row(name, shown, about))
    for topic in settings.__mro__:
        if issubclass(topic, NamingSettings) and topic is not NamingSettings and "patterns" in vars(topic):
            lines += [_row(pattern.name, pattern.default, pattern.about) for pattern in topic.patterns()]
    return "\n".join(lines)


def _row(name: str, default: str, about: str) -> str:
    return f"| `{name}` | {f'`{default}`' if default else ''} | {about} |"
