"""Secrets for codes that are being set up: in Redis, below the user's keys, until a code of theirs was right.

    user:{<uid>}:enrolment:<id>     HASH  sealed, made_for, valid_from, ends_at, attempts

So the secret that is good stays so, however often somebody begins. `made_for` is the session, or the log-in, in which
it was begun: it is confirmed there or nowhere. It ends with whatever ends sessions.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, cast
from uuid import UUID, uuid4

from models import User
from service.core.clock import from_ms
from service.core.crypto import totp as codes
from service.core.redis.scripts import HASHES_ONLY, NOW, Script
from service.credentials import totp
from service.errors import InvalidChallenge
from service.runtime import Runtime
from service.sessions.callers import cut_off
from service.stores.sessions.layout import ms

LIFE: Final = timedelta(minutes=15)
MOST_ATTEMPTS: Final = 5

# KEYS enrolment. ARGV shift, sealed, what it is made for, life ms, the user's cut-off. Returns when it ends.
_BEGIN: Final = Script(
    "enrolment_begin",
    NOW
    + """
local ends_at = text(now + tonumber(ARGV[4]))
redis.call('HSET', KEYS[1], 'sealed', ARGV[2], 'made_for', ARGV[3],
           'valid_from', text(math.max(now, tonumber(ARGV[5]))), 'ends_at', ends_at, 'attempts', '0')
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return ends_at
""",
    HASHES_ONLY,
    deed=True,
)

# KEYS enrolment. ARGV shift, what it is for, the user's cut-off. Returns the sealed secret while it can be confirmed.
_FIND: Final = Script(
    "enrolment_find",
    NOW
    + """
local sealed, made_for, valid_from, ends_at = unpack(redis.call('HMGET', KEYS[1], 'sealed', 'made_for', 'valid_from',
                                                                'ends_at'))
valid_from, ends_at = tonumber(valid_from or nil), tonumber(ends_at or nil)
if not sealed or made_for ~= ARGV[2] or not ends_at or now >= ends_at then return nil end
if not valid_from or valid_from < tonumber(ARGV[3]) then return nil end
return sealed
""",
    HASHES_ONLY,
)

# KEYS enrolment. ARGV most. One more code was wrong: with the last it is over. Returns how many are left.
_FAIL: Final = Script(
    "enrolment_fail",
    """
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
local left = tonumber(ARGV[1]) - redis.call('HINCRBY', KEYS[1], 'attempts', 1)
if left <= 0 then redis.call('UNLINK', KEYS[1]) end
return math.max(left, 0)
""",
    HASHES_ONLY,
    deed=True,
)

_FORGET: Final = Script("enrolment_forget", "return redis.call('UNLINK', KEYS[1])", HASHES_ONLY, deed=True)


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A secret that can be confirmed until `expires_at`: as it is typed, and as a QR code says it."""

    enrolment: UUID
    secret: str = field(repr=False)
    uri: str = field(repr=False)
    expires_at: datetime


def number_of(text: str) -> UUID:
    """Return the enrolment that a text names. Raises `InvalidChallenge`: what can't be one is one that is over."""
    try:
        return UUID(text)
    except ValueError:
        raise InvalidChallenge from None


async def begin(runtime: Runtime, user: User, made_for: UUID) -> Enrolment:
    """Make a secret. Raises `Unavailable`, as all of these do."""
    number, secret = uuid4(), codes.new_secret()
    sealed = totp.seal_secret(runtime, user, secret).hex()
    arguments = (runtime.clock.shift_ms, sealed, str(made_for), ms(LIFE), cut_off(user))
    ends_at = int(cast(bytes, await runtime.redis.run(_BEGIN, [_key(runtime, user, number)], *arguments)))
    uri = codes.uri(secret, issuer=runtime.settings.PROJECT_NAME, account=user.email)
    return Enrolment(number, codes.shown(secret), uri, from_ms(ends_at))


async def find(runtime: Runtime, user: User, number: UUID, made_for: UUID) -> bytes | None:
    """Return the secret, None when it is over, or was begun elsewhere."""
    arguments = (runtime.clock.shift_ms, str(made_for), cut_off(user))
    reply = cast("bytes | None", await runtime.redis.run(_FIND, [_key(runtime, user, number)], *arguments))
    return totp.open_secret(runtime, user, bytes.fromhex(reply.decode())) if reply else None


async def fail(runtime: Runtime, user: User, number: UUID) -> int:
    """Note that a code was wrong. Return how many more will be looked at."""
    return cast(int, await runtime.redis.run(_FAIL, [_key(runtime, user, number)], MOST_ATTEMPTS))


async def forget(runtime: Runtime, user: User, number: UUID) -> None:
    """It is confirmed."""
    await runtime.redis.run(_FORGET, [_key(runtime, user, number)])


def _key(runtime: Runtime, user: User, number: UUID) -> str:
    return f"{runtime.settings.REDIS_KEY_PREFIX}user:{{{user.id}}}:enrolment:{number}"
