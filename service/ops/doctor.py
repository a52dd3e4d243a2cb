"""The check-up of a deployment: `latchkey doctor`, and the same at every start.

Each check is a small function from `Facts` to a finding, or to None where it has nothing to look at.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable

from service.core.telemetry.logs import log_event
from service.ops import settings_checks, store_checks
from service.ops.facts import Facts, gather
from service.ops.findings import Finding, Level
from service.runtime import Runtime

Check = Callable[[Facts], Finding | None]

CHECKS: tuple[Check, ...] = (
    store_checks.database_reachable,
    store_checks.migrations,
    store_checks.database_connections,
    store_checks.database_clock,
    store_checks.redis_reachable,
    settings_checks.redis_tls,
    store_checks.redis_version,
    store_checks.redis_eviction,
    store_checks.redis_persistence,
    store_checks.redis_connections,
    store_checks.redis_clock,
    store_checks.stored_hashes,
    store_checks.removals,
    store_checks.jobs_failed,
    store_checks.schedule,
    settings_checks.secret_strength,
    settings_checks.reach,
    settings_checks.files,
    settings_checks.origins,
    settings_checks.proxies,
    settings_checks.file_descriptors,
)


def examine(facts: Facts) -> list[Finding]:
    """Return what every check has found."""
    return [finding for check in CHECKS if (finding := check(facts)) is not None]


async def examine_at_start(runtime: Runtime) -> None:
    """Log what is not as it should be. Nothing is refused: what a start can't do without, the settings refuse."""
    facts = await gather(runtime.settings, runtime.redis, runtime.clock, os.environ)
    for finding in examine(facts):
        if finding.level is not Level.OK:
            level = logging.ERROR if finding.level is Level.ERROR else logging.WARNING
            log_event("doctor.finding", level, check=finding.check, says=finding.says, fix=finding.fix)
