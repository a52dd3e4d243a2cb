"""What is broken, and how: a table of `Fault`s."""

from __future__ import annotations

from collections.abc import Iterable

from chaos.faults import cluster, mail, network, postgres, redis, sentinel, service
from chaos.faults.fault import ALL, Fault

FAULTS: tuple[Fault, ...] = (
    *redis.FAULTS, *postgres.FAULTS, *network.FAULTS, *service.FAULTS, *mail.FAULTS, *cluster.FAULTS, *sentinel.FAULTS,
)  # fmt: skip


def chosen(form: str, *, short: bool = False, only: Iterable[str] = ()) -> list[Fault]:
    """Return the faults to play on this form: all, the short selection, those with one of the words in their name."""
    words = list(only)
    return [
        fault
        for fault in FAULTS
        if form in fault.forms
        and (not words or any(word.lower() in fault.name.lower() for word in words))
        and (not short or form in fault.short)
    ]


__all__ = ["ALL", "FAULTS", "Fault", "chosen"]
