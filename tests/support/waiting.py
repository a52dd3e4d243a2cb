"""Waiting for what happens elsewhere (in another task, thread or process): asking again and again until it is so."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from inspect import isawaitable
from typing import TypeVar

import httpx

PAUSE_SECONDS = 0.01
PATIENCE_SECONDS = 20.0  # what comes at once on an idle machine takes its time on a busy one

T = TypeVar("T")


class NotInTime(AssertionError):
    """What was waited for didn't come."""


def until(fact: Callable[[], T], seconds: float = PATIENCE_SECONDS, *, why: Callable[[], object] = str) -> T:
    """Return what `fact` says once it says something true. Raises `NotInTime`, with what `why` says then."""
    deadline = time.monotonic() + seconds
    while not (found := fact()):
        if time.monotonic() > deadline:
            raise NotInTime(why())
        time.sleep(PAUSE_SECONDS)
    return found


async def eventually(
    fact: Callable[[], Awaitable[object] | object],
    seconds: float = PATIENCE_SECONDS,
    *,
    why: Callable[[], object] = str,
) -> None:
    """Wait as `until` does, and let others work meanwhile; `fact` may be a coroutine function."""
    deadline = time.monotonic() + seconds
    while True:
        found = fact()
        if await found if isawaitable(found) else found:
            return
        if time.monotonic() > deadline:
            raise NotInTime(why())
        await asyncio.sleep(PAUSE_SECONDS)


async def unless_shed(ask: Callable[[], Awaitable[httpx.Response]], seconds: float = 30.0) -> httpx.Response:
    """Return the answer to what `ask` asks, again and again while it is 503: a busy machine sheds load.

    For tests of many calls at once that are about something else.
    """
    deadline = time.monotonic() + seconds
    while True:
        answer = await ask()
        if answer.status_code != 503 or time.monotonic() > deadline:
            return answer
        await asyncio.sleep(10 * PAUSE_SECONDS)


async def unless_away(ask: Callable[[], Awaitable[T]], seconds: float = 30.0) -> T:
    """Return what `ask` returns, again and again while it raises `Unavailable`: opening a connection may take too long.

    For the same tests, where they ask from the inside.
    """
    from service.errors import Unavailable  # here: who waits for processes has no use for it

    deadline = time.monotonic() + seconds
    while True:
        try:
            return await ask()
        except Unavailable:
            if time.monotonic() > deadline:
                raise
        await asyncio.sleep(10 * PAUSE_SECONDS)
