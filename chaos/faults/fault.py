"""One fault: what it is called, where it can happen, how it begins and ends, and what it excuses."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from chaos.oracle import LATEST_SECONDS
from chaos.scene import Scene

ALL = ("single", "cluster", "sentinel")
SINGLE, CLUSTER, SENTINEL = ("single",), ("cluster",), ("sentinel",)


@dataclass(frozen=True)
class Fault:
    """A fault. `happens` injects it when entered and heals it when left; `lasts` seconds lie between.

    `forms` are the forms of Redis it can happen to, `short` those for which the short run plays it. What it excuses,
    beside 503: `cuts`, that calls get no answer; `empties`, that sessions are gone; `seconds_allowed` for an answer,
    where a process of the service itself is what is away. `felt`: somebody must have been put off, or it was no fault.
    """

    name: str
    store: str
    happens: Callable[[Scene], AbstractAsyncContextManager[None]]
    lasts: float = 2.5
    forms: tuple[str, ...] = ALL
    short: tuple[str, ...] = ()
    cuts: bool = False
    empties: bool = False
    felt: bool = True
    seconds_allowed: float = LATEST_SECONDS
