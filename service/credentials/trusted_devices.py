"""Devices that aren't asked for the second factor at log-in, because their user has said so there.

    user:{<uid>}:trusted:<device>     STRING  since, ends at (ms, by Redis's clock), and what it stands on

It rides on the device's cookie, which is no credential: the first factor is asked for as ever. Trust is over with
another password, factor or address (the fingerprint), and with whatever ends sessions: deleting the user's keys, and
the cut-off, which is later than `since` then. It never makes a session fresh.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, cast
from uuid import UUID

from tortoise.exceptions import IntegrityError

from models import KnownDevice, SecurityEvent, User
from service.audit import events
from service.core.client import Client
from service.core.clock import from_ms
from service.core.redis.scripts import MUST_BE, NOW, Script
from service.core.sql.transactions import transaction
from service.core.telemetry.logs import log_event
from service.errors import Unavailable
from service.letters import notices
from service.runtime import Runtime
from service.sessions.callers import cut_off
from service.stores.letter_kinds import DEVICE_TRUSTED

MOST_COOKIES: Final = 5  # that are looked at: there is one, unless somebody has planted others
_STRINGS_ONLY: Final = Script("cure_strings", MUST_BE + "for _, key in ipairs(KEYS) do must_be(key, 'string') end")
_FIRST_ALONE: Final = Script("cure_trust", MUST_BE + "must_be(KEYS[1], 'string')")

# KEYS trust, the session that it comes with. ARGV shift, what it stands on, since ms, life ms. Returns 0 where it would
# be over already: by time, or because somebody has deleted the user's keys since.
_TRUST: Final = Script(
    "trust_device",
    NOW
    + """
local ends_at = tonumber(ARGV[3]) + tonumber(ARGV[4])
if ends_at <= now or redis.call('EXISTS', KEYS[2]) == 0 then return 0 end
redis.call('SET', KEYS[1], ARGV[3] .. ' ' .. text(ends_at) .. ' ' .. ARGV[2], 'PX', text(ends_at - now))
return 1
""",
    _FIRST_ALONE,
    deed=True,
)

# KEYS trusts. ARGV shift. Returns what is there of each, '' for one that is over by time or not there.
_LOOK: Final = Script(
    "look_at_trust",
    NOW
    + """
local found = {}
for place, key in ipairs(KEYS) do
  local said = redis.call('GET', key) or ''
  local ends_at = tonumber(string.match(said, '^%d+ (%d+) ') or nil)
  found[place] = ends_at and now < ends_at and said or ''
end
return found
""",
    _STRINGS_ONLY,
)

# KEYS trusts. Returns how many there were.
_FORGET: Final = Script("forget_trust", "return redis.call('UNLINK', unpack(KEYS))", _STRINGS_ONLY, deed=True)


@dataclass(frozen=True, slots=True)
class TrustedDevice:
    """A device that isn't asked for a second factor, since when, and until when."""

    id: UUID
    since: datetime
    until: datetime
    network: str
    user_agent: str
    name: str | None


async def look(runtime: Runtime, user: User, client: Client) -> Literal["holds", "over", "none"]:
    """Return whether the user trusts the device that is calling; `over` where that was so until something changed.

    Raises `Unavailable`: nobody is let in without asking because nobody could be asked.
    """
    if not runtime.settings.TRUST_DEVICE_DAYS:
        return "none"
    named = [found for value in client.device_cookies if (found := runtime.device_cookies.decode(value, user.id))]
    named = named[:MOST_COOKIES]
    trusts = {device: said for device, said in zip(named, await _read(runtime, user.id, named), strict=True) if said}
    holding = [device for device, said in trusts.items() if _holds(runtime, user, said)]
    # One that was forgotten, because there are too many, is in no list in which its trust could be ended.
    if holding and await KnownDevice.exists(id__in=holding, user_id=user.id, forgotten_at__isnull=True):
        return "holds"
    return "over" if trusts else "none"


