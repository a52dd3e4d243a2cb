"""The service's processes: instances of two workers each, and a worker for letters; ended, frozen, counted."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil  # type: ignore[import-untyped]  # ships no types

from chaos.proxy import HOST
from tests.servers import ServerFailed, free_port
from tests.support.process import LATCHKEY, Process, environment, running

READY_SECONDS = 90.0  # of a start on a busy machine
WORKERS = 2
MEGABYTE = 2**20


@dataclass(frozen=True, slots=True)
class Usage:
    """What the service's processes hold: memory, and descriptors, of which all that come and go are sockets."""

    megabytes: float
    descriptors: int
    processes: int


@dataclass
class Running:
    """A process of ours that can be started again: `latchkey` with these arguments."""

    name: str
    arguments: Sequence[str]
    settings: Mapping[str, str]
    directory: Path
    process: Process | None = None
    _stack: ExitStack = field(default_factory=ExitStack)

    def start(self) -> None:
        """Start it."""
        # Neither the caller's settings nor a .env file have a say, and nobody measures what it covers.
        given = {name: value for name, value in environment(**self.settings).items() if not name.startswith("COVERAGE")}
        command = [*LATCHKEY, *self.arguments]
        self.process = self._stack.enter_context(running(command, self.log, env=given, fresh=True))

    async def stop(self) -> int:
        """Ask it to end, as a platform does; return its exit code."""
        code = 0
        if self.process is not None:
            self.process.terminate()
            with suppress(Exception):  # one that doesn't end is killed by what follows
                code = await asyncio.to_thread(self.process.wait, 30)
            await asyncio.to_thread(self._stack.close)
            self._stack, self.process = ExitStack(), None
        return code

    @property
    def log(self) -> Path:
        """Where it says what happens."""
        return self.directory / f"{self.name}.log"

    def processes(self) -> list[psutil.Process]:
        """Return it and its children."""
        if self.process is None:
            return []
        try:
            first = psutil.Process(self.process.pid)
            return [first, *first.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def workers(self) -> list[psutil.Process]:
        """Return its worker processes, the oldest first; what hashes beside them is theirs."""
        if self.process is None:
            return []
        try:
            return sorted(psutil.Process(self.process.pid).children(), key=lambda found: found.create_time())
        except psutil.NoSuchProcess:
            return []


@dataclass
class Instance(Running):
    """An instance that serves on a port of its own. `up`: it was ready, and has not been told to end."""

    port: int = field(default_factory=free_port)
    up: bool = False

    def start(self) -> None:
        """Start it, on the port it has had before."""
        self.settings = {**self.settings, "PORT": str(self.port), "WEB_CONCURRENCY": str(WORKERS)}
        super().start()

    async def stop(self) -> int:
        """Ask it to end; return its exit code."""
        self.up = False
        return await super().stop()

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://{HOST}:{self.port}"

    async def ready(self, seconds: float = READY_SECONDS) -> None:
        """Wait until every worker is there, and says that it is ready. Raises ServerFailed."""
        deadline = asyncio.get_running_loop().time() + seconds
        good = 0
        async with httpx.AsyncClient(base_url=self.url, timeout=5, trust_env=False) as client:
            while good < 4 * WORKERS:  # connections of their own, which spread over the workers
                if self.process is not None and self.process.poll() is not None:
                    raise ServerFailed(f"{self.name} ended:\n{self.log.read_text(errors='replace')[-3000:]}")
                if asyncio.get_running_loop().time() > deadline:
                    raise ServerFailed(f"{self.name} isn't ready:\n{self.log.read_text(errors='replace')[-3000:]}")
                try:
                    answer = await client.get("/api/health/ready", headers={"Connection": "close"})
                    good = good + 1 if answer.status_code == 200 and len(self.workers()) == WORKERS else 0
                except httpx.HTTPError:
                    good = 0
                await asyncio.sleep(0.02 if good else 0.2)
        self.up = True


def usage(found: Sequence[Running]) -> Usage:
    """Return what all these hold now."""
    memory = descriptors = count = 0
    for process in [process for one in found for process in one.processes()]:
        with suppress(psutil.Error):
            memory += process.memory_info().rss
            descriptors += process.num_fds()
            count += 1
    return Usage(memory / MEGABYTE, descriptors, count)


def kill(process: psutil.Process, number: int = signal.SIGKILL) -> None:
    """Send a worker a signal, unless it has ended."""
    with suppress(psutil.NoSuchProcess):
        process.send_signal(number)
