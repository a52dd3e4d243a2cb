"""Many workers, and workers that die: each job once, and none lost."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

import pytest

from models import Job
from service.core.clock import Clock
from service.errors import Unavailable
from service.jobs import polling
from service.jobs.kinds import Again, Kind, Turn
from service.jobs.worker import JobWorker
from service.runtime import Runtime
from service.stores.job_queue import LEASE
from tests.jobs.conftest import Bench, only
from tests.support.process import ROOT, environment
from tests.support.stores import Stores
from tests.support.work import work_off

T = TypeVar("T")

# A worker in a process of its own, which is killed between the work and its mark.
DYING = """
import asyncio, os, signal
from service.jobs.worker import JobWorker
from service.jobs.kinds import Kind
from service.runtime import open_runtime
from service.settings import load_settings

async def work(runtime, turn):
    await runtime.jobs.add("trace", once="trace")
    os.kill(os.getpid(), signal.SIGKILL)

async def main():
    async with open_runtime(load_settings(_env_file=None), ()) as runtime:
        await JobWorker([Kind("work", work)]).work_off(runtime, asyncio.Event())

asyncio.run(main())
"""


async def eventually(ask: Callable[[], Awaitable[T]]) -> T:
    """Ask until there is an answer: on a busy machine there may be no connection within its time."""
    async with asyncio.timeout(30):
        while True:
            with suppress(Unavailable):
                return await ask()


async def test_four_workers(runtime: Runtime, bench: Bench) -> None:
    """Race: 200 jobs and four workers: each is done exactly once."""
    for number in range(200):
        await runtime.jobs.add("work", name=str(number))

    async def worker() -> None:
        """As `polling` does: a busy machine may keep a worker waiting too long for a connection, which it outlives."""
        while await eventually(Job.exists):
            with suppress(Unavailable):
                await work_off(runtime, bench.kinds())

    await asyncio.gather(*(worker() for _ in range(4)))
    assert len(bench.done) == 200
    assert set(bench.done.values()) == {1}
    assert not await Job.exists()


async def test_takes_at_once(runtime: Runtime) -> None:
    """Race: of twenty who take the same three jobs three get one each."""
    for number in range(3):
        await runtime.jobs.add("work", name=str(number))
    taken = await asyncio.gather(*(eventually(lambda: runtime.jobs.take(["work"], 1)) for _ in range(20)))
    assert sorted(job.payload["name"] for jobs in taken for job in jobs) == ["0", "1", "2"]


async def test_killed_between_work_and_mark(stores: Stores, runtime: Runtime, clock: Clock, bench: Bench) -> None:
    """SIGKILL there: nobody else takes the job while the lease lasts, then it is done again, and only then gone."""
    await runtime.jobs.add("work", name="x")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", DYING, env=environment(**stores.environment()), cwd=ROOT
    )
    assert await process.wait() == -signal.SIGKILL
    assert await Job.exists(kind="trace"), "it had done its work"
    await work_off(runtime, bench.kinds())
    assert bench.done == {}
    clock.advance(LEASE.total_seconds() + 1)
    await work_off(runtime, bench.kinds())
    assert bench.done == {"x": 1}
    assert (await only()).kind == "trace"


@pytest.mark.real_only
async def test_the_database_dies_in_the_middle(
    stores: Stores, runtime: Runtime, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R73: PostgreSQL is killed while a job is in hand: it is marked, or put off, when the server is back."""
    monkeypatch.setattr(polling, "POLL_SECONDS", 0.05)
    postgres = stores.postgres
    assert postgres is not None
    await runtime.jobs.add("hang", name="done meanwhile")
    await runtime.jobs.add("asks", name="asks the database")

    async def ask(runtime: Runtime, turn: Turn) -> Again | None:
        bench.note(turn)
        await bench.gate.wait()
        await Job.exists()
        return None

    stop = asyncio.Event()
    worker = asyncio.create_task(polling.polling(runtime, JobWorker((*bench.kinds(), Kind("asks", ask))).queue(), stop))
    while len(bench.done) < 2:
        await bench.begun.wait()
        await asyncio.sleep(0.01)
    await asyncio.to_thread(postgres.kill)
    bench.gate.set()
    await asyncio.sleep(0.3)
    await asyncio.to_thread(postgres.start_again)

    async def row() -> Job | None:
        while True:
            try:
                if not await Job.exists(kind="hang"):
                    return await Job.get_or_none(kind="asks")
            except Unavailable:
                pass
            await asyncio.sleep(0.05)

    async with asyncio.timeout(30):
        left = await row()
        while left is not None and left.last_error is None:
            left = await row()
    stop.set()
    await worker
    assert bench.done == {"done meanwhile": 1, "asks the database": 1}
    assert left is not None
    assert (left.state, left.attempts, left.last_error) == ("pending", 1, "Unavailable")
