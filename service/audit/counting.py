"""What security events mean for the numbers: log-ins by result, sessions ended by way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from service.core.telemetry import metrics
from service.runtime import Runtime

# Events that tell of exactly one session's end; where all of a user's end, `directory.endings` counts them.
_ENDED_ONE: Final = {
    "session.logged_out": "logout",
    "session.ended": "one",
    "session.replaced": "replaced",
    "session.displaced": "limit",
    "session.vanished": "vanished",
    "session.token_reused": "reused",
}


def count(runtime: Runtime, event: str, detail: Mapping[str, object]) -> None:
    """Count a security event that has happened."""
    if event == "login.succeeded":
        runtime.tally.login("succeeded")
    elif event == "login.failed":
        runtime.tally.login(str(detail.get("reason", "password")))
    elif way := _ENDED_ONE.get(event):
        metrics.sessions_revoked.labels(way).inc()
