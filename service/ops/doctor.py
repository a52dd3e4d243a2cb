"""The check-up of the stores and the settings.

Each check is a small function from `Facts` to a finding, or to None where it has nothing to look at.
"""

from __future__ import annotations

from collections.abc import Callable

from service.feature.doctor import Deployment
from service.feature.findings import Finding
from service.ops import settings_checks, store_checks
from service.ops.facts import Facts, gather

Check = Callable[[Facts], Finding | None]

CHECKS: tuple[Check, ...] = (
    store_checks.database_reachable,
    store_checks.migrations,
    store_checks.database_connections,
    store_checks.database_clock,
    store_checks.redis_reachable,
    store_checks.redis_sentinels,
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


async def check_up(deployment: Deployment) -> list[Finding]:
    """Gather the facts about a deployment, and return what every check has found."""
    return examine(await gather(deployment.settings, deployment.redis, deployment.clock, deployment.environment))
