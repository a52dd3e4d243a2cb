"""Checks of the stores: there, new enough, safe, big enough, and in time with us."""

from __future__ import annotations

from collections.abc import Iterable

from service.core.sql.database import TOO_NEW
from service.feature.findings import Finding, error, ok, unknown, warning
from service.ops.budget import budget, smaller
from service.ops.facts import Facts
from service.settings.redis_url import read_redis_url

OLDEST_REDIS = (6, 2)
CLOCK_WARNING, CLOCK_ERROR = 5.0, 60.0  # seconds; tokens allow for a minute
MANAGED = "Look it up at your provider"


def database_reachable(facts: Facts) -> Finding:
    """The database answers, and takes us for who we are."""
    if facts.database_outage:
        return error(
            "database",
            f"The database can't be used: {facts.database_outage}.",
            f"{facts.database_fix}."
            if facts.database_fix
            else "Start it, and check DATABASE_URL: host, port, user, password, name.",
        )
    return ok("database", "The database answers.")


def migrations(facts: Facts) -> Finding | None:
    """The schema is this version's."""
    if facts.database_outage:
        return None
    if facts.schema.unbearable:
        return error("migrations", f"{facts.schema.says}.", f"{TOO_NEW}.")
    if facts.schema.pending and facts.server is not None:
        names = facts.schema.pending
        says = f"{len(names)} migration(s) are pending: {', '.join(names)}."
        return error("migrations", says, "Run `latchkey db upgrade`.")
    if facts.schema.newer:
        return warning("migrations", f"{facts.schema.says}.", "Start the newer version again once it is mended.")
    if facts.server is None:
        return ok("migrations", "The service upgrades the embedded database by itself.")
    return ok("migrations", "The schema is up to date.")


def database_connections(facts: Facts) -> Finding | None:
    """R72: the pools of all instances fit into what the server gives."""
    if facts.server is None:
        return None
    limit = facts.server.connections
    pool, listening = facts.settings.DATABASE_POOL_SIZE, 1  # for changes to users
    fix = smaller(facts, "DATABASE_POOL_SIZE", limit, listening)
    return budget("database_connections", facts, pool + listening, limit, fix, beside=pool)


def database_pooler(facts: Facts) -> Finding | None:
    """What a pooler keeps from us is known, and nothing is left on its connections."""
    if not facts.pooled:
        return None
    return ok("database_pooler", "A pooler stands before the database: no statement is kept prepared.")


def database_rows(facts: Facts) -> Finding | None:
    """Nobody hides rows from our role: else those they are about are nobody to us."""
    if not facts.hidden:
        return None
    return warning(
        "database_rows",
        f"Row security hides rows from the role of DATABASE_URL: {', '.join(facts.hidden)}.",
        "Run the service as the owner of the tables, or as a role with BYPASSRLS.",
    )


def database_clock(facts: Facts) -> Finding | None:
    """The database's clock is ours."""
    return None if facts.server is None else _clock("database_clock", "the database", facts.server.ahead)


def stored_hashes(facts: Facts) -> Finding | None:
    """R84: imported passwords that this version doesn't check: they ask for too much, or guard nothing."""
    if facts.database_outage or facts.schema.pending:
        return None
    if facts.refused_hashes:
        return warning(
            "stored_hashes",
            f"{facts.refused_hashes} account(s) have an imported password hash that is not checked: "
            "it asks for too much work, or guards nothing.",
            'They need a new password: by the link of "forgot password", or `latchkey users set-password`.',
        )
    return ok("stored_hashes", "Every stored password hash can be checked.")


def removals(facts: Facts) -> Finding | None:
    """R83: somebody takes the traces of deleted accounts."""
    if facts.database_outage or facts.schema.pending:
        return None
    if facts.overdue_removals:
        return warning(
            "removals",
            f"{facts.overdue_removals} account(s) were deleted more than an hour ago, and have left events.",
            "Run `latchkey worker`, or set RUN_WORKER=yes: it takes them.",
        )
    return ok("removals", "No deleted account has left anything.")


