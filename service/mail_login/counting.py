"""The number of log-ins by mail, for Prometheus."""

from __future__ import annotations

from typing import Final, Literal

from prometheus_client import Counter

from service.core.telemetry import metrics

Step = Literal["asked", "code", "link", "wrong_code"]

_steps: Final = Counter(
    "latchkey_mail_logins", "Log-ins by mail: asked for, let in, refused.", ["step"], registry=metrics.REGISTRY
)
for _step in ("asked", "code", "link", "wrong_code"):
    _steps.labels(_step)


def count(step: Step) -> None:
    """Count a letter that was asked for, a code or a link that was right, or a wrong code."""
    _steps.labels(step).inc()
