"""Connections: how many there would be, and how many there are."""

from __future__ import annotations

from service.feature.findings import Finding, error, ok, warning
from service.ops.facts import Facts


def smaller(facts: Facts, setting: str, limit: int, more: int) -> str:
    """Say what a pool may have at most, of whose kind each serving process has so many connections `more`."""
    serving = facts.settings.INSTANCES * facts.settings.WEB_CONCURRENCY
    most = max(1, (limit // 2 - serving * more) // (serving + _works_beside(facts)))
    return f"Set {setting} to {most} or less, or get a server with more connections."


def _works_beside(facts: Facts) -> bool:
    """Whether a process of its own does the jobs. That there are several is nowhere said."""
    return facts.settings.production and getattr(facts.settings, "RUN_WORKER", "auto") != "yes"


def budget(name: str, facts: Facts, each: int, limit: int, fix: str, *, beside: int) -> Finding:
    """Compare with what there is what serving processes take, `each` of them, and a worker `beside` them."""
    settings = facts.settings
    beside = beside if _works_beside(facts) else 0
    need = settings.INSTANCES * settings.WEB_CONCURRENCY * each + beside
    sum_of_it = f"{settings.INSTANCES} instance(s) x {settings.WEB_CONCURRENCY} worker(s) x {each}"
    sum_of_it += f" + {beside} of `latchkey worker` = {need}" if beside else f" = {need}"
    if need > limit:
        return error(name, f"{sum_of_it} connections are more than the {limit} there are: some get 503.", fix)
    if 2 * need > limit:
        return warning(name, f"{sum_of_it} of {limit} connections: while old and new instances overlap, too many.", fix)
    return ok(name, f"{sum_of_it} of {limit} connections.")
