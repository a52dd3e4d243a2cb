"""Everything a flow needs, opened once: the only place that chooses embedded or production parts."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias, cast
from uuid import UUID

from pydantic_settings import BaseSettings
from sanic import Request

from service.core.clock import Clock
from service.core.faults import tell
from service.core.http.refusals import Refusals
from service.core.outward.client import Outward
from service.core.passwords.breached import BreachedPasswords
from service.core.passwords.hashing import Passwords, hashing_threads
from service.core.passwords.lanes import processes_beside
from service.core.redis import client as redis
from service.core.redis.client import RedisScripts
from service.core.sql import database, probing, touched
from service.core.sql.schema import Schema
from service.core.telemetry.logs import log_event
from service.errors import Misconfigured, Unavailable
from service.settings import Settings, mail_checks
from service.settings.checks import ConfigurationError
from service.stores.access_tokens import AccessTokens
from service.stores.attendance import Attendance
from service.stores.changes import Changes
from service.stores.device_cookies import DeviceCookies
from service.stores.device_proofs import DeviceProofs
from service.stores.dpop_proofs import DpopProofs
from service.stores.event_kinds import Event
from service.stores.job_queue import JobQueue
from service.stores.keyring import KEYS, Keyring
from service.stores.known_users import CHANNEL, KnownUsers
from service.stores.letter_kinds import Letter
from service.stores.mail_trust import Trust
from service.stores.mailer import Transport, transport_for
from service.stores.outbox import Outbox
from service.stores.refresh_tokens import RefreshTokenCodec
from service.stores.sessions.store import SessionStore
from service.stores.tally import Tally
from service.stores.throttle import Throttle
from service.stores.tickets import TicketCodec
from service.stores.waiting_events import WaitingEvents

KINDS_OF_KEYS: Final = ("user", "throttle", "statistics", "flow")
"""How the names of keys in Redis begin: a user there may be allowed some of them, and not others."""

Exported: TypeAlias = "Callable[[Runtime, UUID], Awaitable[object]]"
Deleted: TypeAlias = "Callable[[Runtime, UUID], Awaitable[None]]"


class Plugged(Protocol):
    """What is to be known of a feature down here: its tables, events, letters, settings, what it keeps of a user."""

    @property
    def name(self) -> str:
        """What it is called: also in a user's export."""

    @property
    def schema(self) -> Schema | None:
        """Its tables; None of one that brings none."""

    @property
    def events(self) -> tuple[Event, ...]:
        """What it records."""

    @property
    def letters(self) -> tuple[Letter, ...]:
        """What it writes."""

    @property
    def settings(self) -> type[BaseSettings] | None:
        """What can be set about it."""

    @property
    def exported(self) -> Exported | None:
        """Returns what it keeps of a user, for the user's export."""

    @property
    def deleted(self) -> Deleted | None:
        """Takes what it keeps of a user, within the transaction that deletes the account."""


def schemas_of(features: Sequence[Plugged]) -> list[Schema]:
    """Return the tables that features bring."""
    return [feature.schema for feature in features if feature.schema is not None]


def events_of(features: Iterable[Plugged]) -> dict[str, Event]:
    """Return the events that features bring, by name."""
    return {event.name: event for feature in features for event in feature.events}


def settings_of(features: Iterable[Plugged]) -> tuple[type[BaseSettings], ...]:
    """Return the settings that features bring."""
    return tuple(feature.settings for feature in features if feature.settings is not None)


@dataclass(frozen=True, slots=True)
class Runtime:
    """The parts of a running service. Flows take it first; routes, commands and tests call the same flows."""

    settings: Settings
    clock: Clock
    redis: RedisScripts
    passwords: Passwords
    outward: Outward
    breached_passwords: BreachedPasswords
    throttle: Throttle
    refusals: Refusals
    sessions: SessionStore
    users: KnownUsers
    changes: Changes
    keyring: Keyring
    access_tokens: AccessTokens
    refresh_tokens: RefreshTokenCodec
    device_cookies: DeviceCookies
    device_proofs: DeviceProofs
    dpop_proofs: DpopProofs
    tickets: TicketCodec
    waiting_events: WaitingEvents
    tally: Tally
    attendance: Attendance
    jobs: JobQueue
    outbox: Outbox
    mailer: Transport | None
    features: tuple[Plugged, ...]
    events: Mapping[str, Event]
    needs_redis: bool = True
    """False of an operator's command that ends sessions: it does what can be done for certain while Redis is away."""


