"""Who used the processors: the server, the stores, the generator, and everybody else."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import psutil  # type: ignore[import-untyped]  # ships no types

DISTURBED_CORES = 0.2


@dataclass(frozen=True)
class Usage:
    """Processor seconds, since the start or of a round; `others` is what none of ours used, or the host took away."""

    seconds: float
    server: float
    postgres: float
    redis: float
    generator: float
    others: float

    @property
    def disturbed(self) -> bool:
        """Whether others took so much that the round says little."""
        return self.others / self.seconds > DISTURBED_CORES

    @property
    def cores(self) -> dict[str, float]:
        """How many cores each kept busy, on average."""
        return {name: spent / self.seconds for name, spent in vars(self).items() if name != "seconds"}


class Meter:
    """Reads the processors' clocks. Everything is counted from the time it was made or last read."""

    def __init__(self, *, postgres: int, redis: int, generator: int) -> None:
        """Take the process ids of what runs all the time."""
        self._fixed = (postgres, redis, generator)
        self._last: tuple[float, ...] = ()

    def start(self, server: int) -> None:
        """Begin to measure a round of the server with this process id."""
        self._last = self._read(server)

    def stop(self, server: int) -> Usage:
        """Return what was used since `start`."""
        now = self._read(server)
        seconds, busy, bench, *spent = (after - before for before, after in zip(self._last, now, strict=True))
        known = sum(spent) + (bench if server != os.getpid() else 0.0)
        ours, postgres, redis, generator = spent
        return Usage(seconds, ours, postgres, redis, generator, others=max(0.0, busy - known))

    def _read(self, server: int) -> tuple[float, ...]:
        pids = (os.getpid(), server, *self._fixed)
        return (perf_counter(), busy(), *(spent(pid, whole=pid != os.getpid()) for pid in pids))


def spent_exactly(pid: int) -> float:
    """Return the processor time of a process and its descendants, where Linux tells it to the nanosecond.

    Elsewhere by the ticks of its clock. Threads and processes that have ended aren't in it.
    """
    root, total = psutil.Process(pid), 0
    for process in [root, *root.children(recursive=True)]:
        with suppress(FileNotFoundError, ProcessLookupError):
            told = [one.read_text() for one in Path(f"/proc/{process.pid}/task").glob("*/schedstat")]
            total += sum(int(text.split()[0]) for text in told)
    return total / 1e9 or spent(pid, whole=True)


def busy() -> float:
    """Return the seconds all cores worked, or were taken away. Interrupts count: processes' times have them too."""
    times = psutil.cpu_times()
    return float(sum(getattr(times, name, 0.0) for name in ("user", "nice", "system", "irq", "softirq", "steal")))


def spent(pid: int, *, whole: bool) -> float:
    """Return the processor time of a process; with `whole`, also of its descendants, those that have ended too."""
    root = psutil.Process(pid)
    total = 0.0
    for process in [root, *(root.children(recursive=True) if whole else [])]:
        with suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            total += times.user + times.system
            if whole:
                total += times.children_user + times.children_system
    return total
