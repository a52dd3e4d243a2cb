"""What a worker does about the numbers for the charts."""

from __future__ import annotations

from typing import Final

from service.admin import statistics
from service.jobs.kinds import DAILY, Again, Kind, Turn, repeated
from service.runtime import Runtime


async def _purge(runtime: Runtime, turn: Turn) -> Again | None:
    return turn.more(await statistics.purge(runtime, enough=turn.over))


KINDS: Final[tuple[Kind, ...]] = (repeated("statistics.purge", DAILY, _purge),)
