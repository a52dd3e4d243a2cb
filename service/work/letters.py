"""Letters as workers send them: what is due is taken from the outbox and sent, until it is sent or dead."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import Final

from service.accounts import letter_requests
from service.accounts.letter_gate import Waits
from service.core.telemetry import metrics
from service.core.telemetry.logs import log_event
from service.errors import Unavailable
from service.jobs.polling import Queue, Trouble, marked
from service.jobs.pulse import PULSE
from service.letters.rendering import compose
from service.runtime import Runtime
from service.stores.mailer import Transport, Undeliverable, Unreachable
from service.stores.outbox import KIND, LEASE, Envelope

QUEUE: Final = "mail"

_log = logging.getLogger("latchkey.mail")


async def _work_off(runtime: Runtime, stop: asyncio.Event) -> None:
    while await send_due(runtime, stop) and not stop.is_set():
        PULSE.turned(QUEUE)


def _trouble(error: Exception) -> Trouble | None:
    match error:
        case Unavailable(what=what):
            return Trouble("mail.outbox_away", {"what": what})
        case Unreachable():
            return Trouble("mail.server_away", {"reason": str(error)}, longer=True)
    return None


def _opened(runtime: Runtime) -> None:
    if runtime.mailer is None:
        log_event("mail.no_server", logging.WARNING, hint="letters wait until SMTP_URL is set")


LETTERS: Final = Queue(QUEUE, _work_off, _trouble, _opened)
"""Letters, as a worker looks for them."""


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
                _count(letter, "dropped")
    return True


async def _mark(runtime: Runtime, letter: Envelope, stop: asyncio.Event) -> None:
    async def mark() -> None:
        await runtime.outbox.attribute(letter)
        await runtime.outbox.done(letter.id)

    await marked(mark, stop, LEASE.total_seconds())
    _count(letter, "done")


async def _put_back(runtime: Runtime, letter: Envelope, reason: str, *, final: bool) -> None:
    dead = await runtime.outbox.failed(letter, reason, final=final)
    _count(letter, "dead" if dead else "failed")
    log_event(
        "mail.dead" if dead else "mail.delayed",
        logging.ERROR if dead else logging.WARNING,
        mail_id=letter.id,
        letter=letter.letter.name,
        attempt=letter.attempt,
        reason=reason,
    )


def _count(letter: Envelope, outcome: str) -> None:
    metrics.jobs.labels(KIND, outcome).inc()
    metrics.letters.labels(letter.letter.name, outcome).inc()
