"""Something done beside the requests, once or again and again, while a process serves."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

Work = Callable[[], Awaitable[None]]

_log = logging.getLogger("latchkey.background")


async def logged(work: Work) -> None:
    """Do it; what it raises is logged, for nobody waits for it."""
    try:
        await work()
    except Exception:  # noqa: BLE001 - whatever it is, it may not end silently
        _log.exception("internal_error")


async def ticking(stop: asyncio.Event, seconds: float, work: Work) -> None:
    """Do it every `seconds` until `stop` is set, and once more then. A failure is logged, and no end."""
    while not stop.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), seconds)
        await logged(work)
