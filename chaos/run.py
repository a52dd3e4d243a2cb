"""One fault after another, and what was seen of each."""

from __future__ import annotations

import asyncio
import os
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.machine import busy, spent
from chaos.calls import Seen
from chaos.faults import Fault
from chaos.instances import Usage
from chaos.load import Load, loaded
from chaos.oracle import Allowed, Kind, Violation
from chaos.scene import Scene, opened
from tests.servers import ServerFailed

RECOVERY_SECONDS = 5.0
PATIENCE_SECONDS = 20.0
SHORT_SECONDS = 2.0
# A letter that a worker had when the database went away is free again when its lease is over, after five minutes.
LETTERS_SECONDS, SHORT_LETTERS_SECONDS = 330.0, 20.0
SENDING_SECONDS = 3.0  # far more than a worker takes that still has one: who has one for longer is gone
# Looks at memory and sockets, of which the least of each counts: calls are under way at any moment, and every password
# that is hashed takes 19 MB while it is. After a fault as many as it takes, but not for ever.
SETTLED, SETTLED_SECONDS = 5, 15.0
NEAR = 1.05  # of what was held before: nothing is to be waited for


@dataclass
class Row:
    """What was seen of a fault; `failed` says why it could not be carried out.

    `lag` is how late this process was at most, `others` how many cores were taken by what none of ours is.
    """

    form: str
    fault: Fault
    seen: Seen
    back: float
    violations: list[Violation]
    before: Usage
    after: Usage
    most_descriptors: int
    lag: float = 0.0
    others: float = 0.0
    failed: str = ""

    @property
    def counted(self) -> Counter[str]:
        """How many promises were broken, by kind."""
        return Counter(violation.kind.value for violation in self.violations)

    def of(self, kind: Kind) -> int:
        """Return how many of this kind."""
        return self.counted[kind.value]


@dataclass
class Letters:
    """What became of all letters of a scene. Those that wait are still to be sent, and are not missing."""

    form: str
    promised: int
    doubled: int
    missing: list[str]
    waiting: int = 0


@dataclass
class Played:
    """A whole run."""

    versions: dict[str, str] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    letters: list[Letters] = field(default_factory=list)


async def play(
    form: str, faults: Sequence[Fault], directory: Path, *, seed: int, short: bool = False, every: float = 0.0
) -> AsyncIterator[Row | Letters | dict[str, str]]:
    """Play faults on one scene, `every` so many seconds at most; yield versions, each row, and the letters."""
    async with opened(form, directory) as scene, loaded(scene, seed) as load:
        yield {f"redis ({form})": scene.redis.version, "postgresql": scene.postgres.version}
        # Hardly a connection to the stores is open yet: what full pools add to it is no leak.
        most = scene.usage().descriptors + scene.most_descriptors
        for fault in faults:
            began = time.monotonic()
            yield await row(scene, load, fault, most, short=short)
            await asyncio.sleep(max(0.0, began + every - time.monotonic()))
        yield await letters(load, short=short)


async def row(scene: Scene, load: Load, fault: Fault, most: int, *, short: bool = False) -> Row:
    """Inject a fault, heal it, wait until everybody is served again, and ask for everything that was promised."""
    oracle = load.oracle
    await load.quiet(0.0, PATIENCE_SECONDS)
    before, first = await settled(scene), len(oracle.violations)
    oracle.seen, oracle.lag = Seen(), 0.0
    oracle.allowed = Allowed(fault.cuts, fault.empties, fault.seconds_allowed)
    began, failed, taken = time.monotonic(), "", _taken()
    try:
        async with fault.happens(scene):
            await asyncio.sleep(min(fault.lasts, SHORT_SECONDS) if short else fault.lasts)
    except ServerFailed as error:
        failed = str(error)
    healed = time.monotonic()
    if fault.empties:
        oracle.emptied()
    calm = asyncio.create_task(load.quiet(healed, PATIENCE_SECONDS))
    # From then on a refusal is one too many, and no answer as well.
    await asyncio.wait({calm}, timeout=RECOVERY_SECONDS)
    oracle.allowed = None
    await calm
    others = max(0.0, (_taken() - taken) / (time.monotonic() - began))
    seen, back = oracle.seen, max(0.0, max(oracle.troubled_at, began) - healed)
    oracle.seen = Seen()
    await load.audit()
    after = await settled(scene, before)
    found = oracle.violations[first:]
    return Row(scene.redis.name, fault, seen, back, found, before, after, most, oracle.lag, others, failed)


def _taken() -> float:
    """Return the processor seconds that were taken by nothing of ours: this process is the parent of all that is."""
    return busy() - spent(os.getpid(), whole=True)


async def settled(scene: Scene, before: Usage | None = None) -> Usage:
    """Return what the service holds when nobody asks much of it: as little as `before`, as soon as it does again."""
    deadline = time.monotonic() + SETTLED_SECONDS
    looks = [scene.usage()]
    while len(looks) < SETTLED or (before and _more(looks, before) and time.monotonic() < deadline):
        await asyncio.sleep(0.1)
        looks.append(scene.usage())
    return _least(looks)


def _least(looks: Sequence[Usage]) -> Usage:
    last = looks[-1]
    return Usage(min(look.megabytes for look in looks), min(look.descriptors for look in looks), last.processes)


def _more(looks: Sequence[Usage], before: Usage) -> bool:
    least = _least(looks)
    return least.megabytes > before.megabytes * NEAR or least.descriptors > before.descriptors * NEAR


async def letters(load: Load, *, short: bool = False) -> Letters:
    """Wait for the letters that were promised; what hasn't come and isn't in the outbox either is missing.

    Where all that is missing waits for longer than this would, nothing can come of waiting.
    """
    deadline = time.monotonic() + (SHORT_LETTERS_SECONDS if short else LETTERS_SECONDS)
    promised, hopeful_at = set(load.oracle.letters), time.monotonic()
    while (missing := load.missing_letters() & promised) and time.monotonic() < deadline:
        load.check()
        if missing - await load.waiting_letters(longer_than=deadline - time.monotonic()):
            hopeful_at = time.monotonic()
        elif time.monotonic() - hopeful_at > SENDING_SECONDS:
            break
        await asyncio.sleep(0.5)
    waiting = await load.waiting_letters()
    missing = load.missing_letters() & promised
    lost = sorted(f"{page} to {to}" for to, page in missing - waiting)
    return Letters(load.scene.redis.name, len(promised), load.doubled_letters(), lost, len(missing & waiting))
