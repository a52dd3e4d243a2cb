"""Known devices: where a user has logged in before. They guess from a budget of their own, and new ones are told of.

A device is known by its cookie, or, where cookies don't work, by the address (IPv4, or the IPv6 /64) and the
User-Agent of an earlier log-in. A new password that was set without the old one makes every device a stranger again.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Literal
from uuid import UUID, uuid4

from tortoise.exceptions import IntegrityError

from models import KnownDevice, User
from service.audit import events
from service.core.client import Client
from service.core.http.networks import network_of
from service.core.sql.statement import Statement
from service.core.sql.transactions import transaction
from service.errors import Unavailable
from service.letters import notices
from service.runtime import Runtime
from service.sessions.callers import cut_off

MOST_DEVICES = 50
NOBODY = UUID(int=0)

_LIVING: Final = Statement(
    KnownDevice,
    """SELECT {*} FROM "known_devices" WHERE "user_id" = {user_id} AND "forgotten_at" IS NULL
    AND ("id" IN ({id*}) OR ("network" = {network} AND "user_agent" = {user_agent}))""",
)
_SEEN: Final = Statement(
    KnownDevice,
    """UPDATE "known_devices" SET "last_seen_at" = {last_seen_at}
    WHERE "id" = {id} AND "user_id" = {user_id} AND "forgotten_at" IS NULL""",
)
_SEEN_HERE: Final = Statement(
    KnownDevice,
    """UPDATE "known_devices" SET "last_seen_at" = {last_seen_at}, "session_id" = {session_id}
    WHERE "id" = {id} AND "user_id" = {user_id} AND "forgotten_at" IS NULL""",
)
_SEEN_AT_A_PLACE: Final = Statement(
    KnownDevice,
    """UPDATE "known_devices" SET "last_seen_at" = {last_seen_at}, "shared" = {shared}
    WHERE "id" = {id} AND "user_id" = {user_id} AND "forgotten_at" IS NULL""",
)


@dataclass(frozen=True, slots=True)
class Recognised:
    """A device of the user; a cookie says it for certain, a place only that somebody is where the user has been.

    `new` is one that this very log-in has added.
    """

    id: UUID
    by: Literal["cookie", "place", "new"]
    name: str | None = None  # only where it is certain which device it is


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
) -> str | None:
    """Note that `user` has logged in here. Return the device's cookie, None where it isn't known which device this is.

    `device` is what `recognise` has found for this log-in. Of a device that is new, and not the
    account's first, the user is told; of log-ins at once on one, once. Whether the session is the device's for certain
    is noted as well: that is what its name goes by.
    """
    if isinstance(device, Recognised) and await _seen(runtime, user.id, device, session_id):
        return runtime.device_cookies.encode(user.id, device.id)
    # It is new, or was forgotten since it was looked at: by a new password, or because there are too many.
    known = await _add(runtime, user, client, session_id) or await recognise(runtime, user.id, client)
    if known is None or not await _seen(runtime, user.id, known, session_id):
        return None  # another log-in has added it, and a new password has made it a stranger again
    return runtime.device_cookies.encode(user.id, known.id)


async def _seen(runtime: Runtime, user_id: UUID, device: Recognised, session_id: UUID) -> bool:
    now = runtime.clock.now()
    match device.by:
        case "cookie":
            return bool(await _SEEN_HERE.changed(now, session_id, device.id, user_id))
        case "place":  # two laptops at one place may look the same, and now have one cookie
            return bool(await _SEEN_AT_A_PLACE.changed(now, True, device.id, user_id))
        case "new":
            return bool(await _SEEN.changed(now, device.id, user_id))


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


async def _add(runtime: Runtime, user: User, client: Client, session_id: UUID) -> Recognised | None:
    now, network = runtime.clock.now(), network_of(client.ip)
    first = not await KnownDevice.exists(user_id=user.id)
    device_id = uuid4()
    try:
        async with transaction():
            # Under the lock: what has ended the log-in's session meanwhile has forgotten the devices, and this is none.
            locked = await User.filter(id=user.id).select_for_update().first()
            if locked is None or cut_off(locked) != cut_off(user):
                return None
            # One that was forgotten gets a new id: its old cookie stays dead.
            await KnownDevice.filter(
                user_id=user.id, network=network, user_agent=client.user_agent, forgotten_at__isnull=False
            ).delete()
            await KnownDevice.create(
                id=device_id,
                user_id=user.id,
                network=network,
                user_agent=client.user_agent,
                first_seen_at=now,
                last_seen_at=now,
                session_id=session_id,
            )
            if not first:
                await notices.new_device(runtime, user, client)
                await events.record(
                    runtime, events.LOGIN_NEW_DEVICE, user_id=user.id, session_id=session_id, client=client
                )
    except IntegrityError:  # a log-in at the same moment was first, or the user is gone
        return None
    await _keep_the_latest(user.id)
    return Recognised(device_id, "new")


async def _keep_the_latest(user_id: UUID) -> None:
    too_many = await KnownDevice.filter(user_id=user_id).order_by("-last_seen_at").offset(MOST_DEVICES).limit(100)
    if too_many:
        await KnownDevice.filter(id__in=[row.id for row in too_many]).delete()
