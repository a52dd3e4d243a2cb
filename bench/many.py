"""A load generator for very many: each client sends any of its requests next, by their kinds' weights (JSON lines).

A process of its own, `python -m bench.many`. The requests are in files, one a line as JSON; they are read once, and
what was refreshed stays so for the next round. Every answer has to be 200, and every refresh has to rotate.
"""

from __future__ import annotations

import asyncio
import gc
import json
import random
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

from bench.generator import PATIENCE_SECONDS, Begun, Client, new_loop, percentiles

REFRESH = "refresh"


@dataclass(frozen=True)
class Wanted:
    """A round: so many clients, each with its part of the first `most` requests of each file (0: of all)."""

    port: int
    seconds: float
    clients: int
    files: dict[str, str]
    weights: dict[str, int] = field(default_factory=dict)
    most: int = 0


@dataclass(frozen=True)
class Kind:
    """What came of one kind of request."""

    answers: int
    p50_ms: float
    p99_ms: float


@dataclass(frozen=True)
class Came:
    """What came of a round; `completed` counts the answers in time, `answers` also those to the last requests."""

    seconds: float
    completed: int
    answers: int
    kinds: Mapping[str, Kind]
    failures: list[str]


class _Slot:
    """A request that can be sent, and becomes another when it refreshes."""

    __slots__ = ("kind", "request")

    def __init__(self, kind: str, request: bytes) -> None:
        self.kind = kind
        self.request = request


class _Chooser(Client):
    """A client that sends any of its requests next."""

    __slots__ = ("chance", "latencies", "slot", "slots", "weights")

    def __init__(self, begun: Begun, slots: dict[str, list[_Slot]], weights: dict[str, int], number: int) -> None:
        super().__init__(begun, b"")
        self.slots = slots
        self.weights = ([*weights], [*weights.values()])
        self.chance = random.Random(number)
        self.latencies: dict[str, list[float]] = {kind: [] for kind in weights}

    def send(self) -> None:
        kind = self.chance.choices(*self.weights)[0]
        slots = self.slots[kind]
        self.slot = slots[int(self.chance.random() * len(slots))]
        self.request = self.slot.request
        super().send()

    def answered(self, data: bytes) -> None:
        self.latencies[self.slot.kind].append(perf_counter() - self.gone)
        if self.slot.kind == REFRESH:
            if not self.follow(data):
                self.leave(f"the refresh token was not rotated: {data[-200:]!r}")
                return
            self.slot.request = self.request
        super().answered(data)


def read(wanted: Wanted, known: dict[str, list[_Slot]]) -> None:
    """Read the requests that aren't known yet."""
    for kind, file in wanted.files.items():
        if file not in known:
            lines = Path(file).read_text(encoding="utf-8").splitlines()
            known[file] = [_Slot(kind, json.loads(line).encode()) for line in lines]


async def run(wanted: Wanted, known: dict[str, list[_Slot]]) -> Came:
    """Play one round."""
    loop, begun = asyncio.get_running_loop(), Begun(wanted.clients)
    weights = wanted.weights or dict.fromkeys(wanted.files, 1)
    clients = []
    for number in range(wanted.clients):
        slots = {
            kind: known[file][: wanted.most or None][number :: wanted.clients] for kind, file in wanted.files.items()
        }
        made = _Chooser(begun, slots, weights, number)
        await loop.create_connection(lambda made=made: made, "127.0.0.1", wanted.port)  # type: ignore[misc]  # a default
        clients.append(made)
    begun.deadline = perf_counter() + wanted.seconds
    for client in clients:
        client.send()
    try:
        await asyncio.wait_for(begun.done.wait(), wanted.seconds + PATIENCE_SECONDS)
    except TimeoutError:
        begun.failures.append(f"{begun.under_way} clients got no answer")
    kinds = {kind: [seconds for client in clients for seconds in client.latencies[kind]] for kind in weights}
    return Came(
        seconds=wanted.seconds,
        completed=begun.completed,
        answers=len(begun.latencies),
        kinds={kind: Kind(len(found), **percentiles(found)) for kind, found in kinds.items()},
        failures=begun.failures,
    )


def came(answer: dict[str, Any]) -> Came:
    """Return what a line of the generator's says."""
    kinds = {kind: Kind(**found) for kind, found in answer["kinds"].items()}
    return Came(**{**answer, "kinds": kinds})


def main() -> None:
    """Play what standard input wants until it ends."""
    gc.disable()
    known: dict[str, list[_Slot]] = {}
    for line in sys.stdin:
        with asyncio.Runner(loop_factory=new_loop) as runner:
            try:
                wanted = Wanted(**json.loads(line))
                read(wanted, known)
                answer: dict[str, object] = asdict(runner.run(run(wanted, known)))
            except OSError as error:
                answer = {"error": str(error)}
        print(json.dumps(answer), flush=True)
        gc.collect()


if __name__ == "__main__":
    main()
