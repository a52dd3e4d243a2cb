"""Proofs of possession (RFC 9449), as far as they need a clock or a store: nonces, times, and that each counts once.

    throttle:dpop-used:<hash>     STRING  that a proof was used, for as long as it could be shown again

A nonce is stored nowhere: it is a time and a MAC over it. It is outside of `user:{…}:*` that a proof is noted:
deleting a user's keys must not make one good again.
"""

from __future__ import annotations

import hmac
from hashlib import sha256
from secrets import token_bytes
from typing import Final

from service.core.clock import Clock, to_ms
from service.core.crypto.derivation import derive_keys
from service.core.dpop.addresses import normalised, normalised_path
from service.core.redis.client import RedisScripts
from service.core.redis.scripts import Script
from service.core.text import base64url
from service.settings import Settings
from service.settings.checks import origin_of

NONCE_SECONDS: Final = 300
LEEWAY_SECONDS: Final = 60
"""How far from our clock the time of a proof may be, either way."""

_AHEAD: Final = 10_000  # ms that the clock of the instance which made a nonce, or looks at a proof, may be off
_TIME_BYTES: Final = 6
_MAC_BYTES: Final = 16
_NONCE_LENGTH: Final = len(base64url.encode(bytes(_TIME_BYTES + _MAC_BYTES)))

_BY_BYTES: Final = 8

# KEYS use. ARGV life ms, by whom it is used. Returns 1 for the first use, and for that one once more: where a
# connection breaks, a script is sent again, and nobody knows whether it has run.
_CLAIM: Final = Script(
    "claim_dpop_proof",
    """
if redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[1], 'NX') then return 1 end
return redis.call('GET', KEYS[1]) == ARGV[2] and 1 or 0
""",
    deed=True,
)


class DpopProofs:
    """Write and read nonces under keys derived from SECRET_KEY; use proofs up."""

    def __init__(self, redis: RedisScripts, settings: Settings, clock: Clock) -> None:
        self._redis = redis
        self._prefix = f"{settings.REDIS_KEY_PREFIX}throttle:dpop-used:"
        self._keys = derive_keys(settings.secrets, "nonce of a proof of possession")
        self._clock = clock
        self._settings = settings
        self._bases = tuple(normalised(url) or "" for url in (settings.PUBLIC_URL, settings.frontend_url))

    def is_for(self, address: str, path: str) -> bool:
        """Return whether an address is what a client calls a path of ours.

        That is below PUBLIC_URL; or below a front end that passes its calls on to us, if it is one of ours.
        """
        given = normalised(address)
        if given is None:
            return False
        called = normalised_path(path)
        if any(given == f"{base}{called}" for base in self._bases):
            return True
        origin = given.removesuffix(called) if called else given
        if f"{origin}{called}" != given or origin == self._settings.public_origin:
            return False
        return origin == origin_of(self._settings.frontend_url) or self._settings.admits(origin)

    def is_timely(self, made_at: float) -> bool:
        """Return whether that is now, as far as clocks agree; in seconds since the epoch."""
        return abs(self._clock.timestamp() - made_at) <= LEEWAY_SECONDS

    def nonce(self) -> str:
        """Return a nonce to be signed from now on, for five minutes."""
        moment = to_ms(self._clock.now()).to_bytes(_TIME_BYTES, "big")
        return base64url.encode(moment + _mac(self._keys[0], moment))

    def is_ours(self, nonce: str) -> bool:
        """Return whether we made a nonce, within the last five minutes."""
        raw = base64url.decode(nonce) if len(nonce) == _NONCE_LENGTH else None
        if raw is None:
            return False
        moment, mac = raw[:_TIME_BYTES], raw[_TIME_BYTES:]
        if not any(hmac.compare_digest(_mac(key, moment), mac) for key in self._keys):
            return False
        return -_AHEAD <= to_ms(self._clock.now()) - int.from_bytes(moment, "big") < NONCE_SECONDS * 1000

    async def spend(self, jkt: bytes, number: str, made_at: float) -> bool:
        """Use a proof up; return whether it hadn't been. Raises `Unavailable`.

        It is known as used for as long as it would be taken, by a clock that is a little behind ours, too. Of one that
        has been too old for so long nobody knows: that isn't taken.
        """
        use = sha256(jkt + number.encode("utf-8", "surrogatepass")).hexdigest()
        life = int((made_at + LEEWAY_SECONDS - self._clock.timestamp()) * 1000) + _AHEAD
        if life <= 0:
            return False
        return await self._redis.run(_CLAIM, [f"{self._prefix}{use}"], str(life), token_bytes(_BY_BYTES)) == 1


def _mac(key: bytes, moment: bytes) -> bytes:
    return hmac.digest(key, moment, "sha256")[:_MAC_BYTES]
