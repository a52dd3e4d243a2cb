"""Proofs of possession (DPoP), counted for Prometheus by what came of them."""

from __future__ import annotations

from typing import Final

from prometheus_client import Counter

from service.core.telemetry import metrics

_proofs: Final = Counter(
    "latchkey_dpop_proofs",
    "Proofs that clients have their keys (DPoP): what came of each, and why it was none.",
    ["what"],
    registry=metrics.REGISTRY,
)

for _what in (
    "offered", "nonce", "bound", "used", "refused_form", "refused_algorithm", "refused_key", "refused_signature",
    "refused_address", "refused_time", "refused_token", "refused_used", "refused_missing", "refused_another",
    "refused_bearer", "refused_unbound",
):  # fmt: skip
    _proofs.labels(_what)


def count(what: str) -> None:
    """Count one, under a name of the list above: nothing that a client writes is one."""
    _proofs.labels(what).inc()


def counted() -> dict[str, float]:
    """Return how often each has been, in this process."""
    return {
        sample.labels["what"]: sample.value
        for family in _proofs.collect()
        for sample in family.samples
        if sample.name.endswith("_total")
    }
