"""Where the stores are, and how they are reached."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings

from service.settings import checks as check
from service.settings.database_url import check_database_url
from service.settings.redis_url import check_redis_url


class StoreSettings(BaseSettings, defer_build=True):
    """Where the stores are, and how they are reached."""

    DATABASE_URL: Annotated[str, AfterValidator(check_database_url)] = Field(
        default="sqlite://latchkey.sqlite3",
        repr=False,
        description="`postgres://user:password@host:5432/name` (`?sslmode=require`) or, embedded, `sqlite://file`. "
        "docs/operations.md has every option.",
    )
    REDIS_URL: Annotated[str, AfterValidator(check_redis_url)] = Field(
        default="memory://",
        repr=False,
        description="`redis://host`, `redis+sentinel://host1,host2,host3/mymaster`, `redis+cluster://host1,host2`; "
        "`rediss…` with TLS; or, embedded in one process, `memory://`. docs/operations.md has more.",
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
    REDIS_KEY_PREFIX: Annotated[str, AfterValidator(check.check_prefix)] = Field(
        default="", max_length=64, description="Put in front of every Redis key."
    )
    REDIS_POOL_SIZE: int = Field(default=32, ge=1, le=1000, description="What one process asks Redis at a time.")
    DATABASE_SIZE_LIMIT_MB: int = Field(
        default=0,
        ge=0,
        le=1_000_000_000,
        description="What your plan of PostgreSQL holds; `latchkey doctor` warns before that is full. 0: nobody knows.",
    )
    DATABASE_POOL_SIZE: int = Field(default=10, ge=1, le=500, description="PostgreSQL connections of one process.")
