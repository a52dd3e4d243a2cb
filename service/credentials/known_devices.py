"""Known devices: where a user has logged in before. They guess from a budget of their own, and new ones are told of.

A device is known by its cookie, or, where cookies don't work, by the address (IPv4, or the IPv6 /64) and the
User-Agent of an earlier log-in. A new password that was set without the old one makes every device a stranger again.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, Literal
from uuid import UUID, uuid4

from tortoise.exceptions import IntegrityError

from models import KnownDevice, User
from service.audit import events
from service.core.client import Client
from service.core.http.networks import network_of
from service.core.sql.lookup import Lookup
from service.core.sql.statement import Statement
from service.core.sql.transactions import transaction
from service.errors import Unavailable
from service.letters import notices
from service.runtime import Runtime
from service.sessions.callers import cut_off

MOST_DEVICES = 50
NOBODY = UUID(int=0)

# The device that the owner of a row of `users` is known by at a place.
HERE: Final = """(
    SELECT "id" FROM "known_devices" WHERE "user_id" = "users"."id"
    AND "network" = {network} AND "user_agent" = {user_agent} AND "forgotten_at" IS NULL
)"""

_locked: Final = Lookup(User, "id", locked=True)

_LIVING: Final = Statement(
    KnownDevice,
    """SELECT {*} FROM "known_devices" WHERE "user_id" = {user_id} AND "forgotten_at" IS NULL
    AND ("id" IN ({id*}) OR ("network" = {network} AND "user_agent" = {user_agent}))""",
)
# The user is as they were when they were read: whoever is just changing them is waited for.
_OWNER = """"user_id" = {user_id} AND EXISTS (
    SELECT 1 FROM "users" WHERE "users"."id" = "known_devices"."user_id" AND "is_active"
    AND "sessions_valid_after" {=} {sessions_valid_after} {lock}
)"""
# The first of all that the user has had: nobody is told of it, so this is all there is to do.
_FIRST: Final = Statement(
    KnownDevice,
    """INSERT INTO "known_devices" (
        "id", "user_id", "network", "user_agent", "first_seen_at", "last_seen_at", "session_id"
    ) SELECT {id}, "users"."id", {network}, {user_agent}, {first_seen_at}, {last_seen_at}, {session_id}
    FROM "users" WHERE "users"."id" = {user_id} AND "is_active" AND "sessions_valid_after" {=} {sessions_valid_after}
    AND NOT EXISTS (SELECT 1 FROM "known_devices" WHERE "user_id" = "users"."id") {lock}
    ON CONFLICT DO NOTHING RETURNING 1""",
    User,
)
# Room for one more: the one that was forgotten at this place goes (its cookie stays dead), and the oldest of too many.
_MAKE_ROOM: Final = Statement(
    KnownDevice,
    f"""DELETE FROM "known_devices" WHERE "user_id" = {{user_id}} AND (
        "network" = {{network}} AND "user_agent" = {{user_agent}} AND "forgotten_at" IS NOT NULL
        OR "id" IN (
            SELECT "id" FROM "known_devices" WHERE "user_id" = {{user_id}}
            ORDER BY "last_seen_at" DESC LIMIT 100 OFFSET {MOST_DEVICES - 1}
        )
    )""",  # noqa: S608 - all of it is ours
)
_SEEN_HERE: Final = Statement(
    KnownDevice,
    f"""UPDATE "known_devices" SET "last_seen_at" = {{last_seen_at}}, "session_id" = {{session_id}}
    WHERE "id" = {{id}} AND "forgotten_at" IS NULL AND {_OWNER}""",  # noqa: S608 - all of it is ours
    User,
)
_SEEN_AT_A_PLACE: Final = Statement(
    KnownDevice,
    f"""UPDATE "known_devices" SET "last_seen_at" = {{last_seen_at}}, "shared" = {{shared}}
    WHERE "id" = {{id}} AND "forgotten_at" IS NULL AND {_OWNER}""",  # noqa: S608 - all of it is ours
    User,
)


@dataclass(frozen=True, slots=True)
class Recognised:
    """A device of the user; a cookie says it for certain, a place only that somebody is where the user has been."""

    id: UUID
    by: Literal["cookie", "place"]
    name: str | None = None  # only where it is certain which device it is


@dataclass(frozen=True, slots=True)
class Remembered:
    """A log-in is noted; `cookie` says on which device."""

    cookie: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Outlived:
    """Nothing is noted: the user isn't as they were when they were read. Their sessions of before are over."""


async def recognise(runtime: Runtime, user_id: UUID | None, client: Client) -> Recognised | None:
    """Return the user's device that is calling. For nobody it asks the database as well, so that time is no tell."""
    owner = user_id or NOBODY
    # Each cookie of the name is looked at: one that somebody planted must not hide the user's own.
    named = [found for value in client.device_cookies if (found := runtime.device_cookies.decode(value, owner))]
    ids = named or [NOBODY]
    rows = await _LIVING.rows(owner, ids, network_of(client.ip), client.user_agent)
    for device_id in named:
        for row in rows:
            if row.id == device_id:
                return Recognised(device_id, "cookie", None if row.shared else row.name)
    return Recognised(rows[0].id, "place") if rows else None


def name_of(device: Recognised | Literal["new"]) -> str | None:
    """Return what the user calls the device that a log-in comes from, if that is certain."""
    return device.name if isinstance(device, Recognised) else None