async def trust(runtime: Runtime, user: User, cookie: str | None, client: Client, *, sid: UUID, since: int) -> None:
    """Ask the user no more on the device of this cookie, if there is one, from the log-in that opened session `sid` at
    `since` (ms), or from the user's cut-off on, where that lies ahead.

    `user` is the row as it was then, under its lock: what was changed later ends the trust. The log-in is done, so
    nothing fails because of this; the user is told.
    """
    device = runtime.device_cookies.decode(cookie, user.id) if cookie else None
    life = timedelta(days=runtime.settings.TRUST_DEVICE_DAYS) // timedelta(milliseconds=1)
    if device is None or not life:
        return
    try:
        arguments = (runtime.clock.shift_ms, _standing(runtime, user), max(since, cut_off(user)), life)
        keys = [_key(runtime, user.id, device), _session(runtime, user.id, sid)]
        if await runtime.redis.run(_TRUST, keys, *arguments) != 1:
            return
        with suppress(IntegrityError):  # another repetition of the same step was first
            async with transaction():
                if await SecurityEvent.filter(session_id=sid, type=events.DEVICE_TRUSTED.name).exists():
                    return
                await events.record(
                    runtime, events.DEVICE_TRUSTED, user_id=user.id, session_id=sid, client=client, once=""
                )
                await notices.tell(runtime, DEVICE_TRUSTED, user, **notices.where(client, user))
    except Unavailable:
        log_event("device.not_trusted", user_id=user.id, session_id=sid)


async def list_trusted(runtime: Runtime, user: User) -> list[TrustedDevice]:
    """Return the devices that the user trusts, the one used last first."""
    devices = await KnownDevice.filter(user_id=user.id, forgotten_at__isnull=True).order_by("-last_seen_at", "id")
    found = await _read(runtime, user.id, [device.id for device in devices])
    trusted = []
    for device, said in zip(devices, found, strict=True):
        if said and _holds(runtime, user, said):
            since, until, _ = said.split(" ")
            where = device.network, device.user_agent, None if device.shared else device.name
            trusted.append(TrustedDevice(device.id, from_ms(int(since)), from_ms(int(until)), *where))
    return trusted


async def forget(runtime: Runtime, user_id: UUID, *devices: UUID) -> int:
    """Ask for the second factor again on these devices. Return how many weren't asked before."""
    if not devices:
        return 0
    return cast(int, await runtime.redis.run(_FORGET, [_key(runtime, user_id, device) for device in devices]))


async def forget_all(runtime: Runtime, user_id: UUID) -> int:
    """Do so on all of the user's devices. Where something changed that ends trust anyway, it only tidies up."""
    devices = await KnownDevice.filter(user_id=user_id).values_list("id", flat=True)
    return await forget(runtime, user_id, *cast("list[UUID]", devices))


async def _read(runtime: Runtime, user_id: UUID, devices: list[UUID]) -> list[str]:
    if not devices:
        return []
    keys = [_key(runtime, user_id, device) for device in devices]
    reply = await runtime.redis.run(_LOOK, keys, runtime.clock.shift_ms)
    return [said.decode() for said in cast("list[bytes]", reply)]


def _holds(runtime: Runtime, user: User, said: str) -> bool:
    since, _, standing = said.split(" ")
    return int(since) >= cut_off(user) and runtime.tickets.matches(standing, *_ground(user))


def _standing(runtime: Runtime, user: User) -> str:
    return runtime.tickets.fingerprint(*_ground(user))


def _ground(user: User) -> tuple[str, ...]:
    return "trusted device", user.email_canonical, str(user.credentials_version)


def _session(runtime: Runtime, user_id: UUID, sid: UUID) -> str:
    return f"{runtime.settings.REDIS_KEY_PREFIX}user:{{{user_id}}}:session:{sid}"


def _key(runtime: Runtime, user_id: UUID, device: UUID) -> str:
    return f"{runtime.settings.REDIS_KEY_PREFIX}user:{{{user_id}}}:trusted:{device}"
