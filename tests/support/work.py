"""What a worker does, done by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from service.jobs.kinds import Kind, Turn
from service.jobs.worker import JobWorker
from service.runtime import Runtime
from tests.support.brought import KINDS


async def tidy(runtime: Runtime) -> None:
    """Do everything that a schedule repeats, whether it is due or not."""
    for kind in KINDS:
        if kind.schedule is not None:
            assert await kind.work(runtime, Turn({}, lambda: False)) is None


async def work_off(runtime: Runtime, kinds: Sequence[Kind] = KINDS) -> None:
    """Do every job that is due, as one worker does."""
    await JobWorker(kinds).work_off(runtime, asyncio.Event())