async def call(runtime: Runtime, user_id: UUID, session_id: UUID, name: str | None) -> None:
    """Note what the user calls the device of one of their sessions, for its next log-ins; None: nothing any more.

    Only where it is certain which device that is: else another one would come to have the name.
    """
    certain = KnownDevice.filter(user_id=user_id, session_id=session_id, forgotten_at__isnull=True, shared=False)
    await certain.update(name=name)


async def named(runtime: Runtime, user_id: UUID, cookies: Iterable[str]) -> tuple[str, UUID] | None:
    """Return the first cookie that names a device of the user for certain, and the device, if it isn't forgotten.

    One statement, however many cookies strangers have sent: it runs while the user's row is locked.
    """
    found = {cookie: device for cookie in cookies if (device := runtime.device_cookies.decode(cookie, user_id))}
    known = KnownDevice.filter(id__in=list(found.values()) or [NOBODY], user_id=user_id, forgotten_at__isnull=True)
    living = set(await known.values_list("id", flat=True))
    return next(((cookie, device) for cookie, device in found.items() if device in living), None)


async def remember(
    runtime: Runtime, user: User, client: Client, session_id: UUID, device: Recognised | Literal["new"]
) -> Remembered | Outlived:
    """Note that `user` has logged in here, if the row is as it was read: active, with the same cut-off.

    That is looked at under its lock, so whoever changes it is either waited for, or finds the session. `device` is what
    `recognise` has found for this log-in. Of a device that is new, and not the account's first, the user is told; of
    log-ins at once on one, once. Whether the session is the device's for certain is noted as well: that is what its
    name goes by.
    """
    if isinstance(device, Recognised) and await _seen(runtime, user, device, session_id):
        return Remembered(runtime.device_cookies.encode(user.id, device.id))
    # It is new, or was forgotten since it was looked at: by a new password, or because there are too many.
    added = await _add(runtime, user, client, session_id)
    if isinstance(added, Outlived):
        return added
    if added is not None:
        return Remembered(runtime.device_cookies.encode(user.id, added))
    known = await recognise(runtime, user.id, client)  # another log-in has added it
    if known is None or not await _seen(runtime, user, known, session_id):
        return Outlived()  # and a new password has made it a stranger again
    return Remembered(runtime.device_cookies.encode(user.id, known.id))


async def _seen(runtime: Runtime, user: User, device: Recognised, session_id: UUID) -> bool:
    now, owner = runtime.clock.now(), (user.id, user.sessions_valid_after)
    match device.by:
        case "cookie":
            return bool(await _SEEN_HERE.changed(now, session_id, device.id, *owner))
        case "place":  # two laptops at one place may look the same, and now have one cookie
            return bool(await _SEEN_AT_A_PLACE.changed(now, True, device.id, *owner))


async def forget_all(runtime: Runtime, user_id: UUID) -> None:
    """Make every device of the user a stranger. Called in the transaction that sets a password without the old one."""
    await KnownDevice.filter(user_id=user_id, forgotten_at__isnull=True).update(forgotten_at=runtime.clock.now())


async def welcome(runtime: Runtime, user_id: UUID, client: Client) -> None:
    """Know the place where the mailbox's link was just used to set a password, when all devices are forgotten.

    Else strangers who guess without a pause would use up each attempt before the owner's. By place only, under a new
    id: a cookie from before, which somebody may have planted in that browser, is as dead as the others.
    Called after the commit: a log-in at this place waits for the user's row with its own device in hand.
    """
    now, network = runtime.clock.now(), network_of(client.ip)
    here = KnownDevice.filter(user_id=user_id, network=network, user_agent=client.user_agent)
    with suppress(IntegrityError, Unavailable):  # a log-in was first, or the user is gone; the password is set anyway
        async with transaction():
            await here.filter(forgotten_at__isnull=False).delete()
            await KnownDevice.create(
                id=uuid4(),
                user_id=user_id,
                network=network,
                user_agent=client.user_agent,
                first_seen_at=now,
                last_seen_at=now,
            )


async def _add(runtime: Runtime, user: User, client: Client, session_id: UUID) -> UUID | Outlived | None:
    """Add a device; return its id, None where somebody else was first, or the user is gone."""
    now, network, device_id = runtime.clock.now(), network_of(client.ip), uuid4()
    here = (network, client.user_agent)
    if await _FIRST.added(device_id, *here, now, now, session_id, user.id, user.sessions_valid_after):
        return device_id
    try:
        async with transaction():
            # Under the lock: what has ended the log-in's session meanwhile has forgotten the devices, and this is none.
            locked = await _locked(user.id)
            if locked is None or not locked.is_active or cut_off(locked) != cut_off(user):
                return Outlived()
            await _MAKE_ROOM.changed(user.id, *here, user.id)
            await KnownDevice.create(
                id=device_id,
                user_id=user.id,
                network=network,
                user_agent=client.user_agent,
                first_seen_at=now,
                last_seen_at=now,
                session_id=session_id,
            )
            await notices.new_device(runtime, user, client)
            await events.record(runtime, events.LOGIN_NEW_DEVICE, user_id=user.id, session_id=session_id, client=client)
    except IntegrityError:  # a log-in at the same moment was first, or the user is gone
        return None
    return device_id
