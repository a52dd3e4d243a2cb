"""Proofs of possession (RFC 9449), as far as they need a clock or a store: nonces, times, and that each counts once.

    throttle:dpop-used:<hash>     STRING  that a proof was used, for as long as it could be shown again

A nonce is stored nowhere: it is a time and a MAC over it. It is outside of `user:{…}:*` that a proof is noted:
deleting a user's keys must not make one good again.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from secrets import randbits
from typing import Final

from service.core.client import Client
from service.core.clock import Clock
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

_AFRESH: Final = 100
"""For how many ms the same nonce is given: who makes many calls at once needn't have each looked at."""
_MARK_BITS: Final = 64

# claimed(key, life, mark): whether this is a proof's first use, or that of the same mark once more. A key of another
# type (somebody has written to it) says that it was used.
CLAIMED: Final = """
local function claimed(key, life, mark)
  return redis.call('SET', key, mark, 'PX', life, 'NX') and true or redis.pcall('GET', key) == mark
end
"""

# KEYS use. ARGV life ms, mark. Returns 1 for the first use.
_CLAIM: Final = Script("claim_dpop_proof", CLAIMED + "return claimed(KEYS[1], ARGV[1], ARGV[2]) and 1 or 0", deed=True)


@dataclass(frozen=True, slots=True)
class ProofUse:
    """What is noted of a proof when it is used: under which key, for how many ms, and by whom.

    The mark is of this one attempt: where its answer is lost on the way from Redis it is asked again, and is the first
    still.
    """

    key: str
    life: int
    mark: int = field(default_factory=lambda: randbits(_MARK_BITS))

    @property
    def is_known(self) -> bool:
        """Whether it would be known if it had been used: of a proof that is too old by now, nobody knows."""
        return self.life > 0


class DpopProofs:
    """Write and read nonces under keys derived from SECRET_KEY; use proofs up."""

    def __init__(self, redis: RedisScripts, settings: Settings, clock: Clock) -> None:
        self._redis = redis
        self._prefix = f"{settings.REDIS_KEY_PREFIX}throttle:dpop-used:"
        self._keys = derive_keys(settings.secrets, "nonce of a proof of possession")
        self._clock = clock
        self._newest = 0, ""
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
        now = self._now()
        made_at, text = self._newest
        if not 0 <= now - made_at < _AFRESH:
            moment = now.to_bytes(_TIME_BYTES, "big")
            text = base64url.encode(moment + _mac(self._keys[0], moment))
            self._newest = now, text
        return text

    def is_ours(self, nonce: str) -> bool:
        """Return whether we made a nonce, within the last five minutes."""
        made_at = _moment_in(nonce, self._keys) if len(nonce) == _NONCE_LENGTH else None
        return made_at is not None and -_AHEAD <= self._now() - made_at < NONCE_SECONDS * 1000

    def use_of(self, client: Client) -> ProofUse | None:
        """Return what is to be noted of the proof that a call came with; None where it came with none."""
        return self._use(client.jkt, client.proof_number, client.proven_at) if client.jkt else None

    def _now(self) -> int:
        return int(self._clock.timestamp() * 1000)

    async def spend(self, jkt: bytes, number: str, made_at: float) -> bool:
        """Use a proof up; return whether it hadn't been. Raises `Unavailable`."""
        return await claim(self._redis, self._use(jkt, number, made_at))

    def _use(self, jkt: bytes, number: str, made_at: float) -> ProofUse:
        """It is known as used for as long as it would be taken, by a clock that is a little behind ours, too."""
        use = sha256(jkt + number.encode("utf-8", "surrogatepass")).hexdigest()
        life = int((made_at + LEEWAY_SECONDS - self._clock.timestamp()) * 1000) + _AHEAD
        return ProofUse(f"{self._prefix}{use}", life)


async def claim(redis: RedisScripts, use: ProofUse) -> bool:
    """Use a proof up by itself; return whether it hadn't been. Raises `Unavailable`."""
    return use.is_known and await redis.run(_CLAIM, [use.key], use.life, use.mark) == 1


@lru_cache(maxsize=1024)
def _moment_in(nonce: str, keys: tuple[bytes, ...]) -> int | None:
    """Return when a nonce was made, in ms; None for one that isn't ours."""
    raw = base64url.decode(nonce)
    if raw is None:
        return None
    moment, mac = raw[:_TIME_BYTES], raw[_TIME_BYTES:]
    genuine = any(hmac.compare_digest(_mac(key, moment), mac) for key in keys)
    return int.from_bytes(moment, "big") if genuine else None


def _mac(key: bytes, moment: bytes) -> bytes:
    return hmac.digest(key, moment, "sha256")[:_MAC_BYTES]