@asynccontextmanager
async def open_runtime(
    settings: Settings, features: Sequence[Plugged], *, clock: Clock | None = None, needs_redis: bool = True
) -> AsyncIterator[Runtime]:
    """Open the parts, the tables of `features` among them, and close them at the end.

    A store that is out of reach is no reason not to start: requests get 503 until it is back. Settings that a store
    refuses (a wrong password, a missing database) raise `ConfigurationError`; of Redis only where it is needed.
    """
    clock = clock or Clock()
    connection = redis.connect(settings)
    watch = connection.watch(f"{settings.REDIS_KEY_PREFIX}user:")
    if database.is_sqlite(settings):
        await database.upgrade(settings, schemas_of(features))
    await database.open_database(settings, schemas_of(features))
    hearing = database.hearing_on(settings, CHANNEL) if watch is not None else None
    changes = Changes(settings, watch, hearing)
    kept = (watch, hearing) if settings.SESSION_CACHE == "on" else (None, None)
    users = KnownUsers(connection, settings, *kept, changes)
    keyring = Keyring(settings.secrets, clock, new_secret=settings.NEW_SECRET)
    workers = settings.WEB_CONCURRENCY
    passwords = Passwords(threads=hashing_threads(workers), processes=processes_beside(workers))
    outward = Outward()
    told = touched.tell(users.tell)
    try:
        runtime = Runtime(
            settings=settings,
            clock=clock,
            redis=connection,
            passwords=passwords,
            outward=outward,
            breached_passwords=BreachedPasswords(settings.BREACHED_PASSWORDS_URL, outward),
            throttle=Throttle(connection, settings, clock),
            refusals=Refusals(clock),
            sessions=SessionStore(connection, settings, clock, kept[0]),
            users=users,
            changes=changes,
            keyring=keyring,
            access_tokens=AccessTokens(keyring, settings, clock),
            refresh_tokens=RefreshTokenCodec(settings.secrets),
            device_cookies=DeviceCookies(settings.secrets),
            device_proofs=DeviceProofs(settings, clock),
            dpop_proofs=DpopProofs(connection, settings, clock),
            tickets=TicketCodec(settings.secrets),
            waiting_events=WaitingEvents(connection, settings),
            tally=Tally(clock),
            attendance=Attendance(connection, settings),
            jobs=JobQueue(settings.secrets, clock),
            outbox=Outbox(settings.secrets, clock, [letter for feature in features for letter in feature.letters]),
            mailer=transport_for(
                settings.SMTP_URL,
                production=settings.production,
                trust=Trust.of(settings),
                ehlo=settings.SMTP_EHLO or mail_checks.own_name(settings.PUBLIC_URL),
            ),
            features=tuple(features),
            events=events_of(features),
            needs_redis=needs_redis,
        )
        await _warm_up(runtime, needs_redis=needs_redis)
        yield runtime
    finally:
        told()
        if hearing is not None:
            await hearing.close()
        passwords.close()
        await outward.close()
        await database.close_database()
        await connection.close()


async def _warm_up(runtime: Runtime, *, needs_redis: bool) -> None:
    """Connect early, so that the first requests are fast and wrong settings are found before any is served."""
    for part in (_warm_up_database, _warm_up_redis) if needs_redis else (_warm_up_database,):
        try:
            await part(runtime)
        except Misconfigured as error:
            tell(error)
        except Unavailable as error:
            log_event("started_without", logging.WARNING, what=error.what, cause=str(error.__cause__)[:300])


async def _warm_up_database(runtime: Runtime) -> None:
    await probing.warm()
    await database.demand_bearable()
    await probing.demand_rights()


async def _warm_up_redis(runtime: Runtime) -> None:
    await runtime.redis.warm(f"{runtime.settings.REDIS_KEY_PREFIX}user:probe")


async def demand_secret(runtime: Runtime, *, serves: bool) -> None:
    """Raise `ConfigurationError` where SECRET_KEY isn't the one that belongs to the database (R42).

    Who `serves` has a key to sign with then; nobody else makes any. A store that is away is no reason not to start.
    """
    try:
        await (runtime.keyring.signing_pair() if serves else runtime.keyring.demand_fit())
    except Unavailable as error:
        if isinstance(error, Misconfigured) and error.what == KEYS:
            raise ConfigurationError([f"{error.says}. {error.fix}."]) from None


async def probe_redis(runtime: Runtime) -> None:
    """Raise `Unavailable` unless Redis takes writes, `ConfigurationError` when it refuses us.

    Raises `Misconfigured` where it doesn't let us do all that the service does, with all the names that keys have.
    """
    prefix = runtime.settings.REDIS_KEY_PREFIX
    for kind in KINDS_OF_KEYS:
        await runtime.redis.probe(f"{prefix}{kind}:probe")


def runtime_of(request: Request) -> Runtime:
    """Return the runtime that serves `request`."""
    return cast(Runtime, request.app.ctx.runtime)
