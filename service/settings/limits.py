"""What may be tried how often."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import BaseSettings


class LimitSettings(BaseSettings, defer_build=True):
    """What may be tried how often."""

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
        default=5,
        ge=1,
        description="Letters of a kind that anyone may ask for (forgotten passwords) and one address gets in an hour.",
    )
    MAIL_REQUESTS_PER_ADDRESS: int = Field(
        default=50, ge=1, description="Such requests from one address in an hour; ten times as many from a /48."
    )
    REFUSED_REFRESHES_PER_ADDRESS: int = Field(
        default=600,
        ge=1,
        description="Refresh tokens that were no good, from one address (as above) in a minute and process.",
    )
    REFUSED_REQUESTS_PER_ADDRESS: int = Field(
        default=1000,
        ge=1,
        description="Requests that make no sense (400, 413 and so on), from one address in a minute and process.",
    )
