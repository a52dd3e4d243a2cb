"""What the stream of endings does, in numbers for Prometheus."""

from __future__ import annotations

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

from service.core.telemetry import metrics

followers: Final = Gauge(
    "latchkey_revocation_followers", "Open streams of endings, by client.", ["client"], multiprocess_mode="livesum",
    registry=metrics.REGISTRY,
)  # fmt: skip
told: Final = Counter(
    "latchkey_revocations_told", "What streams of endings were given to tell, by what it is about.", ["what"],
    registry=metrics.REGISTRY,
)  # fmt: skip
seconds: Final = Histogram(
    "latchkey_revocation_seconds", "From hearing of a change to telling of an end.",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0), registry=metrics.REGISTRY,
)  # fmt: skip

# There from the start, so that the first one shows as a change and not as a new series.
for _what in ("session", "user", "everything"):
    told.labels(_what)
