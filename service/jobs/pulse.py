"""Whether a worker is alive, and gets on with its queues: for probes of containers, and for Prometheus.

One for the process, as the metrics are. It is written by the worker's loop, and read by the thread that answers for it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from time import monotonic
from typing import Final

from service.core.telemetry import metrics

BEAT_SECONDS: Final = 1.0
STILL_SECONDS: Final = 30.0  # so long its loop may stand still
STUCK_SECONDS: Final = 600.0  # and so long a queue: longer than a batch of letters to a server that hangs


@dataclass(slots=True)
class Pulse:
    """When the loop last turned, when each queue last had a turn, and what is in the way of it."""

    beat_at: float | None = None
    turned_at: dict[str, float] = field(default_factory=dict)
    trouble: dict[str, str | None] = field(default_factory=dict)

    def beat(self) -> None:
        """Say that the loop turns."""
        self.beat_at = monotonic()

    def turned(self, queue: str) -> None:
        """Say that a queue has had a turn, whatever came of it."""
        self.turned_at[queue] = monotonic()
        metrics.worker_turned.labels(queue).set_to_current_time()

    def met(self, queue: str, trouble: str | None) -> None:
        """Say what is in the way of a queue: a name in the log; None if nothing is."""
        self.trouble[queue] = trouble
        metrics.worker_trouble.labels(queue).set(0 if trouble is None else 1)

    def report(self) -> tuple[bool, dict[str, object]]:
        """Return whether the worker is alive, and how its queues stand.

        A store or a mail server that is away is no reason to start it again: it goes on by itself.
        """
        now = monotonic()
        still = self.beat_at is None or now - self.beat_at > STILL_SECONDS
        ages = {queue: now - at for queue, at in list(self.turned_at.items())}
        queues = {
            queue: {"last_turn_seconds_ago": round(age, 1), "trouble": self.trouble.get(queue)}
            for queue, age in ages.items()
        }
        return not still and all(age <= STUCK_SECONDS for age in ages.values()), {"queues": queues}


PULSE: Final = Pulse()
