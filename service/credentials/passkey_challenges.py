"""Challenges of passkeys: made without storing anything, and good once.

    throttle:passkey-used:<hash>     STRING  what a challenge was used for, for as long as it could be shown again

It is noted before a signature is looked at, outside of `user:{…}:*`: deleting a user's keys must not make a challenge
good again. A log-in under way may show its own again, for an answer may get lost.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Final
from uuid import UUID

from service.core.redis.scripts import MUST_BE, Script
from service.core.webauthn import challenges
from service.runtime import Runtime
from service.stores.sessions.layout import ms

KEPT: Final = 2 * challenges.LIFE
_STRINGS_ONLY: Final = Script("cure_passkey_use", MUST_BE + "for _, key in ipairs(KEYS) do must_be(key, 'string') end")

# KEYS use. ARGV what it is used for, life ms. Returns 1 for the first use, and for the same one again.
_CLAIM: Final = Script(
    "claim_passkey_challenge",
    """
local used_for = redis.call('GET', KEYS[1])
if used_for then return used_for == ARGV[1] and 1 or 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
""",
    _STRINGS_ONLY,
    deed=True,
)

LOG_IN: Final = "log in"


def of_second_step(number: UUID) -> str:
    """Return what a challenge is for that is answered in this log-in."""
    return f"second step {number}"


def of_link(number: UUID) -> str:
    """Return what a challenge is for that is answered to link an account at a provider, in this log-in."""
    return f"link {number}"


def of_step_up(sid: UUID) -> str:
    """Return what a challenge is for that is answered to make this session fresh."""
    return f"step up {sid}"


def of_set_up(made_for: UUID) -> str:
    """Return what a challenge is for that is answered by a new passkey, in this session or log-in."""
    return f"set up {made_for}"


def of_registration(number: UUID, address: str) -> str:
    """Return what a challenge is for that is answered by the passkey of an account that isn't there yet."""
    return f"register {number} {address}"


def make(runtime: Runtime, purpose: str) -> str:
    """Return a new challenge for this purpose."""
    return challenges.make(runtime.settings.secrets, purpose, runtime.clock.now())


def is_good(runtime: Runtime, challenge: str, purpose: str) -> bool:
    """Return whether it was made for this purpose, a short while ago."""
    return challenges.is_good(runtime.settings.secrets, challenge, purpose, runtime.clock.now())


async def claim(runtime: Runtime, challenge: str, used_for: UUID) -> bool:
    """Use a challenge up; return whether nothing else had. Raises `Unavailable`."""
    key = f"{runtime.settings.REDIS_KEY_PREFIX}throttle:passkey-used:{sha256(challenge.encode()).hexdigest()}"
    return await runtime.redis.run(_CLAIM, [key], str(used_for), ms(KEPT)) == 1