def jobs_failed(facts: Facts) -> Finding | None:
    """No work is given up."""
    if facts.database_outage or facts.schema.pending:
        return None
    if facts.jobs.failed:
        return warning(
            "jobs_failed",
            f"Jobs have failed for good: {', '.join(facts.jobs.failed)}.",
            "`latchkey jobs list --state dead` and the log say why. Then run `latchkey jobs retry --all-dead`.",
        )
    return ok("jobs_failed", "No job has failed for good.")


def schedule(facts: Facts) -> Finding | None:
    """Somebody does the work that no request waits for."""
    if facts.database_outage or facts.schema.pending:
        return None
    fix = "Run `latchkey worker`, or set RUN_WORKER=yes; a worker that runs and is behind needs another beside it."
    if facts.jobs.late:
        return warning("schedule", f"{facts.jobs.late} job(s) should have been done more than an hour ago.", fix)
    if not facts.jobs.scheduled:
        return warning("schedule", "No worker has ever begun the schedule: nothing old is deleted.", fix)
    return ok("schedule", "No job is late.")


def redis_reachable(facts: Facts) -> Finding:
    """Redis answers, takes us for who we are, and takes writes."""
    if facts.redis_outage:
        return error(
            "redis",
            f"Redis can't be used: {facts.redis_outage}.",
            f"{facts.redis_fix}."
            if facts.redis_fix
            else "Start it, and check REDIS_URL: scheme, host, port, password.",
        )
    if not facts.nodes:
        return ok("redis", "Sessions are in this process's memory, and end with it.")
    return ok("redis", f"Redis answers and takes writes ({len(facts.nodes)} node(s)).")


def redis_sentinels(facts: Facts) -> Finding | None:
    """The Sentinels name one master, and could name another."""
    name, found = "redis_sentinels", facts.sentinels
    if found is None or not (found.masters or found.silent):
        return None
    all_of_them = found.answering + len(found.silent)
    fix = "Look at the Sentinels' logs, and at `redis-cli -p 26379 sentinel ckquorum NAME`."
    if not found.masters:
        return error(name, f"No Sentinel names a master: {found.silent[0]}.", fix)
    says = f"{found.answering} of {all_of_them} Sentinels answer (quorum {found.quorum}); the master is "
    says += f"{' or '.join(found.masters)}, with {found.replicas} replica(s)"
    troubles = (
        (len(found.masters) > 1, "They don't agree", fix),
        (found.can_fail_over is False, "Too few of them are there to name another if that one dies", fix),
        (not found.replicas, "There is nobody to take over", "Give it a replica: `replicaof HOST PORT` there."),
        (bool(found.silent), "; ".join(found.silent), "Start it, or take it out of REDIS_URL."),
        (all_of_them == 1, "While that one is away nothing can start", "Name all of them in REDIS_URL."),
    )
    if true := [(what, mend) for holds, what, mend in troubles if holds]:
        return warning(name, f"{says}. {true[0][0]}.", true[0][1])
    return ok(name, f"{says}.")


def redis_version(facts: Facts) -> Finding | None:
    """The scripts need Redis 6.2."""
    versions = [node.version for node in facts.nodes]
    fix = "Upgrade to Redis 6.2 or newer, or Valkey."
    if not versions:
        return None
    known = [version for version in versions if version]
    if len(known) < len(versions):
        return unknown("redis_version", f"{MANAGED}: it has to be 6.2 or newer.")
    if old := [version for version in known if _numbers(version) < OLDEST_REDIS]:
        return error("redis_version", f"Redis {old[0]} is too old.", fix)
    return ok("redis_version", f"Redis {min(known, key=_numbers)}.")


def redis_eviction(facts: Facts) -> Finding | None:
    """A full Redis refuses; it doesn't forget sessions."""
    name, policies = "redis_eviction", [node.policy for node in facts.nodes]
    if not policies:
        return None
    if wrong := [policy for policy in policies if policy not in (None, "noeviction")]:
        return warning(
            name,
            f"maxmemory-policy is {wrong[0]}: when memory runs short, people are logged out.",
            "`redis-cli config set maxmemory-policy noeviction`, and the same in redis.conf "
            "(Heroku: `heroku redis:maxmemory --policy noeviction`).",
        )
    if None in policies:
        return unknown(name, f"{MANAGED}: maxmemory-policy has to be noeviction.")
    return ok(name, "maxmemory-policy is noeviction.")


