"""Kinds of work that a test makes up, and what came of them."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from models import Job
from service.jobs.kinds import Again, Kind, Schedule, Turn
from service.runtime import Runtime

SECRET_WORDS = "ada@example.com told us this"
STEADY = Schedule(timedelta(hours=1))


@dataclass
class Bench:
    """Kinds to be done, and how often each job was."""

    done: Counter[str] = field(default_factory=Counter)
    order: list[str] = field(default_factory=list)
    broken: bool = True
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    begun: asyncio.Event = field(default_factory=asyncio.Event)

    def note(self, turn: Turn) -> None:
        name = turn.payload.get("name", "")
        self.done[name] += 1
        self.order.append(name)
        self.begun.set()

    async def work(self, _: Runtime, turn: Turn) -> Again | None:
        self.note(turn)
        return None

    async def fail(self, _: Runtime, turn: Turn) -> Again | None:
        self.note(turn)
        if self.broken:
            raise ValueError(SECRET_WORDS, turn.payload)
        return None

    async def hang(self, _: Runtime, turn: Turn) -> Again | None:
        self.note(turn)
        await self.gate.wait()
        return None

    async def in_pieces(self, _: Runtime, turn: Turn) -> Again | None:
        """Does three pieces of work, and one more each time that it may go on."""
        while self.done[turn.payload["name"]] < 3:
            self.note(turn)
            await asyncio.sleep(0)
            if turn.over():
                return Again()
        return None

    def kinds(self) -> tuple[Kind, ...]:
        return (
            Kind("work", self.work),
            Kind("fail", self.fail, attempts=4),
            Kind("hang", self.hang),
            Kind("pieces", self.in_pieces),
        )

    def steady(self, work: Callable[..., Any]) -> tuple[Kind, ...]:
        """One that is repeated each hour."""
        return (Kind("steady", work, STEADY, attempts=2, at_once=1),)


@pytest.fixture
def bench() -> Bench:
    return Bench()


async def only() -> Job:
    """Return the only job."""
    return await Job.get()
