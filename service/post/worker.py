"""The worker: takes due letters from the outbox and sends them, again and again, until they are sent or dead."""

from __future__ import annotations

import asyncio
import logging
import random
from collections import deque
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass
from functools import partial

from service.accounts import letter_requests, registrations, traces
from service.accounts.letter_gate import Waits
from service.core.process.ticking import ticking
from service.core.telemetry.logs import Field, log_event
from service.errors import Unavailable
from service.letters import mail_budgets, onetime
from service.letters.rendering import compose
from service.runtime import Runtime
from service.stores.mailer import Transport, Undeliverable, Unreachable
from service.stores.outbox import LEASE, Envelope

POLL_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 30.0  # between two looks at a mail server that is away
STOP_SECONDS = 2.0  # for a letter in hand when the serving process stops: it has used up most of its 15 s
TIDY_SECONDS = 3600.0

_log = logging.getLogger("latchkey.mail")
_jitter = random.SystemRandom()


@dataclass(slots=True)
class _Pace:
    """How long the worker rests: a second, and longer each time while the mail server is away. Trouble is told once."""

    seconds: float = POLL_SECONDS
    trouble: str | None = None

    def recovered(self) -> None:
        if self.trouble is not None:
            log_event("mail.recovered", after=self.trouble)
        self.seconds, self.trouble = POLL_SECONDS, None

    def failing(self, event: str, *, longer: bool = False, **fields: Field) -> None:
        if event != self.trouble:
            log_event(event, logging.WARNING, **fields)
        self.trouble = event
        self.seconds = min(LONGEST_PAUSE_SECONDS, self.seconds * 2) if longer else POLL_SECONDS


async def run(runtime: Runtime, stop: asyncio.Event) -> None:
    """Do what no request waits for, until `stop` is set: letters, and what deleted accounts have left.

    Then finish the letter in hand. Outlives every outage.
    """
    async with asyncio.TaskGroup() as group:
        group.create_task(ticking(stop, traces.SECONDS, partial(traces.finish, runtime, stop)))
        await _send_letters(runtime, stop)


async def _send_letters(runtime: Runtime, stop: asyncio.Event) -> None:
    """Send what is due, once a second."""
    log_event("mail.worker_started")
    if runtime.mailer is None:
        log_event("mail.no_server", logging.WARNING, hint="letters wait until SMTP_URL is set")
    loop = asyncio.get_running_loop()
    pace, tidy_at = _Pace(), loop.time()
    while not stop.is_set():
        try:
            while await send_due(runtime, stop) and not stop.is_set():
                pass
            if loop.time() >= tidy_at:
                await tidy(runtime)
                tidy_at = loop.time() + TIDY_SECONDS
            pace.recovered()
        except Unavailable as error:
            pace.failing("mail.outbox_away", what=error.what)
        except Unreachable as error:
            pace.failing("mail.server_away", longer=True, reason=str(error))
        except Exception as error:  # noqa: BLE001 - whatever it is, the letters behind it are to be sent
            _log.exception("mail.worker_failed")
            pace.failing("mail.worker_failed", longer=True, cause=type(error).__name__)
        await _rest(stop, pace.seconds * (1 + 0.2 * _jitter.random()))


@asynccontextmanager
async def running(runtime: Runtime) -> AsyncIterator[None]:
    """Send letters beside whatever the block does. At its end a letter in hand gets two seconds."""
    stop = asyncio.Event()
    task = asyncio.create_task(run(runtime, stop))
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait({task}, timeout=STOP_SECONDS)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def alongside(runtime: Runtime) -> AbstractAsyncContextManager[None]:
    """Return `running` where the serving process sends letters too."""
    return running(runtime) if runtime.settings.runs_worker else nullcontext()


async def send_due(runtime: Runtime, stop: asyncio.Event | None = None) -> int:
    """Send one batch of due letters; return how many were dealt with. When `stop` is set the others are given back.

    Raises `Unavailable` when the database is away, `Unreachable` when the mail server is: no letter is to blame for
    that, so those that were not begun are as they were.
    """
    mailer, stop = runtime.mailer, stop or asyncio.Event()
    if mailer is None:
        return 0
    taken = await runtime.outbox.take()
    waiting = deque(taken)
    failing: set[str] = set()  # where a letter has just failed the next one would too: they wait for its next attempt
    try:
        if waiting:
            await mailer.connect()
        while waiting and not stop.is_set():
            letter = waiting.popleft()
            if letter.recipient in failing:
                await runtime.outbox.release(letter, later=True)
                continue
            failing.add(letter.recipient)
            if await _send(runtime, mailer, letter, stop):
                failing.discard(letter.recipient)
    finally:
        await mailer.rest()
        for letter in waiting:
            await runtime.outbox.release(letter, later=letter.recipient in failing)
    return len(taken) - len(waiting)


async def tidy(runtime: Runtime) -> None:
    """Delete letters long sent, links long expired, and all else that has had its time, or belongs to nobody."""
    await runtime.outbox.purge()
    await mail_budgets.purge(runtime)
    await traces.sweep(runtime)
    await onetime.purge(runtime)
    await registrations.purge(runtime)


async def _send(runtime: Runtime, mailer: Transport, letter: Envelope, stop: asyncio.Event) -> bool:
    """Deal with a letter; return whether it needs no other attempt."""
    try:
        resolved = await letter_requests.resolve(runtime, letter)
        if isinstance(resolved, Envelope):
            await mailer.deliver(compose(resolved, runtime.settings, runtime.clock))
    except Unavailable:
        raise
    except Unreachable as error:
        # It was this letter that got no answer: it has its attempts, or one letter could hold up all others for ever.
        await _put_back(runtime, letter, str(error), final=False)
        raise
    except Undeliverable as error:
        await _put_back(runtime, letter, error.reason, final=error.final)
        return error.final
    except Exception as error:  # noqa: BLE001 - a letter that can't even be written must not stop those behind it
        _log.exception("mail.not_written")
        await _put_back(runtime, letter, f"{type(error).__name__} while writing it", final=True)
    else:
        match resolved:
            case Envelope():
                await _mark(runtime, resolved, stop)
            case Waits(until):
                await runtime.outbox.postpone(letter, until)
            case None:
                await runtime.outbox.drop(letter)
    return True


async def _mark(runtime: Runtime, letter: Envelope, stop: asyncio.Event) -> None:
    """Mark a letter as sent, however often that takes: what isn't marked is sent again when its lease is over."""
    loop = asyncio.get_running_loop()
    until = loop.time() + LEASE.total_seconds()
    while True:
        try:
            await runtime.outbox.attribute(letter)
            await runtime.outbox.done(letter.id)
        except Unavailable:
            if stop.is_set() or loop.time() >= until:
                raise
            await _rest(stop, POLL_SECONDS)
        else:
            return


async def _put_back(runtime: Runtime, letter: Envelope, reason: str, *, final: bool) -> None:
    dead = await runtime.outbox.failed(letter, reason, final=final)
    log_event(
        "mail.dead" if dead else "mail.delayed",
        logging.ERROR if dead else logging.WARNING,
        mail_id=letter.id,
        letter=letter.letter,
        attempt=letter.attempt,
        reason=reason,
    )


async def _rest(stop: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
