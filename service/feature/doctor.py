"""The check-up of a deployment: `latchkey doctor`, and the same at every start. Each feature brings its own checks."""

from __future__ import annotations

import logging
import os
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from service.core.clock import Clock
from service.core.redis.client import RedisScripts
from service.core.telemetry.logs import log_event
from service.errors import Unavailable
from service.feature.findings import Finding, Level, error, ok, warning
from service.runtime import Runtime
from service.settings import Settings


@dataclass(frozen=True, slots=True)
class Deployment:
    """What a check looks at. The database is open. Not the whole runtime, which may have refused to open."""

    settings: Settings
    redis: RedisScripts
    clock: Clock
    environment: Mapping[str, str]


Check: TypeAlias = Callable[[Deployment], Awaitable[Iterable[Finding]]]


SettingsCheck: TypeAlias = Callable[[Settings, Mapping[str, str]], Iterable[Finding]]


class Checked(Protocol):
    """A feature, as far as a check-up is concerned."""

    @property
    def name(self) -> str:
        """What findings about its checks are called."""

    @property
    def checks(self) -> Sequence[Check]:
        """What it has to look at."""

    @property
    def settings_checks(self) -> Sequence[SettingsCheck]:
        """What of it is in the settings alone."""


async def examine(features: Iterable[Checked], deployment: Deployment) -> list[Finding]:
    """Return what every check of every feature finds. One that fails is a finding itself, and stops no other."""
    found: list[Finding] = []
    for feature in features:
        for check in feature.checks:
            try:
                found += await check(deployment)
            except Unavailable as outage:
                says = f"This could not be checked: the {outage.what or 'store'} is out of reach."
                found.append(warning(feature.name, says, "Run it again when it is back."))
            except Exception as failure:  # noqa: BLE001 - whatever it is, the other checks have something to say
                found.append(failed(feature.name, failure))
    return found


def examine_settings(features: Iterable[Checked], settings: Settings, environment: Mapping[str, str]) -> list[Finding]:
    """Return what is to be said of settings that are well-formed. No store is asked."""
    found = [ok("settings", "Every setting can be read; no store was asked.")]
    for feature in features:
        for check in feature.settings_checks:
            try:
                found += check(settings, environment)
            except Exception as failure:  # noqa: BLE001 - as above
                found.append(failed(feature.name, failure))
    return found


def failed(check: str, failure: Exception) -> Finding:
    """Return the finding that a check itself has failed."""
    says = " ".join(f"Its check failed: {type(failure).__name__}: {failure}".split())[:200]
    return error(check, says, "Mend the feature that brings it, or, if that is none of yours, tell us.")


async def examine_at_start(runtime: Runtime, features: Iterable[Checked]) -> None:
    """Log what is not as it should be. Nothing is refused: what a start can't do without, the settings refuse."""
    deployment = Deployment(runtime.settings, runtime.redis, runtime.clock, os.environ)
    for finding in await examine(features, deployment):
        if finding.level is not Level.OK:
            level = logging.ERROR if finding.level is Level.ERROR else logging.WARNING
            log_event("doctor.finding", level, check=finding.check, says=finding.says, fix=finding.fix)
