"""What security events mean for the numbers: log-ins by result, sessions ended by way."""

from __future__ import annotations

from collections.abc import Mapping

from service.audit.catalogue.reasons import REASONS
from service.core.telemetry import metrics
from service.errors.end_reasons import EndReason
from service.runtime import Runtime
from service.stores.event_kinds import Event


def count(runtime: Runtime, event: Event, detail: Mapping[str, object]) -> None:
    """Count a security event that has happened."""
    if event.counts == "logins":
        runtime.tally.login("succeeded" if event.opens else str(detail.get("reason", "password")))
    elif event.counts == "sessions_revoked" and event.ends is not None:
        count_ended(event.ends.reason_of(detail), 1)


def count_ended(reason: EndReason, number: int) -> None:
    """Count sessions that were ended, by why."""
    metrics.sessions_revoked.labels(REASONS[reason].way).inc(number)
