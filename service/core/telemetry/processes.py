"""What the processes of an instance take of the machine, under the names that every Prometheus client uses.

Read when somebody asks, from /proc: of each process, the supervisor among them, told apart by the label `process`.
Where there is no /proc there is nothing to read.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Final

from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

ALONE: Final = "0"
SUPERVISOR: Final = "supervisor"
WORKER: Final = "worker"
"""`latchkey worker`; what serves has a number."""

_ANNOUNCED: Final = "process_"
_LABEL: Final = ("process",)


class Processes(Collector):
    """The processes that `pids` names, by the names that they have."""

    def __init__(self, pids: Callable[[], Mapping[str, int]]) -> None:
        """Take what says which processes there are now."""
        self._pids = pids

    def collect(self) -> Iterator[Metric]:
        """Yield each number once, with a sample for each process that lives."""
        families: dict[str, Metric] = {}
        for name, pid in sorted(self._pids().items()):
            for one in ProcessCollector(pid=partial(int, pid), registry=None).collect():
                if one.name not in families:
                    kind = CounterMetricFamily if one.type == "counter" else GaugeMetricFamily
                    families[one.name] = kind(one.name, one.documentation, labels=_LABEL)
                for sample in one.samples:
                    families[one.name].add_sample(sample.name, {"process": name}, sample.value)
        yield from families.values()


def this_one(name: str) -> Callable[[], Mapping[str, int]]:
    """Return what says that this process is all there is."""
    return lambda: {name: os.getpid()}


def announce(directory: Path, name: str) -> None:
    """Say that this process is one of those whose numbers are in `directory`: others look it up by that."""
    (directory / f"{_ANNOUNCED}{os.getpid()}").write_text(name, encoding="ascii")


def announced(directory: Path) -> Mapping[str, int]:
    """Return the processes that have announced themselves and that nobody has taken back."""
    found = dict[str, int]()
    for file in directory.glob(f"{_ANNOUNCED}*"):
        try:
            name = file.read_text(encoding="ascii")
        except FileNotFoundError:  # taken back just now
            continue
        if name:  # else it is being written
            found[name] = int(file.name.removeprefix(_ANNOUNCED))
    return found


def take_back(directory: Path, pid: int) -> None:
    """Forget a process that is gone: its number may be another's soon."""
    (directory / f"{_ANNOUNCED}{pid}").unlink(missing_ok=True)
