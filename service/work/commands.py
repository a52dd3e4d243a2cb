"""`latchkey worker` and `latchkey jobs`."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from enum import StrEnum
from functools import partial
from typing import Annotated
from uuid import UUID

import typer

from models import Job
from service.console import (
    EXIT_USAGE,
    Json,
    fail,
    features,
    loaded_settings,
    nothing_matched,
    out,
    plain_errors,
    print_json,
    print_table,
    run,
)
from service.core.process import beginning
from service.core.process.ticking import Work as Task
from service.core.process.ticking import ticking
from service.core.sql.leases import DEAD, PENDING
from service.core.telemetry import metrics
from service.core.telemetry.logs import configure_logging, log_event
from service.core.telemetry.metrics_server import metrics_served
from service.core.telemetry.processes import WORKER
from service.core.text.moments import written
from service.feature import Feature
from service.jobs.pulse import PULSE
from service.runtime import Runtime, demand_secret, open_runtime
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
        for number in beginning.heeded():
            loop.add_signal_handler(number, stop.set)
        async with open_runtime(settings, features.get()) as runtime:
            await demand_secret(runtime, serves=False)  # else it would give up every letter that it can't open
            async with asyncio.TaskGroup() as group:
                for seconds, task in _beside(runtime):
                    group.create_task(ticking(stop, seconds, task))
                await worker.run(runtime, stop)
        beginning.hold()

    with plain_errors():
        settings = loaded_settings()
        configure_logging(settings)
        with _metrics(settings):
            asyncio.run(until_told())


def _beside(runtime: Runtime) -> Iterator[tuple[float, Task]]:
    """Yield what a worker does for its numbers, each so many seconds."""
    if not runtime.settings.METRICS_PORT:
        return
    for feature in runtime.features:
        if isinstance(feature, Feature):
            yield from ((one.seconds, partial(one.work, runtime)) for one in feature.background if one.workers)


@contextmanager
def _metrics(settings: Settings) -> Iterator[None]:
    """Publish the worker's numbers and its health, if a port is set.

    A service on the same machine may have it: then without.
    """
    if not settings.METRICS_PORT:
        yield
        return
    metrics.call_this_process(WORKER)
    page = partial(metrics.page, metrics.REGISTRY)
    served = metrics_served(settings.METRICS_HOST, settings.METRICS_PORT, page, PULSE.report)
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
    print_table(
        ("id", "kind", "state", "attempts", "due", "last done", "last error"),
        [
            (
                str(row.id),
                row.kind,
                row.state,
                str(row.attempts),
                *(written(moment) if moment else "" for moment in (row.due_at, row.done_at)),
                row.last_error or "",
            )
            for row in jobs
        ],
    )


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

    async def flow(runtime: Runtime) -> tuple[int, list[Job]]:
        count = await runtime.jobs.retry(job_id)
        return count, [] if job_id is not None and count else await runtime.jobs.unreadable()

    count, sealed = run(flow)
    sealed = [row for row in sealed if row.state == DEAD and job_id in (None, row.id)]
    if json:
        print_json({"retried": count, "sealed": len(sealed)})
    elif count:
        out.print(f"{count} job{'' if count == 1 else 's'} will be tried again.")
    if sealed:
        fail(
            f"{len(sealed)} job{'' if len(sealed) == 1 else 's'} can't be done: sealed under a SECRET_KEY that isn't "
            "given any more. With that one beside the new one (SECRET_KEY=new,old), `latchkey keys reseal` saves it."
        )
    if not count:
        nothing_matched("There is no such dead job." if job_id is not None else "There is no dead job.")
