"""How much the stores hold, beside what they are allowed to."""

from __future__ import annotations

from typing import Final

from service.feature.findings import Finding, error, ok, unknown, warning
from service.ops.facts import Facts

MEGABYTE: Final = 1_000_000
FULL: Final = 0.95
NEARLY: Final = 0.8
SESSION_BYTES: Final = 700  # all told, of somebody who has one (docs/decisions/093)


def database_size(facts: Facts) -> Finding | None:
    """The database fits into its plan: past that, providers take the right to write away, and nobody logs in."""
    if facts.server is None:
        return None
    name, limit, size = "database_size", facts.settings.DATABASE_SIZE_LIMIT_MB, facts.server.size / MEGABYTE
    if not limit:
        return ok(name, f"The database takes {size:,.0f} MB. (DATABASE_SIZE_LIMIT_MB says what your plan holds.)")
    says = f"The database takes {size:,.0f} of {limit:,} MB"
    fix = "Get a larger plan, or keep events for less long: EVENT_RETENTION_DAYS, then `latchkey events purge`."
    if size > FULL * limit:
        return error(name, f"{says}: past that nothing can be written, and nobody logs in.", fix)
    return warning(name, f"{says}.", fix) if size > NEARLY * limit else ok(name, f"{says}.")


def redis_memory(facts: Facts) -> Finding | None:
    """Redis has room for the sessions that come: a full one takes nobody in."""
    name, nodes = "redis_memory", facts.loads
    if not nodes:
        return None
    known = [(node.used, node.limit) for node in nodes if node.used is not None and node.limit is not None]
    if len(known) < len(nodes):
        return unknown(name, f"See that it has memory for the sessions, {SESSION_BYTES} bytes each.")
    used = sum(one for one, _ in known) / MEGABYTE
    if not all(limit for _, limit in known):
        return ok(name, f"Redis uses {used:,.0f} MB, and has no limit of its own (`maxmemory`).")
    # Each node for itself: a user's sessions are all on one, and one that is full refuses.
    fullest = max(one / limit for one, limit in known)
    room = sum(max(0, limit - one) for one, limit in known) // SESSION_BYTES
    limit = sum(limit for _, limit in known) / MEGABYTE
    says = f"Redis uses {used:,.0f} of {limit:,.0f} MB: there is room for some {room:,} sessions more"
    fix = "Give Redis more memory, or have sessions end sooner: REFRESH_TOKEN_EXPIRE_DAYS, MAX_SESSIONS_PER_USER."
    if fullest > FULL:
        return error(name, f"{says}. A full Redis takes nobody in.", fix)
    return warning(name, f"{says}.", fix) if fullest > NEARLY else ok(name, f"{says}.")
