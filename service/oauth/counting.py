"""Introspections, counted for Prometheus."""

from __future__ import annotations

from typing import Final, Literal

from prometheus_client import Counter

from service.core.telemetry import metrics

Outcome = Literal["active", "inactive", "refused"]

_introspections: Final = Counter(
    "latchkey_introspections",
    "Introspections by the client that asked: of a token that is good, of one that isn't, refused by its budget.",
    ["client", "outcome"],
    registry=metrics.REGISTRY,
)


def count(client: str, outcome: Outcome) -> None:
    """Count a call of a client's, by its name: there are as many of these as somebody has made by hand."""
    _introspections.labels(client, outcome).inc()
