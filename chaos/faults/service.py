"""What happens to the service itself: a worker is killed or frozen, instances are restarted one after the other."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from chaos.faults.fault import SINGLE, Fault
from chaos.instances import kill
from chaos.scene import Scene
from service.core.process.workers import FROZEN_SECONDS, SILENT_TURNS
from tests.servers import ServerFailed

BACK_SECONDS = 5.0  # so long may calls wait that a frozen worker has, and no call of others
EVERY_SECONDS = 5.0


@asynccontextmanager
async def worker_killed(scene: Scene) -> AsyncIterator[None]:
    """SIGKILL to one of the four workers; its instance has another before this ends."""
    instance = scene.instances[0]
    kill(instance.workers()[0])
    yield
    await instance.ready()


@asynccontextmanager
async def workers_killed(scene: Scene) -> AsyncIterator[None]:
    """SIGKILL to a worker every 5 s, in turn of both instances."""

    async def killing() -> None:
        turn = 0
        while True:
            workers = scene.instances[turn % len(scene.instances)].workers()
            if workers:
                kill(workers[0])
            turn += 1
            await asyncio.sleep(EVERY_SECONDS)

    task = asyncio.create_task(killing())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        for instance in scene.instances:
            await instance.ready()


@asynccontextmanager
async def worker_frozen(scene: Scene) -> AsyncIterator[None]:
    """SIGSTOP to one of the four workers, and SIGCONT."""
    worker = scene.instances[0].workers()[0]
    kill(worker, signal.SIGSTOP)
    try:
        yield
    finally:
        kill(worker, signal.SIGCONT)


@asynccontextmanager
async def worker_frozen_for_good(scene: Scene) -> AsyncIterator[None]:
    """SIGSTOP to one of the four workers; its supervisor has another before this ends."""
    instance = scene.instances[0]
    worker = instance.workers()[0]
    kill(worker, signal.SIGSTOP)
    while worker.pid in {one.pid for one in instance.workers()}:  # noqa: ASYNC110 - another process ends it
        await asyncio.sleep(0.1)
    yield
    await instance.ready()


@asynccontextmanager
async def restarted(scene: Scene) -> AsyncIterator[None]:
    """One instance after the other is ended by SIGTERM under load and started again."""
    codes = []
    for instance in scene.instances:
        codes.append(await instance.stop())
        instance.start()
        await instance.ready()
        while instance.port not in scene.balancer.turns.ready:  # noqa: ASYNC110 - the balancer's next look
            await asyncio.sleep(0.05)
    if any(codes):
        raise ServerFailed(f"instances ended with {codes} when they were asked to")
    yield


@asynccontextmanager
async def letters_killed(scene: Scene) -> AsyncIterator[None]:
    """SIGKILL to the worker that sends the letters, and another one."""
    for process in scene.worker.processes():
        kill(process)
    yield
    await scene.worker.stop()
    scene.worker.start()


FAULTS = (
    Fault(
        "a worker killed (SIGKILL)", "service", worker_killed, 0.5, SINGLE, SINGLE, cuts=True, felt=False,
    ),
    Fault(
        "a worker killed every 5 s, for two minutes", "service", workers_killed, 120.0, SINGLE, cuts=True, felt=False,
    ),
    Fault(
        "a worker frozen (SIGSTOP) for 3 s", "service", worker_frozen, 3.0, SINGLE, felt=False,
        seconds_allowed=BACK_SECONDS,
    ),
    Fault(
        "a worker frozen (SIGSTOP) for good", "service", worker_frozen_for_good, 0.5, SINGLE, cuts=True, felt=False,
        seconds_allowed=FROZEN_SECONDS + SILENT_TURNS,
    ),
    Fault("both instances restarted (SIGTERM), in turn", "service", restarted, 0.5, SINGLE, SINGLE, felt=False),
    Fault("the worker of letters killed and replaced", "service", letters_killed, 1.0, SINGLE, felt=False),
)  # fmt: skip
