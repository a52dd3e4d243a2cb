"""`latchkey worker` and `latchkey jobs`."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import typer
from rich.table import Column, Table

from models import Job
from service.console import EXIT_USAGE, Json, fail, features, loaded_settings, out, plain_errors, print_json, run
from service.core.sql.leases import DEAD, PENDING
from service.core.telemetry import metrics
from service.core.telemetry.logs import configure_logging, log_event
from service.core.telemetry.metrics_server import metrics_served
from service.runtime import Runtime, open_runtime
from service.settings import Settings
from service.work import worker

app = typer.Typer(help="Work that no request waits for: what waits, what failed for good.", no_args_is_help=True)


class State(StrEnum):
    """What a job may be: one that is done is gone, or waits for its next run."""

    pending = PENDING
    dead = DEAD


def work() -> None:
    """Send letters and do every other job, until SIGTERM. Any number of workers may run."""

    async def until_told() -> None:
        stop, loop = asyncio.Event(), asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        async with open_runtime(settings, features.get()) as runtime:
            await worker.run(runtime, stop)

    with plain_errors():
        settings = loaded_settings()
        configure_logging(settings)
        with _metrics(settings):
            asyncio.run(until_told())


@contextmanager
def _metrics(settings: Settings) -> Iterator[None]:
    """Publish the worker's numbers, if a port is set. A service on the same machine may have it: then without."""
    if not settings.METRICS_PORT:
        yield
        return
    served = metrics_served(settings.METRICS_HOST, settings.METRICS_PORT, lambda: metrics.page(metrics.REGISTRY))
    with ExitStack() as stack:
        try:
            stack.enter_context(served)
        except OSError as error:
            log_event("worker.without_metrics", logging.WARNING, reason=str(error))
        yield


@app.command("list")
def list_jobs(
    state: Annotated[State | None, typer.Option("--state", help="Only jobs in this state.")] = None,
    kind: Annotated[str | None, typer.Option("--kind", help="Only jobs of this kind.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help="How many at most.")] = 100,
    json: Json = False,
) -> None:
    """List jobs, those that are due first at the head. What they know is not shown. Letters: `latchkey mail list`."""

    async def flow(runtime: Runtime) -> list[Job]:
        return await runtime.jobs.listed(state.value if state else None, kind, limit)

    jobs = run(flow)
    if json:
        names = ("id", "kind", "state", "attempts", "created_at", "due_at", "every_seconds", "done_at", "last_error")
        print_json([{name: getattr(row, name) for name in names} for row in jobs])
        return
    kept_whole = (Column(name, no_wrap=True) for name in ("id", "kind"))
    table = Table(*kept_whole, "state", "attempts", "due", "last done", "last error")
    for row in jobs:
        due, done = (f"{moment:%Y-%m-%d %H:%M}" if moment else "" for moment in (row.due_at, row.done_at))
        table.add_row(str(row.id), row.kind, row.state, str(row.attempts), due, done, row.last_error)
    out.print(table)


@app.command()
def retry(
    job: Annotated[str | None, typer.Argument(help="A dead job's id.")] = None,
    all_dead: Annotated[bool, typer.Option("--all-dead", help="Every dead job.")] = False,
    json: Json = False,
) -> None:
    """Try jobs again that failed for good, from the first attempt on."""
    if (job is None) != all_dead:
        fail("Give either a job's id or --all-dead.", EXIT_USAGE)
    try:
        job_id = UUID(job) if job else None
    except ValueError:
        fail(f"{job} is not an id.", EXIT_USAGE)

    async def flow(runtime: Runtime) -> int:
        return await runtime.jobs.retry(job_id)

    count = run(flow)
    if json:
        print_json({"retried": count})
    elif job_id is not None and not count:
        fail("There is no such dead job.")
    else:
        out.print(f"{count} job{'' if count == 1 else 's'} will be tried again.")
