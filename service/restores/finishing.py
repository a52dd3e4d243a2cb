"""After a restored backup: what may have been over when the backup was put back is over now, for certain.

An older database knows older passwords, disabled accounts and cut-offs; an older Redis holds sessions that have been
ended since. Nobody can tell any more which of them: so every session ends, in both stores. What waits in an older
database was mostly done already: links are ended, letters set aside, and the keys that sign are replaced, for one of
them may have been retired because it had leaked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import uuid4

from service.audit import events
from service.core.sql import database
from service.core.sql.transactions import transaction
from service.letters import onetime
from service.restores import catalogue
from service.restores.checking import traces_of
from service.restores.comparing import KIND
from service.runtime import Runtime
from service.sessions import receipts
from service.sessions.receipts import Progress, Receipt, Wanted
from service.stores.job_queue import note_run
from service.stores.marks import TOLERANCE, Mark, Marks

SET_ASIDE: Final = "set aside after a restore"


@dataclass(frozen=True, slots=True)
class Finished:
    """What was ended. `kid` is the new signing key, None where the keys stay."""

    receipt: Receipt
    links: int = 0
    letters: int = 0
    kid: str | None = None
    retired: int = 0


@dataclass(frozen=True, slots=True)
class NotUpgraded:
    """The database's schema is older than this version: nothing was done. How many migrations are pending."""

    pending: int


async def is_finished(runtime: Runtime) -> bool:
    """Return whether that has been done on just these stores, and nothing tells of another restore since.

    Marks that nobody has written for a while say nothing: both stores may have been set back, to one moment.
    """
    traces = await traces_of(Marks(runtime.redis, runtime.settings), runtime.clock)
    young = traces.compared_at is not None and runtime.clock.now() - traces.compared_at <= TOLERANCE
    return young and traces.finished and traces.store is None


async def finish(
    runtime: Runtime, *, only_redis: bool, keep_keys: bool, progress: Progress = lambda _: None
) -> Finished | NotUpgraded:
    """End what a restore has brought back. It may be cut off anywhere, and run again.

    With `only_redis` the database is today's: links, letters and keys are left alone. A receipt with `left` None says
    that Redis went away in the middle: nothing else was done. Raises `Unavailable`.
    """
    if pending := await database.pending_migrations():
        return NotUpgraded(len(pending))
    receipt = await receipts.revoke(runtime, Wanted(), progress)
    if receipt.left is None:
        return Finished(receipt)
    links = 0 if only_redis else await onetime.end_all()
    letters = 0 if only_redis else await runtime.outbox.set_aside(SET_ASIDE)
    restore, kid, retired = uuid4(), None, 0
    async with transaction():
        if not (only_redis or keep_keys):
            kid, retired = await runtime.keyring.replace()
        await events.record(
            runtime,
            catalogue.RESTORED,
            user_id=None,
            restore=str(restore),
            sessions=receipt.ended,
            links=links,
            letters=letters,
            kid=kid,
            retired=retired,
        )
    await runtime.keyring.load()
    now = runtime.clock.now()
    await Marks(runtime.redis, runtime.settings).write(Mark(now, restore))
    await note_run(KIND, now)
    return Finished(receipt, links, letters, kid, retired)
