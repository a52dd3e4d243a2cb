"""Everything that a worker does: letters, and jobs of every kind that a feature brings."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext, suppress
from functools import partial
from typing import Final

from service.audit import late
from service.core.process.ticking import ticking
from service.core.telemetry.logs import log_event
from service.jobs.kinds import kinds_of
from service.jobs.polling import polling, rest
from service.jobs.pulse import BEAT_SECONDS, PULSE
from service.jobs.worker import PATIENCE_SECONDS, JobWorker
from service.runtime import Runtime
from service.work.letters import LETTERS
from service.work.settings import WorkSettings

STOP_SECONDS = 2.0  # for what is in hand when the serving process stops: it has used up most of its 15 s
_GIVE_BACK_SECONDS: Final = 1.0  # of these, for jobs to end by themselves


async def run(runtime: Runtime, stop: asyncio.Event, *, patience: float = PATIENCE_SECONDS) -> None:
    """Do what no request waits for, until `stop` is set; then finish the letter in hand, and give the jobs back.

    Outlives every outage.
    """
    log_event("worker.started")
    async with asyncio.TaskGroup() as group:
        group.create_task(_beating(stop))
        for queue in (LETTERS, JobWorker(kinds_of(runtime), patience=patience).queue()):
            group.create_task(polling(runtime, queue, stop))
        group.create_task(ticking(stop, late.SECONDS, partial(late.store_later, runtime)))


async def _beating(stop: asyncio.Event) -> None:
    while not stop.is_set():
        PULSE.beat()
        await rest(stop, BEAT_SECONDS)


@asynccontextmanager
async def working_beside(runtime: Runtime) -> AsyncIterator[None]:
    """Work beside whatever the block does. At its end what is in hand gets two seconds."""
    stop = asyncio.Event()
    task = asyncio.create_task(run(runtime, stop, patience=_GIVE_BACK_SECONDS))
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait({task}, timeout=STOP_SECONDS)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def alongside(runtime: Runtime) -> AbstractAsyncContextManager[None]:
    """Return `working_beside` where the serving process is a worker, too."""
    chosen = runtime.settings.of(WorkSettings).RUN_WORKER
    works = chosen == "yes" or (chosen == "auto" and not runtime.settings.production)
    return working_beside(runtime) if works else nullcontext()
