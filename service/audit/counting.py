"""What security events mean for the numbers: log-ins by result, sessions ended by way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from service.audit.catalogue.reasons import REASONS
from service.core.telemetry import metrics
from service.errors.end_reasons import EndReason
from service.runtime import Runtime
from service.stores.event_kinds import Event

# The first factors, by what `amr` calls them; a passkey is one only where there is no other. Beside another provider's
# word something else is only shown to link it.
_BEGAN_WITH: Final = {"fed": "fed", "pwd": "password", "mail": "mail", "hwk": "passkey", "swk": "passkey"}


def count(runtime: Runtime, event: Event, detail: Mapping[str, object]) -> None:
    """Count a security event that has happened."""
    if event.counts == "logins":
        if event.opens:
            runtime.tally.login("succeeded", _began_with(str(detail.get("methods", ""))))
        else:
            runtime.tally.login(str(detail.get("reason", "password")))
    elif event.counts == "sessions_revoked" and event.ends is not None:
        count_ended(event.ends.reason_of(detail), 1)


def count_ended(reason: EndReason, number: int) -> None:
    """Count sessions that were ended, by why."""
    metrics.sessions_revoked.labels(REASONS[reason].way).inc(number)


def _began_with(methods: str) -> str:
    """Return the first factor of a log-in, of a fixed set: a feature's own way is `other`."""
    shown = set(methods.split())
    return next((name for method, name in _BEGAN_WITH.items() if method in shown), "other")
