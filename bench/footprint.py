"""Part: how soon a service answers, and what memory a worker takes, idle and loaded."""

from __future__ import annotations

import psutil  # type: ignore[import-untyped]  # ships no types

from bench.grounds import Grounds, Line, median_of
from bench.many import Wanted
from bench.traffic import MIX

STARTS = 5
MEGABYTE = 1_000_000


def footprint(ground: Grounds) -> list[Line]:
    """Start a service some times; then load one with mixed traffic from many sessions."""
    options = ground.options
    files = ground.seed(FEW, FEW)
    starts = []
    for number in range(min(STARTS, options.rounds + 2)):
        with ground.serving(f"start{number}") as (_, seconds):
            starts.append(seconds)
    with ground.serving("loaded") as (server, _):
        idle = _memory(server.pid)
        for _ in range(options.rounds):
            ground.play(Wanted(server.port, options.seconds * 2, options.connections, files, MIX))
        loaded, beside = _memory(server.pid), _memory_beside(server.pid)
    return [
        Line("start to the first 200", median_of(starts), "s", "0.8 s"),
        Line("memory of a worker, idle", idle, "MB", "85 MB"),
        Line("memory of a worker, loaded", loaded, "MB", "115 MB"),
        Line("of the processes that hash beside it: their own", beside, "MB"),
    ]


FEW = 1_000


def _memory(pid: int) -> float:
    """Return what a process has in memory, in MB."""
    return float(psutil.Process(pid).memory_info().rss) / MEGABYTE


def _memory_beside(pid: int) -> float:
    """Return what its children have in memory that is nobody else's, in MB."""
    children = psutil.Process(pid).children(recursive=True)
    return float(sum(child.memory_full_info().uss for child in children)) / MEGABYTE
