"""What Redis knows of a log-in by mail, beside the door's pending log-in and for as long, below the user's keys:

    user:{<uid>}:mail_login:<number>     HASH  asked, sealed: when, from where, with what; tries; way

`tries` are the different codes that were shown, each a fingerprint, noted before it is looked at: of however many at
once, five are (R13). The same one again is none, so that a lost answer can be asked for. `way` is what was right first,
code or link: the other is over with that.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, cast

import orjson

from service.core.client import Client
from service.core.clock import from_ms, to_ms
from service.core.crypto.sealing import Sealer
from service.core.http.user_agents import device_name
from service.core.redis.scripts import HASHES_ONLY, Script
from service.credentials import mailed_codes
from service.mail_login.catalogue import LIFE
from service.runtime import Runtime
from service.stores.sessions.layout import ms
from service.stores.tickets import Ticket

Way = Literal["code", "link"]

# KEYS note. ARGV what was asked, life ms.
_NOTE = Script(
    "mail_login_note",
    """
redis.call('HSET', KEYS[1], 'asked', ARGV[1], 'tries', '', 'way', '')
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
""",
    HASHES_ONLY,
)

# KEYS note. Returns what was asked, nil when it is over.
_LOOK = Script("mail_login_look", "return redis.call('HGET', KEYS[1], 'asked')", HASHES_ONLY)

# KEYS note. ARGV the way. Returns 1 if it is the one that was right first.
_USE = Script(
    "mail_login_use",
    """
local way = redis.call('HGET', KEYS[1], 'way')
if not way then return 0 end
if way == '' then redis.call('HSET', KEYS[1], 'way', ARGV[1]) end
return (way == '' or way == ARGV[1]) and 1 or 0
""",
    HASHES_ONLY,
)


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asked for a log-in: when, from which address, with which browser."""

    at: datetime
    ip: str
    browser: str


def asked_now(runtime: Runtime, client: Client) -> Asked:
    """Return that `client` asks."""
    return Asked(runtime.clock.now(), client.ip, device_name(client.user_agent))


async def note(runtime: Runtime, ticket: Ticket, asked: Asked) -> None:
    """Note who has asked for a log-in. Raises `Unavailable`, as all of these do."""
    plain = orjson.dumps([to_ms(asked.at), asked.ip, asked.browser])
    sealed = _sealer(runtime).seal(plain, ticket.number.bytes).hex()
    await runtime.redis.run(_NOTE, [_key(runtime, ticket)], sealed, ms(LIFE))


async def look(runtime: Runtime, ticket: Ticket) -> Asked | None:
    """Return who has asked for a log-in, None when it is over."""
    reply = cast("bytes | None", await runtime.redis.run(_LOOK, [_key(runtime, ticket)]))
    plain = _sealer(runtime).open(bytes.fromhex(reply.decode()), ticket.number.bytes) if reply else None
    if plain is None:
        return None
    at, ip, browser = orjson.loads(plain)
    return Asked(from_ms(at), ip, browser)


async def may_try(runtime: Runtime, ticket: Ticket, code: str) -> bool:
    """Return whether a code may be looked at, and note it; False when too many others were, or all is over."""
    return await mailed_codes.may_try(runtime, _key(runtime, ticket), ticket.number, code)


async def use(runtime: Runtime, ticket: Ticket, way: Way) -> bool:
    """Settle on the way in, which was right; return whether it is the one that was right first."""
    return await runtime.redis.run(_USE, [_key(runtime, ticket)], way) == 1


def _key(runtime: Runtime, ticket: Ticket) -> str:
    return f"{runtime.settings.REDIS_KEY_PREFIX}user:{{{ticket.uid}}}:mail_login:{ticket.number}"


def _sealer(runtime: Runtime) -> Sealer:
    return Sealer(runtime.settings.secrets, "who asked for a log-in by mail")
