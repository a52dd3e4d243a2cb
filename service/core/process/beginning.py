"""The first moments of a process, and which signals end one.

Imported before anything else, so it imports nothing that takes its time.
"""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

ENDING: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def heeded() -> tuple[signal.Signals, ...]:
    """Return the signals that end what serves: not SIGHUP where whoever started it has it ignored (`nohup`).

    SIGINT always does. A shell has what it starts in the background ignore it; who sends it to a server means it.
    """
    hung_up = signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN
    return ENDING if hung_up else tuple(number for number in ENDING if number != signal.SIGHUP)


def end_at_once(*, serving: bool) -> None:
    """Have them end this process without a word, until somebody listens who can do better.

    Python answers a SIGINT that comes while it imports with a traceback, and the kernel sends the first process of a
    container no signal that it has no handler for. The exit code is 0 of what serves until it is told to stop, and
    else what a shell would make of the signal.
    """

    def end(number: int, _frame: FrameType | None) -> None:
        os._exit(0 if serving else 128 + number)  # an exception could be swallowed by whatever is being imported

    for number in ENDING:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, end)


@contextmanager
def heard_by(note: Callable[[int, FrameType | None], None], *others: signal.Signals) -> Iterator[None]:
    """Have the signals that end what serves, and the others, call `note`; those held before are held again after."""
    before = {number: signal.signal(number, note) for number in (*heeded(), *others)}
    held = signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, held)
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def importing() -> Iterator[None]:
    """Keep the garbage collector from what is imported, now and later: it stays for good.

    It would look through all of it again and again: while it is imported (a tenth of a start), and beside requests.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was:
            gc.enable()


def listen_to_ctrl_c() -> None:
    """Have SIGINT raise KeyboardInterrupt again: from here on somebody may want to say what was done."""
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def hold() -> None:
    """Have those that come from now on wait, for ever if need be: what goes on is neither begun nor ended half-way."""
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
