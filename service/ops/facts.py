"""What the check-up looks at, gathered once: settings, environment, and what the stores say about themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from service.core.clock import Clock
from service.core.faults import why
from service.core.redis.client import RedisScripts
from service.core.redis.facts import RedisFacts, RedisLoad, SentinelFacts, redis_facts, redis_load, sentinel_facts
from service.core.redis.tls import shown_fingerprint, trust
from service.core.sql import database, probing
from service.core.sql.database import ServerFacts
from service.core.sql.standing import Standing
from service.core.wire import descriptors
from service.errors import Misconfigured
from service.ops.exposed_files import exposed_files
from service.ops.letters import NO_LETTERS, LetterFacts, letter_facts
from service.ops.stored import ALL_IS_WELL, JobFacts, count_overdue, count_refused, job_facts
from service.runtime import KINDS_OF_KEYS
from service.settings import Settings
from service.settings.redis_url import read_redis_url
from service.stores.keyring import Keyring
from service.stores.known_users import CHANNEL


@dataclass(frozen=True, slots=True)
class Facts:
    """All there is to know. A store out of reach has an `…_outage`, in words, and nothing else."""

    settings: Settings
    environment: Mapping[str, str]
    database_outage: str | None = None
    database_fix: str = ""  # what mends it, where only an operator can
    schema: Standing = field(default_factory=Standing)
    server: ServerFacts | None = None  # None of the embedded database
    pooled: bool = False  # a pooler stands in between
    hidden: tuple[str, ...] = ()  # tables of which our role sees some rows only
    redis_outage: str | None = None
    redis_fix: str = ""
    nodes: tuple[RedisFacts, ...] = ()  # none of the embedded one
    loads: tuple[RedisLoad, ...] = ()  # of the same
    sentinels: SentinelFacts | None = None  # None where there are none
    # Why Redis, and the database, don't tell of changes; "" if they do, None where that isn't asked.
    untold: str | None = None
    unheard: str | None = None
    descriptors: int = descriptors.FEW  # file descriptors that a serving process may have
    fingerprint: str | None = None  # of a certificate that nobody vouches for
    refused_hashes: int = 0  # stored ones that nobody can log in with
    overdue_removals: int = 0  # deleted accounts that have left traces
    jobs: JobFacts = ALL_IS_WELL
    letters: LetterFacts = NO_LETTERS
    keys: tuple[int, int] | None = None  # signing keys that SECRET_KEY opens, and those it doesn't
    exposed_files: tuple[str, ...] = ()  # those with secrets in them that other users of the machine can read


def told_by_settings(settings: Settings, environment: Mapping[str, str]) -> Facts:
    """Return what there is to know without asking anybody."""
    limit, exposed = descriptors.attainable(), exposed_files(settings)
    return Facts(settings=settings, environment=environment, descriptors=limit, exposed_files=exposed)


async def gather(settings: Settings, redis: RedisScripts, clock: Clock, environment: Mapping[str, str]) -> Facts:
    """Ask both stores. The database must be open; a store that is away is a fact, never an exception."""
    exposed = exposed_files(settings)  # first: SQLite clears away what the last to close has left
    schema = Standing()
    server, database_outage, database_fix, unheard = None, None, "", None
    refused_hashes, overdue_removals, jobs, letters, keys = 0, 0, ALL_IS_WELL, NO_LETTERS, None
    pooled, hidden = False, list[str]()
    try:
        await probing.probe()
        schema = await database.schema_standing()
        server = await database.server_facts(clock)
        pooled, hidden = database.is_pooled(), await probing.hidden_tables()
        if not schema.pending:
            refused_hashes, overdue_removals = await count_refused(), await count_overdue(clock)
            jobs, letters = await job_facts(clock), await letter_facts(clock)
            keys = await Keyring(settings.secrets, clock).count()
            hearing = database.hearing_on(settings, CHANNEL) if settings.SESSION_CACHE == "on" else None
            unheard = await hearing.attempt() if hearing is not None else None
    except Exception as found:  # noqa: BLE001 - whatever answers there: it is told, and the rest is looked at
        database_outage, database_fix = _words(found), _fix(found)
    nodes, loads = tuple[RedisFacts, ...](), tuple[RedisLoad, ...]()
    redis_outage, redis_fix, fingerprint, untold = None, "", None, None
    if not settings.REDIS_URL.startswith("memory:"):
        try:
            for kind in KINDS_OF_KEYS:
                await redis.probe_each(f"{settings.REDIS_KEY_PREFIX}{kind}:probe")
            nodes, loads = await redis_facts(redis, clock), await redis_load(redis, clock)
            if settings.SESSION_CACHE == "on":
                untold = await redis.tells_of_changes(f"{settings.REDIS_KEY_PREFIX}user:")
        except Exception as found:  # noqa: BLE001 - as above
            redis_outage, redis_fix = _words(found), _fix(found)
        pinnable = read_redis_url(settings.REDIS_URL).form == "single"  # of several, each has a certificate of its own
        if pinnable and (trust(settings) == "off" or (redis_outage and trust(settings) != "none")):
            fingerprint = await shown_fingerprint(settings)
    return Facts(
        settings=settings,
        environment=environment,
        database_outage=database_outage,
        database_fix=database_fix,
        schema=schema,
        server=server,
        pooled=pooled,
        hidden=tuple(hidden),
        redis_outage=redis_outage,
        redis_fix=redis_fix,
        nodes=nodes,
        loads=loads,
        sentinels=await sentinel_facts(redis),
        untold=untold,
        unheard=unheard,
        descriptors=descriptors.attainable(),
        fingerprint=fingerprint,
        refused_hashes=refused_hashes,
        overdue_removals=overdue_removals,
        jobs=jobs,
        letters=letters,
        keys=keys,
        exposed_files=exposed,
    )


def _words(found: BaseException) -> str:
    """Return on one line what is wrong, or the innermost cause: what the driver or the server said."""
    return found.says if isinstance(found, Misconfigured) else why(found)


def _fix(found: BaseException) -> str:
    return found.fix if isinstance(found, Misconfigured) else ""
