"""`python -m bench [PART…]`: measure the hot paths against their limits, and what else there is; or some parts of it.

Without a part all of them are measured, in about twelve minutes. Ends with 1 if any answer was wrong.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from bench import traffic
from bench.bound import bound
from bench.footprint import footprint
from bench.grounds import Grounds, Line, Options, grounds
from bench.lag import lag
from bench.limits import MOST_CONNECTIONS
from bench.million import million
from bench.paths import paths
from bench.stage import BenchFailed
from bench.written import machine, write
from tests.servers import ServerFailed
from tests.servers.binaries import BinaryMissing, running_on

QUICK = Options(seconds=0.5, rounds=1, users=5_000, million=50_000, events=50_000)
PATHS = "paths"
PARTS: Mapping[str, Callable[[Grounds], list[Line]]] = {
    "mixed": traffic.mixed,
    "beside": traffic.beside,
    "storm": traffic.storm,
    "bound": bound,
    "lag": lag,
    "footprint": footprint,
    "crowd": traffic.crowd,
    "million": million,
}


def main(
    parts: Annotated[list[str] | None, typer.Argument(help=f"{PATHS}, {', '.join(PARTS)}.  [default: all]")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="One short round of each, with less of everything.")] = False,
    seconds: Annotated[float | None, typer.Option(min=0.05, help="Length of a round.  [default: 2.5]")] = None,
    rounds: Annotated[int | None, typer.Option(min=1, help="Rounds of each workload.  [default: 3]")] = None,
    connections: Annotated[
        int, typer.Option(min=1, max=MOST_CONNECTIONS, help="Clients, each with a connection.")
    ] = 32,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Worker processes of every server, on the paths.")] = 1,
    users: Annotated[int | None, typer.Option(min=50, help="Users of the crowd.  [default: 200000]")] = None,
    many: Annotated[int | None, typer.Option(min=50, help="Users of the lists.  [default: 1000000]")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Also write the figures to this file.")] = None,
    logs: Annotated[Path | None, typer.Option(help="Keep the servers' logs in this directory.")] = None,
    into_docs: Annotated[bool, typer.Option("--write", help="Write table and chart into docs/benchmarks.md.")] = False,
) -> None:
    """Measure the service on this machine."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that everything started is ended
    usual = QUICK if quick else Options()
    wanted = parts or [PATHS, *PARTS]
    if unknown := set(wanted) - {PATHS, *PARTS}:
        raise typer.BadParameter(f"there is no {', '.join(sorted(unknown))}")
    options = Options(
        seconds=seconds or usual.seconds, rounds=rounds or usual.rounds, connections=connections,
        users=users or usual.users, million=many or usual.million,
        events=min(20 * many, usual.events) if many else usual.events, logs=logs,
    )  # fmt: skip
    console = Console()
    lines: list[Line] = []
    told: dict[str, Any] = {}
    try:
        if PATHS in wanted:
            found, told = paths(options, workers, console)
            lines += found
        others = [part for part in wanted if part != PATHS]
        with ExitStack() as stack:
            ground = stack.enter_context(grounds(options)) if others else None
            for part in others:
                assert ground is not None
                with console.status(part):
                    found = PARTS[part](ground)
                _show(console, found)
                lines += found
                told[part] = {line.what: line.value for line in found}
    except (BenchFailed, ServerFailed, BinaryMissing) as error:
        console.print(str(error), style="red", markup=False)
        raise typer.Exit(1) from None
    if json_file:
        json_file.write_text(json.dumps(told, indent=2) + "\n")
    if into_docs:
        write(lines, machine(running_on()))
    if missed := [line for line in lines if line.wanted == "0" and line.value]:
        console.print(*[f"{line.what}: {line.shown}" for line in missed], sep="\n", style="red", markup=False)
        raise typer.Exit(1)


def _show(console: Console, found: list[Line]) -> None:
    for line in found:
        wanted = f"  (is to be {line.wanted})" if line.wanted else ""
        console.print(f"{line.what}: {line.shown}{wanted}", markup=False, highlight=False)


if __name__ == "__main__":
    os.environ.setdefault("COLUMNS", "120")
    typer.run(main)
