"""Looking for work again and again: once a second, more seldom while something is in the way; trouble is told once."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from service.core.telemetry.logs import Field, log_event
from service.errors import Unavailable
from service.jobs.pulse import PULSE
from service.runtime import Runtime

POLL_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 30.0  # between two looks while somebody else's server is away

_log = logging.getLogger("latchkey.worker")
_jitter: Final = random.SystemRandom()


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is in the way of a whole queue: an event of the log. With `longer` it is looked for less and less often."""

    event: str
    fields: Mapping[str, Field] = field(default_factory=dict)
    longer: bool = False


@dataclass(frozen=True, slots=True)
class Queue:
    """Work of one sort: how all that is due of it is done, and which failures mean trouble that is nobody's fault.

    Its events in the log begin with its name. `opened` is called once, when a worker begins.
    """

    name: str
    work_off: Callable[[Runtime, asyncio.Event], Awaitable[None]]
    trouble: Callable[[Exception], Trouble | None]
    opened: Callable[[Runtime], None] = lambda _: None


class _Pace:
    """How long to rest: a second, and longer each time while a server is away."""

    def __init__(self, queue: str) -> None:
        self._queue = queue
        self._trouble: str | None = None
        self.seconds = POLL_SECONDS

    def recovered(self) -> None:
        PULSE.met(self._queue, None)
        if self._trouble is not None:
            log_event(f"{self._queue}.recovered", after=self._trouble)
        self.seconds, self._trouble = POLL_SECONDS, None

    def failing(self, trouble: Trouble) -> None:
        PULSE.met(self._queue, trouble.event)
        if trouble.event != self._trouble:
            log_event(trouble.event, logging.WARNING, **trouble.fields)
        self._trouble = trouble.event
        self.seconds = min(LONGEST_PAUSE_SECONDS, self.seconds * 2) if trouble.longer else POLL_SECONDS


async def polling(runtime: Runtime, queue: Queue, stop: asyncio.Event) -> None:
    """Work a queue off, until `stop` is set. Outlives every outage."""
    pace = _Pace(queue.name)
    queue.opened(runtime)
    while not stop.is_set():
        try:
            await queue.work_off(runtime, stop)
            pace.recovered()
        except Exception as error:  # noqa: BLE001 - whatever it is, what is behind it is to be done
            pace.failing(queue.trouble(error) or _fault(queue, error))
        PULSE.turned(queue.name)
        await rest(stop, pace.seconds * (1 + 0.2 * _jitter.random()))


async def rest(stop: asyncio.Event, seconds: float) -> None:
    """Wait, but not once `stop` is set."""
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)


async def marked(mark: Callable[[], Awaitable[None]], stop: asyncio.Event, seconds: float) -> None:
    """Mark what became of something, however often that takes: what isn't marked is done again.

    `seconds` is how long the mark is still ours to make. Raises `Unavailable` when it could not be made by then.
    """
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    while True:
        try:
            await mark()
        except Unavailable:
            if stop.is_set() or loop.time() >= until:
                raise
            await rest(stop, POLL_SECONDS)
        else:
            return


def _fault(queue: Queue, error: Exception) -> Trouble:
    _log.error(f"{queue.name}.worker_failed", exc_info=error)
    return Trouble(f"{queue.name}.worker_failed", {"cause": type(error).__name__}, longer=True)
