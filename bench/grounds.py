"""What the parts of the benchmark stand on: stores of their own, tables, users and sessions, services, a generator."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import httpx

from bench.many import Came, Wanted, came
from bench.stage import BenchFailed, Server, Starter, settings_of
from tests.servers import Postgres, Redis, free_port
from tests.support.process import MODULE, environment
from tests.support.waiting import until

MOST_SECONDS = 600.0  # for making a million users


@dataclass(frozen=True)
class Options:
    """How long, and how much of it."""

    seconds: float = 2.5
    rounds: int = 3
    connections: int = 32
    users: int = 200_000
    million: int = 1_000_000
    events: int = 20_000_000
    logs: Path | None = None


@dataclass(frozen=True)
class Line:
    """A figure: `what` was measured, how much it was, of which unit, what it is to be (nothing: it is only told)."""

    what: str
    value: float
    unit: str
    wanted: str = ""

    @property
    def shown(self) -> str:
        """The figure as people read it."""
        value = f"{self.value:,.0f}" if self.value >= 100 or self.value == int(self.value) else f"{self.value:.3g}"
        return f"{value} {self.unit}".strip()


class Grounds:
    """Stores with the tables, and what is started on them."""

    def __init__(self, stack: ExitStack, options: Options, directory: Path, **settings: str) -> None:
        self.options = options
        self.redis = stack.enter_context(Redis.start())
        self.postgres = stack.enter_context(Postgres.start(settings={"shared_buffers": "512MB", "max_wal_size": "4GB"}))
        self.directory = directory
        self.settings = {**settings_of(self.postgres, self.redis, 1), **settings}
        self._stack = stack
        Starter(stack, directory, self.settings).to_its_end("migrate", "service", "db", "upgrade")
        self.users = 0
        self._generator: subprocess.Popen[str] | None = None

    def seed(self, users: int, sessions: int) -> dict[str, str]:
        """Make more users, and sessions of theirs; return the files of requests, by kind."""
        folder = self.directory / f"seed{self.users}"
        folder.mkdir()
        command = [*MODULE, "bench.seed", str(folder), str(self.users), str(users), str(sessions)]
        self.users += users
        done = subprocess.run(
            command, env=environment(**self.settings), capture_output=True, text=True, timeout=MOST_SECONDS, check=False
        )
        if done.returncode:
            raise BenchFailed(f"seed failed:\n{done.stderr[-3000:]}")
        return {name: str(folder / name) for name in ("me", "refresh", "login")}

    @contextmanager
    def serving(self, name: str = "service", **changes: str) -> Iterator[tuple[Server, float]]:
        """Start a service that ends with the block; yield it, and the seconds to its first answer."""
        port = free_port()
        began = perf_counter()
        with ExitStack() as stack:
            start = Starter(stack, self.directory, self.settings)
            process = start.process(name, "service", "serve", PORT=str(port), **changes)
            until(lambda: process.poll() is not None or _answers(port), 60)
            if process.poll() is not None:
                raise BenchFailed(f"{name} ended: {(self.directory / f'{name}.log').read_text()[-3000:]}")
            yield Server(port, process.pid), perf_counter() - began

    def play(self, wanted: Wanted) -> Came:
        """Play a round. Raises `BenchFailed` where an answer was wrong."""
        if self._generator is None:
            log = self._stack.enter_context((self.directory / "many.log").open("w"))
            pipe = subprocess.PIPE
            self._generator = self._stack.enter_context(
                subprocess.Popen(
                    [*MODULE, "bench.many"], env=environment(), stdin=pipe, stdout=pipe, stderr=log, text=True
                )
            )
            self._stack.callback(self._generator.terminate)
        assert self._generator.stdin
        assert self._generator.stdout
        self._generator.stdin.write(json.dumps(asdict(wanted)) + "\n")
        self._generator.stdin.flush()
        answer: dict[str, Any] = json.loads(self._generator.stdout.readline() or '{"error": "it has ended"}')
        if "error" in answer:
            raise BenchFailed(f"load generator: {answer['error']}")
        found = came(answer)
        if found.failures:
            raise BenchFailed("\n".join(["wrong answers:", *found.failures[:3]]))
        return found


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/api/health", timeout=1).status_code == 200
    except httpx.TransportError:
        return False


@contextmanager
def grounds(options: Options, **settings: str) -> Iterator[Grounds]:
    """Start stores, and stop everything at the end."""
    with ExitStack() as stack:
        directory = options.logs or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="latchkey-bench-")))
        directory.mkdir(parents=True, exist_ok=True)
        yield Grounds(stack, options, directory, **settings)


def median_of(values: Sequence[float]) -> float:
    """Return the middle one."""
    return sorted(values)[len(values) // 2]
