"""Letters, for the check-up and readiness: is the mail server there, and does somebody send what waits?"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from tortoise.queryset import QuerySet

from models import OutboxMail
from service.core.clock import Clock, from_ms, to_ms
from service.core.sql.leases import DEAD, PENDING
from service.feature.findings import Finding, error, ok, warning
from service.settings import Settings, mail_checks
from service.stores.mail_trust import Trust
from service.stores.mailer import Unreachable, transport_for

LATE: Final = timedelta(minutes=10)  # a worker takes seconds
SECONDS: Final = 5.0  # for the mail server: nobody waits for the answer, but whoever ran the command
_WORKER: Final = (
    "Run `latchkey worker`, or set RUN_WORKER=yes; a worker that runs and is behind needs another beside it."
)
_LIST: Final = "`latchkey mail list` says why"


@dataclass(frozen=True, slots=True)
class LetterFacts:
    """How the letters stand: how many are `late`, how late the `oldest`, how many of them nobody has ever taken."""

    late: int = 0
    untouched: int = 0
    oldest_minutes: int = 0
    dead: int = 0


NO_LETTERS: Final = LetterFacts()


async def letter_facts(clock: Clock) -> LetterFacts:
    """Look at the letters. Raises `Unavailable`."""
    late = _late(clock)
    oldest = await late.order_by("turn").first()
    minutes = (clock.now() - from_ms(oldest.turn)) // timedelta(minutes=1) if oldest else 0
    untouched = await late.filter(attempts=0).count()
    return LetterFacts(await late.count(), untouched, minutes, await OutboxMail.filter(state=DEAD).count())


async def are_late(clock: Clock) -> bool:
    """Return whether a letter has been due for more than ten minutes. Raises `Unavailable`."""
    return await _late(clock).exists()


def _late(clock: Clock) -> QuerySet[OutboxMail]:
    # By its turn, as `service/stores/letters_waiting.py` says: `due_at` moves whenever a worker takes it in vain.
    return OutboxMail.filter(state=PENDING, turn__lt=to_ms(clock.now() - LATE))


def letters(settings: Settings, facts: LetterFacts) -> Finding:
    """What is written gets out."""
    name = "letters"
    if facts.late:
        says = f"{facts.late} letter(s) have been due for up to {facts.oldest_minutes} minutes"
        if settings.production and not settings.SMTP_URL:
            return warning(name, f"{says}, and there is no mail server.", "Set SMTP_URL.")
        if facts.untouched == facts.late:
            return warning(name, f"{says}, and nobody has tried to send one.", _WORKER)
        return warning(name, f"{says}: they are tried in vain, or too slowly.", f"{_LIST}. {_WORKER}")
    if facts.dead:
        says = f"{facts.dead} letter(s) were given up."
        return warning(name, says, f"{_LIST}; `latchkey mail retry --all-dead` has them tried again.")
    return ok(name, "No letter is late.")


async def mail_server(settings: Settings) -> Finding | None:
    """The mail server takes letters from us: it is there, is who it should be, and lets us in."""
    name = "mail_server"
    if not settings.SMTP_URL.startswith(("smtp:", "smtps:")):
        return None
    own = settings.SMTP_EHLO or mail_checks.own_name(settings.PUBLIC_URL)
    found = transport_for(settings.SMTP_URL, production=settings.production, trust=Trust.of(settings), ehlo=own)
    assert found is not None  # noqa: S101 - there is a server to send to
    try:
        async with asyncio.timeout(SECONDS):
            await found.connect()
        await found.rest()
    except (Unreachable, TimeoutError) as failure:
        said = str(failure) or f"no answer in {SECONDS:g} seconds"
        says = f"The mail server can't be used, and letters wait: {said}."
        fix = "Look at SMTP_URL (host, port, user, password), and whether this machine may connect there."
        if settings.REQUIRE_EMAIL_VERIFICATION:
            return error(name, f"{says} Nobody who registers can log in.", fix)
        return warning(name, says, fix)
    return ok(name, "The mail server is there, and lets us in.")
