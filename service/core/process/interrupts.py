"""Commands that somebody ends half-way: by Ctrl-C, by SIGTERM, or by closing the terminal.

The first signal cancels what is under way, as if it were over there: transactions are undone, files that aren't whole
are taken away, connections closed. What can't be left half-done (`to_its_end`) is finished before. The second one
doesn't wait for that.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Coroutine, Iterable, Iterator
from contextlib import contextmanager
from threading import current_thread, main_thread
from types import FrameType
from typing import Any, Final, TypeVar

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_T = TypeVar("_T")
_END: Final = object()


class Interrupted(Exception):
    """Somebody has ended it; `number` is the signal."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number


class _Heard:
    """What has been heard so far. `reading`: whether the main thread waits for somebody's input."""

    def __init__(self) -> None:
        self.signals: list[int] = []
        self.reading = False


_heard: Final = _Heard()


def run(work: Coroutine[Any, Any, _T]) -> _T:
    """Run `work` as `asyncio.run` does. Raises `Interrupted` where a signal has ended it."""
    _heard.signals.clear()

    async def listened_to() -> _T:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None  # noqa: S101 - this is one

        def hear(number: int, _: FrameType | None) -> None:
            _heard.signals.append(number)
            if len(_heard.signals) > 1 or _heard.reading:
                raise KeyboardInterrupt  # out of whatever is being waited for
            loop.call_soon_threadsafe(task.cancel)

        with _handled(hear):
            try:
                return await work
            except KeyboardInterrupt:  # out of some reading: a task that ends with one is complained of
                raise asyncio.CancelledError from None

    try:
        return asyncio.run(listened_to())
    except BaseException as error:
        if not _heard.signals:
            raise
        raise Interrupted(_heard.signals[0]) from error


def heard() -> int | None:
    """Return the first signal that was heard since `run` began."""
    return _heard.signals[0] if _heard.signals else None


@contextmanager
def _handled(hear: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """Have `hear` called for the signals, but for those that whoever started us has us ignore (`nohup`)."""
    before = {}
    if current_thread() is main_thread():
        before = {number: signal.getsignal(number) for number in SIGNALS}
    before = {number: handler for number, handler in before.items() if handler is not signal.SIG_IGN}
    for number in before:
        signal.signal(number, hear)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)


@contextmanager
def reading() -> Iterator[None]:
    """Wait for input within, on the thread of the loop: a signal ends the waiting at once."""
    before, _heard.reading = _heard.reading, True
    try:
        yield
    finally:
        _heard.reading = before


def read_each(items: Iterable[_T]) -> Iterator[_T]:
    """Yield the items of something that may have to be waited for, such as what is piped in."""
    iterator = iter(items)
    while True:
        with reading():
            item = next(iterator, _END)
        if item is _END:
            return
        yield item  # type: ignore[misc]  # of those that it yields


async def to_its_end(work: Coroutine[Any, Any, _T]) -> _T:
    """Do what can't be left half-done: whoever is told to stop meanwhile stops after it."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        if not task.cancelled():
            await task
        raise
