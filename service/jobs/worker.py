"""How a worker does jobs: a few at a time, each within limits, and none in the way of all others."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path
from time import perf_counter
from typing import Final

from service.core.telemetry import metrics
from service.core.telemetry.logs import log_event
from service.errors import Unavailable
from service.jobs import polling
from service.jobs.kinds import HANDS, Again, Kind, Turn
from service.jobs.polling import Queue, Trouble, marked
from service.jobs.pulse import PULSE
from service.runtime import Runtime
from service.stores.job_queue import LEASE, HeldJob

QUEUE: Final = "jobs"
TURN_SECONDS = 5.0  # then a job makes room for those behind it, if it can
LIMIT_SECONDS = 20.0  # then it is cut off, and has failed: its lease is not over yet
SCHEDULE_SECONDS = 60.0  # between two looks at whether every repeated job is there
PATIENCE_SECONDS = 10.0  # for jobs in hand when a worker is told to stop

_OURS: Final = str(Path(__file__).parents[1])  # where an installed service may be among the libraries
_Hands = dict["asyncio.Task[None]", Kind]


class JobWorker:
    """Does jobs of the kinds that it is given; those of kinds that it doesn't know it leaves to other versions."""

    def __init__(self, kinds: Sequence[Kind], *, patience: float = PATIENCE_SECONDS) -> None:
        self._kinds: Final = {kind.name: kind for kind in kinds}
        self._patience = patience
        self._scheduled_at: float | None = None

    def queue(self) -> Queue:
        """Return the jobs as a worker looks for them."""
        return Queue(QUEUE, self.work_off, _trouble)

    async def work_off(self, runtime: Runtime, stop: asyncio.Event) -> None:
        """Do what is due, until nothing is; when `stop` is set, what is in hand is given back or finished.

        Raises `Unavailable` when the database is away.
        """
        hands: _Hands = {}
        stopping = asyncio.create_task(stop.wait())
        try:
            while not stop.is_set():
                PULSE.turned(QUEUE)
                await self._keep_schedule(runtime)
                await self._take_in_hand(runtime, stop, hands)
                if not hands:
                    return
                waited_for = [*hands, stopping]
                await asyncio.wait(waited_for, timeout=polling.POLL_SECONDS, return_when=asyncio.FIRST_COMPLETED)
                for task in [task for task in hands if task.done()]:
                    del hands[task]
        finally:
            stopping.cancel()
            await self._put_down(hands, self._patience if stop.is_set() else LIMIT_SECONDS)

    async def _keep_schedule(self, runtime: Runtime) -> None:
        now = asyncio.get_running_loop().time()
        if self._scheduled_at is None or now >= self._scheduled_at + SCHEDULE_SECONDS:
            every = {kind.name: kind.schedule.every for kind in self._kinds.values() if kind.schedule}
            await runtime.jobs.schedule(every)
            self._scheduled_at = now

    async def _take_in_hand(self, runtime: Runtime, stop: asyncio.Event, hands: _Hands) -> None:
        """Take one job after the other while there are hands, of the kinds that haven't got theirs yet."""
        while len(hands) < HANDS:
            busy = Counter(kind.name for kind in hands.values())
            open_to = [kind.name for kind in self._kinds.values() if busy[kind.name] < kind.at_once]
            taken = await runtime.jobs.take(open_to, 1)
            if not taken:
                return
            for job in taken:
                kind = self._kinds[job.kind]
                hands[asyncio.create_task(_do(runtime, kind, job, stop))] = kind

    async def _put_down(self, hands: _Hands, seconds: float) -> None:
        if not hands:
            return
        try:
            await asyncio.wait(hands, timeout=seconds)
        finally:  # also when this very wait is cut off: none is left running on its own
            for task in hands:
                task.cancel()
            await asyncio.gather(*hands, return_exceptions=True)


async def _do(runtime: Runtime, kind: Kind, job: HeldJob, stop: asyncio.Event) -> None:
    """Do one job, and mark what became of it. Raises nothing, unless it is cut off."""
    began = perf_counter()
    turn = Turn(job.payload, lambda: stop.is_set() or perf_counter() - began >= TURN_SECONDS)
    try:
        async with asyncio.timeout(LIMIT_SECONDS):
            again = await kind.work(runtime, turn)
    except asyncio.CancelledError:
        with suppress(Unavailable):
            await runtime.jobs.release(job)
        raise
    except Exception as error:  # noqa: BLE001 - a job that fails must not stop those behind it
        await _mark_failed(runtime, kind, job, stop, error)
    else:
        await _mark(runtime, kind, job, stop, again)
    metrics.job_seconds.labels(kind.name).observe(perf_counter() - began)


async def _mark(runtime: Runtime, kind: Kind, job: HeldJob, stop: asyncio.Event, again: Again | None) -> None:
    async def mark() -> None:
        if again is not None:
            await runtime.jobs.release(job, again.after)
        else:
            await runtime.jobs.done(job, kind.schedule.next_after(runtime.clock.now()) if kind.schedule else None)

    if await _marked(mark, kind, job, stop) and again is None:
        metrics.jobs.labels(kind.name, "done").inc()
        log_event("job.done", kind=kind.name, job_id=job.id)


async def _mark_failed(runtime: Runtime, kind: Kind, job: HeldJob, stop: asyncio.Event, error: Exception) -> None:
    """Note the failure by the error's class and place: what it says may say what the job knows."""
    final, cause = job.attempt >= kind.attempts, type(error).__name__
    next_at = kind.schedule.next_after(runtime.clock.now()) if kind.schedule else None

    async def mark() -> None:
        await runtime.jobs.failed(job, cause, final=final, next_at=next_at)

    if await _marked(mark, kind, job, stop):
        metrics.jobs.labels(kind.name, "dead" if final else "failed").inc()
    log_event(
        "job.dead" if final else "job.failed",
        logging.ERROR if final else logging.WARNING,
        kind=kind.name,
        job_id=job.id,
        attempt=job.attempt,
        cause=cause,
        where=_where(error),
    )


async def _marked(mark: Callable[[], Awaitable[None]], kind: Kind, job: HeldJob, stop: asyncio.Event) -> bool:
    try:
        await marked(mark, stop, LEASE.total_seconds())
    except Unavailable as error:
        # Once its lease is over it is done again.
        log_event("job.not_marked", logging.WARNING, kind=kind.name, job_id=job.id, what=error.what)
        return False
    return True


def _where(error: Exception) -> str:
    """Return the last place that is no library's, and that the error came through: `service/accounts/traces.py:120`."""
    frames = traceback.extract_tb(error.__traceback__)
    place = [frame for frame in frames if frame.filename.startswith(_OURS) or "site-packages" not in frame.filename][-1]
    return f"{'/'.join(Path(place.filename).parts[-3:])}:{place.lineno}"


def _trouble(error: Exception) -> Trouble | None:
    return Trouble("jobs.database_away", {"what": error.what}) if isinstance(error, Unavailable) else None
