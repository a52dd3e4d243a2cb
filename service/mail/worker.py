"""The worker: takes due letters from the outbox and sends them, again and again, until they are sent or dead."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from service.core.telemetry import log_event
from service.directory import onetime, requests
from service.errors import Unavailable
from service.mail.outbox import Envelope
from service.mail.rendering import compose
from service.mail.transport import Transport, Undeliverable, Unreachable
from service.runtime import Runtime

POLL_SECONDS = 1.0
TIDY_SECONDS = 3600.0


async def run(runtime: Runtime, stop: asyncio.Event) -> None:
    """Send what is due, once a second, until `stop` is set; then finish the letters in hand. Outlives every outage."""
    if runtime.mailer is None:
        log_event("mail.no_server", logging.WARNING, hint="letters wait until SMTP_URL is set")
        await stop.wait()
        return
    loop = asyncio.get_running_loop()
    away, tidy_at = False, loop.time()
    while not stop.is_set():
        try:
            while await send_due(runtime) and not stop.is_set():
                pass
            if loop.time() >= tidy_at:
                await tidy(runtime)
                tidy_at = loop.time() + TIDY_SECONDS
            away = False
        except Unavailable as error:
            if not away:
                log_event("mail.outbox_away", logging.WARNING, what=error.what)
            away = True
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), POLL_SECONDS)


@asynccontextmanager
async def running(runtime: Runtime) -> AsyncIterator[None]:
    """Send letters beside whatever the block does."""
    stop = asyncio.Event()
    task = asyncio.create_task(run(runtime, stop))
    try:
        yield
    finally:
        stop.set()
        await task


async def send_due(runtime: Runtime) -> int:
    """Send one batch of due letters; return how many were taken. Raises `Unavailable` when the database is away."""
    mailer = runtime.mailer
    if mailer is None:
        return 0
    letters = await runtime.outbox.take()
    unreachable: str | None = None
    try:
        for letter in letters:
            if unreachable is None:
                unreachable = await _send(runtime, mailer, letter)
            if unreachable is not None:
                await _put_back(runtime, letter, unreachable, final=False)
    finally:
        await mailer.rest()
    return len(letters)


async def tidy(runtime: Runtime) -> None:
    """Delete letters long sent and links long expired."""
    await runtime.outbox.purge()
    await onetime.purge(runtime)


async def _send(runtime: Runtime, mailer: Transport, letter: Envelope) -> str | None:
    """Send one letter; return why the server can't be reached, if it can't."""
    settled = await requests.settle(runtime, letter)
    if settled is None:  # nobody to write to: that looks the same from outside, and is done
        await runtime.outbox.done(letter.id)
        return None
    try:
        await mailer.deliver(compose(settled, runtime.settings, runtime.clock))
    except Unreachable as error:
        return str(error)
    except Undeliverable as error:
        await _put_back(runtime, letter, error.reason, final=error.final)
    except Exception as error:  # noqa: BLE001 - a letter that can't even be written must not stop those behind it
        await _put_back(runtime, letter, f"{type(error).__name__} while writing it", final=True)
    else:
        await runtime.outbox.done(letter.id)
    return None


async def _put_back(runtime: Runtime, letter: Envelope, reason: str, *, final: bool) -> None:
    dead = await runtime.outbox.failed(letter.id, letter.attempt, reason, final=final)
    log_event(
        "mail.dead" if dead else "mail.delayed",
        logging.ERROR if dead else logging.WARNING,
        mail_id=letter.id,
        letter=letter.letter.value,
        attempt=letter.attempt,
        reason=reason,
    )
