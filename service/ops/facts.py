"""What the check-up looks at, gathered once: settings, environment, and what the stores say about themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from service.core.clock import Clock
from service.core.redis.client import RedisScripts
from service.core.redis.facts import RedisFacts, SentinelFacts, redis_facts, sentinel_facts
from service.core.redis.tls import shown_fingerprint, trust
from service.core.sql import database, probing
from service.core.sql.database import ServerFacts
from service.core.wire import descriptors
from service.errors import Misconfigured, Unavailable
from service.ops.exposed_files import exposed_files
from service.ops.stored import ALL_IS_WELL, JobFacts, count_overdue, count_refused, job_facts
from service.runtime import KINDS_OF_KEYS
from service.settings import Settings
from service.settings.checks import ConfigurationError
from service.settings.redis_url import read_redis_url


@dataclass(frozen=True, slots=True)
class Facts:
    """All there is to know. A store out of reach has an `…_outage`, in words, and nothing else."""

    settings: Settings
    environment: Mapping[str, str]
    database_outage: str | None = None
    database_fix: str = ""  # what mends it, where only an operator can
    pending: tuple[str, ...] = ()
    server: ServerFacts | None = None  # None of the embedded database
    redis_outage: str | None = None
    redis_fix: str = ""
    nodes: tuple[RedisFacts, ...] = ()  # none of the embedded one
    sentinels: SentinelFacts | None = None  # None where there are none
    descriptors: int = descriptors.FEW  # file descriptors that a serving process may have
    fingerprint: str | None = None  # of a certificate that nobody vouches for
    refused_hashes: int = 0  # stored ones that nobody can log in with
    overdue_removals: int = 0  # deleted accounts that have left traces
    jobs: JobFacts = ALL_IS_WELL
    exposed_files: tuple[str, ...] = ()  # those with secrets in them that other users of the machine can read


async def gather(settings: Settings, redis: RedisScripts, clock: Clock, environment: Mapping[str, str]) -> Facts:
    """Ask both stores. The database must be open; a store that is away is a fact, never an exception."""
    exposed = exposed_files(settings)  # first: SQLite clears away what the last to close has left
    pending: list[str] = []
    server, database_outage, database_fix = None, None, ""
    refused_hashes, overdue_removals, jobs = 0, 0, ALL_IS_WELL
    try:
        await probing.probe()
        pending = await database.pending_migrations()
        server = await database.server_facts(clock)
        if not pending:
            refused_hashes, overdue_removals = await count_refused(), await count_overdue(clock)
            jobs = await job_facts(clock)
    except (Unavailable, ConfigurationError) as found:
        database_outage, database_fix = _words(found), _fix(found)
    nodes: tuple[RedisFacts, ...] = ()
    redis_outage, redis_fix, fingerprint = None, "", None
    if not settings.REDIS_URL.startswith("memory:"):
        try:
            for kind in KINDS_OF_KEYS:
                await redis.probe(f"{settings.REDIS_KEY_PREFIX}{kind}:probe")
            nodes = await redis_facts(redis, clock)
        except (Unavailable, ConfigurationError) as found:
            redis_outage, redis_fix = _words(found), _fix(found)
        pinnable = read_redis_url(settings.REDIS_URL).form == "single"  # of several, each has a certificate of its own
        if pinnable and (trust(settings) == "off" or (redis_outage and trust(settings) != "none")):
            fingerprint = await shown_fingerprint(settings)
    return Facts(
        settings=settings,
        environment=environment,
        database_outage=database_outage,
        database_fix=database_fix,
        pending=tuple(pending),
        server=server,
        redis_outage=redis_outage,
        redis_fix=redis_fix,
        nodes=nodes,
        sentinels=await sentinel_facts(redis),
        descriptors=descriptors.attainable(),
        fingerprint=fingerprint,
        refused_hashes=refused_hashes,
        overdue_removals=overdue_removals,
        jobs=jobs,
        exposed_files=exposed,
    )


def _words(found: BaseException) -> str:
    """Return on one line what is wrong, or the innermost cause: what the driver or the server said."""
    if isinstance(found, Misconfigured):
        return found.says
    while found.__cause__ is not None:
        found = found.__cause__
    text = str(found) or type(found).__name__
    return " ".join(text.split())[:200].rstrip(".")


def _fix(found: BaseException) -> str:
    return found.fix if isinstance(found, Misconfigured) else ""
