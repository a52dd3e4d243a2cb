"""The figures of a run, as a table and as JSON."""

from __future__ import annotations

import os
import platform
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from bench.machine import DISTURBED_CORES
from bench.rounds import Workload
from bench.stage import Stage

# What is compared with what: a ratio travels between machines, a rate doesn't.
RATIOS = (
    ("me", "constant"),
    ("me", "redis-get"),
    ("me", "postgres-read"),
    ("refresh", "redis-get"),
    ("refresh", "postgres-read"),
    ("login", "argon2"),
)
BUSY = 0.85  # of a core
SHOWN_FAILURES = 3


class Report:
    """What was measured."""

    def __init__(self, stage: Stage, found: list[Workload], options: dict[str, int | float]) -> None:
        self._found = {workload.name: workload for workload in found}
        self._options = options
        self._workers = options["workers"]
        self._versions = stage.versions
        self._cores = os.cpu_count() or 1

    @property
    def failed(self) -> bool:
        """Whether any answer was not what it should be."""
        return any(workload.failures for workload in self._found.values())

    @property
    def ratios(self) -> dict[str, float]:
        """The rates, each divided by its limit's of the same run."""
        return {
            f"{name} / {limit}": self._found[name].rate / self._found[limit].rate
            for name, limit in RATIOS
            if self._found[limit].rate
        }

    @property
    def ratios_by_time(self) -> dict[str, float]:
        """The same by the server's processor time for a request, which a busy machine distorts less."""
        return {
            f"{name} / {limit}": self._found[limit].microseconds("server") / self._found[name].microseconds("server")
            for name, limit in RATIOS
            if self._found[name].microseconds("server")
        }

    @property
    def generator_limit(self) -> float:
        """How many requests a second the generator could send if it had a core to itself and a server fast enough."""
        return 1e6 / max(1.0, self._found["constant"].microseconds("generator"))

    def limited_by(self, workload: Workload) -> str:
        """Say what kept a workload from being faster, as far as the processors tell."""
        taken = {name: workload.cores(name) for name in ("server", "postgres", "redis", "generator", "others")}
        if taken["generator"] >= BUSY:
            return "the generator"
        if sum(taken.values()) >= BUSY * self._cores:
            return "other processes" if taken["others"] > DISTURBED_CORES else "all cores"
        if taken["server"] >= BUSY * self._workers:
            return "the server"
        return "waiting"

    def json(self) -> dict[str, Any]:
        """Return everything, for machines to read."""
        return {
            "machine": {
                "cores": self._cores,
                "system": platform.system(),
                "python": platform.python_version(),
                **self._versions,
            },
            "options": self._options,
            "ratios": {name: round(ratio, 4) for name, ratio in self.ratios.items()},
            "ratios_by_server_time": {name: round(ratio, 4) for name, ratio in self.ratios_by_time.items()},
            "generator_limit_per_second": round(self.generator_limit),
            "workloads": {name: self._workload(workload) for name, workload in self._found.items()},
        }

    def _workload(self, workload: Workload) -> dict[str, Any]:
        return {
            "title": workload.title,
            "requests": sum(found.outcome.answers for found in workload.rounds),
            "failures": len(workload.failures),
            "requests_per_second": round(workload.rate, 1),
            "p50_ms": round(workload.median(lambda found: found.outcome.p50_ms), 3),
            "p99_ms": round(workload.median(lambda found: found.outcome.p99_ms), 3),
            "limited_by": self.limited_by(workload),
            "cores": {name: round(workload.cores(name), 3) for name in workload.rounds[0].usage.cores},
            "microseconds_per_request": {
                name: round(workload.microseconds(name), 1) for name in ("server", "postgres", "redis", "generator")
            },
            "disturbed_rounds": workload.disturbed,
            "rounds": [
                {
                    "requests_per_second": round(found.outcome.completed / found.outcome.seconds, 1),
                    "p50_ms": round(found.outcome.p50_ms, 3),
                    "p99_ms": round(found.outcome.p99_ms, 3),
                    "others_cores": round(found.usage.cores["others"], 3),
                    "disturbed": found.usage.disturbed,
                }
                for found in workload.rounds
            ],
        }

    def show(self, console: Console) -> None:
        """Print the tables."""
        for table in (self._rates(), self._processors(), self._ratios()):
            console.print(table)
        share = max(workload.cores("generator") for workload in self._found.values())
        console.print(
            f"The load generator, in Python, is good for about {self.generator_limit:,.0f} requests/s on a core of its "
            f"own (measured against the constant answer); it never took more than {share:.2f} of a core here."
        )
        if disturbed := sum(workload.disturbed for workload in self._found.values()):
            console.print(
                f"[yellow]{disturbed} rounds were disturbed: other processes took more than {DISTURBED_CORES} of a "
                "core. They count only where a workload has no undisturbed one.[/]"
            )
        for workload in self._found.values():
            for failure in workload.failures[:SHOWN_FAILURES]:
                console.print(f"{workload.name}: {failure}", style="red", markup=False)
            if workload.failures:
                console.print(f"[red]{workload.name}: {len(workload.failures)} failures[/]")

    def _rates(self) -> Table:
        table = _table(
            f"{self._options['connections']} connections, workers: {self._workers}",
            ("", "requests/s", "p50 ms", "p99 ms", "server µs", "gen. µs", "disturbed"),
        )
        for workload in self._found.values():
            table.add_row(
                workload.name,
                f"{workload.rate:,.0f}",
                f"{workload.median(lambda found: found.outcome.p50_ms):.1f}",
                f"{workload.median(lambda found: found.outcome.p99_ms):.1f}",
                f"{workload.microseconds('server'):,.0f}",
                f"{workload.microseconds('generator'):,.0f}",
                f"{workload.disturbed} of {len(workload.rounds)}",
            )
        return table

    def _processors(self) -> Table:
        table = _table(
            "Busy cores",
            ("", "server", "stores", "generator", "others", "limited by"),
        )
        for workload in self._found.values():
            table.add_row(
                workload.name,
                f"{workload.cores('server'):.2f}",
                f"{workload.cores('postgres') + workload.cores('redis'):.2f}",
                f"{workload.cores('generator'):.2f}",
                f"{workload.cores('others'):.2f}",
                self.limited_by(workload),
            )
        return table

    def _ratios(self) -> Table:
        table = _table("Compared with the limits, in this run", ("", "by requests/s", "by server µs"))
        by_time = self.ratios_by_time
        for name, ratio in self.ratios.items():
            table.add_row(name, f"{ratio:.2f}", f"{by_time[name]:.2f}" if name in by_time else "")
        return table


def _table(title: str, headings: tuple[str, ...]) -> Table:
    table = Table(title=title, title_justify="left", box=box.SIMPLE, show_edge=False, pad_edge=False)
    for number, heading in enumerate(headings):
        table.add_column(heading, justify="right" if number else "left", no_wrap=True)
    return table
