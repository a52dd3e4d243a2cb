"""What applications built on Latchkey import: names that stay, while the rooms of `service` may move.

`latchkey.http` reads requests and writes answers, `latchkey.commands` is for commands, `latchkey.doctor` for checks.
"""

from service.core.sql.transactions import transaction
from service.errors import (
    Fault,
    Forbidden,
    NotFound,
    RateLimited,
    ReauthenticationRequired,
    ServiceError,
    Unavailable,
    ValidationFailed,
)
from service.feature import Background, Feature
from service.feature.ways import Way
from service.runtime import Runtime, runtime_of
from service.sessions.acting import acting
from service.sessions.callers import Caller
from service.sessions.guards import authenticated, fresh, superuser

__all__ = [
    "Background",
    "Caller",
    "Fault",
    "Feature",
    "Forbidden",
    "NotFound",
    "RateLimited",
    "ReauthenticationRequired",
    "Runtime",
    "ServiceError",
    "Unavailable",
    "ValidationFailed",
    "Way",
    "acting",
    "authenticated",
    "fresh",
    "runtime_of",
    "superuser",
    "transaction",
]
