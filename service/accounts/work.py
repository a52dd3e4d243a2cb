"""What a worker does about accounts: what the deleted ones have left, and registrations that nobody confirms."""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import UUID

from service.accounts import registrations, traces
from service.jobs.kinds import HOURLY, Again, Kind, Schedule, Turn, repeated
from service.runtime import Runtime

_SWEEP: Final = Schedule(timedelta(minutes=15))
_LOCKED: Final = timedelta(seconds=1)  # another transaction has some of the events


async def _remove(runtime: Runtime, turn: Turn) -> Again | None:
    finished = await traces.finish(runtime, UUID(turn.payload["account"]), enough=turn.over)
    return None if finished else Again(timedelta() if turn.over() else _LOCKED)


async def _sweep(runtime: Runtime, _: Turn) -> Again | None:
    await traces.sweep(runtime)
    return None


async def _registrations(runtime: Runtime, turn: Turn) -> Again | None:
    return turn.more(await registrations.purge(runtime, enough=turn.over))


KINDS: Final[tuple[Kind, ...]] = (
    Kind(traces.REMOVAL, _remove),
    repeated("removals.sweep", _SWEEP, _sweep),
    repeated("registrations.purge", HOURLY, _registrations),
)
