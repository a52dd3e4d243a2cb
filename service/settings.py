"""Every setting: name, type, default and one line. The README's table is rendered from this file.

Read from the environment and from a `.env` file. A wrong value stops the start with one clear line per mistake;
production refuses development's secret, stores and origins (SECURITY.md R66, R54).
"""

from __future__ import annotations

from datetime import timedelta
from email.headerregistry import Address
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from service import configuration as check
from service.configuration import DEVELOPMENT_SECRET, ConfigurationError

Origins = Annotated[tuple[str, ...], NoDecode, BeforeValidator(check.split_list), AfterValidator(check.check_origins)]
WebUrl = Annotated[str, AfterValidator(check.check_web_url)]


class Settings(BaseSettings):
    """All settings, checked. Durations accept fractions (0.05 minutes is three seconds)."""

    model_config = SettingsConfigDict(
        env_file=".env", env_ignore_empty=True, extra="ignore", hide_input_in_errors=True, frozen=True
    )

    ENVIRONMENT: Literal["development", "production"] = Field(
        default="development", description="`production` refuses unsafe values and logs one JSON line an event."
    )
    PROJECT_NAME: Annotated[str, AfterValidator(check.check_name)] = Field(
        default="Latchkey", min_length=1, description="The name users see in documents and letters."
    )
    SECRET_KEY: Annotated[str, AfterValidator(check.check_secret)] = Field(
        default=DEVELOPMENT_SECRET,
        repr=False,
        description="At least 32 random bytes. Comma-separated for rotation: the first signs, all are accepted.",
    )
    DATABASE_URL: Annotated[str, AfterValidator(check.check_database_url)] = Field(
        default="sqlite://latchkey.sqlite3",
        repr=False,
        description="`postgres://user:password@host:5432/name` (`?sslmode=require`) or, embedded, `sqlite://file`.",
    )
    REDIS_URL: Annotated[str, AfterValidator(check.check_redis_url)] = Field(
        default="memory://",
        repr=False,
        description="`redis://`, `rediss://` (TLS), `redis+cluster://`, or, embedded in one process, `memory://`.",
    )
    REDIS_TLS_VERIFY: Literal["on", "off"] = Field(
        default="on",
        description="`off` encrypts `rediss://` without knowing with whom: whoever poses as Redis is let in.",
    )
    REDIS_TLS_CA: Annotated[str, AfterValidator(check.check_certificates)] = Field(
        default="", description="Certificates to check Redis's against: a file, or PEM text. Empty: the system's."
    )
    REDIS_TLS_FINGERPRINT: Annotated[str, AfterValidator(check.check_fingerprints)] = Field(
        default="", description="SHA-256 of Redis's own certificate, comma-separated: only these are trusted."
    )
    REDIS_KEY_PREFIX: str = Field(default="", max_length=64, description="Put in front of every Redis key.")
    REDIS_POOL_SIZE: int = Field(default=32, ge=1, le=1000, description="Redis connections of one process.")
    DATABASE_POOL_SIZE: int = Field(default=10, ge=1, le=500, description="PostgreSQL connections of one process.")
    HOST: str = Field(default="127.0.0.1", description="Address to listen on; `0.0.0.0` for a platform or a container.")
    PORT: int = Field(default=8000, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    WEB_CONCURRENCY: int = Field(default=1, ge=1, le=64, description="Worker processes of this instance.")
    INSTANCES: int = Field(
        default=1,
        ge=1,
        le=1000,
        description="Instances that run at a time; `latchkey doctor` counts connections by it.",
    )
    PROXIES_COUNT: int = Field(
        default=0, ge=0, le=10, description="Trusted proxies in front; each adds one address to X-Forwarded-For."
    )
    PUBLIC_URL: WebUrl = Field(
        default="http://localhost:8000", description="Where clients reach the service: the `iss` claim and links."
    )
    ACCESS_TOKEN_AUDIENCE: str = Field(default="latchkey", min_length=1, description="The `aud` claim.")
    BACKEND_CORS_ORIGINS: Origins = Field(
        default=("http://localhost:3000", "http://localhost:8000"),
        description="Front ends that may call from a browser: a JSON list or comma-separated, exact, never `*`.",
    )
    ACCESS_TOKEN_EXPIRE_MINUTES: float = Field(
        default=15, gt=0, le=1440, description="Life of an access token, less up to 5 % of jitter."
    )
    REFRESH_TOKEN_EXPIRE_DAYS: float = Field(
        default=7, gt=0, le=400, description="A session unused for this long is over (sliding)."
    )
    REFRESH_GRACE_SECONDS: float = Field(
        default=10,
        ge=0,
        le=300,
        description="How long duplicates of a refresh get the same token again; 0 rotates at every use.",
    )
    SESSION_MAX_DAYS: float = Field(
        default=90, gt=0, le=4000, description="A session ends this long after log-in, used or not."
    )
    FRESH_SESSION_MINUTES: float = Field(
        default=10, ge=0, le=1440, description="How long the password counts as just given; 0 asks every time."
    )
    MAX_SESSIONS_PER_USER: int = Field(
        default=100, ge=1, le=1000, description="Beyond it, log-in ends the session used longest ago."
    )
    MAX_STREAMS: int = Field(
        default=500, ge=0, le=100_000, description="Open session streams of one process, a socket each; 0 has none."
    )
    PASSWORD_MIN_LENGTH: int = Field(
        default=8, ge=8, le=64, description="Characters. Raise it to 15 where the password is the only factor."
    )
    BREACHED_PASSWORDS_URL: Annotated[str, AfterValidator(check.check_optional_web_url)] = Field(
        default="",
        description="A range service asked about new passwords, such as `https://api.pwnedpasswords.com/range`.",
    )
    SMTP_URL: Annotated[str, AfterValidator(check.check_smtp_url)] = Field(
        default="",
        repr=False,
        description="`smtp://user:password@host:587` (`?starttls=required`), `smtps://`. Empty: letters go to the log "
        "in development, and wait in production.",
    )
    MAIL_FROM: Annotated[str, AfterValidator(check.check_mailbox)] = Field(
        default="",
        description="Who letters are from: `Latchkey <id@example.com>`. Empty: no-reply at PUBLIC_URL's host.",
    )
    FRONTEND_URL: Annotated[str, AfterValidator(check.check_optional_web_url)] = Field(
        default="", description="Where links in letters lead: your front end. Empty: PUBLIC_URL."
    )
    RUN_WORKER: Literal["auto", "yes", "no"] = Field(
        default="auto", description="Send letters from the serving process too; `auto`: in development only."
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
    EVENT_RETENTION_DAYS: float = Field(
        default=400, gt=0, le=4000, description="Security events older than this go with `latchkey events purge`."
    )
    RATE_LIMITS_ENABLED: bool = Field(default=True, description="Throttling. Off only for load tests.")
    LOGIN_ATTEMPTS_PER_ACCOUNT: int = Field(
        default=5,
        ge=1,
        le=100,
        description="Wrong passwords in a row until each costs a wait: 15 seconds, doubling up to 15 minutes.",
    )
    LOGIN_ATTEMPTS_PER_ADDRESS: int = Field(
        default=100,
        ge=1,
        description="Wrong passwords from one IPv4 address or IPv6 /64 in 15 minutes; ten times as many from a /48.",
    )
    REGISTRATIONS_PER_ADDRESS: int = Field(
        default=100, ge=1, description="Registrations from one address in an hour; ten times as many from a /48."
    )
    MAIL_REQUESTS_PER_ACCOUNT: int = Field(
        default=5, ge=1, description="Letters that anyone may ask for to one mailbox in an hour: forgotten passwords."
    )
    MAIL_REQUESTS_PER_ADDRESS: int = Field(
        default=50, ge=1, description="Such requests from one address in an hour; ten times as many from a /48."
    )
    REFUSED_REFRESHES_PER_ADDRESS: int = Field(
        default=600,
        ge=1,
        description="Refresh tokens that were no good, from one address (as above) in a minute and process.",
    )
    METRICS_PORT: int = Field(
        default=0, ge=0, le=65535, description="Port of `/metrics`, for all workers of the instance; 0 opens none."
    )
    METRICS_HOST: str = Field(default="127.0.0.1", description="Address that METRICS_PORT listens on.")
    METRICS_TOKEN: Annotated[str, AfterValidator(check.check_token)] = Field(
        default="", repr=False, description="Answers `GET /metrics` on PORT too, to who sends it as a Bearer token."
    )
    OTEL_EXPORTER_OTLP_ENDPOINT: str = Field(
        default="", description="Where traces go (OTLP over HTTP); needs the extra `tracing`. Empty: none are made."
    )
    SERVE_FRONTEND: Annotated[str, AfterValidator(check.check_frontend)] = Field(
        default="auto",
        description="Folder of a built front end to serve at `/`; `auto`: `frontend/app/dist` if it is there; `off`.",
    )
    DOCS_ENABLED: bool = Field(default=True, description="Publish the OpenAPI document and its pages.")
    ACCESS_LOG: bool = Field(default=False, description="Also log one line a request.")
    LOG_LEVEL: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="The least severe lines to log."
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
        mistakes = []
        if DEVELOPMENT_SECRET in self.secrets:
            mistakes.append("SECRET_KEY: production needs a secret of its own; try `openssl rand -base64 48`")
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
        """Whether the serving process sends letters too."""
        return self.RUN_WORKER == "yes" or (self.RUN_WORKER == "auto" and not self.production)

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
