"""What a worker does about events."""

from __future__ import annotations

from typing import Final

from service.audit import events
from service.jobs.kinds import DAILY, Again, Kind, Turn, repeated
from service.runtime import Runtime


async def _purge(runtime: Runtime, turn: Turn) -> Again | None:
    return turn.more(await events.purge(runtime, enough=turn.over))


KINDS: Final[tuple[Kind, ...]] = (repeated("events.purge", DAILY, _purge),)
