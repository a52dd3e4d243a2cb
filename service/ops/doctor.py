"""The check-up of the stores and the settings.

Each check is a small function from `Facts` to a finding, or to None where it has nothing to look at.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from service.feature.doctor import Deployment, failed
from service.feature.findings import Finding
from service.ops import growth, letters, settings_checks, store_checks
from service.ops.facts import Facts, gather, told_by_settings
from service.settings import Settings

Check = Callable[[Facts], Finding | None]

OF_SETTINGS: tuple[Check, ...] = (
    settings_checks.mail_tls,
    settings_checks.secret_strength,
    settings_checks.reach,
    settings_checks.files,
    settings_checks.origins,
    settings_checks.proxies,
    settings_checks.traces,
    settings_checks.file_descriptors,
)
"""Those that need no store."""

CHECKS: tuple[Check, ...] = (
    store_checks.database_reachable,
    store_checks.migrations,
    store_checks.database_pooler,
    store_checks.database_rows,
    store_checks.database_connections,
    growth.database_size,
    store_checks.database_clock,
    store_checks.database_tells,
    store_checks.redis_reachable,
    store_checks.redis_sentinels,
    settings_checks.redis_tls,
    settings_checks.mail_tls,
    store_checks.redis_version,
    store_checks.redis_eviction,
    growth.redis_memory,
    store_checks.redis_persistence,
    store_checks.redis_connections,
    store_checks.redis_clock,
    store_checks.redis_tells,
    store_checks.stored_hashes,
    store_checks.removals,
    store_checks.jobs_failed,
    store_checks.schedule,
    settings_checks.late_letters,
    settings_checks.secret_fits,
    settings_checks.secret_strength,
    settings_checks.reach,
    settings_checks.files,
    settings_checks.origins,
    settings_checks.proxies,
    settings_checks.strict_transport,
    settings_checks.traces,
    settings_checks.file_descriptors,
)


def examine(facts: Facts, checks: tuple[Check, ...] = CHECKS) -> list[Finding]:
    """Return what every check has found. One that fails is a finding itself, of its name, and stops no other."""
    found: list[Finding] = []
    for check in checks:
        try:
            finding = check(facts)
        except Exception as failure:  # noqa: BLE001 - whatever it is, the other checks have something to say
            finding = failed(check.__name__, failure)
        found += [finding] if finding is not None else []
    return found


def examine_settings(settings: Settings, environment: Mapping[str, str]) -> list[Finding]:
    """Return what every check has found that needs no store."""
    return examine(told_by_settings(settings, environment), OF_SETTINGS)


async def check_up(deployment: Deployment) -> list[Finding]:
    """Gather the facts about a deployment, and return what every check has found."""
    settings = deployment.settings
    found = examine(await gather(settings, deployment.redis, deployment.clock, deployment.environment))
    mail = await letters.mail_server(settings)
    return [*found, mail] if mail else found
