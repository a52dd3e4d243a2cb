"""Part: the hot paths against their limits on this machine, in interleaved rounds."""

from __future__ import annotations

from typing import Any

from rich.console import Console

from bench.grounds import Line, Options
from bench.report import Report
from bench.rounds import measure, workloads
from bench.stage import BenchFailed, stage

WANTED = {
    "me / constant": "0.35", "refresh / redis-get": "0.30", "login / argon2": "0.90",
}  # fmt: skip


def paths(options: Options, workers: int, console: Console) -> tuple[list[Line], dict[str, Any]]:
    """Measure, show the tables; return the figures, and all there is for machines."""
    with (
        console.status("starting PostgreSQL, Redis and the servers") as status,
        stage(connections=options.connections, workers=workers, logs=options.logs) as running,
    ):
        found = workloads(running, options.connections)
        for what in measure(running, found, seconds=options.seconds, rounds=options.rounds):
            status.update(what)
    given: dict[str, int | float] = {
        "connections": options.connections, "workers": workers, "seconds": options.seconds, "rounds": options.rounds,
    }  # fmt: skip
    report = Report(running, found, given)
    report.show(console)
    if report.failed:
        raise BenchFailed("some answers were wrong")
    lines = [Line(one.title, one.rate, "requests/s") for one in found]
    lines += [Line(name, ratio, "", WANTED.get(name, "")) for name, ratio in report.ratios.items()]
    return lines, report.json()
