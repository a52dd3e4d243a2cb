"""The record of refusals: a line in the log for each that says something about who asked (ASVS 16.3; R69 to R71).

An error says by `noted` what the log calls it; the renderer writes the line. Where nothing is refused (logging out with
a forged token is 204) a flow calls `note`. A flood can't flood the log: of each kind there are at most 10 lines a
minute about one network, and 100 in all; what is left out is counted, and said in one more line.

Nonsense, requests that no client of ours would send, has a budget per network, in this process's memory.
"""

from __future__ import annotations

import logging
from collections import Counter
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Final, cast
from uuid import UUID

from sanic import Request
from sanic.exceptions import RequestCancelled

from service.core.clock import Clock
from service.core.http.networks import network_of
from service.core.http.requests import client_ip
from service.core.telemetry import metrics
from service.core.telemetry.logs import log_event
from service.core.windows import Budget, Charge, LocalWindows, Refused, by_network
from service.errors import RateLimited, ServiceError
from service.settings import Settings

MINUTE: Final = 60
LINES_PER_NETWORK: Final = 10
LINES_IN_ALL: Final = 100

# What is a warning somebody has tried; the rest also happens to honest people.
LINES: Final = {
    "refused.access_token": logging.WARNING,
    "refused.challenge": logging.WARNING,
    "refused.client": logging.WARNING,
    "refused.device_proof": logging.WARNING,
    "refused.forbidden": logging.WARNING,
    "refused.link": logging.WARNING,
    "refused.metrics_token": logging.WARNING,
    "refused.passkey": logging.WARNING,
    "refused.privileged_member": logging.WARNING,
    "refused.refresh_token": logging.WARNING,
    "refused.origin": logging.INFO,
    "refused.reauthentication": logging.INFO,
    "refused.session": logging.INFO,
    "refused.too_large": logging.INFO,
    "throttled": logging.WARNING,
}

Scene = tuple[str, str | None]
"""A request's method, and its route's template: paths may hold anything."""

scene: ContextVar[Scene | None] = ContextVar("scene", default=None)


MOST_ORIGINS: Final = 50
_HOW_TO_LIST: Final = "If it is a front end of yours, name it in BACKEND_CORS_ORIGINS."


@dataclass(slots=True)
class _Minute:
    """What was said of one kind since it began. `networks` are those with a line: no more than there are lines."""

    ends_at: float
    networks: Counter[str] = field(default_factory=Counter)
    left_out: int = 0


class Refusals:
    """What this process has refused of late."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._minutes: dict[str, _Minute] = {}
        self._origins: set[str] = set()
        self._nonsense = LocalWindows(clock)

    def note(self, line: str, *, ip: str, user_id: UUID | None = None, why: str = "") -> None:
        """Write one of `LINES`. `why` is a word of ours; whatever a client may have written is escaped and cut."""
        level = LINES[line]
        metrics.refusals.labels(line).inc()
        if not self._may_say(line, network_of(ip)):
            return
        method, route = scene.get() or (None, None)
        why = why[:200]
        more = {"fix": _HOW_TO_LIST} if line == "refused.origin" and self._is_new(why) else {}
        log_event(line, level, user_id=user_id, ip=ip, method=method, route=route, why=why or None, **more)

    async def sum_up(self) -> None:
        """Say of each kind whose minute is over how many lines were left out."""
        now = self._clock.timestamp()
        for line in [line for line, minute in self._minutes.items() if now >= minute.ends_at]:
            self._close(line)

    def demand_sense(self, settings: Settings, ip: str) -> None:
        """Raise `RateLimited` where so much nonsense has come from that nothing more is read for a while."""
        if not settings.RATE_LIMITS_ENABLED:
            return
        for charge in _budgets(settings, ip):
            found = self._nonsense.look(charge.budget, charge.subject)
            if isinstance(found, Refused):
                raise found.error()

    def count_nonsense(self, settings: Settings, ip: str) -> None:
        """Take one from the budgets of who sent nonsense."""
        for charge in _budgets(settings, ip):
            self._nonsense.take(charge.budget, charge.subject)

    def _is_new(self, origin: str) -> bool:
        """Return whether an origin is refused for the first time: its developer may be looking for the reason.

        Only so many are: whoever sends ever others is none.
        """
        if origin in self._origins or origin in ("", "null") or len(self._origins) >= MOST_ORIGINS:
            return False
        self._origins.add(origin)
        return True

    def _may_say(self, line: str, network: str) -> bool:
        now = self._clock.timestamp()
        minute = self._minutes.get(line)
        if minute is not None and now >= minute.ends_at:
            self._close(line)
            minute = None
        if minute is None:
            minute = self._minutes[line] = _Minute(now + MINUTE)
        said = minute.networks
        if said[network] >= LINES_PER_NETWORK or said.total() >= LINES_IN_ALL:
            minute.left_out += 1
            return False
        said[network] += 1
        return True

    def _close(self, line: str) -> None:
        minute = self._minutes.pop(line)
        if minute.left_out:
            log_event("refusals.left_out", logging.WARNING, line=line, left_out=minute.left_out)


def refusals_of(request: Request) -> Refusals:
    """Return the record of the service that answers `request`."""
    return cast(Refusals, request.app.ctx.runtime.refusals)


def settings_of(request: Request) -> Settings:
    """Return the settings of the service that answers `request`."""
    return cast(Settings, request.app.ctx.runtime.settings)


def scene_of(request: Request) -> Scene:
    """Return where a request is at."""
    return request.method, metrics.template(request.route.path) if request.route else None


def note_refusal(request: Request, line: str, why: str = "") -> None:
    """Write a line about a request: one of each kind."""
    noted: set[str] = request.ctx.__dict__.setdefault("noted", set())
    if line in noted:
        return
    noted.add(line)
    scene.set(scene_of(request))
    ip = client_ip(request, settings_of(request).PROXIES_COUNT)
    refusals_of(request).note(line, ip=ip, user_id=getattr(request.ctx, "user_id", None), why=why)


def take_note(request: Request, exception: BaseException, error: ServiceError) -> None:
    """Do for an answer >= 400 what there is to do: a line, and the budget of nonsense."""
    if isinstance(exception, RequestCancelled) or not hasattr(request.app.ctx, "runtime"):
        return
    if isinstance(error, RateLimited):
        metrics.throttled.labels(error.policy).inc()
        note_refusal(request, "throttled", error.policy)
    elif error.line:
        note_refusal(request, error.line, error.why)
    if error.nonsense:
        settings = settings_of(request)
        refusals_of(request).count_nonsense(settings, client_ip(request, settings.PROXIES_COUNT))


def _budgets(settings: Settings, ip: str) -> tuple[Charge, ...]:
    return by_network(Budget("refused", settings.REFUSED_REQUESTS_PER_ADDRESS, MINUTE * 1000), ip)
