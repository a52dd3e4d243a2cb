"""Whose letter is next: those that somebody waits for, and in each lane recipients and their domains by turns.

A letter gets its place when it is written: its recipient's next one ten seconds after the last that waits, the first
one of a recipient a second after the last first one at the domain, and never before its own time. These are places in
the order, not waiting times: a worker that has nothing else to do sends them all at once. So 300 letters to one
mailbox, or one to each of 300 at one domain, stand behind the first letter of anybody else, and no letter for ever
behind later ones. Letters that are written at the same moment don't see each other, so whoever takes letters looks
at more than it takes, deals the places again among those, and where they are a crowd's looks beside them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from functools import lru_cache
from typing import Final
from uuid import UUID

from models import OutboxMail
from service.core.clock import to_ms
from service.core.sql.leases import PENDING
from service.core.text.email_address import parse_email
from service.errors import Unavailable
from service.stores.letter_kinds import Letter

WAITED_FOR: Final = 0
TOLD: Final = 1

RECIPIENT_STEP: Final = 10_000
DOMAIN_STEP: Final = 1_000
FURTHEST: Final = 3_600_000  # nobody's place is further away: what comes an hour later is later for everyone

LOOKED_AT: Final = 300
CROWD: Final = 30  # of those looked at, to one recipient or one domain
BESIDE: Final = 50
KEPT_FOR_TOLD: Final = 5  # of so many letters one is a notice, however many others are waited for

Waiting = tuple[UUID, str]
"""A letter's id, and its recipient."""


def lane_of(letter: Letter) -> int:
    """Return the lane that a letter waits in."""
    return WAITED_FOR if letter.waited_for else TOLD


@lru_cache(maxsize=4096)
def domain_of(recipient: str) -> str:
    """Return whom a recipient's domain belongs to, roughly: its last two labels, three where the last two are `co.uk`.

    For turns only: whoever shares one with somebody else loses nothing while there is no crowd.
    """
    try:
        domain = parse_email(recipient).canonical.rpartition("@")[2]
    except ValueError:
        domain = recipient.rpartition("@")[2].casefold()[:255]
    labels = domain.split(".")
    shared = len(labels) > 2 and len(labels[-1]) == 2 and len(labels[-2]) <= 3
    return ".".join(labels[-3:] if shared else labels[-2:])


async def place(now: datetime, lane: int, recipient: str) -> tuple[int, str]:
    """Return the turn of a new letter, and the domain if it is the recipient's first."""
    began = to_ms(now)
    waiting = OutboxMail.filter(state=PENDING, lane=lane, due_at__lte=now, turn__lte=began + FURTHEST)
    domain = domain_of(recipient)
    # Both are looked for whatever the first says: what a request costs tells nothing of who has asked before.
    last = await waiting.filter(recipient=recipient).order_by("-turn").first()
    first = await waiting.filter(domain=domain).order_by("-turn").first()
    before, step, name = (last, RECIPIENT_STEP, "") if last else (first, DOMAIN_STEP, domain)
    turn = min(max(began, before.turn + step), began + FURTHEST) if before else began
    return turn, name


async def in_turn(now: datetime, limit: int) -> list[UUID]:
    """Return the letters that are next, in order: more than `limit`, for others may have taken the first of them."""
    waited_for, told = [deal(await _next(now, lane, max(limit, LOOKED_AT))) for lane in (WAITED_FOR, TOLD)]
    return merge(waited_for, told, limit=limit)


async def _next(now: datetime, lane: int, limit: int) -> list[Waiting]:
    """Return the first letters of a lane, and where these are a crowd's, the first ones that aren't."""
    due = OutboxMail.filter(state=PENDING, lane=lane, due_at__lte=now).order_by("turn", "created_at")
    found = await due.limit(limit).values_list("id", "recipient")
    if len(found) < limit:
        return found
    recipients = _crowds(recipient for _, recipient in found)
    domains = _crowds(domain_of(recipient) for _, recipient in found)
    with suppress(Unavailable):  # a crowd too deep to be looked past in a statement's time: then it is its turn
        if recipients:
            found += await due.exclude(recipient__in=recipients).limit(BESIDE).values_list("id", "recipient")
        if domains:
            found += await due.exclude(domain__in=["", *domains]).limit(BESIDE).values_list("id", "recipient")
    return list(dict.fromkeys(found))


def _crowds(names: Iterable[str]) -> list[str]:
    return [name for name, number in Counter(names).items() if number >= CROWD]


def deal(waiting: Sequence[Waiting]) -> list[UUID]:
    """Order letters so that domains alternate, and at each domain recipients do; otherwise as they are."""
    of_recipient: Counter[str] = Counter()
    rounds = []
    for position, (letter_id, recipient) in enumerate(waiting):
        rounds.append((of_recipient[recipient], position, letter_id, recipient))
        of_recipient[recipient] += 1
    of_domain: Counter[str] = Counter()
    dealt = []
    for turn, position, letter_id, recipient in sorted(rounds):
        domain = domain_of(recipient)
        dealt.append((of_domain[domain], turn, position, letter_id))
        of_domain[domain] += 1
    return [letter_id for *_, letter_id in sorted(dealt)]


def merge(waited_for: list[UUID], told: list[UUID], *, limit: int) -> list[UUID]:
    """Put the letters that somebody waits for before the others, but for a few of these in every `limit`."""
    merged: list[UUID] = []
    kept = max(1, limit // KEPT_FOR_TOLD)
    while waited_for and told:
        merged += [*waited_for[: limit - kept], *told[:kept]]
        waited_for, told = waited_for[limit - kept :], told[kept:]
    return merged + waited_for + told
