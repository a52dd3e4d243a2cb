"""The kinds of work that belong to no feature alone: of the rooms below, and of the jobs themselves."""

from __future__ import annotations

from typing import Final

from service.accounts.work import KINDS as OF_ACCOUNTS
from service.audit.work import KINDS as OF_EVENTS
from service.jobs.kinds import DAILY, Again, Kind, Turn, kinds_of, repeated
from service.letters.work import KINDS as OF_LETTERS
from service.runtime import Runtime


async def _purge(runtime: Runtime, turn: Turn) -> Again | None:
    return turn.more(await runtime.jobs.purge([kind.name for kind in kinds_of(runtime)], enough=turn.over))


KINDS: Final[tuple[Kind, ...]] = (*OF_EVENTS, *OF_LETTERS, *OF_ACCOUNTS, repeated("jobs.purge", DAILY, _purge))
