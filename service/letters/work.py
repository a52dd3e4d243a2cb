"""What a worker does about letters that are over, and about their links and budgets."""

from __future__ import annotations

from typing import Final

from service.jobs.kinds import HOURLY, Again, Kind, Turn, repeated
from service.letters import mail_budgets, onetime
from service.runtime import Runtime


async def _letters(runtime: Runtime, turn: Turn) -> Again | None:
    return turn.more(await runtime.outbox.purge(enough=turn.over))


async def _budgets(runtime: Runtime, turn: Turn) -> Again | None:
    return turn.more(await mail_budgets.purge(runtime, enough=turn.over))


async def _links(runtime: Runtime, turn: Turn) -> Again | None:
    return turn.more(await onetime.purge(runtime, enough=turn.over))


KINDS: Final[tuple[Kind, ...]] = (
    repeated("letters.purge", HOURLY, _letters),
    repeated("mail_budgets.purge", HOURLY, _budgets),
    repeated("links.purge", HOURLY, _links),
)
