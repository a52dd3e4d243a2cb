"""`python -m bench`: measure the hot paths against their limits; ends with 1 if any answer was wrong."""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bench.limits import MOST_CONNECTIONS
from bench.report import Report
from bench.rounds import measure, workloads
from bench.stage import BenchFailed, stage
from tests.servers import ServerFailed
from tests.servers.binaries import BinaryMissing

QUICK_SECONDS, QUICK_ROUNDS = 0.5, 1


def main(
    quick: Annotated[bool, typer.Option("--quick", help="One round of half a second each.")] = False,
    seconds: Annotated[float | None, typer.Option(min=0.05, help="Length of a round.  [default: 2.5]")] = None,
    rounds: Annotated[int | None, typer.Option(min=1, help="Rounds of each workload.  [default: 3]")] = None,
    connections: Annotated[
        int, typer.Option(min=1, max=MOST_CONNECTIONS, help="Clients, each with a connection.")
    ] = 32,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Worker processes of every server.")] = 1,
    json_file: Annotated[Path | None, typer.Option("--json", help="Also write the figures to this file.")] = None,
    logs: Annotated[Path | None, typer.Option(help="Keep the servers' logs in this directory.")] = None,
) -> None:
    """Measure the hot paths of the service against their limits on this machine."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that everything started is ended
    seconds = seconds or (QUICK_SECONDS if quick else 2.5)
    rounds = rounds or (QUICK_ROUNDS if quick else 3)
    console = Console()
    try:
        with (
            console.status("starting PostgreSQL, Redis and the servers") as status,
            stage(connections=connections, workers=workers, logs=logs) as running,
        ):
            found = workloads(running, connections)
            for what in measure(running, found, seconds=seconds, rounds=rounds):
                status.update(what)
    except (BenchFailed, ServerFailed, BinaryMissing) as error:
        console.print(str(error), style="red", markup=False)
        raise typer.Exit(1) from None
    options = {"connections": connections, "workers": workers, "seconds": seconds, "rounds": rounds}
    report = Report(running, found, options)
    report.show(console)
    if json_file:
        json_file.write_text(json.dumps(report.json(), indent=2) + "\n")
    if report.failed:
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
