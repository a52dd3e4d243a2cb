"""The outbox: a letter is a row, written in the transaction that it tells of, so that none is lost and none is false.

Workers take due letters for a while (core/sql/leases.py), send them, and mark them. A worker that dies in between
leaves its letters to the others: at most one duplicate, which has the same Message-ID. What a letter says is sealed
while it waits, for it may hold the token of a link, and wiped once it is sent. Recipients take turns (turns.py), and
whether a letter goes at all is the gate's to say (accounts/letter_gate.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID, uuid4

import orjson
from tortoise.expressions import Q

from models import OutboxMail
from service.core.clock import Clock, to_ms
from service.core.crypto.sealing import Sealer
from service.core.sql import purging
from service.core.sql.leases import (
    DEAD,
    FIRST_DELAY,
    MOST_ATTEMPTS,
    OTHER_SECRET,
    PENDING,
    Held,
    Leases,
    backoff,
    hold_of,
)
from service.core.sql.resealing import Resealed, in_batches, reseal
from service.stores.letter_kinds import LETTERS, SENT, Letter
from service.stores.turns import in_turn, lane_of, place

LEASE = timedelta(minutes=5)  # longer than a batch takes at worst: SECONDS in transport.py for each letter, and one
BATCH = 10
KEPT = timedelta(days=30)
APART = "registration"  # letters of one kind that differ in this aren't the same
OWNERS = "device"  # what a request has that was made on a device of the owner's
MOST_WAITING = 20  # of one kind to one recipient, that nobody has begun
PATIENCE = timedelta(days=1)  # for how long a letter waits because its mailbox has had enough
CONTAGION = timedelta(minutes=1)  # for how long one that fails holds up the others to its recipient

KIND = "letters"
"""What letters are called among all that workers do."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """A letter that a worker holds: `values` are what its words name.

    `attempt` counts from 1. With `until`, the end of the lease, it tells this hold from another worker's later one.
    """

    id: UUID
    letter: Letter
    recipient: str
    language: str
    user_id: UUID | None
    values: dict[str, str]
    attempt: int
    until: datetime


class Outbox:
    """Write letters, take them for sending, mark what became of them. `letters` are those that features bring."""

    def __init__(self, secrets: tuple[str, ...], clock: Clock, letters: Iterable[Letter] = ()) -> None:
        self.letters = {letter.name: letter for letter in (*LETTERS, *letters)}
        self._farewells = [letter.name for letter in self.letters.values() if letter.farewell]
        self._sealer = Sealer(secrets, "outbox")
        self._clock = clock
        self._leases = Leases(OutboxMail, clock, LEASE, placed=lambda due_at: {"turn": to_ms(due_at)})

    async def post(
        self, letter: Letter, *, to: str, language: str | None, user_id: UUID | None = None, **values: str
    ) -> None:
        """Write a letter, as part of the caller's transaction. `values` may hold a token: they are sealed.

        `confirmed="yes"` says that the recipient has confirmed the address; without it most letters don't go.
        """
        now, letter_id = self._clock.now(), uuid4()
        if not letter.every_one:
            await self._make_room(letter, to)
        turn, domain = await place(now, lane_of(letter), to)
        await OutboxMail.create(
            id=letter_id,
            letter=letter.name,
            recipient=to,
            language=language or "en",
            user_id=user_id,
            values_sealed=self._seal(letter_id, values),
            state=PENDING,
            attempts=0,
            due_at=now,
            created_at=now,
            lane=lane_of(letter),
            turn=turn,
            domain=domain,
        )

    async def take(self, limit: int = BATCH) -> list[Envelope]:
        """Take letters that are due, by turns, for `LEASE`. No other worker takes the same."""
        rows = await self._leases.take(await in_turn(self._clock.now(), limit), limit)
        return [envelope for row in rows if (envelope := await self._opened(row))]

    async def attribute(self, settled: Envelope) -> None:
        """Note whose a letter turned out to be, and where it went: by that it is found when the account is deleted."""
        await OutboxMail.filter(id=settled.id).update(user_id=settled.user_id, recipient=settled.recipient)

    async def done(self, letter_id: UUID) -> None:
        """Mark a letter as sent, and wipe what it said."""
        row = OutboxMail.filter(id=letter_id)
        await row.update(state=SENT, sent_at=self._clock.now(), values_sealed=None, last_error=None)
        # To somebody who is gone: that it was sent is not kept either.
        await row.filter(letter__in=self._farewells).delete()

    async def failed(self, held: Envelope, reason: str, *, final: bool) -> bool:
        """Put a letter back for a later try. After the last one, or a `final` refusal, it is dead; return whether."""
        if not final:  # the others to this recipient would fail alike, each with a hanging server's time: one tries
            later = self._clock.now() + min(CONTAGION, backoff(held.attempt))
            others = OutboxMail.filter(recipient=held.recipient, state=PENDING, due_at__lt=later)
            await others.exclude(id=held.id).update(due_at=later, turn=to_ms(later))
        return await self._failed(held, reason, final=final)

    async def release(self, held: Envelope, *, later: bool = False) -> None:
        """Give back a letter that was taken and not begun: as if it never had been, or a little `later`."""
        # Its turn stays what it was.
        await self._leases.give_back(held, self._clock.now() + (FIRST_DELAY if later else timedelta()))

    async def holds(self, held: Envelope) -> bool:
        """Return whether the letter is still there, and in these hands."""
        return await self._leases.held(held).exists()

    async def postpone(self, held: Envelope, until: datetime) -> None:
        """Give a letter back until its mailbox may have it. None waits for more than a day: then it is deleted."""
        impatient = self._leases.held(held).filter(created_at__lt=until - PATIENCE)
        if not await impatient.delete():
            await self._leases.give_back(held, until, turn=to_ms(until))

    async def drop(self, held: Envelope) -> None:
        """Delete a letter that doesn't go: whoever asks for letters to nobody leaves nothing behind."""
        await self._leases.held(held).delete()

    async def gather(
        self, held: Envelope, addresses: Sequence[str], *, user_id: UUID | None = None
    ) -> list[dict[str, str]]:
        """Delete the other unsent letters of this kind to these addresses (about the user, if one is given).

        Return what they know. Part of the caller's transaction: this one goes for all of them. One that is of another
        registration says something else, and stays.
        """
        others = [(row.id, self._open(row)) for row in await self._others(held, addresses, user_id)]
        same = {letter_id: said for letter_id, said in others if said and said.get(APART) == held.values.get(APART)}
        await OutboxMail.filter(id__in=list(same)).delete()
        return list(same.values())

    async def has_last_word(self, held: Envelope) -> bool:
        """Return whether no newer letter tells the same recipient of the same; older ones that wait are deleted."""
        mine = await self._leases.held(held).first()
        if mine is None:
            return False
        others = await self._others(held, (held.recipient,), held.user_id)
        older = [row.id for row in others if (row.created_at, row.id) < (mine.created_at, mine.id)]
        await OutboxMail.filter(id__in=older).delete()
        return len(older) == len(others)

    async def remember(self, held: Envelope, **values: str) -> bool:
        """Add to what a letter knows, as part of the caller's transaction: its next attempt gets it too.

        False when it isn't there any more, or in other hands.
        """
        sealed = self._seal(held.id, {**held.values, **values})
        return await self._leases.held(held).update(values_sealed=sealed) == 1

    async def withdraw(
        self, letters: Iterable[Letter], *, user_ids: Sequence[UUID], addresses: Sequence[str] = ()
    ) -> None:
        """Delete letters of these kinds to users that aren't sent yet, as part of the caller's transaction."""
        unsent = OutboxMail.filter(letter__in=[letter.name for letter in letters], values_sealed__isnull=False)
        await unsent.filter(Q(user_id__in=user_ids) | Q(recipient__in=addresses)).delete()

    async def set_aside(self, reason: str, batch: int = 1000) -> int:
        """Take every letter that waits, or is in somebody's hands, for dead: `retry` sends them; return how many."""
        count = 0
        while ids := await OutboxMail.filter(state=PENDING).limit(batch).values_list("id", flat=True):
            found = OutboxMail.filter(id__in=cast("list[UUID]", ids), state=PENDING)
            count += await found.update(state=DEAD, last_error=reason)
        return count

    async def listed(self, state: str | None, limit: int) -> list[OutboxMail]:
        """Return letters, the newest first, without what they say."""
        found = OutboxMail.filter(state=state) if state else OutboxMail.all()
        return await found.order_by("-created_at").limit(limit)

    async def retry(self, letter_id: UUID | None = None) -> int:
        """Make a dead letter, or all of them, due again from the first attempt on; return how many.

        Those that no secret opens stay dead: they would only die again.
        """
        kept, count = OutboxMail.filter(state=DEAD, values_sealed__isnull=False), 0
        async for batch in in_batches(kept.filter(id=letter_id) if letter_id else kept):
            ids = [row.id for row in batch if self._open(row) is not None]
            count += await self._leases.revive(OutboxMail.filter(id__in=ids))
        return count

    async def unreadable(self) -> list[OutboxMail]:
        """Return the letters that aren't sent and that no secret opens, in no order."""
        unsent = in_batches(OutboxMail.filter(values_sealed__isnull=False))
        return [row async for batch in unsent for row in batch if self._open(row) is None]

    async def reseal(self) -> Resealed:
        """Seal every letter that isn't sent anew; those that had died for want of their secret are due again."""
        resealed = await reseal(OutboxMail.all(), "values_sealed", self._sealer)
        died = OutboxMail.filter(state=DEAD, values_sealed__isnull=False, last_error=OTHER_SECRET)
        async for batch in in_batches(died):
            ids = [row.id for row in batch if self._open(row) is not None]
            await self._leases.revive(OutboxMail.filter(id__in=ids))
        return resealed

    async def purge(self, *, enough: Callable[[], bool] = purging.never) -> int:
        """Delete letters that were sent, or died, more than `KEPT` ago, and farewells that old; return how many."""
        old = OutboxMail.filter(created_at__lt=self._clock.now() - KEPT)
        over = old.filter(Q(state__in=(SENT, DEAD)) | Q(letter__in=self._farewells))
        return await purging.purge(over, enough=enough)

    async def _opened(self, row: OutboxMail) -> Envelope | None:
        letter = self.letters.get(row.letter)
        if letter is None:  # a newer version's, while it is rolled out: its own workers know it
            await self._failed(hold_of(row), "a kind of letter that this version doesn't know", final=False)
            return None
        values = self._open(row)
        if values is None:  # kept, also one to somebody who is gone: `reseal` saves it where the secret is given again
            await self._leases.put_off(hold_of(row), OTHER_SECRET, dead=True)
            return None
        return Envelope(row.id, letter, row.recipient, row.language, row.user_id, values, row.attempts, row.due_at)

    async def _make_room(self, letter: Letter, to: str) -> None:
        """Delete the newest of so many that wait: one letter goes for all of them, and a newer one is about to come.

        What the owner asked for stays, for strangers who ask again and again would push out just that.
        """
        waiting = OutboxMail.filter(recipient=to, state=PENDING, letter=letter.name, due_at__lte=self._clock.now())
        found = await waiting.order_by("-turn").limit(MOST_WAITING)
        if len(found) == MOST_WAITING:
            strangers = (row.id for row in found if not (self._open(row) or {}).get(OWNERS))
            await OutboxMail.filter(id=next(strangers, found[0].id)).delete()

    async def _others(self, held: Envelope, addresses: Sequence[str], user_id: UUID | None) -> list[OutboxMail]:
        others = OutboxMail.filter(recipient__in=addresses, state=PENDING, letter=held.letter.name)
        others = others.exclude(id=held.id)
        return await (others.filter(user_id=user_id) if user_id else others)

    def _open(self, row: OutboxMail) -> dict[str, str] | None:
        plain = self._sealer.open(row.values_sealed, row.id.bytes) if row.values_sealed else None
        return cast("dict[str, str]", orjson.loads(plain)) if plain is not None else None

    async def _failed(self, held: Held, reason: str, *, final: bool) -> bool:
        dead = final or held.attempt >= MOST_ATTEMPTS
        await self._leases.put_off(held, reason, dead=dead)
        # The last letter to somebody who is gone: it is not kept for another try.
        await OutboxMail.filter(id=held.id, state=DEAD, letter__in=self._farewells).delete()
        return dead

    def _seal(self, letter_id: UUID, values: dict[str, str]) -> bytes:
        return self._sealer.seal(orjson.dumps(values), letter_id.bytes)