def redis_persistence(facts: Facts) -> Finding | None:
    """A restart of Redis doesn't log everyone out."""
    name, kept = "redis_persistence", [node.persistent for node in facts.nodes]
    if not kept:
        return None
    if False in kept:
        return warning(
            name,
            "Redis keeps nothing on disk: a restart logs everyone out.",
            "`redis-cli config set appendonly yes`, and the same in redis.conf.",
        )
    if None in kept:
        return unknown(name, f"{MANAGED}: there has to be an append-only file, or at least snapshots.")
    return ok(name, "Redis keeps what it holds on disk.")


def redis_connections(facts: Facts) -> Finding | None:
    """R72: the connections of all instances fit into what the server gives."""
    limits = [node.max_clients for node in facts.nodes]
    known = [limit for limit in limits if limit]
    if not limits:
        return None
    if not known:
        return unknown("redis_connections", f"{MANAGED} how many connections there are.")
    if (
        read_redis_url(facts.settings.REDIS_URL).form == "single"
    ):  # one for all that is asked, one that hears of changes
        fix = "Run fewer workers, or get a server with more connections."
        return budget("redis_connections", facts, 2, min(known), fix, beside=1)
    pool = facts.settings.REDIS_POOL_SIZE
    fix = smaller(facts, "REDIS_POOL_SIZE", min(known), 1)
    return budget("redis_connections", facts, pool + 1, min(known), fix, beside=pool)


def redis_clock(facts: Facts) -> Finding | None:
    """Redis's clock is ours: it says when sessions end."""
    ahead = [node.ahead for node in facts.nodes if node.ahead is not None]
    if not facts.nodes:
        return None
    if not ahead:
        return unknown("redis_clock", f"{MANAGED} that its clock is synchronised.")
    return _clock("redis_clock", "Redis", max(ahead, key=abs))


def database_tells(facts: Facts) -> Finding | None:
    """The database tells of changes to users, so that not every request has to read a row."""
    if facts.unheard is None:
        return None
    if facts.unheard:
        return warning(
            "database_tells",
            f"Changes of users aren't heard of ({facts.unheard}): each request reads a row, which is right and slower.",
            "Lead DATABASE_URL to PostgreSQL itself, or to a pooler in session mode; or set SESSION_CACHE=off.",
        )
    return ok("database_tells", "The database tells of changes to users: they are kept in memory until it does.")


def redis_tells(facts: Facts) -> Finding | None:
    """Redis tells of changes to sessions, so that not every request has to ask."""
    if facts.untold is None:
        return None
    if facts.untold:
        return warning(
            "redis_tells",
            f"Redis doesn't tell what changes ({facts.untold}): every request asks it, which is right and slower.",
            "Give the user of REDIS_URL `+client|tracking`, and lead REDIS_URL to Redis itself; or set "
            "SESSION_CACHE=off.",
        )
    return ok("redis_tells", "Redis tells of changes to sessions: they are kept in memory until it does.")


def _clock(name: str, whose: str, ahead: float) -> Finding:
    if abs(ahead) < CLOCK_WARNING:
        return ok(name, f"The clocks of {whose} and of this machine agree.")
    says = f"The clock of {whose} is {abs(ahead):.0f} s {'ahead of' if ahead > 0 else 'behind'} this machine's."
    fix = "Let both be set by NTP (chrony, systemd-timesyncd)."
    return (
        warning(name, says, fix)
        if abs(ahead) < CLOCK_ERROR
        else error(name, f"{says} Tokens and DPoP proofs are refused.", fix)
    )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in _leading(version.split(".")[:2]))


def _leading(parts: Iterable[str]) -> Iterable[str]:
    return (part if part.isdigit() else "0" for part in parts)
