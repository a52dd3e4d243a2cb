"""The load generator: a process of its own that reads a plan a line, and writes an outcome a line (JSON).

Every connection is a client that sends its next request when the last one is answered. Python is slow, so nothing here
does more than it must; the report says how much of a core it took, and so whether the generator is what was measured.
"""

from __future__ import annotations

import asyncio
import gc
import json
import re
import sys
from dataclasses import asdict, dataclass, field
from math import inf
from time import perf_counter
from typing import cast

PATIENCE_SECONDS = 20.0  # for the last answers, after the round
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_TOKEN = re.compile(rb'(?:"refresh_token":"|__Host-refresh=)([^";\r]+)')
PROOF = "{proof}"
"""Where in a request each of its client's proofs is put, one after the other."""
_PROOF = PROOF.encode()


@dataclass(frozen=True)
class Plan:
    """A round: one client for each of `requests`; with `follow` each spends the refresh token of its last answer.

    With `each` a client sends so many and no more, and the round is over when all have. `proofs` are those of each
    client, signed before: one for each request that it sends.
    """

    port: int
    seconds: float
    requests: list[str]
    follow: bool = False
    each: int = 0
    proofs: list[list[str]] = field(default_factory=list)


@dataclass(frozen=True)
class Outcome:
    """What came of a round. `completed` counts the answers in time, `answers` also those to the last requests.

    `requests` is what the clients would send next; `seconds` is how long it took where each sends so many.
    """

    seconds: float
    completed: int
    answers: int
    p50_ms: float
    p99_ms: float
    failures: list[str]
    requests: list[str]


class Begun:
    """What the clients of one round share."""

    def __init__(self, clients: int, *, follow: bool = False, each: float = inf) -> None:
        self.follow = follow
        self.each = each
        self.under_way = clients
        self.done = asyncio.Event()
        self.deadline = 0.0
        self.completed = 0
        self.latencies: list[float] = []
        self.failures: list[str] = []

    def leave(self, failure: str | None = None) -> None:
        if failure:
            self.failures.append(failure)
        self.under_way -= 1
        if not self.under_way:
            self.done.set()


class Client(asyncio.Protocol):
    """One connection: sends, waits for the whole answer, checks it, sends again until the round is over."""

    __slots__ = ("begun", "gone", "left", "request", "rest", "to_send", "transport")

    def __init__(self, begun: Begun, request: bytes) -> None:
        self.begun = begun
        self.request = request
        self.to_send = begun.each
        self.rest = b""
        self.left = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def send(self) -> None:
        self.gone = perf_counter()
        self.transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        if self.rest:
            data = self.rest + data
        head = data.find(b"\r\n\r\n")
        if head < 0:
            self.rest = data
            return
        length = _LENGTH.search(data, 0, head)
        if length is None:
            self.leave(f"no Content-Length: {data[:200]!r}")
            return
        missing = head + 4 + int(length[1]) - len(data)
        if missing > 0:
            self.rest = data
            return
        self.rest = b""
        if data[9:12] != b"200" or missing < 0:
            self.leave(" ".join((data[9:13] + data[head + 4 :][:200]).decode(errors="replace").split()))
            return
        self.answered(data)

    def answered(self, data: bytes) -> None:
        begun, now = self.begun, perf_counter()
        begun.latencies.append(now - self.gone)
        if begun.follow and not self.follow(data):
            self.leave(f"the refresh token was not rotated: {data[-200:]!r}")
            return
        self.to_send -= 1
        begun.completed += now < begun.deadline
        if now < begun.deadline and self.to_send > 0:
            self.send()
        else:
            self.leave()

    def follow(self, data: bytes) -> bool:
        """Put the answer's refresh token in place of the request's; the length stays, so Content-Length does too."""
        new, old = _TOKEN.search(data), _TOKEN.search(self.request)
        if new is None or old is None or new[1] == old[1] or len(new[1]) != len(old[1]):
            return False
        self.request = self.request[: old.start(1)] + new[1] + self.request[old.end(1) :]
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        self.leave(f"connection lost: {exc}")

    def leave(self, failure: str | None = None) -> None:
        if not self.left:
            self.left = True
            self.begun.leave(failure)
            self.transport.close()


class Prover(Client):
    """A client that brings a proof of possession with each request: it signs none while it is measured."""

    __slots__ = ("proofs",)

    def __init__(self, begun: Begun, request: bytes, proofs: list[str]) -> None:
        super().__init__(begun, request)
        self.proofs = [proof.encode() for proof in reversed(proofs)]

    def send(self) -> None:
        self.gone = perf_counter()
        self.transport.write(self.request.replace(_PROOF, self.proofs.pop(), 1))


async def run(plan: Plan) -> Outcome:
    """Play one round."""
    loop, begun = asyncio.get_running_loop(), Begun(len(plan.requests), follow=plan.follow, each=plan.each or inf)
    clients: list[Client] = []
    for number, request in enumerate(plan.requests):
        sent = request.encode()
        made = Prover(begun, sent, plan.proofs[number]) if plan.proofs else Client(begun, sent)
        await loop.create_connection(lambda made=made: made, "127.0.0.1", plan.port)  # type: ignore[misc]  # a default
        clients.append(made)
    started = perf_counter()
    begun.deadline = started + plan.seconds
    for client in clients:
        client.send()
    try:
        await asyncio.wait_for(begun.done.wait(), plan.seconds + PATIENCE_SECONDS)
    except TimeoutError:
        begun.failures.append(f"{begun.under_way} clients got no answer")
    return Outcome(
        seconds=perf_counter() - started if plan.each else plan.seconds,
        completed=begun.completed,
        answers=len(begun.latencies),
        **percentiles(begun.latencies),
        failures=begun.failures,
        requests=[client.request.decode() for client in clients],
    )


def percentiles(latencies: list[float]) -> dict[str, float]:
    """Return the median and the 99th percentile of seconds, in milliseconds."""
    ordered = sorted(latencies) or [0.0]
    return {f"p{rank}_ms": ordered[len(ordered) * rank // 100] * 1000 for rank in (50, 99)}


def new_loop() -> asyncio.AbstractEventLoop:
    """Return a fast event loop, where there is one."""
    try:
        import uvloop  # noqa: PLC0415
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


def main() -> None:
    """Play the plans of standard input until it ends."""
    gc.disable()  # nothing here makes cycles worth a pause
    for line in sys.stdin:
        with asyncio.Runner(loop_factory=new_loop) as runner:
            try:
                answer: dict[str, object] = asdict(runner.run(run(Plan(**json.loads(line)))))
            except OSError as error:
                answer = {"error": str(error)}
        print(json.dumps(answer), flush=True)
        gc.collect()


if __name__ == "__main__":
    main()
