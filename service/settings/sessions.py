"""How long sessions and their tokens live, and what a password must be."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings

from service.settings import checks as check


class SessionSettings(BaseSettings, defer_build=True):
    """How long sessions and their tokens live, and what a password must be."""

    ACCESS_TOKEN_AUDIENCE: str = Field(default="latchkey", min_length=1, description="The `aud` claim.")
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
        default=10,
        ge=0,
        le=1440,
        description="How long the password counts as just given; 0 asks every time, once for each call.",
    )
    MAX_SESSIONS_PER_USER: int = Field(
        default=100, ge=1, le=1000, description="Beyond it, log-in ends the session used longest ago."
    )
    SESSION_CACHE: Literal["on", "off"] = Field(
        default="on",
        description="Keep sessions and callers in memory while the stores tell of every change; `off` asks each time.",
    )
    SESSION_CACHE_SIZE: int = Field(
        default=20_000, ge=1, le=10_000_000, description="Sessions a process keeps: with user and token 2.6 kB each."
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
