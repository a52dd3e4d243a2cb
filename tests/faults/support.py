"""The service as a process of its own, with pools that show a leak soon."""

from __future__ import annotations

from tests.support.stores import SECRET

LIMIT_SECONDS = 2.0
RECOVERY_SECONDS = 5.0
DATABASE_POOL = 4
REDIS_POOL = 6
CLIENTS = 8


def settings_of(database_url: str, redis_url: str) -> dict[str, str]:
    """Return the settings of a service with small pools."""
    return {
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "PUBLIC_URL": "http://localhost:8000",  # one issuer, whatever their ports
        "SECRET_KEY": SECRET,
        "DATABASE_POOL_SIZE": str(DATABASE_POOL),
        "REDIS_POOL_SIZE": str(REDIS_POOL),
        "MAX_SESSIONS_PER_USER": "1000",
        "RATE_LIMITS_ENABLED": "false",
    }
